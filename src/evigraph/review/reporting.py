"""What a report tells of the search and the selection: PRISMA-S filled from the runs, lists with reasons, exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from evigraph.library.writing import FORMATS
from evigraph.review.flow import flow
from evigraph.review.protocol import Stage
from evigraph.review.records import Row
from evigraph.review.screening import counts_as
from evigraph.review.searches import SearchRun
from evigraph.review.state import ReviewState


@dataclass(frozen=True)
class Item:
    """One item of a reporting guideline: number, what it asks in our words, what the review says, whether it does."""

    number: str
    asks: str
    told: tuple[str, ...]

    @property
    def is_told(self) -> bool:
        """Whether the review says anything to it."""
        return any(self.told)


def prisma_s(state: ReviewState) -> list[Item]:
    """The sixteen items of PRISMA-S (Rethlefsen et al. 2021, doi:10.1186/s13643-020-01542-z) from the searches."""
    runs = list(state.library.runs.values())
    databases = [run for run in runs if run.source_kind == "database"]
    registers = [run for run in runs if run.source_kind == "register"]
    places = [run for run in runs if run.source_kind in ("website", "organisation")]
    chases = [run for run in runs if run.source_kind == "citations"]
    counts = {run_id: made.n_records for run_id, made in state.library.imports.items()}
    duplicates = state.slots.in_force("review.duplicates")
    made = flow(state)
    return [
        Item("1", "each database, and the platform it was searched on", _each(databases, _place)),
        Item("2", "databases searched together on one platform", _together(databases)),
        Item("3", "study registers that were searched", _each(registers, _place)),
        Item("4", "websites, journals and other places that were browsed or searched", _each(places, _place)),
        Item("5", "whether citations were followed, how, and from what", _each(chases, _chase)),
        Item("6", "whether people were asked for further studies", ()),
        Item("7", "any other way of finding studies", ()),
        Item("8", "every strategy in full, as it was run", _each(runs, _strategy)),
        Item("9", "limits and restrictions, with the reason", _each(runs, lambda run: run.limits)),
        Item("10", "published filters that were used", _each(runs, lambda run: run.filters)),
        Item("11", "parts of strategies that came from earlier reviews", _each(runs, lambda run: run.reused)),
        Item("12", "how the search was kept up to date", _each(runs, _repeat)),
        Item("13", "the day of each last search", _each(runs, lambda run: run.searched_on)),
        Item("14", "how strategies were reviewed by peers", _each(runs, _review)),
        Item("15", "how many records each source gave", _each(runs, lambda run: _count(run, counts))),
        Item(
            "16",
            "how duplicates were found and removed",
            (f"{cast(Any, duplicates.payload).method}: {made.n('duplicates'):,} duplicates removed",)
            if duplicates is not None
            else (),
        ),
    ]


def discrepancies(state: ReviewState) -> list[tuple[SearchRun, int | None, int | None]]:
    """The searches whose count reported differs from the count imported, or that lack one: run, reported, imported."""
    found = []
    for run_id, run in state.library.runs.items():
        made = state.library.imports.get(run_id)
        n_imported = made.n_records if made is not None else None
        if run.n_reported != n_imported:
            found.append((run, run.n_reported, n_imported))
    return found


@dataclass(frozen=True)
class Selected:
    """A work with what became of it: included or excluded at which stage, for which reason."""

    head: str
    stage: str
    standing: str
    reason: str


def selection(state: ReviewState) -> list[Selected]:
    """Every work of the review with what became of it, in the order of the records."""
    first, second = state.statuses("title_abstract"), state.statuses("full_text")
    labels = {criterion.criterion_id: criterion.reason for criterion in state.protocol.criteria}
    removed = state.removed
    rows = []
    for head in state.library.groups:
        if head in removed:
            rows.append(Selected(head, "before screening", "removed", removed[head].name))
        elif (status := second.get(head)) is not None:
            rows.append(Selected(head, "full text", status.standing, labels.get(status.criterion_id, "")))
        elif first[head].standing == "included":
            rows.append(Selected(head, "full text", "not retrieved", ""))
        else:
            rows.append(Selected(head, "title and abstract", first[head].standing, ""))
    return rows


def export(state: ReviewState, rows: Iterable[Row], format_: str, heads: Sequence[str] | None = None) -> Iterator[str]:
    """A file of the review's works with their decisions, piece by piece.

    Args:
        state: of the review.
        rows: all its records in full (`Workspace.rows`).
        format_: a name in `evigraph.library.writing.FORMATS`.
        heads: the works to write, in their order; null for all.

    The decision stands in fields of its own: `review_stage`, `review_decision`, `review_reason`, and the label that
    ASReview reads (`ASReview_relevant`, `ASReview_irrelevant`, `ASReview_not_seen`) among the notes.
    """
    full = {row["record_id"]: row for row in rows}
    chosen = {one.head: one for one in selection(state)}
    wanted = [head for head in (heads if heads is not None else chosen) if head in full and head in chosen]
    _, write = FORMATS[format_]
    yield from write(_decided(full[head], chosen[head]) for head in wanted)


def votes_table(state: ReviewState, stage: Stage) -> list[dict[str, str]]:
    """The independent votes at a stage that count: one row a work and voter, of several votes on one work the last.

    Votes of `skip` are none. The columns: work, voter, decision (`evigraph.review.screening.counts_as`).
    """
    return [
        {"work": head, "voter": voter, "decision": counts_as(vote, stage)}
        for head in state.statuses(stage)
        for voter, vote in state.counted_votes(stage, head).items()
        if vote.decision != "skip"
    ]


def _decided(row: Row, selected: Selected) -> Row:
    label = {"included": "ASReview_relevant", "excluded": "ASReview_irrelevant"}.get(
        selected.standing, "ASReview_not_seen"
    )
    said = {
        "review_stage": selected.stage,
        "review_decision": selected.standing,
        "review_reason": selected.reason,
        "N1": label,
    }
    extras = [{"name": name, "value": value} for name, value in said.items() if value]
    return {**row, "extras": [*(row.get("extras") or ()), *extras]}


def _each(runs: Iterable[SearchRun], tell: Any) -> tuple[str, ...]:
    return tuple(f"{run.source}: {text}" for run in runs if (text := tell(run)))


def _place(run: SearchRun) -> str:
    covered = " to ".join(part for part in (run.covers_from, run.covers_until) if part)
    return ", ".join(part for part in (run.platform, covered and f"covering {covered}") if part) or "platform not told"


def _together(runs: Sequence[SearchRun]) -> tuple[str, ...]:
    by_platform: dict[str, list[str]] = {}
    for run in runs:
        if run.platform:
            by_platform.setdefault(run.platform, []).append(run.source)
    return tuple(f"{name}: {', '.join(each)}" for name, each in by_platform.items() if len(set(each)) > 1)


def _chase(run: SearchRun) -> str:
    if run.chase is None:
        return run.platform or "by hand"
    ways = " and ".join(run.chase.directions)
    return (
        f"round {run.chase.round}, {ways}, from {run.chase.n_seeds:,} works, at most {run.chase.cap:,} a work each way"
    )


def _strategy(run: SearchRun) -> str:
    return " | ".join(
        f"{line.n}. {line.text}" + (f" ({line.hits:,})" if line.hits is not None else "") for line in run.strategy
    )


def _repeat(run: SearchRun) -> str:
    if run.repeats:
        return f"repeats {run.repeats}, update {run.update}"
    return f"added in update {run.update}" if run.update else ""


def _review(run: SearchRun) -> str:
    if run.peer_review is None:
        return ""
    return ", ".join(
        part for part in (run.peer_review.reviewer, run.peer_review.outcome, run.peer_review.reviewed_on) if part
    )


def _count(run: SearchRun, counts: dict[str, int]) -> str:
    imported = counts.get(run.run_id)
    reported = f"{run.n_reported:,} reported" if run.n_reported is not None else "number reported not told"
    return f"{reported}, {imported:,} imported" if imported is not None else f"{reported}, none imported"
