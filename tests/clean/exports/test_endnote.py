from __future__ import annotations

from pathlib import Path

import pytest

from clean.exported import CORPUS, extras, read, written
from evigraph.clean.exports import endnote_stream as export_endnote_stream


def test_styled_text_and_every_part() -> None:
    rows = read(CORPUS / "endnote_styled_text.xml")
    article, book = rows["record"]
    assert article["record_id"] == "exports:pubmed:30000001"
    assert article["title"] == "Growth of E. coli at 10^6 cells & more"
    assert [(one["full_name"], one["is_group"]) for one in article["authors"]] == [
        ("Ana Núñez", False),
        ("World Health Organization", True),
    ]
    assert article["published_on"] == "2019-03-05"
    assert article["descriptions"] == ["First line.\nSecond line, p < 0.05."]
    assert (article["container"]["issn_print"], article["container"]["issn_online"]) == ("1234-5679", "2045-2322")
    assert article["instances"][0]["collected_from"] == "PubMed"
    assert ("contributors/secondary-authors/author", "Editor, Eva") in extras(article)
    assert ("foreign-keys/key@db-id", "synthetic") in extras(article)
    assert book["container"] is None
    assert ("titles/secondary-title", "A series") in extras(book)
    assert rows["defect"] == []


def test_broken_records_cost_themselves() -> None:
    rows = read(CORPUS / "endnote_broken_records_and_cut_off.xml")
    assert [record["title"] for record in rows["record"]] == ["Before", "Bare & ampersand here", "After"]
    assert sorted((defect["code"], defect["is_record_lost"]) for defect in rows["defect"]) == [
        ("invalid_characters", False),
        ("xml_syntax", True),
        ("xml_syntax", True),
        ("xml_truncated", True),
    ]


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    text = (
        '<!DOCTYPE xml [<!ENTITY boom "boom"><!ENTITY file SYSTEM "file:///etc/hostname">]>'
        '<xml><records><record><ref-type name="Book">6</ref-type><titles><title>&boom;&file;x</title></titles>'
        "</record></records></xml>"
    )
    rows = written(tmp_path, text)
    assert [record["title"] for record in rows["record"]] == ["&boom;&file;x"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(tmp_path: Path, codec: str) -> None:
    text = (CORPUS / "endnote_styled_text.xml").read_text(encoding="utf-8")
    path = tmp_path / "export.xml"
    path.write_bytes(text.replace('encoding="UTF-8"', f'encoding="{codec.removesuffix("-sig")}"').encode(codec))
    assert read(path)["record"][0]["authors"][0]["family_name"] == "Núñez"


def test_a_record_that_is_too_large_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_endnote_stream, "MAX_RECORD", 1000)
    one = '<record><ref-type name="Book">6</ref-type><titles><title>{}</title></titles></record>'
    text = f"<xml><records>{one.format('Before')}{one.format('x' * 1_000_000)}{one.format('After')}</records></xml>"
    rows = written(tmp_path, text)
    assert [record["title"] for record in rows["record"]] == ["Before", "After"]
    assert [defect["code"] for defect in rows["defect"]] == ["record_too_large"]
