"""Exports of databases and reference managers become records, whatever their dialect, and none is lost."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evigraph.clean.exports.crosswalk import crosswalk

CORPUS = Path(__file__).parents[2] / "corpus" / "exports"
Row = dict[str, Any]


def tables(path: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {"record": [], "reference": [], "link": [], "defect": []}
    for table, batch in crosswalk(str(path)):
        found[table] += batch.to_pylist()
    return found


def records(name: str) -> list[Row]:
    return tables(CORPUS / name)["record"]


def codes(found: dict[str, list[Row]]) -> list[str]:
    return [defect["code"] for defect in found["defect"]]


def extras(record: Row) -> dict[str, str]:
    return {extra["name"]: extra["value"] for extra in record["extras"]}


def test_a_reference_without_its_end_or_its_beginning_is_still_one() -> None:
    found = tables(CORPUS / "missing-er-and-ty.ris")
    assert [record["title"] for record in found["record"]] == [
        "A synthetic title that ends without ER",
        "A synthetic title between two broken ones",
        "A synthetic title that begins without TY",
    ]
    assert sorted(codes(found)) == ["missing_er", "missing_ty", "stray_fields"]
    assert not any(defect["is_record_lost"] for defect in found["defect"])
    assert found["record"][0]["authors"][0]["full_name"] == "Ada Example"
    assert extras(found["record"][2])["UK"] == "stands after the end"


def test_spellings_of_tags() -> None:
    one, two = records("one-space-and-small-tags.ris")
    assert (one["title"], one["authors"][0]["family_name"]) == ("One space before the hyphen", "Tabbed")
    assert (two["title"], two["type"]) == ("Small letters", "publication")


def test_ovid_is_known_by_its_address_and_its_numbers() -> None:
    (record,) = records("ovid-psycinfo.ris")
    assert record["source_key"] == "psycinfo:2099-00001-001"
    assert record["instances"][0]["collected_from"] == "PsycINFO"
    assert record["pids"] == [{"scheme": "doi", "value": "10.5555/synthetic.ovid"}]
    assert record["descriptions"] == ["A synthetic abstract."]
    assert [subject["value"] for subject in record["subjects"]] == ["Sleep", "Synthetic Data"]
    assert (record["published_on"], record["container"]["first_page"]) == ("2019", None)
    kept = extras(record)
    assert kept["export_dialect"] == "Ovid RIS"
    assert (kept["KW"], kept["SP"], kept["EP"], kept["SN"]) == ("*Sleep", "No", "Specified", "1050-124X")
    assert kept["NL"].startswith("J Synth Ex")


def test_endnote_writes_lists_in_one_field_and_dates_without_year() -> None:
    (record,) = records("endnote-lists-in-one-field.txt")
    assert record["source_key"] == "pubmed:91000009"
    assert record["pids"] == [{"scheme": "pmid", "value": "91000009"}]
    assert [subject["value"] for subject in record["subjects"]] == ["Animals", "Sleep/*physiology", "Humans"]
    assert (record["published_on"], record["language"]) == ("2011-06", "eng")
    assert (record["container"]["first_page"], record["container"]["last_page"]) == ("349", "369")
    assert extras(record)["ET"] == "2011/05/11"


def test_lines_before_a_reference_belong_to_it() -> None:
    (record,) = records("jstor-lines-before-ty.ris")
    assert record["source_key"] == "jstor:10.5555/synthetic.1"
    assert record["instances"][0]["resource_type"] == "Part of book or chapter of book"
    assert record["container"]["name"] == "A synthetic book"
    assert {"scheme": "isbn", "value": "9783161484100"} in record["alternate_ids"]
    assert (extras(record)["A2"], extras(record)["Provider"]) == ("Editor, Eve", "JSTOR http://www.jstor.org")


def test_web_of_science_text_gives_its_cited_references() -> None:
    found = tables(CORPUS / "web-of-science.txt")
    first, second, book = found["record"]
    assert [record["source_key"] for record in (first, second)] == ["wos:000999999900001", "wos:000999999900002"]
    assert first["title"] == "A synthetic title in two lines"
    assert [author["given_name"] for author in first["authors"]] == ["Ada", "Bo O."]
    assert first["authors"][0]["orcid"] == "0000-0002-1825-0097"
    assert (first["published_on"], first["container"]["issn_online"]) == ("2011-06-15", "2049-3630")
    assert first["funding"][0] == {"funder_name": "Synthetic Fund", "funder_id": None, "award": "SF-1"}
    assert [reference["pids"] for reference in found["reference"]] == [
        [{"scheme": "doi", "value": "10.5555/cited.1"}],
        [],
    ]
    assert book["instances"][0]["resource_type"] == "Book"
    assert codes(found) == ["missing_er"]


def test_refer_begins_a_reference_after_a_blank_line() -> None:
    one, two = records("refer-without-type.enw")
    assert one["published_on"] == "2021-09-01"
    assert one["descriptions"] == ["A synthetic abstract.\nthat goes on after a blank line"]
    assert (one["container"]["name"], one["container"]["last_page"]) == ("Journal of Synthetic Examples", "1348")
    assert two["title"] == "A second synthetic title"


def test_eric_has_no_pmids() -> None:
    one, two = records("eric.nbib")
    assert [one["source_key"], two["source_key"]] == ["eric:EJ9999999", "eric:ED999999"]
    assert one["instances"][0]["urls"] == ["http://eric.ed.gov/?id=EJ9999999"]
    assert one["pids"] == [{"scheme": "doi", "value": "10.5555/synthetic.eric"}]


def test_nbib_keeps_orcids_affiliations_and_links_with_their_authors_and_works() -> None:
    found = tables(CORPUS / "pubmed.nbib")
    first, second = found["record"]
    assert [author["full_name"] for author in first["authors"]] == [
        *("Ada Beth Example", "Jean-Pierre van Sample Jr", "JR Smith", "Synthetic Sleep Group"),
    ]
    assert first["authors"][0]["orcid"] == "0000-0002-1825-0097"
    assert len(first["authors"][0]["affiliations"]) == 2
    assert [pid["scheme"] for pid in first["pids"]] == ["doi", "pmid", "pmc"]
    assert {(link["relation"], link["scheme"], link["value"]) for link in found["link"]} == {
        ("IsReferencedBy", "pmid", "91000002"),
        ("IsSupplementedBy", "doi", "10.5555/synthetic.erratum"),
        ("IsObsoletedBy", "pmid", "91000004"),
    }
    assert (second["title"], second["alternative_titles"]) == ("A title that was translated", ["Ein Titel im Original"])
    assert second["is_retracted"] and not first["is_retracted"]
    assert second["language"] == "deu"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(tmp_path: Path, codec: str, end: str) -> None:
    text = end.join(["TY  - JOUR", "TI  - Müdigkeit – künstlich", "AU  - Müller, Zoë", "ER  - ", ""])
    (tmp_path / "a.txt").write_bytes(text.encode(codec))
    found = tables(tmp_path / "a.txt")
    assert found["record"][0]["title"] == "Müdigkeit – künstlich"
    assert found["record"][0]["authors"][0]["full_name"] == "Zoë Müller"
    assert found["defect"] == []


def test_windows_1252_is_read_and_told_and_damaged_utf_8_is_not_taken_for_it(tmp_path: Path) -> None:
    lines = ["TY  - JOUR", "TI  - Müdigkeit – künstlich", "ER  - "]
    (tmp_path / "a.ris").write_bytes("\n".join(lines).encode("cp1252"))
    found = tables(tmp_path / "a.ris")
    assert found["record"][0]["title"] == "Müdigkeit – künstlich"
    assert codes(found) == ["encoding"]
    (tmp_path / "b.ris").write_bytes("\n".join([*lines, *lines]).encode().replace(b"nstlich", b"\xc3nstlich", 1))
    broken = tables(tmp_path / "b.ris")
    assert [record["title"] for record in broken["record"]] == ["Müdigkeit – kü\ufffdnstlich", "Müdigkeit – künstlich"]
    assert codes(broken) == ["encoding"]


def test_a_gzip_is_read_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_bytes(gzip.compress((CORPUS / "ovid-psycinfo.ris").read_bytes()))
    assert len(tables(tmp_path / "a.ris")["record"]) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty_file"), (b" \n\n", "empty_file"), (b"%PDF-1.7", "wrong_file_type"), (b"<html>", "wrong_file_type")],
)
def test_what_is_no_export_is_said(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.ris").write_bytes(content)
    found = tables(tmp_path / "a.ris")
    assert codes(found) == [code]
    assert found["record"] == []


def test_equal_references_are_both_kept_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - Twice\nER  - \n" * 2)
    found = tables(tmp_path / "a.ris")
    keys = [record["source_key"] for record in found["record"]]
    assert keys[1] == f"{keys[0]}#2"
    assert codes(found) == ["repeated_key"]


def _marks(path: Path) -> int:
    """The number of references by the format's own marks, counted without the readers."""
    text = path.read_bytes().decode("utf-8", "replace")
    if text.lstrip("\ufeff").startswith("FN "):
        return len(re.findall(r"^PT ", text, re.MULTILINE))
    if re.search(r"^%T ", text, re.MULTILINE):
        return len(re.findall(r"^%T ", text, re.MULTILINE))
    if path.suffix == ".nbib":
        return len(re.findall(r"^(?:PMID|OWN ?)- ", text, re.MULTILINE))
    return len(re.findall(r"^\ufeff?TY {0,2}-", text, re.MULTILINE))


def test_every_tagged_export_gives_as_many_records_as_it_marks(shared_data: Path) -> None:
    files = [
        path for ending in ("ris", "nbib", "txt") for path in sorted((shared_data / "exports").glob(f"*.{ending}"))
    ]
    n_records = 0
    for path in files:
        found = tables(path)
        defects = Counter(codes(found))
        n_marked = _marks(path)
        n_records += len(found["record"])
        dialects = sorted({extras(record)["export_dialect"] for record in found["record"]})
        told = ", ".join(f"{code} {n}" for code, n in sorted(defects.items())) or "-"
        print(f"{path.name:45} in {n_marked:4} out {len(found['record']):4}  {'; '.join(dialects):25} {told}")
        assert len(found["record"]) == n_marked, path.name
        assert not any(defect["is_record_lost"] for defect in found["defect"]), path.name
    assert n_records > 400
