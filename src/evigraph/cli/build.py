"""The verbs that make a graph: init, harvest, run, demo, rank."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evigraph.cli.options import EngineName, Home, Json, existing, shown
from evigraph.cli.standing import print_taken_apart
from evigraph.cli.terminal import (
    err,
    out,
    print_json,
    print_plan,
    print_plan_of_ranking,
    print_ranking,
    print_run,
    print_sensitivity,
    progress,
    size,
)
from evigraph.errors import InputError

app = typer.Typer()


@app.command()
@shown
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the new graph.")]) -> None:
    """Make a folder ready to hold a graph, with its settings in evigraph.toml."""
    from evigraph.settings import FILE_NAME, initial_file

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    if path.exists():
        raise InputError(f"{folder} already holds a graph: its settings are in {path}")
    path.write_text(initial_file(folder.resolve().name), encoding="utf-8")
    out.print(f"made {path}; next: evigraph harvest SOURCE FILE… --home {folder}")


@app.command()
@shown
def harvest(
    source: Annotated[str, typer.Argument(help="pubmed, crossref, openalex, openaire, …")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", help="Payload files, .gz or plain.")] = None,
    home: Home = Path(),
    query: Annotated[str | None, typer.Option(help="Ask the source's live API instead of files.")] = None,
    limit: Annotated[int, typer.Option(help="With --query: how many records at most.", min=1)] = 1000,
    since: Annotated[str | None, typer.Option(help="Live: only what changed since, YYYY-MM-DD.")] = None,
    url: Annotated[str | None, typer.Option(help="With oai_pmh: the repository's base address.")] = None,
    set_spec: Annotated[str | None, typer.Option("--set", help="With --url: only this set.")] = None,
    prefix: Annotated[str | None, typer.Option("--format", help="With --url: usual: the richest.")] = None,
    explained: Annotated[
        list[str] | None,
        typer.Option("--explain", metavar="ID", help="What a work's scores are made of. May be repeated."),
    ] = None,
    is_plan: Annotated[bool, typer.Option("--plan", help="Only say what it would bring: records, time, disk.")] = False,
    json: Json = False,
) -> None:
    """Keep payloads of a source verbatim, with a log of where and when they came from."""
    from evigraph.cli import gathering
    from evigraph.settings import load_settings

    gathering.need_one(files or [], query, url)
    existing(home)
    if is_plan:
        settings = load_settings(home)
        if url is not None:
            gathering.need_repositories(source)
            planned = gathering.plan_of_repository(home, url, set_spec, prefix, since, settings)
        else:
            planned = gathering.plan(home, source, files or [], query, limit, since, settings)
        print_json(asdict(planned)) if json else print_plan(planned)
        return
    with progress(not json) as report:
        if url is not None:
            gathering.need_repositories(source)
            settings = load_settings(home)
            payloads, problems = gathering.harvest_repository(home, url, set_spec, prefix, since, settings, report)
        elif query:
            settings = load_settings(home)
            payloads, problems = gathering.harvest_query(home, source, query, limit, since, settings, report)
        else:
            payloads, problems = gathering.keep_files(home, source, files or [], report)
    if json:
        documents = [gathering.as_document(payload) for payload in payloads]
        print_json({"source": source, "payloads": documents, "problems": problems})
    else:
        for payload in payloads:
            known = "" if payload.is_new else "  (already here, not stored again)"
            out.print(f"{payload.name}  {size(payload.size)}{known}", markup=False)
        n_new = sum(payload.is_new for payload in payloads)
        out.print(f"{n_new} new payloads of {source}; next: evigraph run --home {home}")
    for problem in problems:
        err.print(f"evigraph: {problem}", markup=False)
    if problems:
        raise typer.Exit(2)


@app.command()
@shown
def run(home: Home = Path(), engine: EngineName = None, json: Json = False) -> None:
    """Clean, deduplicate, link, rank and publish; only what is not yet done."""
    from evigraph import pipeline
    from evigraph.settings import load_settings

    with progress(not json) as report:
        made = pipeline.run(existing(home), load_settings(home), engine, report)
    if json:
        print_json(made.as_dict())
    else:
        print_run(made)
        out.print(f"look: evigraph serve --home {home}")


@app.command()
@shown
def demo(
    home: Home = Path("demo-graph"),
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the build.")] = False,
    live: Annotated[bool, typer.Option(help="Harvest from the live APIs instead.")] = False,
    query: Annotated[str | None, typer.Option(help="With --live: what to search for.")] = None,
    limit: Annotated[int, typer.Option(help="With --live: records from each source.", min=1)] = 500,
    port: Annotated[int, typer.Option(help="Port to serve on.", min=0, max=65535)] = 8000,
    engine: EngineName = None,
    json: Json = False,
) -> None:
    """Build a graph from real records and serve it."""
    from evigraph.cli import demonstration

    with progress(not json) as report:
        made = demonstration.build(home, live, query, limit, engine, report)
    if json:
        print_json(made.as_dict())
    else:
        print_run(made)
        demonstration.print_tour(home, made)
    if not no_serve:
        from evigraph.cli.serving import serve_portal

        serve_portal(home, "127.0.0.1", port)


@app.command()
@shown
def rank(
    edges: Annotated[
        Path,
        typer.Argument(
            metavar="EDGES", help="Parquet or TSV (citing, cited), BIP! Ranker's, OpenCitations CSV or zip, a graph."
        ),
    ],
    out_folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for scores.parquet.")],
    nodes: Annotated[Path | None, typer.Option(help="Parquet (id, year) or TSV.")] = None,
    current_year: Annotated[int | None, typer.Option(help="Usual: the newest year of the nodes.")] = None,
    parameters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A named set of parameters, TOML, or an evigraph.toml.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="One parameter; may be repeated.")
    ] = None,
    forms: Annotated[
        list[str] | None,
        typer.Option("--format", help="Beside Parquet: jsonl, or bip (BIP! Ranker's tables). May be repeated."),
    ] = None,
    moves: Annotated[
        list[str] | None,
        typer.Option("--sensitivity", metavar="NAME=V,V", help="Who changes class at these values, alpha=0.3,0.7."),
    ] = None,
    explained: Annotated[
        list[str] | None,
        typer.Option("--explain", metavar="ID", help="What a work's scores are made of. May be repeated."),
    ] = None,
    is_plan: Annotated[bool, typer.Option("--plan", help="Only tell what memory and time it will take.")] = False,
    json: Json = False,
) -> None:
    """Rank any citation graph by the BIP! indicators, and say how much hangs on a parameter."""
    if is_plan:
        from evigraph.rank.plan import plan_files

        planned = plan_files(edges, nodes).as_dict()
        if json:
            print_json(planned)
        else:
            print_plan_of_ranking(planned)
        return
    from evigraph.rank.files import rank_files
    from evigraph.rank.parameters import read_change, read_set
    from evigraph.rank.sensitivity import read_moves

    given = {**(read_set(parameters) if parameters else {}), **dict(map(read_change, changes or []))}
    if changes and parameters:
        given["name"] = f"{given['name']}, {', '.join(changes)}"
    asked = [move for stated in moves or [] for move in read_moves(stated)]
    with progress(not json) as report:
        facts = rank_files(
            edges,
            nodes,
            out_folder,
            current_year,
            report,
            parameters=given,
            formats=forms or (),
            moves=asked,
            explained=explained or (),
        )
    if json:
        print_json(facts)
        return
    print_ranking(facts)
    for answer in facts.get("sensitivity", ()):
        print_sensitivity(answer)
    for answer in facts.get("explained", ()):
        print_taken_apart(answer)
    out.print(f"scores: {', '.join(facts['files'])}", markup=False)
