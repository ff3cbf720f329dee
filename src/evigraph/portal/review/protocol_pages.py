"""The protocol of a review: read, written, amended with a reason, compared with its earlier versions, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import msgspec
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response

from evigraph.errors import InputError
from evigraph.portal.review import desk
from evigraph.portal.review.desk import Person, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.review.protocol_form import BLANK_ROWS, protocol_of
from evigraph.portal.review.sentences import name_in
from evigraph.review.kinds import ProtocolSet
from evigraph.review.protocol import FRAMES, Protocol, differences
from evigraph.review.protocol_text import markdown
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: Kinds of review, appraisal tools and methods of synthesis that forms propose; anything else may be written.
REVIEW_TYPES = (
    "systematic review",
    "qualitative evidence synthesis",
    "scoping review",
    "rapid review",
    "umbrella review",
)
APPRAISAL_TOOLS = ("CASP qualitative", "JBI qualitative", "MMAT", "CAMELOT", "none")
SYNTHESIS_METHODS = (
    "thematic synthesis",
    "meta-aggregation",
    "meta-ethnography",
    "meta-summary and meta-synthesis",
    "framework synthesis",
    "narrative synthesis",
)

_PROPOSED = {"review_type": REVIEW_TYPES, "appraisal_tool": APPRAISAL_TOOLS, "synthesis_method": SYNTHESIS_METHODS}


@dataclass(frozen=True)
class Version:
    """A version of the protocol: number, its event, whether it was undone, what changed against the one before."""

    number: int
    said: Said
    is_undone: bool
    changes: list[tuple[str, str, str]]


@router.get("/reviews/{review_id}/protocol")
def read(request: Request, review_id: str) -> Response:
    """The protocol in force, and how it came to be so."""
    state, who = member_of(request, review_id)
    return framed(
        request,
        state,
        who,
        "protocol",
        "protocol.html",
        protocol=state.protocol,
        versions=versions(state),
        in_force=state.slots.in_force("review.protocol"),
        names={account: member.name for account, member in state.members.items()},
    )


@router.get("/reviews/{review_id}/protocol/edit")
def edit(request: Request, review_id: str) -> Response:
    """The form of the protocol."""
    state, who = member_of(request, review_id)
    return _form(request, state, who, state.protocol)


@router.post("/reviews/{review_id}/protocol")
async def save(request: Request, review_id: str) -> Response:
    """Keeps a version of the protocol; or shows the form again with the facets of another frame, or with more rows."""
    fields = await desk.form(request)
    return await run_in_threadpool(_save, request, review_id, fields)


@router.get("/reviews/{review_id}/protocol.md")
def as_markdown(request: Request, review_id: str) -> Response:
    """The protocol with its amendments as Markdown."""
    state, _ = member_of(request, review_id)
    amendments = [
        (version.said.said_at.date().isoformat(), name_in(state, version.said.actor), version.said.reason)
        for version in versions(state)[1:]
        if not version.is_undone
    ]
    return PlainTextResponse(
        markdown(state.protocol, amendments), media_type="text/markdown", headers=_named(review_id, "md")
    )


@router.get("/reviews/{review_id}/protocol.json")
def as_json(request: Request, review_id: str) -> Response:
    """The protocol as JSON, field by field."""
    state, _ = member_of(request, review_id)
    content = msgspec.json.format(msgspec.json.encode(state.protocol), indent=2)
    return Response(content, media_type="application/json", headers=_named(review_id, "json"))


def versions(state: ReviewState) -> list[Version]:
    """All versions of the protocol, the oldest first, each with what it changed of the last before it that stands."""
    found: list[Version] = []
    before: Protocol | None = None
    for number, (said, is_undone) in enumerate(state.slots.history("review.protocol", ()), start=1):
        protocol = cast(ProtocolSet, said.payload).protocol
        found.append(Version(number, said, is_undone, differences(before, protocol) if before is not None else []))
        before = before if is_undone else protocol
    return found


def _save(request: Request, review_id: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    history = [cast(ProtocolSet, said.payload).protocol for said, _ in state.slots.history("review.protocol", ())]
    former_ids = {criterion.criterion_id for one in history for criterion in one.criteria}
    try:
        protocol = protocol_of(fields, former_ids)
    except InputError as error:
        lenient = {**fields, "published_from": "", "published_until": ""}
        return _form(request, state, who, protocol_of(lenient, former_ids), fields, str(error))
    if fields.get("action") in ("frame", "rows"):
        return _form(request, state, who, protocol, fields)
    in_force = state.slots.in_force("review.protocol")
    reason = fields.get("reason", "").strip()[:2000]
    if in_force is not None and protocol == state.protocol:
        return see(review_path(review_id, "protocol", note="nothing"))
    if fields.get("based_on", "") != (in_force.event_id if in_force else ""):
        refused = (
            "another version was saved while you wrote: yours is below; compare it with the protocol, and save it again"
        )
        return _form(request, state, who, protocol, fields, refused)
    if in_force is not None and not reason:
        return _form(request, state, who, protocol, fields, "an amendment needs a reason: say why the protocol changes")
    try:
        event_id = workspace_of(request).say(review_id, who.account, review_id, ProtocolSet(protocol), reason)
    except InputError as error:
        return _form(request, state, who, protocol, fields, str(error))
    return see(review_path(review_id, "protocol", done=event_id))


def _form(
    request: Request,
    state: ReviewState,
    who: Person,
    protocol: Protocol,
    fields: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response:
    told(lambda: _must_lead(state, who), 403)
    in_force = state.slots.in_force("review.protocol")
    facets = {facet.name: facet for facet in protocol.facets}
    blank = 2 * BLANK_ROWS if fields and fields.get("action") == "rows" else BLANK_ROWS
    return framed(
        request,
        state,
        who,
        "protocol",
        "protocol_form.html",
        400 if refused else 200,
        protocol=protocol,
        frames=FRAMES,
        facets=[(name, facets.get(name)) for name in FRAMES.get(protocol.frame, ())],
        blank=blank,
        proposed=_PROPOSED,
        reason=fields.get("reason", "") if fields else "",
        is_amendment=in_force is not None,
        based_on=in_force.event_id if in_force else "",
        refused=refused,
    )


def _must_lead(state: ReviewState, who: Person) -> None:
    if "lead" not in state.roles(who.account):
        raise InputError("the protocol is written by the lead of this review: ask them, or have them give you the role")


def _named(review_id: str, end: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="protocol-{review_id}.{end}"'}
