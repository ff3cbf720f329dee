from __future__ import annotations

import zipfile
from pathlib import Path

from clean.registries import CORPUS, codes, read


def test_the_table() -> None:
    rows = read("issn_l", "table.txt")
    assert {row["issn"]: row["issn_linking"] for row in rows["issn_link"]} == {
        "2434-561X": "0317-8471",
        "0317-8471": "0317-8471",
        "1050-124X": "1050-124X",
    }
    assert codes(rows) == [(3, "issn_invalid", True), (5, "issn_invalid", True)]


def test_of_the_zip_the_table_from_issn_is_read(tmp_path: Path) -> None:
    path = tmp_path / "issnltables.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("20260101.ISSN-L-to-ISSN.txt", "ISSN-L\tISSN1\n0317-8471\t0317-8471\n")
        archive.write(CORPUS / "issn_l" / "table.txt", "20260101.ISSN-to-ISSN-L.txt")
    assert len(read("issn_l", path)["issn_link"]) == 3


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("ISSN-L\tISSN1\n0317-8471\t0317-8471\n")
    assert codes(read("issn_l", path)) == [(-1, "wrong_file_type", True)]
