"""Ranking alone, file in and file out: what `evigraph rank` does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from evigraph.errors import InputError
from evigraph.rank.api import Ranking, rank
from evigraph.rank.classes import LABELS
from evigraph.rank.edge_lists import EDGE_HEADERS, Nodes, read_edges, read_nodes
from evigraph.rank.parameters import FIRST_YEAR, LAST_YEAR, Parameters
from evigraph.rank.solve import Progress
from evigraph.rank.tabular import Report, layout_of

#: A file dated before this has its time from an archive that does not keep times.
_FIRST_CREDIBLE_YEAR = 2000

_ROWS_AT_A_TIME = 1 << 20

_SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")


def rank_files(
    edges: Path,
    nodes: Path | None,
    out: Path,
    current_year: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The facts of the ranking of a citation graph given as files; writes `scores.parquet` and `facts.json` to `out`.

    `edges` is Parquet or text with tabs (citing, cited), with or without a header, plain or compressed, or the
    input of BIP! Ranker (`id \\t cited1,cited2|n|score \\t previous \\t year`, "0" for no references), which
    names its works itself. `nodes` is Parquet or text with tabs (id, year). Identifiers are whole numbers or
    text, as `nodes` has them.

    `scores.parquet` has one row for each work in the order of `nodes`: id, citation_count, impulse, influence,
    popularity, ram, and a class C1 to C5 for each, as `evigraph.rank.api.rank` defines them.

    Without `current_year` it is the newest year of the works that is not in the future; the future begins
    after the year in which the newer of the two files was written (never after today's date, which is not
    looked at). What could not be used is counted under `problems`, a line for each kind.

    A run that is interrupted (Ctrl-C) ends the year it is at and leaves what it has in `out`/.unfinished; the same
    call goes on from there.

    Raises:
        InputError: a file cannot be used, or no work has a year and `current_year` is not given.
        SettingsError: `current_year` is no year.
    """
    report = Report()
    layout = layout_of(edges, EDGE_HEADERS)
    if nodes is None and layout.kind != "bip":
        raise InputError(f"{edges}: the works' years are not known; name a table of works (id, year) with --nodes")
    works = read_nodes(edges if nodes is None else nodes, report, progress)
    horizon_year = _year_written(edges, nodes)
    parameters = Parameters.for_year(_newest_year(works, horizon_year) if current_year is None else current_year)
    # BIP! Ranker's lines are read twice, for works and for citations: the second reading repeats the bad lines.
    citing, cited = read_edges(edges, works, report if nodes is not None else _without_bad_lines(report), progress)
    ranking = rank(works.years, citing, cited, parameters, progress, out / ".unfinished")
    facts: dict[str, Any] = {
        **ranking.facts,
        "is_current_year_given": current_year is not None,
        "horizon_year": horizon_year,
        "edges": {"name": edges.name, "format": layout.kind, "n_citations": int(citing.size)},
        "nodes": None if nodes is None else {"name": nodes.name},
        "problems": report.as_list() + _dropped(ranking),
    }
    out.mkdir(parents=True, exist_ok=True)
    scores_file, facts_file = out / "scores.parquet", out / "facts.json"
    _write_scores(works, ranking, scores_file)
    _replace(facts_file, (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode())
    return {**facts, "scores_file": str(scores_file), "facts_file": str(facts_file)}


class _Repeated(Report):
    """A report that passes on what another reading has not counted already."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.counts, report.messages)

    def add(self, kind: str, number: int, message: str, example: object = None) -> None:
        if kind != "bad_line":
            super().add(kind, number, message, example)


def _without_bad_lines(report: Report) -> Report:
    return _Repeated(report)


def _dropped(ranking: Ranking) -> list[dict[str, Any]]:
    """Lines for what the ranking itself left out or found odd."""
    facts = ranking.facts
    lines = (
        ("self_citation", facts["n_self_loops_dropped"], "citations left out: a work cites itself"),
        (
            "duplicate_citation",
            facts["n_duplicates_dropped"],
            "citations left out: the same two works are there before",
        ),
        (
            "undated_work",
            facts["n_undated_nodes"],
            "works have no usable year: they get hardly any impulse or popularity",
        ),
        (
            "work_after_current_year",
            facts["n_nodes_after_current_year"],
            f"works are dated after {facts['current_year']} and count as undated in popularity",
        ),
    )
    problems = [{"kind": kind, "n": n, "message": f"{n:,} {message}"} for kind, n, message in lines if n]
    if facts["is_attention_empty"] and facts["n_nodes"]:
        message = (
            f"no work of {facts['attention_start_year']} to {facts['current_year']} cites another: popularity has no "
            "attention part and does not sum to 1; give --current-year if the graph ends earlier"
        )
        problems.append({"kind": "attention_empty", "n": 1, "message": message})
    return problems


def _year_written(*paths: Path | None) -> int | None:
    """The year in which the newest of the files was written, or None where their times say nothing."""
    files = [file for path in paths if path is not None for file in ([path] if path.is_file() else path.iterdir())]
    newest = max((file.stat().st_mtime for file in files), default=0.0)
    year = datetime.fromtimestamp(newest, UTC).year
    return year if year >= _FIRST_CREDIBLE_YEAR else None


def _newest_year(works: Nodes, horizon_year: int | None) -> int:
    horizon = LAST_YEAR if horizon_year is None else horizon_year
    years = works.years[(works.years >= FIRST_YEAR) & (works.years <= horizon)]
    if years.size:
        return int(years.max())
    if len(works) == 0 and horizon_year is not None:
        return horizon_year
    raise InputError(f"no work has a year from {FIRST_YEAR} to {horizon}; give --current-year")


def _write_scores(works: Nodes, ranking: Ranking, path: Path) -> None:
    labels = pa.array(("", *LABELS))
    is_number = pa.types.is_int64(works.ids.type)
    schema = pa.schema(
        [
            pa.field("id", pa.int64() if is_number else pa.string(), nullable=False),
            pa.field("citation_count", pa.int64(), nullable=False),
            pa.field("impulse", pa.int64(), nullable=False),
            pa.field("influence", pa.float64(), nullable=False),
            pa.field("popularity", pa.float64(), nullable=False),
            pa.field("ram", pa.float64(), nullable=False),
            *(pa.field(f"{name}_class", pa.string(), nullable=False) for name in _SCORES),
        ]
    )
    unfinished = path.with_name(f".{path.name}.unfinished")
    with pyarrow.parquet.ParquetWriter(unfinished, schema) as writer:
        for start in range(0, len(works), _ROWS_AT_A_TIME):
            part = slice(start, start + _ROWS_AT_A_TIME)
            columns = [works.ids[part].cast(schema.field("id").type)]
            columns += [pa.array(getattr(ranking, name)[part]) for name in _SCORES]
            columns += [labels.take(pa.array(getattr(ranking, f"{name}_class")[part])) for name in _SCORES]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    unfinished.replace(path)


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


__all__ = ["rank_files"]
