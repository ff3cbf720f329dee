from __future__ import annotations

import io
import tarfile
from pathlib import Path

from clean.registries import CORPUS, codes, read


def test_the_journal_list() -> None:
    rows = read("doaj", "journal-list.csv")
    first, free, wrong = rows["journal"]
    assert first["journal_id"] == "doaj:0123456789abcdef"
    assert (first["issn_print"], first["issn_online"]) == ("0317-8471", "2434-561X")
    assert (first["has_apc"], first["open_since"]) == (True, 2005)
    assert first["apc"] == [{"amount": 1000.0, "currency": "EUR"}, {"amount": 1200.5, "currency": "USD"}]
    assert first["licenses"] == ["CC BY", "CC BY-NC"] and first["languages"] == ["English", "Slovenian"]
    assert first["subjects"] == ["Science: Physics", "Medicine"]
    assert (first["added_on"], first["datestamp"]) == ("2010-01-02", "2024-05-06")
    assert {extra["name"] for extra in first["extras"]} == {"Keywords", "DOAJ Seal"}
    assert (free["journal_id"], free["has_apc"], free["apc"]) == ("doaj:1050-124X", False, [])
    assert (wrong["source_key"], wrong["issn_print"]) == ("fedcba9876543210", None)
    assert codes(rows) == [
        (2, "issn_invalid", False),
        (3, "no_identifier", True),
        (4, "no_title", True),
    ]


def test_the_dump_says_the_same(tmp_path: Path) -> None:
    rows = read("doaj", "journal-dump.json")
    (journal,) = rows["journal"]
    assert (journal["issn_print"], journal["issn_online"], journal["open_since"]) == ("0317-8471", "2434-561X", 2005)
    assert journal["apc"] == [{"amount": 1000.0, "currency": "EUR"}] and journal["licenses"] == ["CC BY"]
    assert journal["subjects"] == ["Physics", "one"] and journal["website_url"] == "https://journal.example.org/"
    assert {extra["name"] for extra in journal["extras"]} == {"plagiarism", "ref", "admin"}
    assert codes(rows) == [(1, "not_a_journal", True), (2, "no_title", True)]
    content = (CORPUS / "doaj" / "journal-dump.json").read_bytes()
    dump = tmp_path / "doaj_journal_data.tar.gz"
    with tarfile.open(dump, "w:gz") as archive:
        for number in (1, 2):
            entry = tarfile.TarInfo(f"doaj_journal_data/journal_batch_{number}.json")
            batch = content.replace(b"0123456789abcdef0", b"%d123456789abcdef0" % number)
            entry.size = len(batch)
            archive.addfile(entry, io.BytesIO(batch))
    rows = read("doaj", dump)
    assert [journal["position"] for journal in rows["journal"]] == [0, 3]
    assert [position for position, _, _ in codes(rows)] == [1, 2, 4, 5]
