"""Coding: the reports and codes of a review, and a report's text with its coded passages."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.coding.book import Coded, book_of
from evigraph.review.coding.kinds import Code, CodeMerge, Coding, IndependentCoding
from evigraph.review.coding.placed import placed
from evigraph.review.exchange import refi_qda
from evigraph.review.exchange.quotations import Quotations
from evigraph.review.kind import Payload
from evigraph.review.state import ReviewState
from evigraph.review.texts.anchor import Anchor
from evigraph.review.texts.canonical import Block, CanonicalText
from evigraph.review.texts.kept import text_of

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/coding")
def codes(request: Request, review_id: str) -> Response:
    """The tree of codes and the reports to code, or the passages that a search finds."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    words, code_id = request.query_params.get("q", "")[:200], request.query_params.get("code", "")
    codings = book.codings(who.account)
    counts: dict[str, int] = {}
    for one in codings:
        counts[one.code_id] = counts.get(one.code_id, 0) + 1
    found = book.search(who.account, words, code_id) if words or code_id else []
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/codes.html",
        book=book,
        tree=book.tree(),
        counts=counts,
        reports=[head for head in state.included() if state.report(head).sha256],
        words=words,
        code_id=code_id,
        found=found[:200],
        n_found=len(found),
        may_code=bool(state.roles(who.account) & {"lead", "reviewer"}),
        is_lead="lead" in state.roles(who.account),
    )


@router.get("/reviews/{review_id}/coding/export.{form_name}")
def export(request: Request, review_id: str, form_name: str) -> Response:
    """The project (`qdpx`) or codebook (`qdc`) in REFI-QDA; of codings those that the member may see."""
    state, who = member_of(request, review_id)
    book = book_of(state)
    if form_name not in ("qdpx", "qdc") or not book.codes:
        raise HTTPException(404, "There is a project (qdpx) and a codebook (qdc), once there is a code.")
    if form_name == "qdc":
        content = refi_qda.codebook(book, review_id)
    else:
        codings = book.codings(who.account)
        texts = {
            head: (state.library.records[head].title, _text(request, state, head))
            for head in dict.fromkeys(one.anchor.record_id for one in codings)
            if head in state.library.groups and state.report(head).sha256
        }
        names = {account: member.name for account, member in state.members.items()}
        quotations = Quotations(state, {head: len(text.text) for head, (_, text) in texts.items()})
        content = refi_qda.project(book, review_id, state.protocol.title, codings, names, texts, quotations)
    headers = {
        "Content-Disposition": f"attachment; filename=coding.{form_name}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/reviews/{review_id}/coding/{head}")
def read(request: Request, review_id: str, head: str) -> Response:
    """A report's text in numbered lines, each with the codes on it."""
    state, who = member_of(request, review_id)
    text = _text(request, state, head)
    book = book_of(state)
    found = placed(book.codings(who.account, head), text)
    lines = _lines(text, found.here)
    return framed(
        request,
        state,
        who,
        "coding",
        "coding/text.html",
        book=book,
        tree=book.tree(),
        head=head,
        title=state.library.records[head].title,
        lines=lines,
        gone=[(one, "like words stand in line", _line(text, one.anchor.start)) for one in found.alike]
        + [(one, "", 0) for one in found.lost],
        may_code=bool(state.roles(who.account) & {"lead", "reviewer"}),
    )


def _lines(text: CanonicalText, codings: Sequence[Coded]) -> list[tuple[int, Block, str, list[Coded]]]:
    """The lines of a text, numbered from 1, each with the codings that touch it, in their order."""
    shown: list[list[Coded]] = [[] for _ in text.blocks]
    ends = [block.end for block in text.blocks]
    for one in codings:
        for n in range(bisect_right(ends, one.anchor.start), len(ends)):
            if text.blocks[n].start >= one.anchor.end:
                break
            shown[n].append(one)
    return [
        (n, block, text.text[block.start : block.end], shown[n - 1]) for n, block in enumerate(text.blocks, start=1)
    ]


def _line(text: CanonicalText, position: int) -> int:
    """The number of the line in which a position lies."""
    return bisect_right([block.start for block in text.blocks], position)


@router.post("/reviews/{review_id}/coding")
async def say(request: Request, review_id: str) -> Response:
    """Keeps a code, a merging, the switch of independence, a coding, or that one is taken away."""
    fields = await form(request)
    return await run_in_threadpool(_say, request, review_id, fields)


def _say(request: Request, review_id: str, fields: Mapping[str, str]) -> Response:
    state, who = member_of(request, review_id)
    action, head = fields.get("action", ""), fields.get("record", "")
    subject = review_id if action == "independent" else fields.get("subject", "") or secrets.token_hex(8)
    payload = _payload(request, state, action, subject, fields)
    event_id = told(lambda: workspace_of(request).say(review_id, who.account, subject, payload))
    part = f"coding/{quote(head)}" if action in ("coding", "uncode") and head in state.library.records else "coding"
    return see(review_path(review_id, part, done=event_id))


def _payload(request: Request, state: ReviewState, action: str, subject: str, fields: Mapping[str, str]) -> Payload:
    if action == "code":
        return Code(
            fields.get("name", "").strip(),
            fields.get("parent", ""),
            fields.get("color", ""),
            fields.get("description", "").strip(),
            "remove" in fields,
        )
    if action == "merge":
        return CodeMerge(fields.get("into", ""))
    if action == "independent":
        return IndependentCoding("on" in fields)
    if action == "coding":
        head = fields.get("record", "")
        text = _text(request, state, head)
        return Coding(fields.get("code", ""), told(lambda: _selected(text, head, fields)))
    if action == "uncode":
        said = state.slots.in_force("review.coding", (subject,))
        if said is None:
            raise HTTPException(404, "This review has no such coding: open the text again.")
        coding = cast(Coding, said.payload)
        return Coding(coding.code_id, coding.anchor, is_removed=True)
    raise HTTPException(400, "Nothing was asked for: use one of the forms of this page.")


def _text(request: Request, state: ReviewState, head: str) -> CanonicalText:
    if state.library.head_of.get(head) != head:
        raise HTTPException(404, "This review has no such report.")
    return told(lambda: text_of(workspace_of(request).files(state.review_id), state.report(head)), 409)


def _selected(text: CanonicalText, head: str, fields: Mapping[str, str]) -> Anchor:
    """The passage that a form names: a quote where one is pasted (in the lines, where these are named), else lines."""
    first, last, words = fields.get("first", ""), fields.get("last", ""), fields.get("quote", "").strip()
    start, end = 0, len(text.text)
    if first:
        n = len(text.blocks)
        if not (first.isdecimal() and (last or first).isdecimal() and 1 <= int(first) <= int(last or first) <= n):
            raise InputError(f"these lines are not in the text: give numbers from 1 to {n}, the first not the larger")
        start, end = text.blocks[int(first) - 1].start, text.blocks[int(last or first) - 1].end
    elif not words:
        raise InputError("no passage was chosen: give line numbers or paste a quote")
    if words:
        place = text.text.find(words, start, end)
        if place < 0:
            raise InputError("this quote is not in the text: copy it from the page as it stands")
        start, end = place, place + len(words)
    return text.anchor(head, start, end)
