from __future__ import annotations

from pathlib import Path

import pytest

from clean.exported import CORPUS, extras, read, written
from evigraph.clean.exports.csv import looks_like
from evigraph.clean.exports.csv_cells import cited_works, names_of, parts_of_source, terms_of
from evigraph.clean.exports.csv_columns import fold
from evigraph.clean.exports.reference import Role


def test_scopus_names_and_cited_works() -> None:
    rows = read(CORPUS / "scopus_new_author_columns.csv")
    (record,) = rows["record"]
    assert record["record_id"] == "exports:scopus:2-s2.0-85000000001"
    assert [author["full_name"] for author in record["authors"]] == ["Jane Doe", "Richard Roe"]
    assert ("Authors", "Doe, J.; Roe, R.") in extras(record)
    assert record["instances"][0]["resource_type_id"].endswith("c_dcae04bc")
    assert record["container"]["last_page"] == "19"
    assert [reference["text"].split(",")[0] for reference in rows["reference"]] == ["Poe", "Loe", "Noe", "Woe", "Zoe"]
    assert "One; and its semicolon" in rows["reference"][0]["text"]
    assert rows["reference"][1]["pids"] == [{"scheme": "doi", "value": "10.5555/cited.2"}]


def test_web_of_science_table_with_a_closing_tab() -> None:
    rows = read(CORPUS / "wos_tab_closing_tab.txt")
    (record,) = rows["record"]
    assert record["title"] == 'A "quoted" title'
    assert [subject["value"] for subject in record["subjects"]] == ["one", "two", "THREE"]
    assert record["container"]["issn_online"] == "1234-5679"
    assert [len(reference["pids"]) for reference in rows["reference"]] == [1, 0]
    assert rows["defect"] == []


def test_dimensions_note_before_the_header() -> None:
    (record,) = read(CORPUS / "dimensions_preamble.csv")["record"]
    assert record["record_id"] == "exports:dimensions:pub.1"
    assert record["published_on"] == "2020-05"


def test_semicolons_and_headings_of_another_language() -> None:
    (record,) = read(CORPUS / "semicolon_german_headings.csv")["record"]
    assert record["title"] == "Titel; mit Semikolon"
    assert [author["family_name"] for author in record["authors"]] == ["Doe", "Roe"]
    assert extras(record) == [("export_dialect", "CSV"), ("Eigene Spalte", "eigener Wert")]


def test_ragged_rows_and_open_quotes_cost_themselves() -> None:
    rows = read(CORPUS / "csv_quote_never_closed_and_ragged_rows.csv")
    assert [record["title"] for record in rows["record"]] == ["Good", "After", "Two lines"]
    assert [(one["position"], one["code"], one["is_record_lost"]) for one in rows["defect"]] == [
        (1, "csv_columns", True),
        (2, "csv_columns", True),
        (2, "csv_columns", True),
    ]
    lines = [defect["message"].split("line ")[1].split(":")[0] for defect in rows["defect"]]
    assert lines == ["3", "5", "6"]


def test_a_quote_open_to_the_end_of_the_file(tmp_path: Path) -> None:
    body = "".join(f"title {number},abstract {number}\n" for number in range(50))
    rows = written(tmp_path, f'title,abstract\nfirst,"open\n{body}')
    assert len(rows["record"]) == 50
    assert [defect["code"] for defect in rows["defect"]] == ["csv_columns"]


def test_a_table_without_a_header_is_refused() -> None:
    rows = read(CORPUS / "csv_no_header.csv")
    assert rows["record"] == []
    assert rows["defect"][0]["is_record_lost"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, codec: str, end: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(f"Title,Abstract,DOI{end}Über,Größe,10.5555/a{end}B,C,10.5555/b{end}".encode(codec))
    assert [record["title"] for record in read(path)["record"]] == ["Über", "B"]


def test_empty_rows_are_none(tmp_path: Path) -> None:
    rows = written(tmp_path, "title,abstract\na,b\n\n,\n,,,\nc,d\n")
    assert [record["title"] for record in rows["record"]] == ["a", "c"]
    assert rows["defect"] == []


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Doe, Jane; Roe, Richard", ["Doe, Jane", "Roe, Richard"]),
        ("Liu R., Adler D.G.", ["Liu R.", "Adler D.G."]),
        ("Smith A, Walter B.", ["Smith A", "Walter B."]),
        ("Joseph Rottman, Erran Carmel", ["Joseph Rottman", "Erran Carmel"]),
        ("Smith, J., Doe, K.", ["Smith, J.", "Doe, K."]),
        ("Marx, Karl", ["Marx, Karl"]),
        ("['Marx, Karl', 'Lindgren, Astrid']", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Doe, Jane (57000000001); Roe, R. (57000000002)", ["Doe, Jane", "Roe, R."]),
        ("Doe, Jane and Roe, Richard", ["Doe, Jane", "Roe, Richard"]),
        ("Plato", ["Plato"]),
        ("One, Two, Three", None),
    ],
)
def test_names_in_a_cell(cell: str, names: list[str] | None) -> None:
    assert names_of(cell) == names


def test_springer_writes_names_without_anything_between_them() -> None:
    assert names_of("Andy SmithTom Weber", "Springer CSV") is None
    assert names_of("Angus McDonald", "Springer CSV") == ["Angus McDonald"]


def test_keywords_in_a_cell() -> None:
    assert terms_of("a; b;c") == ["a", "b", "c"]
    assert terms_of("cyst (diagnosis, surgery), human", "Embase CSV") == ["cyst (diagnosis, surgery)", "human"]
    assert terms_of("['a, b', 'c']") == ["a, b", "c"]


def test_cited_works_between_semicolons() -> None:
    found = cited_works("Poe A, 2001, J, DOI 10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O; Loe B, 2002")
    assert len(found) == 2
    assert found[1] == {"pids": [], "text": "Loe B, 2002"}


def test_citations_in_one_line() -> None:
    source = "Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 1 Dec 2014"
    assert parts_of_source(source, "Embase CSV") == [
        (Role.CONTAINER, "Endoscopic Ultrasound"),
        (Role.YEAR, "2014"),
        (Role.VOLUME, "3"),
        (Role.ISSUE, "3"),
        (Role.PAGES, "152-160"),
        (Role.DATE, "1 Dec 2014"),
    ]
    assert parts_of_source("no citation at all", "Embase CSV") == []
    assert dict(parts_of_source("Nature. 2021 Dec 21;1(2):10-11. doi: 10.5555/n.", "PubMed CSV")) == {
        Role.DATE: "2021 Dec 21",
        Role.VOLUME: "1",
        Role.ISSUE: "2",
        Role.PAGES: "10-11",
    }


def test_headings() -> None:
    assert fold("Author(s) ID") == "author s id"
    assert fold("publicationDate") == fold("publication_date") == fold("Publication Date") == "publication date"
    assert not looks_like("Smith,2001,10.5555/x\nJones,2002,10.5555/y\n")
    assert not looks_like("Dear Sir,\nthe title of the talk, as agreed, is long.\n")
