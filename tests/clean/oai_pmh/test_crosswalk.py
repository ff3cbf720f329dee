from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from evigraph.clean.oai_pmh.crosswalk import crosswalk
from evigraph.clean.payload import open_bytes
from evigraph.model.repository import payload_name
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[2] / "corpus" / "oai_pmh"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        found[name] += batch.to_pylist()
    return found


def titles(rows: Rows) -> list[str | None]:
    return [record["title"] for record in rows["record"]]


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def test_what_is_broken_costs_itself_alone() -> None:
    rows = read(CORPUS / "broken_between_good.xml")
    assert titles(rows) == ["Whole 1", "Whole 3", "Whole 5", None, "Whole 9"]
    assert codes(rows) == [
        (1, "xml_syntax", True),
        (3, "xml_syntax", True),
        (5, "no_identifier", True),
        (6, "no_metadata", True),
    ]
    deleted = rows["record"][3]
    assert deleted["is_deleted"] and deleted["source_key"] == "oai:synthetic.example:8"
    assert deleted["datestamp"] == "2024-04-08T08:00:00Z"


def test_everything_before_the_end_of_a_file_that_was_cut_off() -> None:
    rows = read(CORPUS / "cut_off_inside_a_record.xml")
    assert titles(rows) == ["Whole 1", "Whole 2"]
    assert codes(rows) == [(2, "xml_truncated", True)]
    rows = read(CORPUS / "cut_off_between_records.xml")
    assert titles(rows) == ["Whole 1", "Whole 2", "Whole 3"]
    assert codes(rows) == [(-1, "xml_truncated", False)]


def test_every_place_at_which_a_page_may_be_cut_off(tmp_path: Path) -> None:
    content = (CORPUS / "broken_between_good.xml").read_bytes()
    whole = {record["source_key"]: record for record in read(CORPUS / "broken_between_good.xml")["record"]}
    ends = [at + len(b"</record>") for at in range(len(content)) if content.startswith(b"</record>", at)]
    path = tmp_path / "page.xml"
    for at in range(400, len(content), 97):
        path.write_bytes(content[:at])
        rows = read(path)
        before = sum(end <= at for end in ends)
        assert len(rows["record"]) + sum(defect["is_record_lost"] for defect in rows["defect"]) >= before
        assert all(record["title"] == whole[record["source_key"]]["title"] for record in rows["record"])
        assert at == len(content) or any(code == "xml_truncated" for _, code, _ in codes(rows)) or at > ends[-1] + 30


def test_every_error_of_the_protocol_is_named_and_loses_nothing() -> None:
    rows = read(CORPUS / "every_error.xml")
    assert Counter(code for _, code, _ in codes(rows)) == {
        **dict.fromkeys(("badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat"), 1),
        **dict.fromkeys(("idDoesNotExist", "noRecordsMatch", "noMetadataFormats", "noSetHierarchy"), 1),
        "undefinedError": 2,
    }
    assert not any(is_lost for _, _, is_lost in codes(rows)) and not rows["record"]


def test_namespaces_that_are_wrong_or_missing() -> None:
    rows = read(CORPUS / "namespaces_wrong_and_missing.xml")
    assert titles(rows) == [
        "A namespace without its slash",
        "No namespace at all",
        "Prefixes that nobody declared",
        "A kernel to come",
    ]
    assert codes(rows) == [(2, "undeclared_prefix", False), (4, "unknown_format", True)]
    assert "mods of http://www.loc.gov/mods/v3" in rows["defect"][1]["message"]
    assert titles(read(CORPUS / "envelope_with_a_prefix.xml")) == ["Declared at the root"]


def test_entities_ampersands_and_controls_are_mended() -> None:
    rows = read(CORPUS / "entities_and_ampersands.xml")
    assert titles(rows) == ["Café society", "Sense & sensibility", "A control character here"]
    assert rows["record"][1]["instances"][0]["urls"] == ["https://repository.example.org/?a=1&b=2"]
    assert codes(rows) == [
        (0, "html_entities", False),
        (1, "bare_ampersand", False),
        (2, "xml_entities", True),
        (3, "invalid_characters", False),
    ]


def test_entities_of_a_document_type_are_never_expanded() -> None:
    rows = read(CORPUS / "a_document_type_with_a_bomb.xml")
    assert titles(rows) == ["Whole 2"]
    assert codes(rows) == [(-1, "xml_entities", False), (0, "xml_entities", True)]


def test_encodings() -> None:
    assert titles(read(CORPUS / "latin_1_in_utf_8.xml")) == ["Caf\ufffd teria", "Whole 2"]
    assert titles(read(CORPUS / "declared_latin_1.xml")) == ["Café"]
    assert titles(read(CORPUS / "utf_16.xml")) == ["Café"]


