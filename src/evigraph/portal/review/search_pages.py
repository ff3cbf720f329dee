"""The searches of a review: listed, put on record, corrected, filled with what their export files hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review import desk
from evigraph.portal.review.desk import Person, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.run_form import SOURCE_KINDS, fields_of, run_of
from evigraph.review.duplicates import Overlap, overlap
from evigraph.review.reporting import prisma_s
from evigraph.review.searches import Import, SearchRun
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Row:
    """A search in the table: the run, what was imported, and the difference to what the source reported."""

    run: SearchRun
    made: Import | None

    @property
    def difference(self) -> int | None:
        """Imported less reported; null where one of them is not known."""
        if self.made is None or self.run.n_reported is None:
            return None
        return self.made.n_records - self.run.n_reported


@dataclass(frozen=True)
class Share:
    """A source in the picture of overlap: its works, those that no other found, and both as widths in percent."""

    source: str
    n: int
    n_unique: int
    width: float
    width_unique: float


@router.get("/reviews/{review_id}/search")
def listed(request: Request, review_id: str) -> Response:
    """All searches with their counts, and what their sources share."""
    state, who = member_of(request, review_id)
    shared = overlap(state.library)
    return framed(
        request,
        state,
        who,
        "search",
        "search.html",
        rows=[Row(run, state.library.imports.get(run_id)) for run_id, run in state.library.runs.items()],
        shares=_shares(shared),
        pairs=[(left, right, len(heads)) for (left, right), heads in list(shared.shared.items())[:15]],
        kinds=SOURCE_KINDS,
        missing=[source for source in state.protocol.sources if not _is_searched(state, source)],
    )


@router.get("/reviews/{review_id}/search/new")
def new(request: Request, review_id: str) -> Response:
    """The empty form of a search."""
    state, who = member_of(request, review_id)
    today = datetime.now(UTC).date().isoformat()
    repeated = state.library.runs.get(request.query_params.get("repeats", ""))
    if repeated is not None:
        again = msgspec.structs.replace(repeated, searched_on=today, n_reported=None, repeats=repeated.run_id)
        return _form(request, state, who, fields_of(again))
    return _form(
        request, state, who, fields_of(SearchRun("", request.query_params.get("source", "")[:200], searched_on=today))
    )


@router.post("/reviews/{review_id}/search")
async def record(request: Request, review_id: str) -> Response:
    """Puts a search on record, and leads to where its records are brought in."""
    fields = await desk.form(request)
    return await run_in_threadpool(_save, request, review_id, fields, None)


@router.get("/reviews/{review_id}/search/prisma-s")
def reported(request: Request, review_id: str) -> Response:
    """The sixteen items of PRISMA-S as the searches fill them."""
    state, who = member_of(request, review_id)
    return framed(request, state, who, "search", "prisma_s.html", items=prisma_s(state))


@router.get("/reviews/{review_id}/search/{run_id}")
def detail(request: Request, review_id: str, run_id: str) -> Response:
    """One search: its strategy line by line, its files with what was lost, and the form that brings in its records."""
    state, who = member_of(request, review_id)
    run = _run(state, run_id)
    said = state.slots.in_force("review.search", (run_id,))
    return framed(
        request,
        state,
        who,
        "search",
        "search_run.html",
        row=Row(run, state.library.imports.get(run_id)),
        kinds=SOURCE_KINDS,
        said=said,
        imported=state.slots.in_force("review.import", (run_id,)),
        versions=state.slots.history("review.search", (run_id,)),
        max_bytes=desk.MAX_UPLOAD_BYTES,
    )


@router.get("/reviews/{review_id}/search/{run_id}/edit")
def edit(request: Request, review_id: str, run_id: str) -> Response:
    """The form of a search that is on record, to correct it."""
    state, who = member_of(request, review_id)
    return _form(request, state, who, fields_of(_run(state, run_id)), run_id)


@router.post("/reviews/{review_id}/search/{run_id}")
async def correct(request: Request, review_id: str, run_id: str) -> Response:
    """Corrects a search; what was said of it before stays in the history."""
    fields = await desk.form(request)
    return await run_in_threadpool(_save, request, review_id, fields, run_id)


@router.post("/reviews/{review_id}/search/{run_id}/import")
async def bring_in(request: Request, review_id: str, run_id: str) -> Response:
    """Brings in the records of a search from its export files, and finds duplicates anew."""
    async with desk.upload(request) as sent:

        def act() -> Response:
            state, who = member_of(request, review_id)
            _run(state, run_id)
            if not sent.paths:
                raise HTTPException(400, "No file was chosen: go back and choose the export of this search.")
            workspace = workspace_of(request)
            told(lambda: workspace.import_files(review_id, who.account, run_id, sent.paths))
            made = workspace.state(review_id).slots.in_force("review.import", (run_id,))
            return see(review_path(review_id, f"search/{run_id}", done=made.event_id if made else ""))

        return await run_in_threadpool(act)


def _save(request: Request, review_id: str, fields: Mapping[str, str], run_id: str | None) -> Response:
    state, who = member_of(request, review_id)
    workspace = workspace_of(request)
    former = _run(state, run_id) if run_id else SearchRun("", "", searched_by=who.name)
    try:
        run = run_of(fields, former)
        if run_id and run == former:
            return see(review_path(review_id, f"search/{run_id}", note="nothing"))
        kept = workspace.search(review_id, who.account, run)
    except InputError as error:
        return _form(request, state, who, dict(fields), run_id, str(error))
    said = workspace.state(review_id).slots.in_force("review.search", (kept,))
    return see(review_path(review_id, f"search/{kept}", done=said.event_id if said else ""))


def _form(
    request: Request,
    state: ReviewState,
    who: Person,
    fields: Mapping[str, str],
    run_id: str | None = None,
    refused: str = "",
) -> Response:
    is_chase = fields.get("source_kind") == "citations"
    kinds = {kind: label for kind, label in SOURCE_KINDS.items() if is_chase or kind != "citations"}
    return framed(
        request,
        state,
        who,
        "search",
        "search_form.html",
        400 if refused else 200,
        fields=fields,
        run_id=run_id,
        refused=refused,
        kinds=kinds,
        sources=state.protocol.sources,
    )


def _run(state: ReviewState, run_id: str) -> SearchRun:
    run = state.library.runs.get(run_id)
    if run is None:
        raise HTTPException(404, f"This review has no search {run_id}: open the list of its searches.")
    return run


def _is_searched(state: ReviewState, source: str) -> bool:
    wanted = source.casefold()
    return any(
        wanted in run.source.casefold() or run.source.casefold() in wanted for run in state.library.runs.values()
    )


def _shares(shared: Overlap) -> list[Share]:
    most = max((len(heads) for heads in shared.found.values()), default=0) or 1
    return [
        Share(
            source,
            len(heads),
            len(shared.unique[source]),
            100 * len(heads) / most,
            100 * len(shared.unique[source]) / most,
        )
        for source, heads in shared.found.items()
        if heads
    ]
