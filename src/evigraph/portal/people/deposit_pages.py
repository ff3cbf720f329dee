"""Depositing an open copy: choose the file, confirm; and one's own deposits, with what became of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from evigraph.deposit.metadata import Choice, draft_of
from evigraph.deposit.state import Deposit, deposit
from evigraph.deposit.terms import IN_COPYRIGHT, LICENCES, VERSIONS, licence_in, licence_label
from evigraph.errors import BusyError, InputError
from evigraph.model.pid import is_product_id
from evigraph.portal.people.access import people_of
from evigraph.portal.people.deposits import Deposits, deposits_of
from evigraph.portal.people.forms import form_page
from evigraph.portal.people.gate import form_of
from evigraph.portal.people.links import product_of, subject_of, subjects_of
from evigraph.portal.people.visitor import visitor
from evigraph.portal.product_page import product_page
from evigraph.portal.rendering import product_path
from evigraph.portal.review.desk import Upload, upload
from evigraph.portal.serving import served
from evigraph.store.keyed import Row
from evigraph.store.kinds import ONCE

router = APIRouter(include_in_schema=False)

#: Seconds that a page waits for a deposit before it says that it is under way.
_PATIENCE = 20.0

#: A form is a little larger than its file.
_FIELDS = 20_000


@router.get("/deposit")
def deposit_page(request: Request) -> Response:
    """The form that deposits a copy, filled from the graph."""
    return _asking(request, request.query_params.get("about", ""))


@router.post("/deposit")
async def deposit_copy(request: Request) -> Response:
    """Keeps the file and begins; the answer comes when it is published, has stopped, or takes longer."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(400, "Choose the file that you want to deposit: go back.")
    limit = deposits_of(request).max_bytes
    try:
        async with upload(request, limit + _FIELDS) as sent:
            return await run_in_threadpool(_begin, request, sent)
    except HTTPException as refused:
        if refused.status_code == 413:
            raise HTTPException(413, f"The file is larger than {limit // 1_000_000} MB, the most taken here.") from None
        raise


@router.get("/my/deposits")
def my_deposits(request: Request) -> Response:
    """One's deposits, and what became of them."""
    deposits, release = deposits_of(request), served(request)
    shown = deposits.by(visitor().actor)
    paths = {}
    for subject in {one.subject for one in shown}:
        product = product_of(release, subject)
        paths[subject] = product_path(product["product_id"]) if product else None
    told = request.query_params.get("done", "")
    done = next((one for one in shown if one.deposit_id == told), None)
    return form_page(
        request,
        "my_deposits.html",
        shown=shown,
        paths=paths,
        done=done,
        told=told if told in ("token", "no-token") else "",
        deposits=deposits,
        problem=request.query_params.get("problem") and "that is no token: copy it whole, as the repository shows it",
    )


@router.post("/my/deposits/token")
def own_token(request: Request) -> Response:
    """Holds one's own token for the repository in memory, or forgets it."""
    deposits, me, token = deposits_of(request), visitor(), form_of(request).get("repository_token", "").strip()
    if not deposits.takes_own_tokens:
        raise HTTPException(409, "This graph deposits under its own account alone.")
    if not token:
        deposits.tokens.forget(me.actor)
        return RedirectResponse("/my/deposits?done=no-token", 303)
    try:
        deposits.tokens.give(me.actor, token)
    except InputError:
        return RedirectResponse("/my/deposits?problem=token", 303)
    return RedirectResponse("/my/deposits?done=token", 303)


@router.post("/my/deposits/go-on")
def go_on(request: Request) -> Response:
    """Carries on a deposit that has stopped."""
    mine = _mine(request)
    _check_token(deposits_of(request), mine)
    deposits_of(request).carry_on(mine, visitor().actor, _PATIENCE)
    return RedirectResponse(f"/my/deposits?done={mine.deposit_id}", 303)


