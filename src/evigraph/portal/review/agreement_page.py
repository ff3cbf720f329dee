"""How far the reviewers agree, over records whose votes are complete: so that it tells nothing early."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from evigraph.portal.review.desk import member_of
from evigraph.portal.review.frame import framed
from evigraph.review.agreement import Agreement, Figure, VoteTable, agreement, band, by_batch, by_pair
from evigraph.review.protocol import STAGES, Stage
from evigraph.review.reporting import votes_table
from evigraph.review.state import ReviewState

router = APIRouter(include_in_schema=False)

#: What is shown of each table: the label, the figure, and whether the bands of Landis and Koch apply.
MEASURES: tuple[tuple[str, Callable[[Agreement], Figure], bool], ...] = (
    ("percent", lambda table: table.percent, False),
    ("Cohen's kappa", lambda table: table.cohen_kappa, True),
    ("Fleiss' kappa", lambda table: table.fleiss_kappa, True),
    ("Krippendorff's alpha", lambda table: table.krippendorff_alpha, False),
    ("PABAK", lambda table: table.pabak, False),
    ("Gwet's AC1", lambda table: table.ac1, False),
)


@router.get("/reviews/{review_id}/agreement")
def figures(request: Request, review_id: str) -> Response:
    """The figures of agreement by stage: of the team, of each pair, of each batch."""
    state, who = member_of(request, review_id)
    names = {account: member.name for account, member in state.members.items()}
    stages = []
    for stage in STAGES:
        table = votes(state, stage)
        if not table.records:
            continue
        batch_of = {
            state.library.head_of.get(record_id, record_id): batch.name
            for batch in state.batches.values()
            if batch.stage == stage
            for record_id in batch.records
        }
        rows = [("everybody", agreement(table))]
        rows += [(f"{names[left]} and {names[right]}", made) for (left, right), made in by_pair(table).items()]
        rows += [(f"batch “{name}”", made) for name, made in by_batch(table, batch_of).items()]
        stages.append((stage, rows))
    return framed(request, state, who, "screen", "agreement.html", stages=stages, measures=MEASURES, band=band)


def votes(state: ReviewState, stage: Stage) -> VoteTable:
    """The independent votes of the records that need no more at a stage; `maybe` is a choice of its own.

    At title and abstract `maybe` counts as include, as it does for the record.
    """
    statuses = state.statuses(stage)
    choices = ("include", "exclude") if stage == "title_abstract" else ("include", "exclude", "maybe")
    complete = (row for row in votes_table(state, stage) if statuses[row["work"]].standing != "waits")
    return VoteTable.of(((row["work"], row["voter"], row["decision"]) for row in complete), choices)
