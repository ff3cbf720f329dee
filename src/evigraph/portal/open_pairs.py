"""The pairs that wait for a person: listed, side by side, decided by click or key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from evigraph.errors import InputError
from evigraph.portal import wording
from evigraph.portal.comparison import as_text
from evigraph.portal.decided import Decision, decisions_of
from evigraph.portal.differences import Runs, difference
from evigraph.portal.people.forms import form_page
from evigraph.portal.people.gate import form_of
from evigraph.portal.people.visitor import ACTOR_COOKIE, USUAL_ACTOR, set_cookie, visitor
from evigraph.portal.rendering import page
from evigraph.portal.serving import page_number, served
from evigraph.store.keyed import Row
from evigraph.store.release import Release

router = APIRouter(include_in_schema=False)

#: Pairs on a page of the list.
_LISTED = 25

#: Fields in the order in which a person compares them: what tells works apart first, what is long last.
_FIRST = ("title", "subtitle", "authors", "published_on", "year", "container", "pids", "type")
_LAST = ("subjects", "descriptions")
_FIELDS = (*_FIRST, *(name for name in wording.FIELD_NAMES if name not in {*_FIRST, *_LAST}), *_LAST)

_USUAL_REASON = "compared side by side"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class SideBySide:
    """A field of two records: texts in runs, and whether they agree; `state` is same, differs, left, right."""

    name: str
    label: str
    left: Runs
    right: Runs
    state: str


@router.get("/open-pairs")
def listed(request: Request) -> Response:
    """The pairs that wait, with what was decided meanwhile."""
    release = served(request)
    number = page_number(request.query_params)
    first = (number - 1) * _LISTED + 1
    decided = decisions_of(request).by_pair()
    places = _decided_places(release, decided)
    rows = release.open_pairs(range(first, first + _LISTED))
    titles = {row["record_id"]: row for row in _records(release, rows, ("title", "year", "source"))}
    return page(
        "open_pairs.html",
        release.manifest,
        pairs=[
            (row, titles.get(row["record_id_l"]), titles.get(row["record_id_r"]), _of(decided, row)) for row in rows
        ],
        n=release.n_open_pairs,
        n_decided=len(places),
        next_place=_next(release, places, 0),
        number=number,
        n_pages=-(-release.n_open_pairs // _LISTED),
    )


@router.get("/open-pairs/{place}")
def pair(request: Request, place: int) -> Response:
    """Two records side by side, with the words marked that differ."""
    release = served(request)
    row = _pair(release, place)
    found = {record["record_id"]: record for record in release.records((row["record_id_l"], row["record_id_r"]))}
    if len(found) < 2:
        raise HTTPException(404, "This release does not hold both records of the pair.")
    left, right = found[row["record_id_l"]], found[row["record_id_r"]]
    by_pair = decisions_of(request).by_pair()
    places = _decided_places(release, by_pair)
    done = request.query_params.get("done")
    return form_page(
        request,
        "open_pair.html",
        pair=row,
        left=left,
        right=right,
        fields=side_by_side(left, right),
        decision=_of(by_pair, row),
        last=next((decision for decision in by_pair.values() if decision.event_id == done), None),
        last_place=_number(request.query_params.get("of")),
        was_undone="undone" in request.query_params,
        next_place=_next(release, places, place),
        previous_place=place - 1 if place > 1 else None,
        n=release.n_open_pairs,
        n_decided=len(places),
        actor=visitor().shown_name,
    )


@router.post("/open-pairs/{place}")
def decide(request: Request, place: int) -> Response:
    """Keeps a decision about a pair, and leads to the next one that waits."""
    fields = form_of(request)
    release = served(request)
    row = _pair(release, place)
    left, right = row["record_id_l"], row["record_id_r"]
    if (fields.get("left"), fields.get("right")) != (left, right):
        raise HTTPException(
            409, "A new release is served since you opened this pair, and nothing was kept: start anew."
        )
    decisions = decisions_of(request)
    actor = _actor(fields)
    try:
        event_id = decisions.decide(
            fields.get("kind", ""), left, right, actor, fields.get("reason", "").strip()[:2000] or _USUAL_REASON
        )
    except InputError as error:
        raise HTTPException(400, str(error)) from error
    following = _next(release, _decided_places(release, decisions.by_pair()), place)
    answer = RedirectResponse(f"/open-pairs/{following or place}?done={quote(event_id)}&of={place}", 303)
    if visitor().is_local:
        set_cookie(request, answer, ACTOR_COOKIE, quote(actor), _YEAR)
    return answer


@router.post("/open-pairs/{place}/undo")
def undo(request: Request, place: int) -> Response:
    """Withdraws a decision, and leads back to the pair that it was about."""
    fields = form_of(request)
    _pair(served(request), place)
    actor = _actor(fields)
    try:
        decisions_of(request).withdraw(fields.get("event_id", ""), actor, "undone on the page of the pair")
    except InputError as error:
        raise HTTPException(409, str(error)) from error
    return RedirectResponse(f"/open-pairs/{place}?undone", 303)


def side_by_side(left: Row, right: Row) -> list[SideBySide]:
    """The fields of two records; left out are those that neither states, and years that the dates tell already."""
    rows = []
    for name in _FIELDS:
        if name == "year" and all(record["published_on"] for record in (left, right)):
            continue
        texts = as_text(name, left[name]), as_text(name, right[name])
        if not any(texts):
            continue
        found = difference(*texts)
        state = "same" if found.is_same else "differs" if all(texts) else "left" if texts[0] else "right"
        rows.append(SideBySide(name, wording.FIELD_NAMES[name], found.left, found.right, state))
    return rows


def _pair(release: Release, place: int) -> Row:
    rows = release.open_pairs([place]) if 0 < place <= release.n_open_pairs else []
    if not rows:
        raise HTTPException(404, f"No pair {place} waits in this release: there are {release.n_open_pairs:,}.")
    return rows[0]


def _records(release: Release, rows: list[Row], columns: tuple[str, ...]) -> list[Row]:
    return release.records([row[f"record_id_{side}"] for row in rows for side in "lr"], columns)


def _of(decided: dict[frozenset[str], Decision], row: Row) -> Decision | None:
    return decided.get(frozenset((row["record_id_l"], row["record_id_r"])))


def _decided_places(release: Release, decided: Iterable[frozenset[str]]) -> set[int]:
    """The places of the pairs that waited and are decided by now."""
    places = release.open_pair_places
    return {places[pair] for pair in decided if pair in places}


def _next(release: Release, decided_places: set[int], place: int) -> int | None:
    """The place of the next pair after `place` that waits, from the first on after the last; None: none does."""
    order = chain(range(place + 1, release.n_open_pairs + 1), range(1, place))
    return next((each for each in order if each not in decided_places), None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _actor(fields: Mapping[str, str]) -> str:
    """Who decides: the account; where there are none, the name that the form gives."""
    me = visitor()
    return (fields.get("actor", "").strip()[:80] or USUAL_ACTOR) if me.is_local else me.actor
