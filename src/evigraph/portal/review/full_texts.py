"""Full texts: which are sought, attached, fetched where open, or not to be had; and reports grouped into studies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.errors import ReleaseError
from evigraph.net.client import Client, Policy
from evigraph.portal.review.desk import desk_of, form, member_of, see, told, upload, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.serving import served
from evigraph.review.kinds import Report, Study
from evigraph.review.on_graph import pids_of
from evigraph.review.retrieval import JATS, PDF, fetch_open, media_type_of, open_copies
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: A text larger than this is no article.
MAX_TEXT_BYTES = 64 * 1024 * 1024

_SUFFIX = {PDF: ".pdf", JATS: ".xml"}


@router.get("/reviews/{review_id}/full-texts")
def listed(request: Request, review_id: str) -> Response:
    """The reports that are sought, each with where its text stands; and the studies of the included ones."""
    state, who = member_of(request, review_id)
    heads = state.sought()
    rows = [(head, state.library.records[head], state.report(head), state.status("full_text", head)) for head in heads]
    only = request.query_params.get("only", "")
    if only:
        rows = [row for row in rows if row[2].status == only]
    studies = {said.subject: cast(Study, said.payload) for said in state.slots.all_in_force("review.study")}
    counts = {name: sum(state.report(head).status == name for head in heads) for name in _STATUSES}
    return framed(
        request,
        state,
        who,
        "full-texts",
        "full_texts.html",
        rows=rows,
        only=only,
        counts=counts,
        names=_STATUSES,
        n=len(heads),
        may_change=bool(state.roles(who.account) & {"lead", "reviewer"}),
        included=[(head, state.library.records[head]) for head in state.included()],
        studies=studies,
        grouped=state.studies(),
        max_megabytes=MAX_TEXT_BYTES // 1024**2,
    )


_STATUSES = {"sought": "still sought", "retrieved": "retrieved", "not_retrieved": "not to be had"}


@router.post("/reviews/{review_id}/full-texts/{head}/file")
async def attach(request: Request, review_id: str, head: str) -> Response:
    """Keeps an attached text."""
    async with upload(request, MAX_TEXT_BYTES) as sent:
        if len(sent.paths) != 1:
            raise HTTPException(400, "Choose one file: the text of this report.")
        path = sent.paths[0]
        license_url = sent.fields.get("license_url", "").strip()[:300]

        def keep() -> Response:
            state, who = member_of(request, review_id)
            content = path.read_bytes()
            media_type = told(lambda: media_type_of(content), 415)
            return _keep(request, state, who.account, head, content, media_type, path.name, license_url, "")

        return await run_in_threadpool(keep)


@router.post("/reviews/{review_id}/full-texts/{head}")
async def say(request: Request, review_id: str, head: str) -> Response:
    """Fetches an open copy, or keeps that the text could not be had or is sought again."""
    fields = await form(request)
    return await run_in_threadpool(_say, request, review_id, head, fields)


def _say(request: Request, review_id: str, head: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    action = fields.get("action", "")
    if action == "fetch":
        records = state.library.of(head) if head in state.library.groups else []
        try:
            copies = open_copies(served(request), pids_of(records))
        except ReleaseError as error:
            raise HTTPException(409, "This graph has no release yet that could know an open copy.") from error
        with Client(Policy(max_bytes=MAX_TEXT_BYTES, attempts=2, deadline=60.0, longest_wait=10.0)) as client:
            content, media_type, url, license_url = told(lambda: fetch_open(client, copies), 409)
        name = url.rpartition("/")[2][:80] or "text"
        return _keep(request, state, who.account, head, content, media_type, name, license_url, url)
    if action not in ("not_retrieved", "sought"):
        raise HTTPException(400, "Attach a text, fetch an open copy, or say that it could not be had.")
    report = Report("not_retrieved" if action == "not_retrieved" else "sought")
    reason = fields.get("reason", "").strip()[:2000]
    event_id = told(lambda: workspace_of(request).say(review_id, who.account, head, report, reason))
    return _done(review_id, head, event_id)


@router.get("/reviews/{review_id}/full-texts/{head}/file")
def text(request: Request, review_id: str, head: str) -> Response:
    """An attached text, for the review's members alone, always as a file to be saved."""
    state, _ = member_of(request, review_id)
    report = state.report(state.library.head_of.get(head, head))
    if not report.sha256:
        raise HTTPException(404, "No text is attached to this report.")
    content = told(lambda: workspace_of(request).files(review_id).content(report.sha256), 404)
    name = quote(report.file_name or f"text{_SUFFIX.get(report.media_type, '')}")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/reviews/{review_id}/studies")
async def group(request: Request, review_id: str) -> Response:
    """Keeps that some reports are of one study; naming none leaves each to itself."""
    fields = await form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        chosen = tuple(name.removeprefix("report-") for name in fields if name.startswith("report-"))
        name = fields.get("study", "") or f"study-{len(list(state.slots.every('review.study'))) + 1}"
        study = Study(fields.get("label", "").strip()[:200], chosen)
        event_id = told(lambda: workspace_of(request).say(review_id, who.account, name, study))
        return see(f"{review_path(review_id, 'full-texts', done=event_id)}#studies")

    return await run_in_threadpool(act)


def _keep(
    request: Request,
    state: ReviewState,
    account: str,
    head: str,
    content: bytes,
    media_type: str,
    name: str,
    license_url: str,
    source_url: str,
) -> Response:
    workspace = workspace_of(request)
    if state.library.head_of.get(head) != head:
        raise HTTPException(404, "This review has no such report.")
    sha256 = told(lambda: workspace.files(state.review_id).keep(content))
    file_name = name if name.lower().endswith(_SUFFIX[media_type]) else f"{name}{_SUFFIX[media_type]}"
    report = Report("retrieved", sha256, file_name, media_type, license_url, source_url)
    event_id = told(lambda: workspace.say(state.review_id, account, head, report, "text attached"))
    desk_of(request).readings.begin(workspace.files(state.review_id), report)
    return _done(state.review_id, head, event_id)


def _done(review_id: str, head: str, event_id: str) -> Response:
    return see(f"{review_path(review_id, 'full-texts', done=event_id)}#{quote(head)}")
