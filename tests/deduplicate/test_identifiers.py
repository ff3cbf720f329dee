from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evigraph.deduplicate.identifiers import MAX_TITLES_PER_SOURCE, makes_identity

Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("doi", "10.5555/12345678"),
        ("doi", "10.5555/max.2000"),
        ("doi", "10.5555/s10000-020-0000-1"),
        ("doi", "10.5555/annals"),
        ("doi", "10.5555/abc/0000"),
        ("doi", "10.5555/xx-xxiv.2"),
        ("pmid", "1"),
        ("openalex", "W1"),
        ("openaire", "doi_________::00000000000000000000000000000000"),
    ],
)
def test_identifiers_make_identity(scheme: str, value: str) -> None:
    assert makes_identity(scheme, value)


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("isbn", "9783161484100"),
        ("doi", "none"),
        ("pmid", "0"),
        ("doi", "10.5555/xxxxxxx.xxxxxxx"),
        ("doi", "10.5555/j.xxxx.2020.01.001"),
        ("doi", "10.5555/nnnnnnn.nnnnnnn"),
        ("doi", "10.5555/s00000-000-0000-0"),
        ("doi", "10.5555/0000000"),
        ("doi", "10.1145/1122445.1122456"),
    ],
)
def test_placeholders_make_none(scheme: str, value: str) -> None:
    assert not makes_identity(scheme, value)


def test_identifiers_link_records_as_a_star(record: Make, deduplicate: Callable[..., Any]) -> None:
    rows = [record("crossref", key, names=[], pids=["doi:10.5555/x"]) for key in "dacb"]
    evidence = deduplicate(rows).rows("evidence")
    assert {(row["record_id_l"], row["record_id_r"]) for row in evidence} == {
        ("crossref:a", f"crossref:{key}") for key in "bcd"
    }
    assert {row["explanation"] for row in evidence} == {"both state doi 10.5555/x"}


def test_all_identifiers_in_common_are_told(record: Make, deduplicate: Callable[..., Any]) -> None:
    rows = [record(source, "1", names=[], pids=["pmid:1", "doi:10.5555/x"]) for source in ("crossref", "pubmed")]
    assert [row["explanation"] for row in deduplicate(rows).rows("evidence")] == ["both state doi 10.5555/x; pmid 1"]


def test_the_identifier_of_a_supplement_makes_no_product(record: Make, deduplicate: Callable[..., Any]) -> None:
    n = MAX_TITLES_PER_SOURCE + 1
    rows = [
        record(
            "pubmed", str(number), title=f"Abstract about imaginary matter of kind {number}", pids=["doi:10.5555/supp"]
        )
        for number in range(10, 10 + n)
    ]
    graph = deduplicate(rows)
    assert len(graph.clusters) == n
    assert all(product_id.startswith("pubmed______::") for product_id in graph.product_of.values())
    assert graph.aliases["doi:10.5555/supp"] == graph.product_of["pubmed:10"]
    assert graph.facts["n_shared_identifiers"] == 1
    fewer = deduplicate(rows[:-1])
    assert len(fewer.clusters) == 1
    assert fewer.facts["n_shared_identifiers"] == 0


def test_an_identifier_that_many_sources_state_makes_one(record: Make, deduplicate: Callable[..., Any]) -> None:
    rows = [
        record(f"source{number}", "1", title=f"Title {number} of one imaginary work", pids=["doi:10.5555/x"])
        for number in range(MAX_TITLES_PER_SOURCE + 5)
    ]
    assert len(deduplicate(rows).clusters) == 1
