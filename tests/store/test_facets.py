"""Facets of a product, the order by relevance and impact together, and words that are misspelled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evigraph.model.entities import ORGANIZATION, PROJECT
from evigraph.store.cards import INDICATORS
from evigraph.store.facets import FACETS, Names, facet_values, project_label
from evigraph.store.release import Release
from evigraph.store.search import SearchIndex


@pytest.fixture(scope="module")
def index(small: Any) -> SearchIndex:
    return Release.open(small.home).search


@pytest.mark.parametrize("query", ["", "graph", "peer OR network"])
def test_every_facet_counts_what_the_rows_say(small: Any, index: SearchIndex, query: str) -> None:
    results = index.search(query, limit=1000)
    expected: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    indicators = {row["product_id"]: row for row in small.rows["indicator"]}
    usual = dict.fromkeys(("resource_type", "access_route", "license", "hosted_by"))
    for card in results.hits:
        row = small.products[card["product_id"]]
        row = {**row, "instances": [{**usual, **one} for one in row["instances"]]}
        for name, values in facet_values(row, indicators.get(card["product_id"])).items():
            expected[name].update(str(value) for value in values)
    own = set(FACETS) - {"project", "organization", "country", "subject"}
    assert {name: dict(results.facets[name]) for name in own} == {name: dict(expected[name]) for name in own}


def test_only_the_facets_asked_for_are_counted_and_those_with_a_filter(index: SearchIndex) -> None:
    assert set(index.search("graph", facets=("year",)).facets) == {"year"}
    filters = {"peer_review": ("yes",)}
    assert set(index.search("graph", filters, facets=("year",)).facets) == {"year", "peer_review"}


def test_projects_and_organizations_count_under_their_names(tmp_path: Path) -> None:
    organization = {"organization_id": "ror:1", "source": "ror", "source_key": "1", "payload": "p", "position": 0}
    project = {"project_id": "openaire:1", "source": "openaire", "source_key": "1", "payload": "p", "position": 0}
    for table, row in (
        (ORGANIZATION, {**organization, "legal_name": "Synthetic University", "country_code": "NO"}),
        (PROJECT, {**project, "code": "42", "acronym": "SYNTH", "title": "A made-up project"}),
    ):
        (tmp_path / table.name).mkdir()
        pq.write_table(table.from_rows([row]), tmp_path / table.name / "part-0.parquet")
    found = Names(tmp_path).of([("organization", "ror:1"), ("project", "openaire:1"), ("organization", "ror:2")])
    assert found == {"project": ["SYNTH (42)"], "organization": ["Synthetic University"], "country": ["NO"]}
    assert project_label({"code": "42", "acronym": None, "title": "unidentified"}) is None


@pytest.mark.parametrize("indicator", INDICATORS)
@pytest.mark.parametrize("query", ["graph", "peer support", "review OR network OR sleep"])
def test_relevance_with_an_indicator_is_the_order_of_bip_finder(
    small: Any, index: SearchIndex, query: str, indicator: str
) -> None:
    values = {row["product_id"]: row[indicator] for row in small.rows["indicator"]}
    relevant = index.search(query, sort="relevance", limit=1000)
    ids = [card["product_id"] for card in relevant.hits]
    most, first = max((values.get(one, 0) for one in ids), default=0) or 1, relevant.scores[0]

    def marks(place: int) -> tuple[float, float, str]:
        low, high = sorted((relevant.scores[place] / first, (values.get(ids[place], 0) / most) ** 0.25))
        return -round(low, 6), -round(high, 6), ids[place]

    expected = [ids[place] for place in sorted(range(len(ids)), key=marks)]
    mixed = index.search(query, sort=f"relevance_{indicator}", limit=1000)
    got = [card["product_id"] for card in mixed.hits]
    assert sorted(got) == sorted(expected)
    by_id = {one: marks(place)[:2] for place, one in enumerate(ids)}
    assert [by_id[one] for one in got] == [by_id[one] for one in expected]
    page = index.search(query, sort=f"relevance_{indicator}", offset=3, limit=5)
    assert [card["product_id"] for card in page.hits] == got[3:8]


def test_a_misspelled_word_finds_what_is_spelled_alike_and_says_so(small: Any, index: SearchIndex) -> None:
    results = index.search("certifyed peer suport specialst")
    assert small.article_id in {card["product_id"] for card in results.hits}
    assert any("spelled alike" in note for note in results.notes)
    assert index.search("certified peer support specialist").notes == ()
