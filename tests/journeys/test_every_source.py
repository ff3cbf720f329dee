"""Every real file of the field's sources is read: a table of records in, records out, defects by name."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest

from evigraph.clean.told import TOLD, GuardedCrosswalk

#: The folders of real records, and the sources that read them.
FOLDERS = {
    "crossref": "crossref",
    "datacite": "datacite",
    "exports": "exports",
    "jats": "jats",
    "oai_pmh": "oai_pmh",
    "openaire": "openaire",
    "openalex": "openalex",
    "opencitations": "opencitations",
    "acl": "openaire",
}

#: Answers of OAI-PMH that carry no records by their verb.
WITHOUT_RECORDS = {"Identify.xml", "ListMetadataFormats.xml", "ListSets.xml"}


#: What marks a reference, by how the name of an exported file ends. A `TY` inside a value stands after other text.
MARKS = {
    ".ris": re.compile(rb"^\s*TY {0,2}-", re.MULTILINE | re.IGNORECASE),
    ".nbib": re.compile(rb"^(?:PMID|OWN ?)- ", re.MULTILINE),
    ".bib": re.compile(rb"^\s*@(?!comment|string|preamble)\w+\s*\{", re.MULTILINE | re.IGNORECASE),
}
#: Marks by the file's name, where its ending does not tell the format.
MARKS_OF_FILES = {
    "ris_issue_1099.txt": MARKS[".ris"],
    "ris_issue_992.txt": MARKS[".ris"],
    "pubmed_endnote.txt": MARKS[".ris"],
    "web_of_science.txt": MARKS[".ris"],
    "rispy_example_wos.ris": re.compile(rb"^PT ", re.MULTILINE),
    "ais_enl.txt": re.compile(rb"^%T ", re.MULTILINE),
}


#: References that are marked in a file and cannot be read, by the defect that says so. No other may be lost.
LOST = {"ebsco_bib.bib": ["bibtex_syntax"]}


def stated_count(path: Path) -> int | None:
    """How many references a file marks or, a table, how many rows it has; null where it is neither."""
    content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    if pattern := MARKS_OF_FILES.get(path.name, MARKS.get(path.suffix)):
        return len(pattern.findall(content))
    if path.suffix in (".csv", ".tsv"):
        text = content.decode("utf-8-sig", "replace")
        separator = max(",;\t", key=text.splitlines()[0].count)
        return sum(any(map(str.strip, row)) for row in csv.reader(io.StringIO(text), delimiter=separator)) - 1
    return None


def files_of(folder: Path) -> list[Path]:
    # Schemas are about records, not records.
    return sorted(p for p in folder.rglob("*") if p.is_file() and "schemas" not in p.parts)


def test_every_export_gives_as_many_records_as_it_marks(shared_data: Path) -> None:
    read = GuardedCrosswalk("exports")
    n_known = 0
    unmet = []
    for path in files_of(shared_data / "exports"):
        stated = stated_count(path)
        if stated is None:
            print(f"{path.name}: nothing to count")
            continue
        found = list(read(str(path)))
        n_records = sum(batch.num_rows for table, batch in found if table == "record")
        defects = [row for table, batch in found if table == "defect" for row in batch.to_pylist()]
        lost = sorted(row["code"] for row in defects if row["is_record_lost"])
        if n_records + len(lost) != stated or lost != LOST.get(path.name, []):
            unmet.append((path.name, stated, n_records, lost))
        n_known += 1
        print(f"{path.name[:44]:44} states {stated:5}, records {n_records:5}, lost and told {len(lost)}")
    print(f"{n_known} files whose count is known")
    assert n_known > 60
    assert unmet == []


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_every_file_is_read(name: str, shared_data: Path) -> None:
    source = FOLDERS[name]
    read = GuardedCrosswalk(source)
    total: Counter[str] = Counter()
    defects: Counter[str] = Counter()
    lines = []
    for path in files_of(shared_data / name):
        rows: Counter[str] = Counter()
        found: Counter[str] = Counter()
        for table, batch in read(str(path)):
            assert table in TOLD
            rows[table] += batch.num_rows
            if table == "defect":
                for row in batch.to_pylist():
                    found[row["code"]] += 1
                    rows["lost"] += row["is_record_lost"]
                    assert row["message"], row
        assert "crosswalk_failed" not in found, f"{path.name}: a crosswalk raised"
        told = sum(n for table, n in rows.items() if table not in {"defect", "lost"})
        # Nothing in silence: what gives no row is told as a defect.
        assert told or found or path.name in WITHOUT_RECORDS, f"{path.name} gives nothing and says nothing"
        named = ", ".join(f"{code} {n}" for code, n in sorted(found.items()))
        n_in = rows["record"] + rows["lost"]
        lines.append(f"{path.name[:44]:44} {n_in:7} {rows['record']:7} {rows['reference']:7}  {named}")
        total += rows
        defects += found
    print(f"\n{name}: {'file':38} {'in':>7} {'out':>7} {'refs':>7}  defects")
    print("\n".join(lines))
    print(f"{'all':44} {total['record'] + total['lost']:7} {total['record']:7} {total['reference']:7}  {dict(defects)}")
    assert total["record"] > 0
