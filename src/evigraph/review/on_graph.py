"""This graph as a source of a review: searched like a database, and walked along its citations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from evigraph.errors import InputError
from evigraph.model.records import BIBLIOGRAPHIC
from evigraph.review.records import SEEDS, Found, Row
from evigraph.store.release import Release, Superseded

#: The relation that leads from a product along its citations, by direction.
RELATIONS: dict[Literal["backward", "forward"], str] = {"backward": "Cites", "forward": "IsCitedBy"}

#: How a search of this graph is told in a report.
SOURCE = "This research graph"

_AT_ONCE = 500

#: Citing works that are looked at for likeness: what thousands cite has nothing in common but that.
_MOST_CITING = 200

_COLUMNS = ("product_id", *(column.name for column in BIBLIOGRAPHIC))


def search(release: Release, query: str, years: tuple[int | None, int | None] = (None, None)) -> list[Row]:
    """The records of all products that a query finds, as rows of `record`, in order of popularity.

    Args:
        release: that is searched; `platform` names it for the report.
        query: in the portal's language of queries.
        years: first and last year of publication; null for no bound.

    Raises:
        InputError: the query is empty or says nothing that can be searched.
    """
    if not query.strip():
        raise InputError("the search is empty: write what to look for")
    ids = list(release.search.every(query))
    first, last = years
    rows = []
    for row in _rows(release, ids):
        year = row["year"]
        if (first is None or (year is not None and year >= first)) and (
            last is None or (year is not None and year <= last)
        ):
            rows.append(row)
    return rows


def platform(release: Release) -> str:
    """What a report says of the graph that was searched: evigraph, and which release."""
    return f"evigraph, release {release.manifest.release_id}"


@dataclass(frozen=True)
class Chased:
    """What a round of citation chasing found.

    Attributes:
        rows: of `record`, each with the records that led to it in `seeds`.
        n_seeds: the works that it started from; unknown: those of them that this graph does not hold.
        cut: for each seed with more citations one way than the cap, how many were left out.
    """

    rows: list[Row]
    n_seeds: int
    unknown: list[str]
    cut: dict[str, int]


def chase(
    release: Release,
    seeds: Mapping[str, Sequence[str]],
    directions: Iterable[Literal["backward", "forward"]] = ("backward", "forward"),
    cap: int = 500,
) -> Chased:
    """The works that some works cite, or that cite them.

    Args:
        release: whose citations are walked.
        seeds: for each work of the review (the id of its record) the identifiers by which it is known,
            `scheme:value`.
        directions: backward, to what a seed cites; forward, to what cites it.
        cap: how many each seed may bring, each way, in the order of the products' ids; what is left out is counted.
    """
    reached: dict[str, dict[str, None]] = {}
    unknown: list[str] = []
    cut: dict[str, int] = {}
    own: set[str] = set()
    for seed, pids in seeds.items():
        product_id = product_of(release, pids)
        if product_id is None:
            unknown.append(seed)
            continue
        own.add(product_id)
        for direction in directions:
            targets = release.related_ids(product_id, RELATIONS[direction])
            if len(targets) > cap:
                cut[seed] = cut.get(seed, 0) + len(targets) - cap
            for target in targets[:cap]:
                reached.setdefault(target, {})[seed] = None
    found = {target: list(by) for target, by in reached.items() if target not in own}
    rows = [{**row, SEEDS: found[row["source_key"]]} for row in _rows(release, list(found))]
    return Chased(rows, len(seeds), unknown, cut)


def product_of(release: Release, pids: Iterable[str]) -> str | None:
    """The product that one of these identifiers names, or null; an id of a product is one of them."""
    for pid in pids:
        answer = release.resolve(pid)
        if answer is not None:
            return answer.product_id if isinstance(answer, Superseded) else answer
    return None


def pids_of(records: Iterable[Found]) -> list[str]:
    """All identifiers by which some records are known, each once."""
    return list(dict.fromkeys(pid for record in records for pid in record.pids))


def links(release: Release, works: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The citations of some works as pairs of citing and cited: a work by its own id, any other by its product's.

    Args:
        release: whose citations are read.
        works: for each work the identifiers by which it is known.
    """
    product_of_work = {work: found for work, pids in works.items() if (found := product_of(release, pids)) is not None}
    work_of = {product_id: work for work, product_id in product_of_work.items()}
    pairs: dict[tuple[str, str], None] = {}
    for work, product_id in product_of_work.items():
        for cited in release.related_ids(product_id, RELATIONS["backward"]):
            pairs[work, work_of.get(cited, cited)] = None
        for citing in release.related_ids(product_id, RELATIONS["forward"], _MOST_CITING):
            pairs[work_of.get(citing, citing), work] = None
    return list(pairs)


def _rows(release: Release, ids: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    left = iter(ids)
    while chunk := list(islice(left, _AT_ONCE)):
        products = release.products(chunk, _COLUMNS)
        rows += [_as_record(products[one]) for one in chunk if one in products]
    for position, row in enumerate(rows):
        row["position"] = position
    return rows


def _as_record(product: Mapping[str, object]) -> Row:
    product_id = str(product["product_id"])
    return {
        **{column.name: product.get(column.name) for column in BIBLIOGRAPHIC},
        "record_id": f"graph:{product_id}",
        "source": "graph",
        "source_key": product_id,
        "payload": "graph",
        "position": 0,
        "datestamp": None,
        "is_deleted": False,
        "extras": [],
    }
