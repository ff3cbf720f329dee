from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as with_examples
from hypothesis import settings
from hypothesis import strategies as st

from evigraph.model.impact import COMPARED
from evigraph.model.tables import GROUP_MEMBER, INDICATOR, INDICATOR_GROUP, INDICATOR_VIEW, PRODUCT
from evigraph.rank.groups import FEWEST, group_members, indicator_groups, indicator_views
from rank.reference import reference_classes
from rank.tables import given, indicator, rows_of


def subjects(*stated: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"scheme": scheme, "value": value, "term_id": None} for scheme, value in stated]


def product(product_id: str, year: int | None = 2020, **values: Any) -> dict[str, Any]:
    return {"product_id": product_id, "type": "publication", "year": year, **values}


def members(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ranked = [indicator(row["product_id"]) for row in products if row["year"] is not None]
    return rows_of(GROUP_MEMBER, group_members(given(PRODUCT, *products), given(INDICATOR, *ranked)))


def test_every_ranked_product_is_compared_with_all_its_year_and_its_type() -> None:
    found = members([product("a", 2020), product("b", 2021, type="dataset"), product("undated", None)])
    assert [(row["view"], row["group_id"], row["product_id"]) for row in found] == [
        ("all", "all", "a"),
        ("all", "all", "b"),
        ("type", "dataset", "b"),
        ("type", "publication", "a"),
        ("year", "2020", "a"),
        ("year", "2021", "b"),
    ]


def test_a_field_needs_members_enough_and_the_most_specific_three_are_shown() -> None:
    terms = {f"Term {n}": FEWEST + n for n in range(5)}
    products = []
    for number in range(FEWEST + 5):
        stated = [("mesh", term) for term, n in terms.items() if number < n]
        stated += [("keyword", "a free word"), ("sdg", "No poverty")]
        if number < FEWEST - 1:
            stated.append(("mesh", "Rare"))
        products.append(product(f"p{number:02}", subjects=subjects(*stated)))
    found = [row for row in members(products) if row["view"] == "field"]
    first = {row["group_id"]: row["is_shown"] for row in found if row["product_id"] == "p00"}
    # Too rare, or no field: not there. Free keywords are members, and shown where nothing better is stated.
    assert first == {
        "mesh:Term 0": True,
        "mesh:Term 1": True,
        "mesh:Term 2": True,
        "mesh:Term 3": False,
        "mesh:Term 4": False,
        "keyword:a free word": False,
    }
    last = {row["group_id"]: row["is_shown"] for row in found if row["product_id"] == f"p{FEWEST + 4:02}"}
    assert last == {"keyword:a free word": True}


def test_a_journal_goes_by_its_issn_and_needs_members_enough() -> None:
    container = {"name": "J. of Tests", "issn_linking": "1234-5678", "issn_print": "9999-9999"}
    other = {"name": "Journal of Tests", "issn_linking": "1234-5678"}
    products = [product(f"p{n:02}", container=container if n else other) for n in range(FEWEST)]
    products.append(product("small", container={"name": "A small one"}))
    found = [row for row in members(products) if row["view"] == "journal"]
    assert {(row["group_id"], row["label"]) for row in found} == {("issn:1234-5678", "J. of Tests")}
    assert len(found) == FEWEST


def views(counts: list[int], impulses: list[int] | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    products = [product(f"p{n:03}") for n in range(len(counts))]
    scored = [
        indicator(
            f"p{n:03}",
            count,
            impulse=impulses[n] if impulses else 0,
            influence=count / 7,
            popularity=float(n),
        )
        for n, count in enumerate(counts)
    ]
    member = [
        {"view": "all", "group_id": "all", "product_id": row["product_id"], "label": "all", "is_shown": True}
        for row in products
    ]
    tables = given(GROUP_MEMBER, *member), given(PRODUCT, *products), given(INDICATOR, *scored)
    return rows_of(INDICATOR_VIEW, indicator_views(*tables)), rows_of(INDICATOR_GROUP, indicator_groups(*tables))


@settings(max_examples=25)
@with_examples(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_percentiles_and_classes_in_a_group_are_those_of_the_definition(counts: list[int]) -> None:
    found, groups = views(counts)
    values = np.array(counts)
    for row, count in zip(found, counts, strict=True):
        expected = 100 * ((values < count).sum() + 0.5 * (values == count).sum()) / values.size
        assert row["citation_count_percentile"] == pytest.approx(expected, rel=1e-12)
    classes = [f"C{number}" for number in reference_classes(counts)]
    assert [row["citation_count_class"] for row in found] == classes
    assert [row["influence_class"] for row in found] == classes
    by_name = {row["indicator"]: row for row in groups}
    assert sorted(by_name) == sorted(COMPARED)
    counted = by_name["citation_count"]
    assert (counted["n_products"], counted["mean"]) == (len(counts), pytest.approx(np.mean(counts)))
    for number in range(1, 5):
        inside = [count for count, grade in zip(counts, classes, strict=True) if grade <= f"C{number}"]
        assert counted[f"c{number}_from"] == (min(inside) if inside else None)
    assert by_name["influence"]["mean"] is None


def test_the_field_weighted_impact_is_against_products_of_the_same_type_and_year() -> None:
    products = [product("a", 2020), product("b", 2020), product("c", 2020, type="dataset"), product("d", 2019)]
    counts = {"a": 6, "b": 2, "c": 5, "d": 0}
    scored = [indicator(name, count, impulse=count // 2) for name, count in counts.items()]
    member = [
        {"view": "field", "group_id": "mesh:X", "product_id": name, "label": "X", "is_shown": name != "c"}
        for name in counts
    ]
    found = rows_of(
        INDICATOR_VIEW,
        indicator_views(given(GROUP_MEMBER, *member), given(PRODUCT, *products), given(INDICATOR, *scored)),
    )
    assert [row["product_id"] for row in found] == ["a", "b", "d"]
    assert [(row["n_alike"], row["expected_citation_count"], row["fwci"]) for row in found] == [
        (2, 4.0, 1.5),
        (2, 4.0, 0.5),
        (1, 0.0, None),
    ]
    assert [(row["expected_impulse"], row["fwci_impulse"]) for row in found] == [(2.0, 1.5), (2.0, 0.5), (0.0, None)]
    # All four are the group, whoever is shown in it.
    assert {row["n_products"] for row in found} == {4}
