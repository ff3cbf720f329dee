"""Libraries of synthetic references, from files to the folder of results."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evigraph.clean.exports.crosswalk import crosswalk
from evigraph.errors import InputError
from evigraph.library.decisions import guarded, read_decisions, unguarded
from evigraph.library.deduplication import deduplicate_files
from evigraph.library.matching import exported_again
from evigraph.library.reading import labels_of, read_library


def ris(*references: dict[str, str | list[str]]) -> str:
    lines = []
    for reference in references:
        stated = {"TY": "JOUR", "AU": ["Nowak, Ada", "Okoro, Ben"], "PY": "2020", **reference}
        for tag, values in stated.items():
            lines += [f"{tag}  - {value}" for value in (values if isinstance(values, list) else [values])]
        lines += ["ER  - ", ""]
    return "\r\n".join(lines) + "\r\n"


ONE: dict[str, Any] = {"TI": "An entirely synthetic trial of imaginary support", "DO": "10.5555/synthetic.1"}
TWO: dict[str, Any] = {"TI": "A second synthetic study of something that is not there", "AU": ["Lind, Cia"]}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three exports that share works."""
    texts = {
        "b-first.ris": ris({**ONE, "DB": "Embase", "KW": "Trials"}, {**TWO, "DB": "Embase", "PY": "2019"}),
        "a-second.ris": ris(
            {**ONE, "DB": "Scopus", "AB": "Only here.", "VL": "7", "KW": "Other"},
            {**TWO, "DB": "Scopus", "PY": "2019"},
            {"TI": "A third synthetic work, only in one place", "DB": "Scopus"},
        ),
        "third.bib": "@article{x,\n  title = {An entirely synthetic trial of imaginary support},\n"
        "  author = {Nowak, Ada and Okoro, Ben},\n  year = {2020},\n  doi = {10.5555/synthetic.1}\n}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return [tmp_path / name for name in texts]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def records(path: Path) -> list[dict[str, Any]]:
    return [row for name, batch in crosswalk(str(path)) if name == "record" for row in batch.to_pylist()]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_numbers_add_up(files: list[Path], tmp_path: Path) -> None:
    report = deduplicate_files(files, tmp_path / "out")
    assert (report["records_identified"], report["duplicates_removed"], report["records_kept"]) == (6, 3, 3)
    assert {row["source"]: (row["records_identified"], row["duplicates_removed"]) for row in report["sources"]} == {
        "Embase": (2, 0),
        "Scopus": (3, 2),
        "third.bib": (1, 1),
    }
    assert {row["source"]: row["n_unique"] for row in report["sources"]} == {"Embase": 0, "Scopus": 1, "third.bib": 0}
    assert report["overlap"][0] == {"source_l": "Embase", "source_r": "Scopus", "n": 2}
    for what in ("sources", "files"):
        for name in ("records_identified", "duplicates_removed", "records_kept"):
            assert sum(row[name] for row in report[what]) == report[name]
    assert json.loads((tmp_path / "out" / "prisma.json").read_text()) == report
    clusters = rows(tmp_path / "out" / "clusters.csv")
    assert len(clusters) == 6
    assert all(row["reason"] for row in clusters if row["role"] == "removed")
    assert pq.read_table(tmp_path / "out" / "clusters.parquet").num_rows == 6


def test_the_file_named_first_leads_and_is_filled(files: list[Path], tmp_path: Path) -> None:
    deduplicate_files(files, tmp_path / "out")
    first, *_ = records(tmp_path / "out" / "kept.ris")
    assert first["instances"][0]["collected_from"] == "Embase"
    assert first["descriptions"] == ["Only here."]
    assert first["container"]["volume"] == "7"
    # What it says itself is not added to.
    assert [subject["value"] for subject in first["subjects"]] == ["Trials"]
    deduplicate_files([files[1], files[0], files[2]], tmp_path / "other")
    assert records(tmp_path / "other" / "kept.ris")[0]["instances"][0]["collected_from"] == "Scopus"


def test_the_same_files_give_the_same_bytes_and_any_order_the_same_clusters(files: list[Path], tmp_path: Path) -> None:
    deduplicate_files(files, tmp_path / "one")
    deduplicate_files(files, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    deduplicate_files(files[::-1], tmp_path / "three")

    def clusters(folder: str) -> set[frozenset[str]]:
        of: dict[str, set[str]] = {}
        for row in rows(tmp_path / folder / "clusters.csv"):
            of.setdefault(row["cluster"], set()).add(row["record_id"])
        return {frozenset(ids) for ids in of.values()}

    assert clusters("one") == clusters("three")


@pytest.mark.parametrize(
    ("format_", "name"),
    [("ris", "kept.ris"), ("bibtex", "kept.bib"), ("nbib", "kept.nbib"), ("endnote", "kept.xml"), ("csv", "kept.csv")],
)
def test_every_format_reads_back(files: list[Path], tmp_path: Path, format_: str, name: str) -> None:
    deduplicate_files(files, tmp_path / "out", format_)
    read = records(tmp_path / "out" / name)
    assert sorted(row["title"] for row in read) == sorted(
        [ONE["TI"], TWO["TI"], "A third synthetic work, only in one place"]
    )
    by_title = {row["title"]: row for row in read}
    first = by_title[ONE["TI"]]
    assert [person["family_name"] for person in first["authors"]] == ["Nowak", "Okoro"]
    assert {pid["value"] for pid in first["pids"]} == {"10.5555/synthetic.1"}
    assert (first["published_on"], first["container"]["volume"], first["descriptions"]) == ("2020", "7", ["Only here."])


def test_each_in_its_own_format(files: list[Path], tmp_path: Path) -> None:
    files[2].write_text("@article{x,\n  title = {A work that only BibTeX holds},\n  year = {2020}\n}\n")
    (tmp_path / "refer.enw").write_text("%0 Journal Article\n%T A synthetic work in Refer\n%A Nowak, Ada\n%D 2020\n")
    report = deduplicate_files([*files, tmp_path / "refer.enw"], tmp_path / "out", "same")
    assert {name for name in report["written"] if name.startswith("kept")} == {"kept.ris", "kept.bib"}
    assert len(records(tmp_path / "out" / "kept.bib")) == 1
    assert any("Refer (1)" in note for note in report["notes"])
    # Another format later leaves no kept set behind that is not this run's.
    deduplicate_files(files, tmp_path / "out", "csv")
    assert {path.name for path in (tmp_path / "out").glob("kept.*")} == {"kept.csv"}


def test_decisions_bind_and_can_be_taken_back(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    deduplicate_files(files, out)
    before = contents(out)
    clusters = rows(out / "clusters.csv")
    removed = next(row for row in clusters if row["role"] == "removed" and row["title"] == TWO["TI"])
    third = next(row for row in clusters if "third" in row["title"])
    decided = tmp_path / "decided.csv"
    decided.write_text(
        "decision;record_id_l;record_id_r;reason\n"
        f"different;{removed['record_id']};{removed['kept_record_id']};read both\n"
        f"same;{removed['record_id']};{third['record_id']};read both\n"
        "same;doi:10.5555/nowhere;pmid:1;\n;;;\n",
        encoding="utf-8-sig",
    )
    report = deduplicate_files(files, out, decisions=decided)
    assert report["decisions"] == {"different": 1, "same": 2}
    assert report["decisions_without_record"] == 2
    of = {row["record_id"]: row["cluster"] for row in rows(out / "clusters.csv")}
    assert of[removed["record_id"]] == of[third["record_id"]] != of[removed["kept_record_id"]]
    deduplicate_files(files, out)
    assert contents(out) == before


def test_a_decision_about_a_record_exported_again_binds_the_first(tmp_path: Path) -> None:
    again = {"TI": "Told under one number of its database", "DB": "Embase", "AN": "L1"}
    for name in ("one.ris", "two.ris"):
        (tmp_path / name).write_text(ris({**again}, TWO if name == "one.ris" else {"TI": "Something else entirely"}))
    paths = [tmp_path / "one.ris", tmp_path / "two.ris"]
    library = read_library(paths)
    assert set(exported_again(library.records)) == {"two.ris:embase:L1"}
    other = next(row["record_id"] for row in library.records if row["title"] == TWO["TI"])
    (tmp_path / "decided.csv").write_text(f"decision,record_id_l,record_id_r\nsame,two.ris:embase:L1,{other}\n")
    deduplicate_files(paths, tmp_path / "out", decisions=tmp_path / "decided.csv")
    of = {row["record_id"]: row["cluster"] for row in rows(tmp_path / "out" / "clusters.csv")}
    assert of["one.ris:embase:L1"] == of["two.ris:embase:L1"] == of[other]


def test_one_number_on_two_titles_is_not_one_record(tmp_path: Path) -> None:
    (tmp_path / "one.ris").write_text(ris({"TI": "First of its number", "DB": "Embase", "AN": "L1"}))
    (tmp_path / "two.ris").write_text(ris({"TI": "Another under the same number", "DB": "Embase", "AN": "L1"}))
    assert exported_again(read_library([tmp_path / "one.ris", tmp_path / "two.ris"]).records) == {}


def test_losses_are_told(files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.bib"
    broken.write_text("@article{a,\n title = {Read all the same},\n year = {2001}\n}\n@article{b,\n title = {cut of")
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html><body>Please sign in</body></html>")
    report = deduplicate_files([*files, broken, page], tmp_path / "out")
    by_file = {row["file"]: row for row in report["files"]}
    assert by_file["broken.bib"]["records_identified"] >= 1
    assert by_file["page.html"]["records_identified"] == 0
    assert by_file["page.html"]["defects"][0]["code"] == "wrong_file_type"
    assert report["records_lost"] >= 1
    with pytest.raises(InputError, match=r"no records in page\.html"):
        deduplicate_files([page], tmp_path / "out2")
    assert not (tmp_path / "out2").exists()


def test_csv_says_what_it_cannot_hold(tmp_path: Path) -> None:
    (tmp_path / "one.ris").write_text(ris({**ONE, "C7": "A field of no column"}))
    report = deduplicate_files([tmp_path / "one.ris"], tmp_path / "out", "csv")
    assert any("--format ris keeps them" in note for note in report["notes"])


def test_inputs_are_never_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept.ris").write_text(ris(ONE))
    before = (out / "kept.ris").read_bytes()
    with pytest.raises(InputError, match="one of the files to read"):
        deduplicate_files([out / "kept.ris"], out)
    assert (out / "kept.ris").read_bytes() == before
    deduplicate_files([out / "kept.ris"], out, "bibtex")
    assert (out / "kept.ris").read_bytes() == before


def test_labels_tell_files_apart(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.ris").write_text(ris(ONE))
    paths = [tmp_path / "x" / "a.ris", tmp_path / "y" / "a.ris"]
    assert labels_of(paths) == ["x/a.ris", "y/a.ris"]
    report = deduplicate_files(paths, tmp_path / "out")
    assert report["duplicates_removed"] == 1
    assert any("same bytes" in note for note in report["notes"])
    with pytest.raises(InputError, match="twice"):
        labels_of([paths[0], paths[0]])
    with pytest.raises(InputError, match="is a folder"):
        read_library([tmp_path / "x"])


@pytest.mark.parametrize("text", ["=1+1", "-x.ris:1", "@a", "'quoted", "plain", "+1", ""])
def test_cells_are_no_formulas_and_come_back(text: str) -> None:
    assert guarded(text)[:1] not in ("=", "+", "-", "@")
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "needs decision"),
        ("decision,record_id_l,record_id_r\nmaybe,a:1,b:1\n", "line 2: 'maybe'"),
        ("decision,record_id_l,record_id_r\nsame,a:1,\n", "line 2"),
        ("", "needs decision"),
    ],
)
def test_decisions_that_say_nothing_clear_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "decided.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_decisions(tmp_path / "decided.csv")
