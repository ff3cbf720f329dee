from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.oai_pmh.crosswalk import crosswalk

PATH = Path(__file__).parents[2] / "corpus" / "oai_pmh" / "crossref_deposits.xml"


def read(table: str = "record", path: Path = PATH) -> list[dict[str, Any]]:
    return [row for found, batch in crosswalk(str(path)) if found == table for row in batch.to_pylist()]


def by_doi() -> dict[str, dict[str, Any]]:
    return {record["pids"][0]["value"]: record for record in read()}


def test_an_article() -> None:
    record = by_doi()["10.5555/article.1"]
    assert record["source_key"] == "info:doi/10.5555/article.1"
    assert (record["title"], record["subtitle"]) == ("A synthetic article", "with a subtitle")
    assert record["alternative_titles"] == ["Ein synthetischer Artikel"]
    assert [author["full_name"] for author in record["authors"]] == ["Ada Example Jr", "Synthetic Group"]
    assert record["authors"][0]["affiliations"] == [
        {"name": "Synthetic University", "ror_id": "https://ror.org/05gq02987"}
    ]
    assert record["descriptions"] == ["A synthetic abstract with 10^6 words."]
    assert (record["published_on"], record["language"]) == ("2020-03-09", "eng")
    container = record["container"]
    assert (container["name"], container["abbreviated_name"]) == ("Synthetic Journal", "Synth. J.")
    assert [container[name] for name in ("issn_print", "volume", "issue", "first_page", "last_page")] == [
        *("2049-3630", "7", "2", "11", "19")
    ]
    assert [(entry["funder_name"], entry["award"]) for entry in record["funding"]] == [
        ("Synthetic Fund", "S-1"),
        ("Synthetic Fund", "S-2"),
    ]
    (instance,) = record["instances"]
    assert (instance["license"], instance["access_right"], instance["refereed"]) == (
        *("CC BY 4.0", "c_abf2", "peerReviewed"),
    )
    assert {"name": "editor", "value": "Ed Itor"} in record["extras"]


def test_its_reference_list_and_relations() -> None:
    assert [(row["position"], [pid["value"] for pid in row["pids"]], row["text"]) for row in read("reference")] == [
        (0, ["10.5555/cited.3"], None),
        (1, [], "Example (1999) Old examples, Synth. J., 1, 1"),
        (2, [], "Example, A. A book (1990)."),
    ]
    assert [(link["relation"], link["value"], link["note"]) for link in read("link")] == [
        ("IsNewVersionOf", "10.5555/preprint.1", "hasPreprint"),
        ("Obsoletes", "10.5555/withdrawn.1", "retraction"),
    ]
    assert not by_doi()["10.5555/article.1"]["is_retracted"]


def test_a_chapter_and_its_book_from_the_same_deposit() -> None:
    chapter, book = by_doi()["10.5555/book.ch1"], by_doi()["10.5555/book"]
    assert (chapter["title"], chapter["container"]["name"]) == ("A synthetic chapter", "A synthetic book")
    assert chapter["instances"][0]["resource_type"] == "Part of book or chapter of book"
    assert (book["title"], book["container"], book["publisher"]) == ("A synthetic book", None, "Synthetic Press")
    assert book["alternate_ids"] == [{"scheme": "isbn", "value": "9783161484100"}]
    assert {"name": "isbn", "value": "not-a-number"} in book["extras"]


def test_a_conference_paper_and_a_preprint() -> None:
    paper, preprint = by_doi()["10.5555/paper.1"], by_doi()["10.5555/preprint.1"]
    assert paper["container"]["name"] == "Synthetic Proceedings"
    assert (paper["container"]["conference_place"], paper["container"]["conference_on"]) == ("Nowhere", "2012-07-02")
    assert {"name": "conference_name", "value": "Synthetic Conference"} in paper["extras"]
    assert (preprint["instances"][0]["resource_type"], preprint["published_on"]) == ("Preprint", "2019-05-04")
    assert preprint["instances"][0]["refereed"] == "nonPeerReviewed"


def test_a_deposit_that_is_an_error_is_named() -> None:
    (defect,) = read("defect")
    assert (defect["position"], defect["code"]) == (5, "no_identifier")
    assert "10.5555/gone is not here" in defect["message"]


def test_every_record_of_real_pages_has_what_the_deposit_says(shared_data: Path) -> None:
    for path in sorted((shared_data / "oai_pmh" / "crossref_unixref").glob("*.gz")):
        records = read(path=path)
        assert all(f"info:doi/{record['pids'][0]['value']}" == record["source_key"].lower() for record in records)
        # A series of books, which appeared in no one year.
        assert sum(record["year"] is None for record in records) <= 1
        assert sum(record["container"] is not None for record in records) >= 0.9 * len(records)
