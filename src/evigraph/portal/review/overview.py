"""The list of reviews, the name one works under, and the overview of a review: stages, what is next, the team."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.portal import wording
from evigraph.portal.review import desk, second_half
from evigraph.portal.review.desk import Person, account_of, member_of, person, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.allotment import progress
from evigraph.review.kind import Role
from evigraph.review.kinds import Member
from evigraph.review.protocol import STAGES, Stage
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: What members may do, as the team's table tells it.
ROLES: dict[Role, str] = {
    "lead": "sets up the review and may undo what others did, votes excepted",
    "reviewer": "searches, votes, retrieves texts",
    "adjudicator": "settles conflicts",
    "reader": "looks on",
}

_PARTS: dict[Stage, str] = {"title_abstract": "screen", "full_text": "full-texts"}


@dataclass(frozen=True)
class StageLine:
    """A stage on the overview: the last part of its address, label, where it stands, and its share done (or null)."""

    part: str
    label: str
    text: str
    share: float | None = None


@dataclass(frozen=True)
class Task:
    """Something that waits for one person: the last part of the address where it is done, and what it is."""

    part: str
    text: str


@router.get("/reviews")
def listed(request: Request) -> Response:
    """All reviews of this graph, those of the one who asks first."""
    who = person(request)
    workspace = workspace_of(request)
    states = [workspace.state(review_id) for review_id in workspace.review_ids()]
    states.sort(key=lambda state: who.account not in state.members)
    rows = [(state, state.roles(who.account), state.stage_counts("title_abstract")) for state in states]
    return desk.page(request, "reviews.html", who=who, rows=rows)


@router.post("/reviews")
async def open_review(request: Request) -> Response:
    """Opens a review, whose lead is the one who opens it."""
    fields = await desk.form(request)
    who = person(request)
    title, is_illustration = fields.get("title", "")[:500], "is_illustration" in fields

    def act() -> str:
        workspace = workspace_of(request)
        return workspace.open_review(title, who.account, who.name, is_illustration=is_illustration)

    return see(review_path(await run_in_threadpool(told, act)))


@router.get("/reviews/as")
def choose_name(request: Request) -> Response:
    """Asks for the name that somebody works under, where there are no accounts."""
    workspace = workspace_of(request)
    names = {
        member.name: None
        for review_id in workspace.review_ids()
        for member in workspace.state(review_id).members.values()
        if member.roles
    }
    now = unquote(request.cookies.get(desk.WORKS_AS, ""))
    return desk.page(request, "as.html", now=now, names=sorted(names), next=_next(request.query_params.get("next", "")))


@router.post("/reviews/as")
async def take_name(request: Request) -> Response:
    """Remembers the name, and leads on."""
    fields = await desk.form(request)
    name = " ".join((fields.get("name") or fields.get("known") or "").split())[:80]
    if not name:
        raise HTTPException(400, "No name was given: go back and write the one you work under.")
    answer = see(_next(fields.get("next", "")))
    desk.remember(answer, name)
    return answer


def _next(asked: str) -> str:
    # Only to pages of the reviews: what an address asks for is never followed elsewhere.
    return asked if asked == "/reviews" or asked.startswith("/reviews/") else "/reviews"


@router.get("/reviews/{review_id}")
def overview(request: Request, review_id: str) -> Response:
    """Where a review stands, what waits for the one who asks, and the team."""
    state, who = member_of(request, review_id)
    return framed(
        request,
        state,
        who,
        "",
        "overview.html",
        lines=stage_lines(state),
        tasks=waiting_for(state, who),
        roles=ROLES,
        n_votes=_votes_by_member(state),
    )


@router.post("/reviews/{review_id}/team")
async def set_member(request: Request, review_id: str) -> Response:
    """Adds somebody to the team, changes what they may do, or lets them leave."""
    fields = await desk.form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)
        name = " ".join(fields.get("name", "").split())[:80]
        account = fields.get("account") or (account_of(name) if name else "")
        known = state.members.get(account)
        if not account or (not name and known is None):
            raise HTTPException(400, "No name was given: write whom you want to add.")
        if not fields.get("account") and known is not None and known.roles:
            raise HTTPException(400, f"{known.name} is of the team already: change their roles in the table.")
        roles = tuple(role for role in ROLES if f"role-{role}" in fields)
        leaves = fields.get("leave", "")
        if not leaves and not roles:
            raise HTTPException(400, "No role was ticked: tick one, or let them leave.")
        member = Member(name or (known.name if known else ""), () if leaves else roles, leaves != "with_votes")
        event_id = told(lambda: workspace_of(request).say(review_id, who.account, account, member))
        return see(f"{review_path(review_id, done=event_id)}#team")

    return await run_in_threadpool(act)


def stage_lines(state: ReviewState) -> list[StageLine]:
    """The stages of a review with where each stands."""
    library, plural = state.library, wording.plural
    versions = len(state.slots.history("review.protocol", ()))
    runs, imports = library.runs, library.imports
    n_records, n_works = len(library.records), len(library.groups)
    chases = [run for run in runs.values() if run.source_kind == "citations"]
    lines = [
        StageLine(
            "protocol",
            "Protocol",
            f"{plural(len(state.protocol.criteria), 'criterion', 'criteria')}, version {versions}"
            if versions
            else "not written yet",
            float(bool(versions)),
        ),
        StageLine(
            "search",
            "Search",
            f"{plural(len(runs), 'search', 'searches')}, {plural(n_records, 'record')}"
            + (f", {len(runs) - len(imports)} without records yet" if len(imports) < len(runs) else "")
            if runs
            else "no search yet",
            len(imports) / len(runs) if runs else 0.0,
        ),
        StageLine(
            "duplicates",
            "Duplicates",
            f"{plural(n_records - n_works, 'duplicate')} found, {plural(n_works, 'work')} left"
            + (f", {plural(len(library.open_pairs), 'pair')} to decide" if library.open_pairs else "")
            if n_records
            else "nothing to compare yet",
        ),
        StageLine("citations", "Citations", plural(len(chases), "round") if chases else "not followed"),
    ]
    for stage in STAGES:
        counts = state.stage_counts(stage)
        n = sum(counts.values())
        decided = counts["included"] + counts["excluded"]
        label = "Screen" if stage == "title_abstract" else "Full texts"
        text = (
            f"{decided:,} of {plural(n, 'work')} decided, {counts['included']:,} included" if n else "nothing to read"
        )
        conflicts = f", {plural(counts['conflict'], 'conflict')}" if counts["conflict"] else ""
        lines.append(StageLine(_PARTS[stage], label, text + conflicts, decided / n if n else 0.0))
    lines.append(StageLine("flow", "Flow", f"{plural(len(state.studies()), 'study', 'studies')} included"))
    return lines + [StageLine(*line) for line in second_half.lines(state)]


def waiting_for(state: ReviewState, who: Person) -> list[Task]:
    """What waits for one member, in the order of the work."""
    roles, library, plural = state.roles(who.account), state.library, wording.plural
    found: list[Task] = []
    if "lead" in roles and state.slots.in_force("review.protocol") is None:
        found.append(Task("protocol", "Write the protocol"))
    if roles & {"lead", "reviewer"}:
        if not library.runs:
            found.append(Task("search", "Record the first search"))
        for run_id, run in library.runs.items():
            if run_id not in library.imports:
                found.append(Task(f"search/{run_id}", f"Bring in the records of {run_id}, {run.source}"))
        if library.open_pairs:
            n = len(library.open_pairs)
            found.append(Task("duplicates", f"Decide {plural(n, 'pair')} that may be the same work"))
    for stage in STAGES:
        told_of = progress(state, stage, who.account)
        by = "title and abstract" if stage == "title_abstract" else "full text"
        if "reviewer" in roles and told_of.n_left:
            first = f" (calibration: {told_of.calibration})" if told_of.calibration else ""
            found.append(Task(_PARTS[stage], f"Read {plural(told_of.n_left, 'work')} by {by}{first}"))
        if "adjudicator" in roles and told_of.n_conflicts:
            found.append(Task(_PARTS[stage], f"Settle {plural(told_of.n_conflicts, 'conflict')} by {by}"))
    return found + [Task(*task) for task in second_half.tasks(state, who.account)]


def _votes_by_member(state: ReviewState) -> dict[str, int]:
    counts: dict[str, int] = {}
    for said in state.slots.all_in_force("review.vote"):
        counts[said.actor] = counts.get(said.actor, 0) + 1
    return counts
