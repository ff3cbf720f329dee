"""This graph as a source of a review: searched with a query, and followed along citations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review import desk
from evigraph.portal.review.desk import member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.serving import served
from evigraph.review.chasing import RECORDS_OF_LAST_ROUND, SEEDS_FROM, chased_run, next_round, seeds_from
from evigraph.review.on_graph import SOURCE, chase, platform, search
from evigraph.review.records import Row, found
from evigraph.review.searches import Line, SearchRun
from evigraph.review.state import Library
from evigraph.store.release import Release

router = APIRouter(include_in_schema=False)

#: What one search of the graph may bring into a review.
MAX_RECORDS = 20_000

#: The largest cap on what one seed may bring, each way.
MAX_CAP = 5_000

_SHOWN = 10


@router.get("/reviews/{review_id}/search/graph")
def ask(request: Request, review_id: str) -> Response:
    """A query of this graph with its hits, before it is put on record."""
    state, who = member_of(request, review_id)
    release = served(request)
    query = request.query_params.get("q", "").strip()[:2000]
    rows, refused, years = None, "", ("", "")
    protocol = state.protocol
    if query:
        years = (request.query_params.get("from", "").strip(), request.query_params.get("until", "").strip())
        try:
            rows = _rows(release, query, years)
        except InputError as error:
            refused = str(error)
    else:
        years = (str(protocol.published_from or ""), str(protocol.published_until or ""))
    return framed(
        request,
        state,
        who,
        "search",
        "search_graph.html",
        400 if refused else 200,
        q=query,
        years=years,
        n=len(rows) if rows is not None else None,
        sample=found(rows[:_SHOWN]) if rows else [],
        refused=refused,
        platform=platform(release),
    )


@router.post("/reviews/{review_id}/search/graph")
async def keep(request: Request, review_id: str) -> Response:
    """Puts a search of this graph on record with its records."""
    fields = await desk.form(request)

    def act() -> Response:
        _, who = member_of(request, review_id)
        release, workspace = served(request), workspace_of(request)
        query, years = fields.get("q", "").strip(), (fields.get("from", "").strip(), fields.get("until", "").strip())
        rows = told(lambda: _rows(release, query, years))
        limits = f"published {years[0] or 'any year'} to {years[1] or 'now'}" if any(years) else ""
        run = SearchRun(
            "",
            SOURCE,
            "database",
            platform(release),
            datetime.now(UTC).date().isoformat(),
            strategy=(Line(1, query, len(rows)),),
            limits=limits,
            n_reported=len(rows),
            searched_by=who.name,
        )
        run_id = told(lambda: workspace.search(review_id, who.account, run))
        told(lambda: workspace.import_rows(review_id, who.account, run_id, rows))
        said = workspace.state(review_id).slots.in_force("review.search", (run_id,))
        return see(review_path(review_id, f"search/{run_id}", done=said.event_id if said else ""))

    return await run_in_threadpool(act)


@router.get("/reviews/{review_id}/citations")
def citations(request: Request, review_id: str) -> Response:
    """The rounds of citation chasing so far, and the form of the next."""
    state, who = member_of(request, review_id)
    rounds = [run for run in state.library.runs.values() if run.source_kind == "citations"]
    counts = {name: len(seeds_from(state, name)) for name in SEEDS_FROM if name != "list"}
    return framed(
        request,
        state,
        who,
        "citations",
        "citations.html",
        rounds=[(run, state.library.imports.get(run.run_id), _new(state.library, run.run_id)) for run in rounds],
        counts=counts,
        seeds_from=SEEDS_FROM,
        number=next_round(state),
        max_cap=MAX_CAP,
        chosen=RECORDS_OF_LAST_ROUND
        if counts[RECORDS_OF_LAST_ROUND]
        else "included"
        if counts["included"]
        else "sought",
    )


@router.post("/reviews/{review_id}/citations")
async def follow(request: Request, review_id: str) -> Response:
    """Follows citations one round, and leads to what it found."""
    fields = await desk.form(request)
    return await run_in_threadpool(_follow, request, review_id, fields)


def _follow(request: Request, review_id: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    release, workspace = served(request), workspace_of(request)
    ways: list[Literal["backward", "forward"]] = [way for way in ("backward", "forward") if way in fields]
    if not ways:
        raise HTTPException(400, "No way was ticked: follow references, citing works, or both.")
    cap = _number(fields.get("cap", ""), "the cap")
    if cap is None or not 1 <= cap <= MAX_CAP:
        raise HTTPException(400, f"The cap is a number from 1 to {MAX_CAP:,}.")
    seeds = told(lambda: seeds_from(state, fields.get("seeds", ""), fields.get("list", "")))
    if not seeds:
        raise HTTPException(400, "There is no work to start from: include some first, or give a list.")
    made = chase(release, seeds, ways, cap)
    run = chased_run(state, made, ways, cap, platform(release), datetime.now(UTC).date().isoformat(), who.name)
    run_id = told(lambda: workspace.search(review_id, who.account, run))
    told(lambda: workspace.import_rows(review_id, who.account, run_id, made.rows))
    said = workspace.state(review_id).slots.in_force("review.search", (run_id,))
    return see(review_path(review_id, "citations", done=said.event_id if said else ""))


def _new(library: Library, run_id: str) -> int:
    """How many works a search alone found."""
    return sum(all(library.records[one].run_id == run_id for one in members) for members in library.groups.values())


def _rows(release: Release, query: str, years: tuple[str, str]) -> list[Row]:
    n = sum(1 for _ in islice(release.search.every(query), MAX_RECORDS + 1)) if query else 0
    if n > MAX_RECORDS:
        raise InputError(f"the search finds more than {MAX_RECORDS:,} records: narrow it")
    first, last = (_number(text, "the year") for text in years)
    return search(release, query, (first, last))


def _number(text: str, what: str) -> int | None:
    text = text.strip().replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise InputError(f"{what} “{text[:20]}” is no number: write digits")
    return int(text)
