from __future__ import annotations

from pathlib import Path

from clean.registries import CORPUS, codes, read

FILE = "file-as-crossref-gives-it.csv"


def test_every_column() -> None:
    first, *others = read("retractions", FILE)["retraction"]
    assert first["retraction_id"] == "retractions:1"
    assert first["original_pids"] == [
        {"scheme": "doi", "value": "10.5555/retracted.1"},
        {"scheme": "pmid", "value": "99999901"},
    ]
    assert first["notice_pids"] == [{"scheme": "doi", "value": "10.5555/notice.1"}]
    assert (first["noticed_on"], first["published_on"]) == ("2021-09-03", "2019-02-14")
    assert first["reasons"] == ["Unreliable Results", "Investigation by Journal/Publisher"]
    assert first["authors"] == ["Ada Example", "Bob Second"] and first["countries"] == ["Slovenia", "Austria"]
    assert first["institutions"] == ["Example University", "Example Hospital"]
    assert (first["nature"], first["is_paywalled"], first["notes"]) == ("Retraction", False, "A note, over two lines")
    assert [row["source_key"] for row in others] == ["2", "3", "4", "5", "7"]
    by_pmid = others[-1]
    assert by_pmid["original_pids"] == [{"scheme": "pmid", "value": "99999907"}]
    assert by_pmid["noticed_on"] == "2021-05-06"


def test_a_month_that_does_not_exist_is_not_turned_round() -> None:
    (row,) = [row for row in read("retractions", FILE)["retraction"] if row["source_key"] == "5"]
    assert row["noticed_on"] == "2020" and row["original_pids"] == []


def test_what_cannot_be_used_is_counted() -> None:
    assert codes(read("retractions", FILE)) == [
        (4, "no_work_identifier", False),
        (5, "no_identifier", True),
        (6, "repeated_record", True),
        (7, "csv_columns", True),
    ]


def test_other_files_are_named_for_what_they_are(tmp_path: Path) -> None:
    for name, content, code in (
        ("a.csv", "Record ID,Title\n1,x\n", "wrong_file_type"),
        ("b.html", "<!doctype html><html></html>", "wrong_file_type"),
        ("c.csv", " \n", "empty_file"),
    ):
        (tmp_path / name).write_text(content)
        assert codes(read("retractions", tmp_path / name)) == [(-1, code, True)]


def test_encodings(tmp_path: Path) -> None:
    text = (CORPUS / "retractions" / FILE).read_text(encoding="utf-8").replace("A synthetic", "Ä synthetic")
    for encoding in ("utf-8-sig", "utf-16"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        assert read("retractions", path)["retraction"][0]["title"] == "Ä synthetic claim"
    path = tmp_path / "latin.csv"
    path.write_bytes(text.encode("latin-1"))
    rows = read("retractions", path)
    assert len(rows["retraction"]) == 6 and (0, "encoding", False) in codes(rows)
