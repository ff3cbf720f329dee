"""Every real file of the field's sources is read: a table of records in, records out, defects by name."""

from __future__ import annotations

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


def files_of(folder: Path) -> list[Path]:
    # Schemas are about records, not records.
    return sorted(p for p in folder.rglob("*") if p.is_file() and "schemas" not in p.parts)


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
