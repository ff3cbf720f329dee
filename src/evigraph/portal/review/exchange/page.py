"""Coding taken in from other software: a REFI-QDA project or codebook, and what became of it."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal.review.desk import member_of, told, upload, workspace_of
from evigraph.portal.review.frame import framed
from evigraph.review.exchange.reading import MAX_ALL, read_refi
from evigraph.review.exchange.taking_in import TakenIn, take_in

router = APIRouter(include_in_schema=False)


@router.get("/reviews/{review_id}/exchange")
def page(request: Request, review_id: str) -> Response:
    """The form that takes a project in."""
    return _page(request, review_id, None)


@router.post("/reviews/{review_id}/exchange")
async def take(request: Request, review_id: str) -> Response:
    """Takes a project or codebook in and tells what became of it."""
    async with upload(request, MAX_ALL) as sent:
        if len(sent.paths) != 1:
            raise HTTPException(400, "Choose one file: a project (.qdpx) or a codebook (.qdc).")
        path, adds_texts = sent.paths[0], "texts" in sent.fields

        def act() -> Response:
            _, who = member_of(request, review_id)
            project = told(lambda: read_refi(path.read_bytes()), 415)
            workspace = workspace_of(request)
            made = told(lambda: take_in(workspace, review_id, who.account, project, adds_texts=adds_texts))
            return _page(request, review_id, made)

        return await run_in_threadpool(act)


def _page(request: Request, review_id: str, made: TakenIn | None) -> Response:
    state, who = member_of(request, review_id)
    may_take = bool(state.roles(who.account) & {"lead", "reviewer"})
    return framed(
        request, state, who, "coding", "exchange/exchange.html", made=made, may_take=may_take, most=MAX_ALL // 1024**2
    )
