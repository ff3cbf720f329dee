from __future__ import annotations

from typing import Any

from hypothesis import given as with_examples
from hypothesis import settings
from hypothesis import strategies as st

from evigraph.model.entities import COMMUNITY, ORGANIZATION, PRODUCT_ENTITY, PROJECT
from evigraph.model.tables import ENTITY_INDICATOR, ENTITY_PRODUCT, INDICATOR, PRODUCT, RANKING
from evigraph.rank.rollups import entity_indicators, entity_products
from rank.tables import given, indicator, rows_of

CONTEXT = {
    "current_year": 2024,
    "start_year": 2022,
    "impulse_years": 3,
    "influence_alpha": 0.5,
    "popularity_alpha": 0.2,
    "attention_weight": 0.0,
}
ADA = "0000-0002-1825-0097"


def author(name: str, orcid: str | None = None, *rors: str, is_group: bool = False) -> dict[str, Any]:
    places = [{"name": f"Place {ror}", "ror_id": f"https://ror.org/{ror}"} for ror in rors]
    return {"rank": 1, "full_name": name, "orcid": orcid, "is_group": is_group, "affiliations": places}


def product(product_id: str, year: int | None, *authors: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {"product_id": product_id, "type": "publication", "year": year, "authors": list(authors), **values}


def rolled_up(
    products: list[dict[str, Any]],
    indicators: list[dict[str, Any]],
    links: list[dict[str, Any]] | None = None,
    projects: list[dict[str, Any]] | None = None,
) -> tuple[list[dict[str, Any]], dict[tuple[str, str], dict[str, Any]]]:
    product_, indicator_ = given(PRODUCT, *products), given(INDICATOR, *indicators)
    member = rows_of(ENTITY_PRODUCT, entity_products(product_, given(PRODUCT_ENTITY, *(links or [])), indicator_))
    found = rows_of(
        ENTITY_INDICATOR,
        entity_indicators(
            given(ENTITY_PRODUCT, *member),
            indicator_,
            product_,
            given(RANKING, CONTEXT),
            given(ORGANIZATION),
            given(PROJECT, *(projects or [])),
            given(COMMUNITY),
        ),
    )
    return member, {(row["kind"], row["entity_id"]): row for row in found}


def test_an_author_is_an_orcid_or_else_a_name_as_it_is_written() -> None:
    products = [
        product("a", 2020, author("Ada Invented", ADA), author("Ada Invented")),
        product("b", 2021, author("A. Invented", ADA), author("A Group", is_group=True)),
        product("c", None, author("Ada Invented", ADA)),
    ]
    member, found = rolled_up(products, [indicator("a", 3), indicator("b", 1)])
    assert sorted(found) == [("author", "name:Ada Invented"), ("author", f"orcid:{ADA}")]
    ada = found["author", f"orcid:{ADA}"]
    assert (ada["name"], ada["named_by"], ada["n_products"], ada["n_ranked"]) == ("Ada Invented", "orcid", 3, 2)
    assert found["author", "name:Ada Invented"]["named_by"] == "name"
    assert [
        (row["product_id"], row["citation_count"], row["place"]) for row in member if "orcid" in row["entity_id"]
    ] == [
        ("a", 3, 1),
        ("b", 1, 2),
        ("c", None, 3),
    ]


def test_the_sums_are_those_of_bip() -> None:
    products = [product(name, 2020, author("Ada Invented", ADA)) for name in "abc"]
    indicators = [
        indicator("a", 12, impulse=4, influence_class="C4", popularity_class="C1"),
        indicator("b", 10, impulse=1, influence_class="C5", popularity_class="C3"),
        indicator("c", 0),
    ]
    _, found = rolled_up(products, indicators)
    ada = found["author", f"orcid:{ADA}"]
    names = ("n_influential", "n_popular", "impulse", "citation_count", "i10_index", "h_index", "g_index")
    assert [ada[name] for name in names] == [1, 2, 5, 22, 2, 2, 3]
    assert (ada["m_index"], ada["first_year"], ada["last_year"]) == (2 / 5, 2020, 2020)


@settings(max_examples=25)
@with_examples(st.lists(st.integers(0, 30), min_size=1, max_size=25))
def test_the_family_of_the_h_index_is_that_of_the_definition(counts: list[int]) -> None:
    products = [product(f"p{n}", 2020, author("Ada Invented", ADA)) for n in range(len(counts))]
    _, found = rolled_up(products, [indicator(f"p{n}", count) for n, count in enumerate(counts)])
    ada = found["author", f"orcid:{ADA}"]
    ordered = sorted(counts, reverse=True)
    places = range(1, len(counts) + 1)
    assert ada["h_index"] == max((h for h in places if sum(count >= h for count in counts) >= h), default=0)
    assert ada["g_index"] == max((g for g in places if sum(ordered[:g]) >= g * g), default=0)
    assert ada["i10_index"] == sum(count >= 10 for count in counts)


def test_journals_organizations_and_projects() -> None:
    container = {"name": "Journal of Tests", "issn_linking": "1234-5678"}
    products = [
        product("a", 2020, author("A", None, "027bh9e22"), author("B", None, "027bh9e22"), container=container),
        product("b", 2020, container={"name": "No ISSN"}),
    ]
    links = [
        {
            "product_id": "b",
            "kind": "project",
            "relation": "isProducedBy",
            "entity_id": "openaire:p1",
            "sources": ["x"],
        },
        {"product_id": "b", "kind": "journal", "relation": "IsPublishedIn", "entity_id": "doaj:1", "sources": ["x"]},
    ]
    told = {"source": "openaire", "source_key": "p1", "payload": "x", "position": 0}
    projects = [{"project_id": "openaire:p1", "title": "A project", **told}]
    _, found = rolled_up(products, [indicator("a", 1), indicator("b", 2)], links, projects)
    named = {key: (row["name"], row["named_by"], row["n_products"]) for key, row in found.items() if key[0] != "author"}
    assert named == {
        ("journal", "issn:1234-5678"): ("Journal of Tests", "issn", 1),
        ("journal", "name:No ISSN"): ("No ISSN", "name", 1),
        ("organization", "ror:027bh9e22"): ("Place 027bh9e22", "registry", 1),
        ("project", "openaire:p1"): ("A project", "registry", 1),
    }
