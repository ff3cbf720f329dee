"""Ranking alone, file in and file out: what `evigraph rank` does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evigraph.errors import InputError
from evigraph.rank.apart import taken_apart
from evigraph.rank.api import Ranking, rank
from evigraph.rank.edge_lists import Nodes
from evigraph.rank.inputs import read_graph
from evigraph.rank.outputs import FORMATS, write_scores
from evigraph.rank.parameters import FIRST_YEAR, LAST_YEAR, Parameters
from evigraph.rank.sensitivity import sensitivity
from evigraph.rank.solve import Progress
from evigraph.rank.tabular import Report

#: A file dated before this has its time from an archive that does not keep times.
_FIRST_CREDIBLE_YEAR = 2000


def rank_files(
    edges: Path,
    nodes: Path | None,
    out: Path,
    current_year: int | None = None,
    progress: Progress | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    formats: Iterable[str] = ("parquet",),
    moves: Iterable[tuple[str, float]] = (),
    explained: Iterable[str] = (),
) -> dict[str, Any]:
    """The facts of the ranking of a citation graph given as files; writes the scores and `facts.json` to `out`.

    `edges` is one of

    - Parquet or text with tabs (citing, cited), with or without a header, plain or compressed; `nodes` names the
      works then, as Parquet or text with tabs (id, year);
    - the input of BIP! Ranker (`id \\t cited1,cited2|n|score \\t previous \\t year`, "0" for no references), which
      names its works itself;
    - an OpenCitations Index, CSV or a zip of CSV; without `nodes`, the works and their years follow from it;
    - a graph's folder or one of its releases; its own parameters are then the usual ones.

    Identifiers are whole numbers or text, as `nodes` has them. `scores.parquet` has one row for each work in the
    order of `nodes`: id, citation_count, impulse, influence, popularity, ram, and a class C1 to C5 for each, as
    `evigraph.rank.api.rank` defines them; `formats` names further forms (`evigraph.rank.outputs`).

    Without `current_year` it is that of `parameters`, of the release, or the newest year of the works that is not in
    the future; the future begins after the year in which the newer of the two files was written (never after
    today's date, which is not looked at). `parameters` are changes of the usual values by name. For each of `moves`
    (a parameter, a value) the facts say under `sensitivity` who changes class. What could not be used is counted
    under `problems`, a line for each kind. For each work of `explained` (an id) the facts say under that name what its
    scores are made of, and what the next class takes.

    A run that is interrupted (Ctrl-C) ends the year it is at and leaves what it has in `out`/.unfinished; the same
    call goes on from there.

    Raises:
        InputError: a file cannot be used, or no work has a year and `current_year` is not given.
        SettingsError: a parameter is not known or outside its range.
    """
    forms = set(formats) - {FORMATS[0]}
    if unknown := sorted(forms - set(FORMATS)):
        raise InputError(f"there is no form {unknown[0]}; scores are written as {', '.join(FORMATS)}")
    report = Report()
    graph = read_graph(edges, nodes, report, progress)
    works = graph.works
    given = {**graph.parameters, **(parameters or {})}
    if parameters and "name" not in parameters:
        # Changed, it is no longer the release's set of this name.
        given.pop("name", None)
    stated_year = given.pop("current_year", None)
    horizon_year = None if graph.format == "release" else _year_written(edges, nodes)
    year = current_year if current_year is not None else stated_year
    chosen = Parameters.for_year(_newest_year(works, horizon_year) if year is None else year, **given)
    ranking = rank(works.years, graph.citing, graph.cited, chosen, progress, out / ".unfinished")
    facts: dict[str, Any] = {
        **ranking.facts,
        "is_current_year_given": year is not None,
        "horizon_year": horizon_year,
        "edges": {"name": edges.name, "format": graph.format, "n_citations": int(graph.citing.size)},
        "nodes": None if nodes is None else {"name": nodes.name},
        "problems": report.as_list() + _dropped(ranking),
    }
    moves = list(moves)
    if moves:
        found = sensitivity(works.years, graph.citing, graph.cited, chosen, ranking, moves)
        facts["sensitivity"] = []
        for number, answer in enumerate(found, start=1):
            facts["sensitivity"].append(answer)
            if progress is not None:
                progress("sensitivity", number, len(moves))
    if asked := list(explained):
        given_graph = (works, graph.citing, graph.cited, ranking, chosen)
        facts["explained"] = [taken_apart(*given_graph, work_id) for work_id in asked]
    out.mkdir(parents=True, exist_ok=True)
    wanted = (FORMATS[0], *(form for form in FORMATS if form in forms))
    files = [path for form in wanted for path in write_scores(works, ranking, chosen, out, form)]
    facts_file = out / "facts.json"
    _replace(facts_file, (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode())
    return {
        **facts,
        "scores_file": str(out / "scores.parquet"),
        "files": [str(path) for path in files],
        "facts_file": str(facts_file),
    }


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


def _replace(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)
