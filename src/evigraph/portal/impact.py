"""Behind the numbers of one product: fair comparisons, what carries its scores, the next class, earlier releases."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evigraph.errors import ReleaseError
from evigraph.model.impact import COMPARED
from evigraph.rank.api import citations_to_pass, explain
from evigraph.store.keyed import Row
from evigraph.store.release import Release

#: Indicators that are sums over citations.
EXPLAINED = ("influence", "popularity")

#: What is told of earlier releases, which may hold fewer columns.
_FOLLOWED = tuple(column for name in COMPARED for column in (name, f"{name}_class"))

#: The order in which comparisons are shown: with all, then ever closer.
VIEWS = ("all", "type", "year", "journal", "field")

#: Citing works that an answer names, where it is not asked for all.
NAMED = 20


def impact_of(release: Release, product_id: str, n_named: int | None = NAMED) -> dict[str, Any] | None:
    """Everything the release says of a product's indicators, as plain values; None where it is not ranked.

    `indicators` (the row), `ranked_against`, `comparisons` (its place in each group, and the group), `explained`
    (the parts that influence and popularity are the sum of, and the citations that carry them, the first `n_named`),
    `next_class` (what it would take), `history` (this release and those before it, newest first).
    """
    row = release.indicator(product_id)
    if row is None:
        return None
    facts = release.manifest.ranking
    product = release.product(product_id, ("year", "record_ids")) or {}
    cited = release.citations(product_id)
    explained: dict[str, Any] = {}
    for name in EXPLAINED:
        found = explain(name, row[name], product.get("year"), cited, facts)
        explained[name] = found and {
            "score": found.score,
            "parts": {part.name: part.value for part in found.parts},
            "n_citations": len(found.citations),
            "citations": _named(release, found.citations[:n_named], found.score),
        }
    steps = {name: citations_to_pass(name, row[name], row[f"{name}_class"], cited, facts) for name in COMPARED}
    return {
        "product_id": product_id,
        "release_id": release.manifest.release_id,
        "ranked_against": {"n_products": release.manifest.n_ranked, "current_year": release.manifest.current_year},
        "parameters": facts.get("parameters"),
        "indicators": {name: value for name, value in row.items() if name != "product_id"},
        "comparisons": comparisons(release, product_id),
        "explained": explained,
        "next_class": {name: step and asdict(step) for name, step in steps.items()},
        "history": history(release, product_id, product.get("record_ids") or []),
    }


def _named(release: Release, carried: tuple[tuple[str, float], ...], score: float) -> list[dict[str, Any]]:
    cards = release.search.cards(citing_id for citing_id, _ in carried)
    return [
        {
            "product_id": citing_id,
            "title": cards[citing_id]["title"] if citing_id in cards else None,
            "year": cards[citing_id]["year"] if citing_id in cards else None,
            "value": value,
            "share": value / score if score else 0.0,
        }
        for citing_id, value in carried
    ]


def comparisons(release: Release, product_id: str) -> list[dict[str, Any]]:
    """The product's place in each group that it is compared in, with the group's size, mean and class limits."""
    rows = release.views(product_id)
    groups = release.groups((row["view"], row["group_id"]) for row in rows)
    found = []
    for row in sorted(rows, key=lambda row: (VIEWS.index(row["view"]), row["n_products"], row["group_id"])):
        described = groups.get((row["view"], row["group_id"]), {})
        label = next((group["label"] for group in described.values()), row["group_id"])
        of_group = {name: _limits(described.get(name)) for name in COMPARED}
        places = {
            name: {"percentile": row[f"{name}_percentile"], "class": row[f"{name}_class"], **of_group[name]}
            for name in COMPARED
        }
        own = ("n_alike", "expected_citation_count", "fwci", "expected_impulse", "fwci_impulse")
        found.append(
            {
                "view": row["view"],
                "group_id": row["group_id"],
                "label": label,
                "n_products": row["n_products"],
                "indicators": places,
                **{name: row[name] for name in own},
            }
        )
    return found


def _limits(group: Row | None) -> dict[str, Any]:
    if group is None:
        return {"mean": None, "from": {}}
    return {"mean": group["mean"], "from": {f"C{place}": group[f"c{place}_from"] for place in range(1, 5)}}


def history(release: Release, product_id: str, record_ids: list[str]) -> list[dict[str, Any]]:
    """The product's indicators in this release and in those before it, newest first.

    A product that had another id in an earlier release is found there by its records.
    """
    found = []
    for each in (release, *release.earlier):
        try:
            own_id = product_id if each is release else each.product_of(product_id, record_ids)
            row = each.indicator(own_id, _FOLLOWED) if own_id else None
        except ReleaseError:
            # It was removed to make room while this one is served, or is of another version.
            continue
        if row is None:
            continue
        found.append(
            {
                "release_id": each.manifest.release_id,
                "created_at": each.manifest.created_at,
                "current_year": each.manifest.current_year,
                "n_products": each.manifest.n_ranked,
                **row,
            }
        )
    return found
