from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from evigraph.clean.api import crosswalk_of
from evigraph.clean.openalex.parts import abstract_of
from evigraph.harvest.wheels import default_cache
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus" / "openalex"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk_of("openalex")(str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        found[name] += batch.to_pylist()
    return found


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def test_every_field() -> None:
    rows = read(CORPUS / "every-field.json")
    (record,) = rows["record"]
    assert record["record_id"] == "openalex:W9000000001"
    assert record["pids"] == [
        {"scheme": "doi", "value": "10.5555/alex.1"},
        {"scheme": "pmid", "value": "99999901"},
        {"scheme": "pmc", "value": "PMC99999901"},
        {"scheme": "openalex", "value": "W9000000001"},
    ]
    assert {"scheme": "mag", "value": "9000000001"} in record["alternate_ids"]
    assert record["descriptions"] == ["Numbers are few, are many."]
    assert (record["published_on"], record["year"], record["language"]) == ("2021-03-04", 2021, "eng")
    first, second = record["authors"]
    assert (first["full_name"], first["orcid"]) == ("Ada Example", "0000-0002-1825-0097")
    assert first["affiliations"] == [{"name": "Example University", "ror_id": "https://ror.org/0synth012"}]
    assert (second["full_name"], second["affiliations"]) == ("B. Second", [{"name": "Elsewhere", "ror_id": None}])
    assert record["container"]["name"] == "Journal of Synthetic Results"
    assert record["container"]["issn_linking"] == "0317-8471"
    assert record["publisher"] == "Example Press"
    assert [(subject["scheme"], subject["value"], subject["term_id"]) for subject in record["subjects"]] == [
        ("mesh", "Humans", "D006801"),
        ("openalex_topic", "Synthetic Data", "T1"),
        ("openalex_keyword", "Number", "number"),
        ("openalex_concept", "Arithmetic", "C1"),
    ]
    assert record["funding"] == [
        {"funder_name": "Example Foundation", "funder_id": "https://ror.org/0synth012", "award": "A-1"},
        {"funder_name": "Other Funder", "funder_id": "https://openalex.org/F2", "award": None},
    ]
    extras = {extra["name"]: extra["value"] for extra in record["extras"]}
    assert (extras["fwci"], extras["cited_by_count"], extras["cited_by_percentile_year.max"]) == ("1.25", "3", "94")


def test_locations_are_instances_the_primary_first() -> None:
    (record,) = read(CORPUS / "every-field.json")["record"]
    journal, repository, pubmed, preprint = record["instances"]
    assert (journal["access_right"], journal["access_route"], journal["license"]) == ("c_abf2", "hybrid", "CC BY")
    assert journal["pids"] == [{"scheme": "doi", "value": "10.5555/alex.1"}]
    assert journal["version_type"].endswith("c_970fb48d4fbd8a85") and journal["published_on"] == "2021-03-04"
    assert (repository["access_right"], repository["access_route"]) == ("c_abf2", "green")
    assert repository["urls"] == ["https://repository.example.org/1", "https://repository.example.org/1.pdf"]
    assert (pubmed["access_right"], pubmed["hosted_by"]) == ("c_14cb", "PubMed")
    assert (preprint["resource_type"], preprint["refereed"]) == ("Preprint", "nonPeerReviewed")
    assert preprint["pids"] == [] and preprint["alternate_ids"] == [{"scheme": "doi", "value": "10.5555/preprint.9"}]
    assert {"scheme": "doi", "value": "10.5555/preprint.9"} not in record["pids"]
    assert {instance["collected_from"] for instance in record["instances"]} == {"OpenAlex"}


def test_references_are_openalex_ids() -> None:
    rows = read(CORPUS / "every-field.json")
    assert [(row["pids"], row["text"]) for row in rows["reference"]] == [
        ([{"scheme": "openalex", "value": "W9000000002"}], None),
        ([{"scheme": "openalex", "value": "W9000000003"}], None),
        ([], "not an id"),
    ]


def test_what_is_no_work_is_counted_and_wrong_forms_cost_nothing() -> None:
    rows = read(CORPUS / "not-works.jsonl")
    assert codes(rows) == [(0, "not_a_product", True), (1, "no_identifier", True), (2, "no_title", True)]
    bare, wrong = rows["record"]
    assert bare["instances"][0]["urls"] == ["https://openalex.org/W9000000005"]
    assert wrong["authors"] == [] and wrong["instances"][0]["access_right"] is None


