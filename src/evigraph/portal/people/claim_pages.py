"""Linking products: one from its page, many by pasted identifiers; a look before anything is kept; one's own links."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.errors import BusyError, HarvestError, InputError
from evigraph.model.pid import is_product_id
from evigraph.model.relation import RELATIONS
from evigraph.model.said import ENTITY_RELATIONS
from evigraph.portal.people.access import people_of
from evigraph.portal.people.forms import form_page
from evigraph.portal.people.gate import all_of, form_of
from evigraph.portal.people.links import (
    PASTED,
    Pasted,
    Target,
    find_targets,
    links_by,
    look_up,
    orcids_in,
    pasted_identifiers,
    product_of,
    subject_of,
    target,
    with_registries,
)
from evigraph.portal.people.registries import registries_of
from evigraph.portal.people.visitor import visitor
from evigraph.portal.serving import served
from evigraph.store.event import WITHDRAWN, JsonValue
from evigraph.store.kinds import CLAIMED, ONCE, TARGET_KINDS
from evigraph.store.ledger import Statement
from evigraph.store.release import Release
from evigraph.store.subjects import normalise_subject

router = APIRouter(include_in_schema=False)

_LONGEST_REASON = 2_000

_BUSY = "Nothing was kept, for the graph is harvesting from that registry now: go back and send this again in a minute."

#: ORCID records that are read for one preview.
_ORCIDS = 3


@router.get("/claim")
def claim_page(request: Request) -> Response:
    """The form that links products; filled with the product that it was opened from."""
    release = served(request)
    product_id = request.query_params.get("about", "").removeprefix("/product/")
    product = release.product(product_id) if is_product_id(product_id) else None
    return _asking(request, subject_of(product) if product else "", "project", "", "IsSupplementTo")


@router.post("/claim/preview")
def preview(request: Request) -> Response:
    """What was found, what is new, what is not known, and what is meant by the other end."""
    fields, release = form_of(request), served(request)
    pasted, kind = fields.get("products", ""), fields.get("target_kind", "project")
    words, relation = fields.get("target", ""), fields.get("relation", "")
    identifiers = pasted_identifiers(pasted)
    targets = find_targets(release, kind, words) if kind in TARGET_KINDS else []
    problem = ""
    if not identifiers:
        problem = "paste at least one DOI, PMID, ORCID iD or product id"
    elif not targets:
        problem = f"this graph holds no {kind} under “{words.strip()}”: try other words, its number, or its identifier"
    if problem:
        return _asking(request, pasted, kind, words, relation, problem, 400)
    rows, trouble = _looked_up(request, identifiers, _linked(request, targets))
    return form_page(
        request,
        "claim_preview.html",
        rows=rows,
        n_new=sum(row.state == "new" for row in rows),
        n_linked=sum(row.state == "linked" for row in rows),
        found=[row for row in rows if row.state == "found"],
        trouble=trouble,
        unknown=[row for row in rows if row.state == "unknown"],
        targets=targets,
        target_kind=kind,
        words=words,
        pasted=pasted,
        relation=_relation(kind, relation),
        is_cut=len(identifiers) == PASTED,
    )


@router.post("/claim")
def claim(request: Request) -> Response:
    """Keeps the links; they are shown at once, and are in the graph from the next run on."""
    fields, release, actor = form_of(request), served(request), visitor().actor
    kind = fields.get("target_kind", "")
    chosen = target(release, kind, fields.get("target_id", "")) if kind in TARGET_KINDS else None
    if chosen is None:
        raise HTTPException(400, "Choose what the products are linked to, and nothing is lost: go back.")
    subjects = list(dict.fromkeys(all_of(request, "subject")))[:PASTED]
    if not subjects:
        raise HTTPException(400, "Choose at least one product to link: go back.")
    try:
        statements = _statements(fields, subjects, chosen, actor)
        # First the works, then the links: cut off between, a work waits without a link, never a link without its work.
        registries_of(request).keep(_absent(release, statements))
        people_of(request).ledger().append(actor, statements)
    except BusyError as error:
        raise HTTPException(503, _BUSY) from error
    except HarvestError as error:
        raise HTTPException(503, f"Nothing was kept: {error}") from error
    except InputError as error:
        raise HTTPException(400, str(error)) from error
    return RedirectResponse(f"/my/links?done={len(statements)}", 303)


@router.get("/my/links")
def my_links(request: Request) -> Response:
    """The links that one made, and what became of them."""
    links = links_by(people_of(request), served(request), visitor().actor)
    done = request.query_params.get("done", "")
    n_done = int(done) if done.isdecimal() and len(done) < 6 else 0
    return form_page(request, "my_links.html", links=links, n_done=n_done, was="undone" in request.query_params)


@router.post("/my/links/withdraw")
def withdraw(request: Request) -> Response:
    """Withdraws a link of one's own; a curator may withdraw anybody's."""
    fields, me, ledger = form_of(request), visitor(), people_of(request).ledger()
    found = ledger.event(fields.get("event_id", ""))
    if found is None or found.event.kind != CLAIMED:
        raise HTTPException(404, "There is no such link.")
    if found.event.actor != me.actor and not me.is_curator:
        raise HTTPException(403, "This link is somebody else's.")
    try:
        reason = fields.get("reason", "").strip()[:_LONGEST_REASON] or "withdrawn on the page of one's links"
        ledger.append(me.actor, [Statement(WITHDRAWN, found.event.event_id, None, reason)])
    except InputError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse("/my/links?undone", 303)


def _statements(fields: Mapping[str, str], subjects: list[str], chosen: Target, actor: str) -> list[Statement]:
    relation = _relation(chosen.kind, fields.get("relation", ""))
    once, reason = fields.get(ONCE, ""), fields.get("reason", "").strip()[:_LONGEST_REASON]
    statements = []
    for subject in subjects:
        normal = normalise_subject(subject)
        if normal == chosen.target_id:
            raise InputError("a product cannot be linked to itself")
        payload: dict[str, JsonValue] = {"relation": relation, "target_kind": chosen.kind}
        payload["target_name"] = chosen.name[:300]
        if once:
            payload[ONCE] = f"{actor} {once} {normal}"
        statements.append(Statement(CLAIMED, normal, chosen.target_id, reason, payload))
    return statements


def _looked_up(request: Request, identifiers: list[str], linked: set[str]) -> tuple[list[Pasted], list[str]]:
    """What was pasted, and what registries know of what is not here; lines that say what could not be asked."""
    registries, release = registries_of(request), served(request)
    listed: list[str] = []
    trouble = []
    for orcid in orcids_in(identifiers)[:_ORCIDS]:
        dois, problem = registries.listed(orcid)
        listed += dois
        trouble += [problem] if problem else []
    rows = look_up(release, dict.fromkeys([*identifiers, *listed][:PASTED]), linked)
    unknown = [row.subject for row in rows if row.state == "unknown" and row.subject.startswith("doi:")]
    found = registries.find(subject.removeprefix("doi:") for subject in unknown)
    trouble += [found.problem] if found.problem else []
    return with_registries(rows, found.works), list(dict.fromkeys(trouble))


def _absent(release: Release, statements: list[Statement]) -> list[str]:
    """The DOIs that are linked and that this release does not hold."""
    subjects = (said.subject_l for said in statements if said.subject_l.startswith("doi:"))
    return [one.removeprefix("doi:") for one in subjects if product_of(release, one) is None]


def _relation(kind: str, asked: str) -> str:
    if kind in ENTITY_RELATIONS:
        return ENTITY_RELATIONS[kind]
    return asked if asked in RELATIONS else "IsRelatedTo"


def _linked(request: Request, targets: list[Target]) -> set[str]:
    """The subjects that are linked to the one target that is meant, by anybody."""
    ledger = people_of(request).known_ledger()
    if ledger is None or len(targets) != 1:
        return set()
    found = ledger.standing([CLAIMED], about=[targets[0].target_id])
    return {one.event.subject_l for one in found if one.event.subject_r == targets[0].target_id}


def _asking(
    request: Request, products: str, kind: str, words: str, relation: str, problem: str = "", status: int = 200
) -> Response:
    return form_page(
        request,
        "claim.html",
        status,
        products=products,
        target_kind=kind,
        words=words,
        relation=relation,
        relations=sorted(RELATIONS),
        kinds=TARGET_KINDS,
        problem=problem,
    )
