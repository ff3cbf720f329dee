"""Where faults are told and settled: a product's corrections, feedback on any page, the curators' queue."""

from __future__ import annotations

import time

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.errors import InputError
from evigraph.model.pid import is_product_id
from evigraph.portal import wording
from evigraph.portal.people.access import people_of
from evigraph.portal.people.corrections import proposal, proposed_other, queue, settle, undo, waiting
from evigraph.portal.people.forms import form_page
from evigraph.portal.people.gate import all_of, form_of
from evigraph.portal.people.links import as_links, product_of, subject_of
from evigraph.portal.people.visitor import local_path, visitor
from evigraph.portal.rendering import page, product_path, web_address
from evigraph.portal.serving import served
from evigraph.store.event import JsonValue
from evigraph.store.keyed import Row
from evigraph.store.kinds import CLAIMED, FAULTS, ONCE, PROPOSED, REPORTED, SETTLED
from evigraph.store.ledger import Statement
from evigraph.store.release import Release

router = APIRouter(include_in_schema=False)

_LONGEST = 2_000
_ANONYMOUS = "a visitor"


@router.get("/correct")
def correct_page(request: Request) -> Response:
    """The form that corrects a product, filled with what its page says."""
    return _correcting(request, request.query_params.get("about", ""))


@router.post("/correct")
def correct(request: Request) -> Response:
    """Keeps a proposal for the curators."""
    fields, release, me = form_of(request), served(request), visitor()
    about, fault = fields.get("about", ""), fields.get("fault", "")
    product = _product(release, about)
    name, orcid = fields.get("author_name", "").strip()[:300], fields.get("author_orcid", "").strip()[:60]
    before, after = {
        "author": (fields.get("author", ""), f"{name}|{orcid.rpartition('/')[2]}" if name or orcid else ""),
        "type": (str(product["type"] or ""), fields.get("type", "")),
        "dead_link": (fields.get("link", ""), ""),
        "retraction": ("", fields.get("notice", "").strip()[:300]),
    }.get(fault, ("", ""))
    once = f"{me.actor} {fields[ONCE]}" if fields.get(ONCE) else ""
    try:
        said = proposal(
            fault,
            subject_of(product),
            product,
            fields.get("reason", "").strip()[:_LONGEST],
            before,
            after,
            all_of(request, "record"),
            proposed_other(release, fields.get("other", "")),
            once,
        )
        (event,) = people_of(request).ledger().append(me.actor, [said])
    except InputError as error:
        return _correcting(request, about, fault, str(error), fields.get("reason", ""), 400)
    request.app.state.notices.wake()
    return RedirectResponse(f"/reports/{event.event_id}?new", 303)


@router.get("/feedback")
def feedback_page(request: Request) -> Response:
    """The form to say that something is wrong with a page."""
    return _feedback(request, request.query_params.get("about", "/"))


@router.post("/feedback")
def feedback(request: Request) -> Response:
    """Keeps a report; the answer leads to where it can be followed."""
    fields, people = form_of(request), people_of(request)
    left, seconds = people.reports.take(request.client.host if request.client else "", time.time())
    if left < 0:
        raise HTTPException(429, "Too many reports came from this address.", {"Retry-After": str(seconds)})
    about = local_path(fields.get("about", ""))[:500]
    payload: dict[str, JsonValue] = {"release_id": served(request).manifest.release_id}
    if fields.get(ONCE):
        payload[ONCE] = f"report {fields[ONCE]}"
    try:
        said = Statement(REPORTED, about, None, fields.get("text", "").strip()[:_LONGEST], payload)
        (event,) = people.ledger().append(visitor().actor or _ANONYMOUS, [said])
    except InputError:
        return _feedback(request, about, "say in a few words what is wrong", 400)
    request.app.state.notices.wake()
    return RedirectResponse(f"/reports/{event.event_id}?new", 303)


