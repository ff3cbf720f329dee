"""The filters of OpenAlex's API for works, each made into a query of the index."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import partial

from fastapi import HTTPException

from evigraph.model.pid import normalise_issn, normalise_orcid, normalise_ror, parse_pid
from evigraph.portal.doors.expressions import all_of, any_of, words_in
from evigraph.store import marks
from evigraph.store.index import order_field
from evigraph.store.query import DATE, And, Between, Exact, Node, Not, Or, Phrase, parse
from evigraph.store.release import Release, Superseded
from evigraph.store.search import citing

_NOTHING = Or(())
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_BOUND = re.compile(r"([<>]?)(\d{1,9})$")
_RANGE = re.compile(r"(\d{1,9})?-(\d{1,9})?$")

#: How many works a filter by citations follows.
_FOLLOWED = 20_000

Filter = Callable[[Release, str], Node]


def works_query(release: Release, text: str) -> Node | None:
    """The query that a `filter` states: `a:b,c:d` hold together, `|` parts alternatives, `!` negates.

    Raises:
        HTTPException: 400, a filter is not known or its value cannot be.
    """
    nodes = []
    for part in re.split(r",(?=[a-z_.\-]+:)", text):
        name, colon, value = part.strip().partition(":")
        if not colon or not value.strip():
            raise HTTPException(400, f"A filter is written name:value; {part.strip()!r} is not.")
        nodes.append(_filter(release, name.strip(), value.strip()))
    return all_of(nodes)


def _filter(release: Release, name: str, value: str) -> Node:
    known = FILTERS.get(name.replace("-", "_"))
    if known is None:
        close = difflib.get_close_matches(name, FILTERS, 1, 0.5)
        hint = f" Did you mean {close[0]}?" if close else f" Take one of {', '.join(sorted(FILTERS))}."
        raise HTTPException(400, f"Invalid query parameters: there is no filter {name!r}.{hint}")
    if name.endswith(".search"):
        return known(release, value)
    is_negated, value = value.startswith("!"), value.removeprefix("!")
    alternatives = []
    for one in value.split("|"):
        # A plus in an address is a space by now: values that hold together.
        parts = one.split() if name not in _WITH_SPACES else [one]
        together = all_of([known(release, part) for part in parts])
        alternatives.append(together or _NOTHING)
    found = any_of(alternatives)
    return Not(found) if is_negated else found


def _product(release: Release, text: str) -> str | None:
    answer = release.resolve(text.rsplit("/product/", 1)[-1])
    return answer.product_id if isinstance(answer, Superseded) else answer


def _by_id(release: Release, text: str) -> Node:
    product_id = _product(release, text)
    return Exact("product_id", product_id) if product_id else _NOTHING


def _by_pid(scheme: str, _: Release, text: str) -> Node:
    pid = parse_pid(text if text.startswith("http") else f"{scheme}:{text.removeprefix(scheme + ':')}")
    return Exact("pid", str(pid)) if pid else _NOTHING


def _citing(release: Release, text: str) -> Node:
    product_id = _product(release, text)
    return citing(product_id) if product_id else _NOTHING


def _cited_by(release: Release, text: str) -> Node:
    product_id = _product(release, text)
    ids = release.related_ids(product_id, "Cites", limit=_FOLLOWED) if product_id else []
    return any_of([Exact("product_id", other) for other in ids])


def _years(_: Release, text: str) -> Node:
    first, last = _numbers(text, "publication_year is a year, a range 2019-2021, >2019 or <2021.")
    if (first and first > 9999) or (last and last > 9999):
        raise HTTPException(400, "publication_year is a year, a range 2019-2021, >2019 or <2021.")
    return Between(DATE, first * 10_000 if first is not None else None, last * 10_000 + 9_999 if last else last)


def _cited(release: Release, text: str) -> Node:
    first, last = _numbers(text, "cited_by_count is a number, a range 10-20, >10 or <20.")
    index, name = release.search, order_field("citation_count")
    # Works lie in order of their counts: those with at least n are the first so many.
    end = index.n_counted_at_least(first) - 1 if first is not None else None
    start = index.n_counted_at_least(last + 1) if last is not None else None
    # What is not ranked has no count and lies last; it counts as cited by none.
    return Between(name, start, None if first == 0 else end)


def _numbers(text: str, problem: str) -> tuple[int | None, int | None]:
    if match := _BOUND.match(text):
        number = int(match.group(2))
        return {">": (number + 1, None), "<": (None, number - 1)}.get(match.group(1), (number, number))
    match = _RANGE.match(text)
    if not match or not any(match.groups()):
        raise HTTPException(400, problem)
    return int(match.group(1)) if match.group(1) else None, int(match.group(2)) if match.group(2) else None


def _date(bound: str, _: Release, text: str) -> Node:
    match = _DATE.match(text)
    if not match:
        raise HTTPException(400, f"{text!r} is no date: write YYYY-MM-DD.")
    year, month, day = match.groups()
    first, last = int(f"{year}{month or '00'}{day or '00'}"), int(f"{year}{month or '99'}{day or '99'}")
    return Between(DATE, None if bound == "to" else first, None if bound == "from" else last)


def _yes_or_no(yes: Node, _: Release, text: str) -> Node:
    if text.lower() not in ("true", "false"):
        raise HTTPException(400, f"{text!r} is neither true nor false.")
    return yes if text.lower() == "true" else Not(yes)


def _marked(mark: Callable[[str], str], _: Release, text: str) -> Node:
    return Exact("mark", mark(text))


def _by_issn(_: Release, text: str) -> Node:
    issn = normalise_issn(text.rsplit("/", 1)[-1])
    return Exact("mark", marks.issn(issn)) if issn else _NOTHING


def _by_orcid(_: Release, text: str) -> Node:
    orcid = normalise_orcid(text)
    return Exact("orcid", orcid) if orcid else _NOTHING


def _by_ror(_: Release, text: str) -> Node:
    ror = normalise_ror(text) or normalise_ror(f"https://ror.org/{text}")
    return any_of([Exact("mark", marks.ror(ror)), Exact("mark", f"organization:ror:{ror}")]) if ror else _NOTHING


def _by_country(_: Release, text: str) -> Node:
    return Exact("country", text.rsplit("/", 1)[-1].upper())


def _words(field: str | None, _: Release, text: str) -> Node:
    if field is None:
        return parse(text).node or _NOTHING
    if text.startswith('"') and text.endswith('"') and len(text) > 2:
        return Phrase(text.strip('"'), field)
    return words_in(field)(text, False) if any(letter.isalnum() for letter in text) else _NOTHING


def _title_and_abstract(release: Release, text: str) -> Node:
    return any_of([_words("title", release, text), _words("abstract", release, text)])


def _status(_: Release, text: str) -> Node:
    if text == "closed":
        return Not(Exact("access", "c_abf2"))
    return Exact("mark", marks.route(text))


def _exact(field: str, _: Release, text: str) -> Node:
    return Exact(field, text)


def _type(_: Release, text: str) -> Node:
    plain = text.rsplit("/", 1)[-1]
    known = {
        "book-chapter": "Part of book or chapter of book",
        "dissertation": "Thesis",
        "conference-paper": "Conference object",
    }
    return Exact("type", known.get(plain, plain))


_OPEN = Exact("access", "c_abf2")

FILTERS: dict[str, Filter] = {
    **dict.fromkeys(("openalex", "openalex_id", "ids.openalex", "id"), _by_id),
    **dict.fromkeys(("doi", "ids.doi"), partial(_by_pid, "doi")),
    **dict.fromkeys(("pmid", "ids.pmid"), partial(_by_pid, "pmid")),
    **dict.fromkeys(("pmcid", "ids.pmcid"), partial(_by_pid, "pmc")),
    "cites": _citing,
    "cited_by": _cited_by,
    "cited_by_count": _cited,
    "publication_year": _years,
    "publication_date": partial(_date, "on"),
    "from_publication_date": partial(_date, "from"),
    "to_publication_date": partial(_date, "to"),
    "type": _type,
    "language": partial(_exact, "language"),
    "source": partial(_exact, "source"),
    **dict.fromkeys(("is_oa", "open_access.is_oa"), partial(_yes_or_no, _OPEN)),
    **dict.fromkeys(("oa_status", "open_access.oa_status"), _status),
    "is_retracted": partial(_yes_or_no, Exact("mark", marks.RETRACTED)),
    "is_peer_reviewed": partial(_yes_or_no, Exact("mark", marks.PEER_REVIEWED)),
    "has_doi": partial(_yes_or_no, Exact("mark", marks.HAS_DOI)),
    "has_abstract": partial(_yes_or_no, Exact("mark", marks.HAS_ABSTRACT)),
    "has_orcid": partial(_yes_or_no, Exact("mark", marks.HAS_ORCID)),
    **dict.fromkeys(("author.orcid", "authorships.author.orcid"), _by_orcid),
    **dict.fromkeys(("institutions.ror", "authorships.institutions.ror"), _by_ror),
    **dict.fromkeys(("institutions.country_code", "authorships.institutions.country_code"), _by_country),
    **dict.fromkeys(
        ("primary_location.source.issn", "locations.source.issn", "primary_location.source.issn_l"), _by_issn
    ),
    **dict.fromkeys(("grants.award_id", "awards.funder_award_id"), partial(_marked, marks.award)),
    **dict.fromkeys(("grants.funder", "awards.funder_id"), partial(_marked, marks.funder)),
    "citation_count_class": partial(_exact, "citation_count_class"),
    "popularity_class": partial(_exact, "popularity_class"),
    "influence_class": partial(_exact, "influence_class"),
    "impulse_class": partial(_exact, "impulse_class"),
    **dict.fromkeys(("title.search", "display_name.search"), partial(_words, "title")),
    "abstract.search": partial(_words, "abstract"),
    "title_and_abstract.search": _title_and_abstract,
    "keyword.search": partial(_words, "keyword"),
    "raw_author_name.search": partial(_words, "author"),
    **dict.fromkeys(("default.search", "fulltext.search"), partial(_words, None)),
}

_WITH_SPACES = frozenset({"type", "grants.funder", "awards.funder_id", "grants.award_id", "awards.funder_award_id"})


def search_node(text: str) -> Node | None:
    """What the parameter `search` asks for."""
    return parse(text).node


def both(left: Node | None, right: Node | None) -> Node | None:
    """What holds where both hold."""
    return And((left, right)) if left is not None and right is not None else left if left is not None else right