@router.post("/my/deposits/give-up")
def give_up(request: Request) -> Response:
    """Gives up a deposit: its draft is removed from the repository, and its file from here."""
    mine = _mine(request)
    _check_token(deposits_of(request), mine)
    try:
        deposits_of(request).give_up(mine, visitor().actor)
    except (InputError, BusyError) as error:
        raise HTTPException(409, f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    return RedirectResponse(f"/my/deposits?done={mine.deposit_id}", 303)


def _begin(request: Request, sent: Upload) -> Response:
    fields, deposits, me = sent.fields, deposits_of(request), visitor()
    about = fields.get("about", "")
    product = _product(request, about)
    if product is None:
        raise HTTPException(400, "Choose the product that the file is a copy of: open its page.")
    left, seconds = deposits.rate.take(me.actor, time.time())
    if left < 0:
        raise HTTPException(429, "Too many deposits in an hour. Try again later.", {"Retry-After": str(seconds)})
    try:
        if not deposits.is_ready(me.actor):
            raise InputError("this graph is not connected to a repository")
        if len(sent.paths) != 1:
            raise InputError("choose one file, the PDF of this work")
        content = sent.paths[0].read_bytes()
        if len(content) > deposits.max_bytes:
            raise InputError(f"the file is larger than {deposits.max_bytes // 1_000_000} MB")
        kind = product_page(served(request), product).kind
        deposit_id = deposits.begin(
            me.actor, subject_of(product), product, kind, _choice(fields), content, fields.get(ONCE, "")[:100]
        )
    except InputError as error:
        return _asking(request, about, fields, str(error), 400)
    begun = deposit(people_of(request).ledger(), deposit_id)
    assert begun is not None
    deposits.carry_on(begun, me.actor, _PATIENCE)
    return RedirectResponse(f"/my/deposits?done={deposit_id}", 303)


def _choice(fields: Mapping[str, str]) -> Choice:
    version, licence = VERSIONS.get(fields.get("version", "")), fields.get("licence", "")
    if version is None:
        raise InputError("say which version of the work the file is")
    if licence_label(licence) is None:
        raise InputError("choose a licence")
    text = fields.get("closed_until", "").strip()
    if not text:
        return Choice(version, licence)
    try:
        until = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text[:20]!r} is no date: write it as 2027-01-31, or leave it empty") from None
    return Choice(version, licence, until.isoformat() if until > date.today() else None)


def _mine(request: Request) -> Deposit:
    """The deposit that a form names, if it is one's own; an administrator may go on with anybody's.

    Raises:
        HTTPException: 404, there is none; 403, it is somebody else's.
    """
    me = visitor()
    found = deposit(people_of(request).ledger(), form_of(request).get("deposit_id", ""))
    if found is None:
        raise HTTPException(404, "There is no such deposit.")
    if found.begun.actor != me.actor and not me.may("administrator"):
        raise HTTPException(403, "This deposit is somebody else's.")
    return found


def _check_token(deposits: Deposits, mine: Deposit) -> None:
    if not deposits.has_token_for(mine):
        what = "the token of whoever began it, which is forgotten: give it again under “In whose name”"
        if not mine.facts.get("is_own_token"):
            what = f"the graph's token, which is not in {deposits.token_variable} any more: tell whoever runs it"
        raise HTTPException(409, f"This deposit needs {what}.")


def _product(request: Request, about: str) -> Row | None:
    product_id = about.removeprefix("/product/")
    return served(request).product(product_id) if is_product_id(product_id) else None


def _asking(
    request: Request, about: str, sent: Mapping[str, str] | None = None, problem: str = "", status: int = 200
) -> Response:
    deposits, product = deposits_of(request), _product(request, about)
    values: dict[str, Any] = {"problem": problem, "product": product, "deposits": deposits, "about": about}
    if product is None:
        return form_page(request, "deposit.html", status, **values)
    allowed = deposits.policies.of(product["container"])
    chosen = _chosen(product, allowed, sent)
    shown = product_page(served(request), product)
    try:
        draft = draft_of(
            product, shown.kind, Choice(VERSIONS[chosen["version"]], IN_COPYRIGHT), deposits.name, date.today()
        )
    except InputError as error:
        draft, values["problem"] = None, problem or str(error)
    licences = dict(LICENCES)
    licences.setdefault(chosen["licence"], licence_label(chosen["licence"]) or "")
    return form_page(
        request,
        "deposit.html",
        status,
        **values,
        draft=draft,
        shown=shown,
        allowed=allowed,
        chosen=chosen,
        versions=VERSIONS,
        licences=licences,
        licence_label=licence_label,
        others=[deposits.shown(one) for one in deposits.about(subjects_of(product)) if not one.is_given_up],
    )


def _chosen(product: Row, allowed: Any, sent: Mapping[str, str] | None) -> dict[str, str]:
    """What the form is filled with: what was sent, else what the licence of the work or the publisher allows."""
    if sent is not None and sent.get("version") in VERSIONS and licence_label(sent.get("licence", "")):
        return {name: sent.get(name, "") for name in ("version", "licence", "closed_until")}
    open_licence = licence_in(product["instances"] or ())
    if open_licence:
        return {"version": "published", "licence": open_licence, "closed_until": ""}
    by_version = {one.version: one for one in reversed(allowed or ())}
    version = next((name for name in VERSIONS if name in by_version), "accepted")
    allowance = by_version.get(version)
    if allowance is None:
        return {"version": version, "licence": IN_COPYRIGHT, "closed_until": ""}
    until = allowance.closed_until(product["published_on"] or (str(product["year"]) if product["year"] else None))
    is_ahead = until is not None and until > date.today().isoformat()
    return {
        "version": version,
        "licence": allowance.licences[0] if allowance.licences else IN_COPYRIGHT,
        "closed_until": str(until) if is_ahead else "",
    }
