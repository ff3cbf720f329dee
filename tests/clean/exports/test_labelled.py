"""Fields under labels: what databases export as text for people is read as references, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from clean.exported import CORPUS, extras, read, written
from evigraph.publish.formats import bibtex, medline, ris

FILES = {
    "cochrane-citations.txt": "Cochrane text",
    "csa-labelled.txt": "CSA text",
    "embase-fields-by-row.csv": "Embase CSV",
    "ovid-labelled.txt": "Ovid text",
    "proquest-documents.txt": "ProQuest text",
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_record_is_read_and_its_dialect_known(name: str) -> None:
    rows = read(CORPUS / name)
    assert [extras(record)[0] for record in rows["record"]] == [("export_dialect", FILES[name])] * 2
    assert rows["defect"] == []


@pytest.mark.parametrize("name", sorted(set(FILES) - {"csa-labelled.txt"}))
def test_first_record_says_all_that_a_database_does(name: str) -> None:
    record = read(CORPUS / name)["record"][0]
    assert record["title"].startswith("A synthetic ")
    assert [author["family_name"] for author in record["authors"]] == ["Example", "Sample"]
    container = record["container"]
    assert container["name"].lower().startswith("journal of synthetic examples")
    assert (container["volume"], container["issue"]) == ("12", "3")
    assert (container["first_page"], container["last_page"]) == ("101", "110")
    assert record["pids"][0]["value"].startswith("10.5555/synthetic.")
    assert len(record["descriptions"]) == 1


def test_keys_are_the_databases_own() -> None:
    keys = {name: [record["source_key"] for record in read(CORPUS / name)["record"]] for name in FILES}
    assert keys["cochrane-citations.txt"] == ["cochrane:CN-09900001", "cochrane:CN-09900002"]
    assert keys["embase-fields-by-row.csv"] == keys["ovid-labelled.txt"] == ["embase:L990000001", "embase:L990000002"]
    assert keys["proquest-documents.txt"] == ["proquest:990000001", "proquest:990000002"]


def test_a_paragraph_of_an_abstract_is_no_field() -> None:
    (record, _) = read(CORPUS / "proquest-documents.txt")["record"]
    assert record["descriptions"] == ["Objective: to show an abstract. Results: a paragraph that begins like a label."]
    assert record["instances"][0]["collected_from"] == "Synthetic Abstracts"


def test_the_source_line_of_csa_is_taken_apart() -> None:
    record = read(CORPUS / "csa-labelled.txt")["record"][0]
    assert (record["published_on"], record["container"]["last_page"]) == ("1999-03", "110")
    assert ("ISSN", "1050-1249") in extras(record)


def test_a_row_of_several_values_and_lines() -> None:
    record = read(CORPUS / "embase-fields-by-row.csv")["record"][0]
    assert record["descriptions"] == ['A synthetic "abstract"\nin two lines.']
    assert [subject["value"] for subject in record["subjects"]] == ["sleep", "examples"]


def test_ovid_tells_embase_by_its_database() -> None:
    rows = read(CORPUS / "ovid-embase-medlars.ovd")
    (record,) = rows["record"]
    assert (record["source_key"], rows["defect"]) == ("embase:L990000003", [])
    assert record["instances"][0]["resource_type"] == "Conference object"
    assert [(subject["scheme"], subject["value"]) for subject in record["subjects"]] == [
        ("keyword", "adult"),
        ("keyword", "quality of life"),
    ]
    assert (record["container"]["name"], record["container"]["volume"]) == ("Synthetic Proceedings", "12")
    assert record["authors"][1]["affiliations"] == []
    assert ("AD", "A. Example, University of Examples, Nowhere") in extras(record)


def test_embase_in_ovids_form_reads_back(tmp_path: Path) -> None:
    first = read(CORPUS / "ovid-embase-medlars.ovd")["record"]
    again = written(tmp_path, "".join(medline.write(first)))["record"]
    assert [row | {"payload": ""} for row in again] == [row | {"payload": ""} for row in first]


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("format_", [ris, bibtex, medline])
def test_other_formats_keep_every_field(name: str, format_: object, tmp_path: Path) -> None:
    for record in read(CORPUS / name)["record"]:
        (again,) = written(tmp_path, "".join(format_.write([record])))["record"]  # type: ignore[attr-defined]
        assert again["title"] == record["title"]
        assert [author["full_name"] for author in again["authors"]] == [a["full_name"] for a in record["authors"]]
        assert again["pids"] == record["pids"]
        # MEDLINE has no paragraphs.
        assert [text.split() for text in again["descriptions"]] == [text.split() for text in record["descriptions"]]
        kept = {value for _, value in extras(again)}
        assert {value for name, value in extras(record) if name != "export_dialect"} <= kept


@pytest.mark.parametrize("name", sorted(FILES))
def test_damage_inside_a_line_costs_no_other_record(name: str, tmp_path: Path) -> None:
    lines = (CORPUS / name).read_bytes().split(b"\n")
    at = next(place for place, line in enumerate(lines) if b"A synthetic title" in line or b"A synthetic trial" in line)
    path = tmp_path / "damaged"
    path.write_bytes(b"\n".join([*lines[:at], lines[at][:14] + b'\xff"\x00', *lines[at + 1 :]]))
    assert read(path)["record"][-1]["title"] == read(CORPUS / name)["record"][-1]["title"]