@router.get("/reports/{event_id}")
def report(request: Request, event_id: str) -> Response:
    """A report or a proposal, and what became of it. Whoever has the address may follow it."""
    people = people_of(request)
    ledger = people.known_ledger()
    found = ledger.event(event_id) if ledger else None
    if ledger is None or found is None or found.event.kind not in (REPORTED, PROPOSED):
        raise HTTPException(404, "There is no report at this address.")
    last = ledger.standing([SETTLED], about=[event_id])
    names = people.shown_names({found.event.actor})
    shown = waiting(found.event, names[found.event.actor], last[0].event if last else None, found.state.is_withdrawn)
    product = product_of(served(request), found.event.subject_l) if found.event.kind == PROPOSED else None
    answer = page(
        "report.html",
        served(request).manifest,
        shown=shown,
        product=product,
        is_new="new" in request.query_params,
        address=str(request.url.replace(query="")),
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@router.get("/queue")
def queue_page(request: Request) -> Response:
    """What waits for a curator, and what was settled last."""
    return _queue(request)


@router.post("/queue/settle")
def settle_one(request: Request) -> Response:
    """Accepts or refuses a claim, a proposal or a report."""
    fields = form_of(request)
    try:
        settle(
            people_of(request).ledger(),
            fields.get("event_id", ""),
            fields.get("outcome", ""),
            fields.get("reason", "").strip()[:_LONGEST],
            visitor().actor,
        )
    except InputError as error:
        return _queue(request, str(error), 409)
    return RedirectResponse("/queue?done", 303)


@router.post("/queue/undo")
def undo_one(request: Request) -> Response:
    """Undoes what a curator settled, with all that followed from it."""
    fields = form_of(request)
    reason = fields.get("reason", "").strip()[:_LONGEST] or "undone in the queue"
    try:
        undo(people_of(request).ledger(), fields.get("event_id", ""), reason, visitor().actor)
    except InputError as error:
        return _queue(request, str(error), 409)
    return RedirectResponse("/queue?undone", 303)


def _product(release: Release, about: str) -> Row:
    product_id = about.removeprefix("/product/")
    product = release.product(product_id) if is_product_id(product_id) else None
    if product is None:
        raise HTTPException(404, "A correction is about a product: open it from the page of one.")
    return product


def _correcting(
    request: Request, about: str, fault: str = "", problem: str = "", reason: str = "", status: int = 200
) -> Response:
    release = served(request)
    product = _product(release, about)
    links = [url for one in product["instances"] or () for url in one["urls"] or () if web_address(url)]
    return form_page(
        request,
        "correct.html",
        status,
        product=product,
        about=product_path(product["product_id"]),
        records=release.records(product["record_ids"] or [], ("record_id", "source", "title", "year")),
        links=list(dict.fromkeys(links))[:100],
        types=wording.TYPES,
        faults=FAULTS,
        fault=fault or request.query_params.get("fault", ""),
        reason=reason,
        problem=problem,
    )


def _feedback(request: Request, about: str, problem: str = "", status: int = 200) -> Response:
    release, about = served(request), local_path(about)
    product_id = about.removeprefix("/product/")
    product = release.product(product_id, ("product_id", "title")) if is_product_id(product_id) else None
    return form_page(request, "feedback.html", status, about=about, product=product, problem=problem)


def _queue(request: Request, problem: str = "", status: int = 200) -> Response:
    people, release = people_of(request), served(request)
    to_settle, settled = queue(people, (PROPOSED, REPORTED))
    claims, settled_claims = queue(people, (CLAIMED,))
    ledger = people.known_ledger()
    ids = [row.event.event_id for row in (*claims, *settled_claims)]
    found = ledger.standing(event_ids=ids) if ledger else []
    links = {link.event_id: link for link in as_links(people, release, found)}
    subjects = {row.event.subject_l for row in (*to_settle, *settled) if row.event.kind == PROPOSED}
    return form_page(
        request,
        "queue.html",
        status,
        waiting=to_settle,
        settled=settled[:50],
        claims=[links[row.event.event_id] for row in claims],
        settled_claims=[(row, links[row.event.event_id]) for row in settled_claims[:50]],
        products={subject: product_of(release, subject) for subject in subjects},
        problem=problem,
        query_done="done" in request.query_params,
        query_undone="undone" in request.query_params,
    )
