"""The frame of every page of a review: its title and stages, who works, what was just done and how to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from evigraph.portal.review.desk import Person, form, member_of, page, see, told, workspace_of
from evigraph.portal.review.sentences import sentence
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: The stages of the work in two groups: last part of the address, label; in the order of the work.
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "To the included studies",
        (
            ("protocol", "Protocol"),
            ("search", "Search"),
            ("duplicates", "Duplicates"),
            ("citations", "Citations"),
            ("screen", "Screen"),
            ("full-texts", "Full texts"),
            ("flow", "Flow"),
        ),
    ),
    (
        "To the synthesis",
        (
            ("appraisal", "Appraisal"),
            ("extraction", "Extraction"),
            ("coding", "Coding"),
            ("synthesis", "Synthesis"),
            ("confidence", "Confidence"),
            ("report", "Report"),
            ("publish", "Publish"),
        ),
    ),
)

#: The pages on the whole review.
WHOLE: tuple[tuple[str, str], ...] = (("", "Overview"), ("history", "History"))

_LABELS = dict((*WHOLE, *(stage for _, stages in GROUPS for stage in stages)))

#: Short notes that an address may ask for, by name; what an address says itself is never shown.
NOTES = {"nothing": "Nothing was changed.", "switched": "You work under another name now."}


@dataclass(frozen=True)
class Flash:
    """What was just done or undone, in words, and the event that undoing it withdraws."""

    event_id: str
    words: str


@dataclass(frozen=True)
class Frame:
    """What `review/frame.html` shows around a page.

    Attributes:
        review_id, title, is_illustration: of the review.
        stage: the last part of the page's address, a name in `WHOLE` or `GROUPS`; stage_label as people read it.
        who: who works.
        address: of this page; bare_address without what was just done.
        done, undone: what was just done, or undone, by this person.
        note: a word on what happened where no event tells.
    """

    review_id: str
    title: str
    is_illustration: bool
    stage: str
    who: Person
    address: str
    bare_address: str
    done: Flash | None = None
    undone: Flash | None = None
    note: str = ""

    @property
    def whole(self) -> tuple[tuple[str, str], ...]:
        """The pages on the whole review: last part of the address, label."""
        return WHOLE

    @property
    def groups(self) -> tuple[tuple[str, tuple[tuple[str, str], ...], bool], ...]:
        """The groups of stages: name, stages, whether this page is of the group."""
        return tuple((name, stages, self.stage in dict(stages)) for name, stages in GROUPS)

    @property
    def stage_label(self) -> str:
        """The stage as people read it."""
        return _LABELS.get(self.stage, "Review")

    def path(self, part: str = "") -> str:
        """The address of a page of this review."""
        return review_path(self.review_id, part)


def review_path(review_id: str, part: str = "", **query: str) -> str:
    """The address of a page of a review."""
    address = f"/reviews/{quote(review_id)}{f'/{part}' if part else ''}"
    return f"{address}?{urlencode(query)}" if query else address


def framed(
    request: Request,
    state: ReviewState,
    who: Person,
    stage: str,
    template: str,
    status: int = 200,
    **values: object,
) -> Response:
    """A page of a review in its frame: `template` lies in `templates/review` and extends `frame.html`.

    The address may name what was just done (`?done=EVENT`, also of several: the last) or undone (`?undone=EVENT`);
    it is told only to the one who did it, and can be undone, or done again, from there.
    """
    query = request.query_params
    kept = [(name, value) for name, value in query.multi_items() if name not in ("done", "undone", "note")]
    bare = f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
    done = _flash(state, who, query.get("done"), is_undone=False)
    undone = _flash(state, who, query.get("undone"), is_undone=True)
    frame = Frame(
        state.review_id,
        state.protocol.title,
        state.opened.is_illustration,
        stage,
        who,
        bare,
        bare,
        done,
        undone,
        NOTES.get(query.get("note", ""), ""),
    )
    return page(request, template, status, frame=frame, state=state, who=who, **values)


def _flash(state: ReviewState, who: Person, event_id: str | None, *, is_undone: bool) -> Flash | None:
    said = state.slots.said(event_id) if event_id else None
    if said is None or state.slots.is_withdrawn(said.event_id) is not is_undone or said.actor != who.account:
        return None
    return Flash(said.event_id, f"{'Undone' if is_undone else 'Done'}: {sentence(state, said)}.")


@router.post("/reviews/{review_id}/undo")
async def undo(request: Request, review_id: str) -> Response:
    """Takes back what somebody said, or says it again where it was undone, and leads back to where they were."""
    fields = await form(request)
    event_id = fields.get("event_id", "")

    def act() -> RedirectResponse:
        state, who = member_of(request, review_id)
        was_undone = state.slots.is_withdrawn(event_id)
        workspace = workspace_of(request)
        if was_undone:
            told(lambda: workspace.redo(review_id, who.account, event_id), 409)
        else:
            told(lambda: workspace.undo(review_id, who.account, event_id), 409)
        return back_to(review_id, fields.get("back", ""), "done" if was_undone else "undone", event_id)

    return await run_in_threadpool(act)


def back_to(review_id: str, back: str, name: str, event_id: str) -> RedirectResponse:
    """Leads to a page of the same review (its overview, where `back` is none) that tells what happened."""
    path, _, query = back.partition("?")
    if path != review_path(review_id) and not path.startswith(f"{review_path(review_id)}/"):
        path, query = review_path(review_id), ""
    mark = urlencode({name: event_id})
    return see(f"{path}?{query}&{mark}" if query else f"{path}?{mark}")
