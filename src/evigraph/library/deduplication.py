"""A library deduplicated: files in; the kept set, clusters, evidence, open pairs and numbers out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evigraph import __version__
from evigraph.library.decisions import read_decisions
from evigraph.library.keeping import keep
from evigraph.library.matching import Level, match
from evigraph.library.prisma import numbers
from evigraph.library.reading import Library, Row, read_library
from evigraph.library.tables import (
    CLUSTER_COLUMNS,
    OPEN_COLUMNS,
    VERSION_COLUMNS,
    cluster_rows,
    evidence_rows,
    open_rows,
    version_rows,
)
from evigraph.library.writing import Folder
from evigraph.model.tables import EVIDENCE


def deduplicate_files(
    paths: Sequence[Path], out: Path, format_: str = "ris", level: Level = "duplicate", decisions: Path | None = None
) -> dict[str, Any]:
    """What `prisma.json` says of the library of these files; the results lie in `out`.

    The same files in the same order give the same bytes. Written are the kept set, `clusters` and `evidence` (CSV and
    Parquet), `open.csv`, `versions.csv` and `prisma.json`.

    Args:
        paths: exported files; the first has precedence where records are merged.
        out: the folder of the results.
        format_: a name in `evigraph.library.writing.FORMATS`, or `same`.
        level: what makes two records one: a publication told twice, or also a work published again.
        decisions: a table of decisions (`evigraph.library.decisions`); they bind.

    Raises:
        InputError: a file cannot be read at all, or the folder cannot be written.
    """
    library = read_library(paths).with_records()
    decided = read_decisions(decisions) if decisions else []
    unknown = _without_record(decided, library)
    matching = match(library.records, decided, level)
    kept = keep(matching.clusters, library.labels)
    waiting, versions = open_rows(kept, matching), version_rows(kept, matching)
    with Folder(out, [*paths, *([decisions] if decisions else [])]) as folder:
        folder.kept([each.row for each in kept], format_)
        folder.table("clusters", CLUSTER_COLUMNS, cluster_rows(kept, matching), with_parquet=True)
        folder.table("evidence", EVIDENCE.names, evidence_rows(matching), with_parquet=True)
        folder.table("open", OPEN_COLUMNS, waiting, with_parquet=False)
        folder.table("versions", VERSION_COLUMNS, versions, with_parquet=False)
        notes = [*library.notes, *folder.notes]
        if unknown:
            notes.append(f"{len(unknown):,} decisions name a record that is not in these files, first {unknown[0]}")
        report = {
            "evigraph_version": __version__,
            "level": level,
            **numbers(library, kept),
            "pairs_open": len(waiting),
            "pairs_of_versions": len(versions),
            "decisions": Counter(row["kind"] for row in decided),
            "decisions_without_record": len(unknown),
            "notes": notes,
            "written": [*folder.names, "prisma.json"],
        }
        folder.document("prisma.json", report)
        folder.finish()
    return report


def _without_record(decided: Sequence[Row], library: Library) -> list[str]:
    """The subjects of decisions to which no record of the library answers."""
    known = {record["record_id"] for record in library.records}
    known |= {f"{pid['scheme']}:{pid['value']}" for record in library.records for pid in record["pids"] or ()}
    return [row[name] for row in decided for name in ("subject_l", "subject_r") if row[name] not in known]
