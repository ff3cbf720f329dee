"""What the forms of coding say: codes, their merging and splitting, passages coded or coded no more, memos."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import cast, get_args
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.coding.passages import names_passage, passage
from evigraph.portal.review.coding.text_page import text_now
from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import back_to, review_path
from evigraph.review.coding.kinds import About, Code, CodeMerge, CodeSplit, Coding, CodingDone, IndependentCoding, Memo
from evigraph.review.kind import Payload
from evigraph.review.state import ReviewState
from evigraph.review.texts.anchor import Anchor

router = APIRouter(include_in_schema=False)


@router.post("/reviews/{review_id}/coding")
async def say(request: Request, review_id: str) -> Response:
    """Keeps what a form of coding says, and leads back to where it was sent from."""
    fields = await form(request)
    return await run_in_threadpool(_say, request, review_id, fields)


def _say(request: Request, review_id: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    workspace = workspace_of(request)
    event_id = ""
    for subject, payload in _payloads(request, state, fields):
        event_id = told(lambda s=subject, p=payload: workspace.say(review_id, who.account, s, p))  # type: ignore[misc]
    head = fields.get("record", "")
    if back := fields.get("back", ""):
        return back_to(review_id, back, "done", event_id)
    if head in state.library.records:
        return see(review_path(review_id, f"coding/{quote(head)}", done=event_id))
    return see(review_path(review_id, "coding", done=event_id))


def _payloads(request: Request, state: ReviewState, fields: Mapping[str, str]) -> list[tuple[str, Payload]]:
    """Subjects and payloads that a form says, in their order."""
    action, subject = fields.get("action", ""), fields.get("subject", "") or secrets.token_hex(8)
    if action == "code":
        return [(subject, _code(fields))]
    if action == "new":
        made = [(subject, _code(fields))]
        if names_passage(fields):
            return [*made, (secrets.token_hex(8), Coding(subject, _passage(request, state, fields)))]
        return [*made]
    if action == "merge":
        return [(subject, CodeMerge(fields.get("into", "")))]
    if action == "split":
        chosen = tuple(name.removeprefix("coding-") for name in fields if name.startswith("coding-"))
        if name := fields.get("name", "").strip():
            into = secrets.token_hex(8)
            return [(into, Code(name, fields.get("parent", ""))), (subject, CodeSplit(into, chosen))]
        return [(subject, CodeSplit(fields.get("into", ""), chosen))]
    if action == "done":
        return [(fields.get("record", ""), CodingDone("on" in fields))]
    if action == "independent":
        return [(state.review_id, IndependentCoding("on" in fields))]
    if action == "coding":
        if again := fields.get("again", ""):
            return [(again, Coding(_coding(state, again).code_id, _passage(request, state, fields)))]
        return [(subject, Coding(fields.get("code", ""), _passage(request, state, fields)))]
    if action == "uncode":
        coding = _coding(state, subject)
        return [(subject, Coding(coding.code_id, coding.anchor, is_removed=True))]
    if action == "memo":
        about, _, about_id = fields.get("thing", "").partition(":")
        about, about_id = about or fields.get("about", ""), about_id or fields.get("about_id", "")
        if about not in get_args(About):
            raise HTTPException(400, f"A memo is about one of these: {', '.join(get_args(About))}.")
        return [(subject, Memo(cast(About, about), about_id, fields.get("text", "").strip()))]
    raise HTTPException(400, "Nothing was asked for: use one of the forms of this page.")


def _code(fields: Mapping[str, str]) -> Code:
    return Code(
        " ".join(fields.get("name", "").split()),
        fields.get("parent", ""),
        fields.get("color", ""),
        fields.get("description", "").strip(),
        "remove" in fields,
    )


def _coding(state: ReviewState, coding_id: str) -> Coding:
    said = state.slots.in_force("review.coding", (coding_id,))
    if said is None:
        raise HTTPException(404, "This review has no such coding: open the text again.")
    return cast(Coding, said.payload)


def _passage(request: Request, state: ReviewState, fields: Mapping[str, str]) -> Anchor:
    head = fields.get("record", "")
    text = text_now(request, state, head)
    if text is None:
        raise HTTPException(409, "The text of this report is still being read: try again in a moment.")
    return told(lambda: passage(text, head, fields))
