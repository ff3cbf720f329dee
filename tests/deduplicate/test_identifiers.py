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


def test_identifiers_are_told_with_the_rest(record: Make, deduplicate: Callable[..., Any]) -> None:
    rows = [record(source, "1", names=[], pids=["pmid:1", "doi:10.5555/x"]) for source in ("crossref", "pubmed")]
    (row,) = deduplicate(rows).rows("evidence")
    assert row["rule"] == "identifier"
    assert "both state doi 10.5555/x; pmid 1" in row["explanation"]


def test_one_identifier_for_a_whole_supplement_makes_no_product(record: Make, deduplicate: Callable[..., Any]) -> None:
    subjects = ["sleep", "hunger", "thirst", "melancholia", "migraine", "asthma", "gout"]
    rows = [
        record(
            "pubmed",
            str(n),
            title=f"Imaginary {subject} among travellers",
            names=[f"A{n} N{subject}"],
            pids=["doi:10.5555/supp"],
        )
        for n, subject in enumerate(subjects)
    ]
    graph = deduplicate(rows)
    assert len(graph.clusters) == len(subjects)
    assert {row["verdict"] for row in graph.rows("evidence")} <= {"open", "no"}
    assert "both state doi 10.5555/supp" in graph.rows("evidence")[0]["explanation"]


def test_an_identifier_under_too_many_titles_names_no_product(record: Make, deduplicate: Callable[..., Any]) -> None:
    rows = [
        record("pubmed", str(number), title=f"Imaginary matter of kind {number}", pids=["doi:10.5555/supp"])
        for number in range(10, 10 + MAX_TITLES_PER_SOURCE + 1)
    ]
    graph = deduplicate(rows)
    assert len(graph.clusters) == len(rows)
    assert all(product_id.startswith("pubmed______::") for product_id in graph.product_of.values())
    assert graph.aliases["doi:10.5555/supp"] == graph.product_of["pubmed:10"]
    assert graph.facts["n_shared_identifiers"] == 1


def test_an_identifier_that_many_sources_state_makes_one(record: Make, deduplicate: Callable[..., Any]) -> None:
    rows = [record(f"source{number}", "1", pids=["doi:10.5555/x"]) for number in range(MAX_TITLES_PER_SOURCE + 5)]
    assert len(deduplicate(rows).clusters) == 1