def test_records_of_other_formats_inside_metadata() -> None:
    rows = read(CORPUS / "marc_records_inside.xml")
    assert titles(rows) == ["Whole 2"] and codes(rows) == [(0, "unknown_format", True)]


def test_a_list_of_identifiers_tells_deletions_alone() -> None:
    rows = read(CORPUS / "identifiers_alone.xml")
    assert [(record["source_key"], record["is_deleted"]) for record in rows["record"]] == [
        ("oai:synthetic.example:1", True)
    ]
    assert codes(rows) == [(-1, "identifiers_only", False)]


def test_a_record_that_a_page_repeats() -> None:
    rows = read(CORPUS / "repeated_identifier.xml")
    assert titles(rows) == ["Whole 1", "Whole 2"] and codes(rows) == [(2, "repeated_record", True)]


@pytest.mark.parametrize(
    ("name", "code"),
    [("empty", "empty_file"), ("a_web_page", "wrong_file_type"), ("a_feed_of_something_else", "wrong_file_type")],
)
def test_what_is_no_answer(name: str, code: str) -> None:
    rows = read(CORPUS / f"{name}.xml")
    assert codes(rows) == [(-1, code, True)] and not rows["record"]


def test_a_document_without_an_envelope_is_a_record() -> None:
    (record,) = read(CORPUS / "dublin_core_without_an_envelope.xml")["record"]
    assert (record["source_key"], record["title"]) == ("https://repository.example.org/1", "Saved by itself")


def test_the_repository_is_named_by_the_payload(tmp_path: Path) -> None:
    content = (CORPUS / "dublin_core_of_a_repository.xml").read_bytes()
    path = tmp_path / f"0123456789abcdef-{payload_name('Répository of Synthetic Works', '0a1b2c3d', 7)}"
    path.write_bytes(content)
    (instance,) = read(path)["record"][0]["instances"]
    assert instance["hosted_by"] == instance["collected_from"] == "Répository of Synthetic Works"


def test_a_gzip_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "page.xml.gz"
    content = (CORPUS / "repeated_identifier.xml").read_bytes() + b"<!-- %s -->" % bytes(range(65, 91)) * 400
    path.write_bytes(gzip.compress(content)[:-30])
    rows = read(path)
    assert titles(rows) == ["Whole 1", "Whole 2"]
    assert (-1, "gzip_truncated", True) in codes(rows)


#: Files of real answers whose records can be counted, and how many of their records cannot be used.
KNOWN: dict[str, tuple[int, int, int]] = {
    "previously-failed-11.xml.gz": (200, 0, 0),
    "previously-failed-14.xml.gz": (199, 1, 802),
    "previously-failed-6.xml.gz": (200, 0, 0),
    "previously-failed-7.xml.gz": (200, 0, 5000),
    "sample_journalarticle1.xml": (1, 0, 0),
    "sample_minimal.xml": (1, 0, 0),
    "mocksample.xml": (0, 1, 0),
    "ListRecords.xml": (2, 0, 0),
    "ListRecords4.xml": (1, 1, 0),
    "GetRecord.xml": (1, 0, 0),
    "ListIdentifiers.xml": (1, 0, 0),
}


def test_every_real_answer_is_read(shared_data: Path) -> None:
    folder = shared_data / "oai_pmh"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 43
    print(f"\n{'file':40} {'in':>5} {'records':>8} {'deleted':>8} {'references':>10} {'lost':>5}  defects")
    for path in files:
        rows = read(path)
        with open_bytes(path) as stream:
            content = stream.read()
        n_in = content.count(b"<record>")
        lost = sum(defect["is_record_lost"] for defect in rows["defect"])
        named = Counter(defect["code"] for defect in rows["defect"])
        deleted = sum(record["is_deleted"] for record in rows["record"])
        print(
            f"{path.name:40} {n_in:5} {len(rows['record']):8} {deleted:8} {len(rows['reference']):10} {lost:5}  "
            + ", ".join(f"{code} {n}" for code, n in sorted(named.items()))
        )
        if path.name in KNOWN:
            assert (len(rows["record"]), lost, len(rows["reference"])) == KNOWN[path.name]
        if path.name.startswith("previously"):
            # Each citation of a deposit is a reference, each record a row or a defect.
            assert n_in == len(rows["record"]) + lost
            assert len(rows["reference"]) == content.count(b"<citation ")
        if path.parent.name == "responses" and b"<error " in content:
            code = etree.fromstring(content).find("{*}error").get("code")
            assert list(named) == [code] and not lost
        if path.suffix == ".xsd":
            assert list(named) == ["wrong_file_type"]
