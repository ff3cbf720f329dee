from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from evigraph.deduplicate.product_ids import record_product_id
from evigraph.model.pid import Pid, id_of

Make = Callable[..., dict[str, Any]]
Run = Callable[..., Any]


def test_the_best_identifier_of_all_records_names_the_product(record: Make, deduplicate: Run) -> None:
    rows = [
        record("pubmed", "1", pids=["pmid:1", "doi:10.5555/b"]),
        record("crossref", "a", pids=["doi:10.5555/a", "doi:10.5555/b"]),
        record("openalex", "W1", pids=["openalex:W1", "pmid:1"]),
    ]
    graph = deduplicate(rows)
    assert set(graph.product_of.values()) == {"doi_________::" + hashlib.md5(b"10.5555/a").hexdigest()}


def test_without_identifier_the_smallest_record_names_it(record: Make, deduplicate: Run) -> None:
    graph = deduplicate([record("pubmed", "7"), record("crossref", "z")])
    assert set(graph.product_of.values()) == {"crossref____::" + hashlib.md5(b"z").hexdigest()}
    assert record_product_id("a_source_with_a_long_name", "1").startswith("a_source_wit::")


def test_every_id_that_it_could_have_had_still_answers(record: Make, deduplicate: Run) -> None:
    openaire = "doi_dedup___::" + "0" * 32
    rows = [
        record("pubmed", "1", pids=["pmid:1", "doi:10.5555/b"]),
        record("crossref", "a", pids=["doi:10.5555/a", "doi:10.5555/b", f"openaire:{openaire}"]),
    ]
    graph = deduplicate(rows)
    (product_id,) = set(graph.product_of.values())
    assert set(graph.aliases) == {
        "pmid:1",
        "doi:10.5555/a",
        "doi:10.5555/b",
        f"openaire:{openaire}",
        id_of(Pid("pmid", "1")),
        id_of(Pid("doi", "10.5555/b")),
        openaire,
        record_product_id("pubmed", "1"),
        record_product_id("crossref", "a"),
        "pubmed:1",
        "crossref:a",
    }
    assert set(graph.aliases.values()) == {product_id}


def test_a_superseded_id_leads_to_the_new_one(record: Make, deduplicate: Run) -> None:
    alone = deduplicate([record("pubmed", "1", pids=["pmid:1"])]).product_of["pubmed:1"]
    joined = deduplicate(
        [record("pubmed", "1", pids=["pmid:1"]), record("crossref", "a", pids=["doi:10.5555/a", "pmid:1"])]
    )
    assert joined.aliases[alone] == joined.product_of["pubmed:1"] != alone


def test_the_id_does_not_depend_on_records_that_say_no_better(record: Make, deduplicate: Run) -> None:
    first = record("crossref", "z", pids=["doi:10.5555/a"])
    alone = deduplicate([first]).product_of["crossref:z"]
    more = [record("aaa", "1", pids=["doi:10.5555/a"]), record("pubmed", "1", pids=["pmid:1"])]
    assert deduplicate([first, *more]).product_of["crossref:z"] == alone


def test_parted_clusters_do_not_share_an_id(record: Make, deduplicate: Run, decide: Make) -> None:
    """The smaller record keeps the id; the others take an identifier of their own, else their record's id."""
    rows = [
        record("crossref", "a", pids=["doi:10.5555/x"]),
        record("openalex", "b", title="Another", pids=["doi:10.5555/x", "openalex:W9"]),
        record("pubmed", "1", title="A third", pids=["doi:10.5555/x"]),
    ]
    decisions = [
        decide("different", left, right, number)
        for number, (left, right) in enumerate(
            [("crossref:a", "openalex:b"), ("crossref:a", "pubmed:1"), ("openalex:b", "pubmed:1")], 1
        )
    ]
    graph = deduplicate(rows, decisions)
    assert graph.product_of == {
        "crossref:a": id_of(Pid("doi", "10.5555/x")),
        "openalex:b": id_of(Pid("openalex", "W9")),
        "pubmed:1": record_product_id("pubmed", "1"),
    }
    assert graph.aliases["doi:10.5555/x"] == graph.product_of["crossref:a"]
    assert graph.aliases["openalex:b"] == graph.product_of["openalex:b"]
    assert id_of(Pid("doi", "10.5555/x")) not in graph.aliases


def test_an_identifier_that_a_third_cluster_states_is_not_taken(record: Make, deduplicate: Run, decide: Make) -> None:
    """The second record's other identifier is also stated by a product that has a better one."""
    rows = [
        record("crossref", "a", pids=["doi:10.5555/x"]),
        record("openalex", "b", title="Another", pids=["doi:10.5555/x", "pmid:7"]),
        record("pubmed", "7", title="A third", pids=["doi:10.5555/y", "pmid:7"]),
    ]
    decisions = [
        decide("different", "openalex:b", "crossref:a", 1),
        decide("different", "openalex:b", "pubmed:7", 2),
    ]
    graph = deduplicate(rows, decisions)
    assert graph.product_of["openalex:b"] == record_product_id("openalex", "b")
    assert graph.product_of["pubmed:7"] == id_of(Pid("doi", "10.5555/y"))
    assert graph.aliases["pmid:7"] == graph.product_of["openalex:b"]


def test_the_holder_of_an_id_answers_for_its_identifier(record: Make, deduplicate: Run, decide: Make) -> None:
    """The first of two parted records has a better identifier, so the shared one is the other's id."""
    rows = [
        record("crossref", "a", pids=["doi:10.5555/a", "pmid:1"]),
        record("pubmed", "1", title="Another", pids=["pmid:1"]),
    ]
    graph = deduplicate(rows, [decide("different", "crossref:a", "pubmed:1")])
    assert graph.product_of["pubmed:1"] == id_of(Pid("pmid", "1"))
    assert graph.aliases["pmid:1"] == graph.product_of["pubmed:1"]


def test_ids_of_records_and_of_identifiers_never_fall_together(record: Make, deduplicate: Run) -> None:
    """One record states the OpenAlex id that is another record's key, and the two are not linked.

    The id is the first one's, but the record's own name leads to where the record is.
    """
    rows = [
        record("crossref", "a", title="One", pids=["openalex:W1"]),
        record("openalex", "W1", title="Quite another"),
    ]
    graph = deduplicate(rows)
    assert len(set(graph.product_of.values())) == 2
    assert graph.product_of["crossref:a"] == id_of(Pid("openalex", "W1"))
    assert graph.aliases["openalex:W1"] == graph.product_of["openalex:W1"]