def test_older_forms() -> None:
    older, paper = read(CORPUS / "older-forms.jsonl")["record"]
    assert older["instances"][0]["resource_type"] == "Article" and older["published_on"] == "1999"
    assert older["funding"] == [
        {"funder_name": "Example Foundation", "funder_id": "https://openalex.org/F1", "award": None}
    ]
    assert paper["instances"][0]["resource_type"] == "Conference object"


def test_a_rest_page_gives_its_results() -> None:
    assert [record["position"] for record in read(CORPUS / "rest-page.json")["record"]] == [0, 1]


def test_an_abstract_is_rebuilt_whatever_its_places() -> None:
    assert abstract_of({"b": [1], "a": [0, 10**12]}) == "a b a"
    assert abstract_of({"a": [None, "x"], "b": 3}) is None
    assert abstract_of([]) is None and abstract_of({}) is None


def test_the_csv_export_is_recognised_and_read() -> None:
    rows = read(CORPUS / "export.csv")
    first, second, third = rows["record"]
    assert first["title"] == 'A synthetic row with "quotes", commas and a line break'
    assert [author["orcid"] for author in first["authors"]] == [None, "0000-0002-1825-0097"]
    assert first["authors"][0]["affiliations"] == []  # whose it is, the table does not say
    assert [(i["hosted_by"], i["access_right"]) for i in first["instances"]] == [
        ("Journal of Synthetic Results", "c_abf2"),
        (None, "c_14cb"),
    ]
    assert first["instances"][0]["license"] == "CC BY" and first["instances"][0]["access_route"] == "gold"
    assert [subject["value"] for subject in first["subjects"]] == ["Synthetic Data", "Arithmetic"]
    assert {extra["name"]: extra["value"] for extra in first["extras"]}["fwci"] == "2.5"
    assert first["descriptions"] == ["An abstract, with a comma."]
    assert [row["pids"][0]["value"] for row in rows["reference"]] == ["W9000000001", "W9100000009"]
    assert second["is_retracted"] is True
    assert second["authors"][0]["affiliations"] == [
        {"name": "Queen's Example", "ror_id": "https://ror.org/0synth012"},
        {"name": "Second Place", "ror_id": None},
    ]
    assert all(author["orcid"] is None for author in third["authors"])  # the bar has shifted the lists
    assert codes(rows) == [(3, "csv_columns", True), (4, "no_identifier", True), (5, "no_title", True)]


def test_another_table_is_the_wrong_file_type(tmp_path: Path) -> None:
    path = tmp_path / "scopus.csv"
    path.write_text("Authors,Title\nA,B\n")
    rows = read(path)
    assert codes(rows) == [(-1, "wrong_file_type", True)]
    assert "scopus.csv" in rows["defect"][0]["message"]


def test_a_truncated_export_gives_its_whole_rows(tmp_path: Path) -> None:
    rows = "".join(f"https://openalex.org/W{9_200_000_000 + n},A synthetic work number {n}\n" for n in range(2000))
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress(f"id,title\n{rows}".encode())[:4000])
    found = read(path)
    assert 100 < len(found["record"]) < 2000
    assert (-1, "gzip_truncated", True) in codes(found)


def test_real_works_are_records_or_counted(shared_data: Path) -> None:
    path = shared_data / "openalex" / "works-00.jsonl.gz"
    with gzip.open(path) as lines:
        n_lines = sum(1 for _ in lines)
    rows = read(path)
    assert len(rows["record"]) + sum(lost for _, _, lost in codes(rows)) == n_lines
    assert {code for _, code, _ in codes(rows)} <= {"no_title"}
    assert all(record["instances"] for record in rows["record"])


@pytest.fixture
def real_export() -> Path:
    """The export that the demo takes out of its pinned wheel, where it has been fetched."""
    path = default_cache() / "biblium-2.16.1" / "open alex dataset.csv"
    if not path.is_file():
        pytest.skip("the demo's OpenAlex export has not been fetched")
    return path


def test_the_real_export_is_read_whole(real_export: Path) -> None:
    table = list(csv.DictReader(io.StringIO(real_export.read_text(encoding="utf-8-sig"))))
    rows = read(real_export)
    assert len(rows["record"]) + sum(lost for _, _, lost in codes(rows)) == len(table)
    known = {record["source_key"] for record in rows["record"]}
    expected = sum(
        len(row["referenced_works"].split("|"))
        for row in table
        if row["referenced_works"] and row["id"].rsplit("/", 1)[-1] in known
    )
    assert len(rows["reference"]) == expected
