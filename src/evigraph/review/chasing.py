"""A round of citation chasing: what it starts from, and how it is told as a search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from evigraph.errors import InputError
from evigraph.review.on_graph import Chased, pids_of
from evigraph.review.searches import Chase, Line, SearchRun
from evigraph.review.state import ReviewState

#: The name, among `SEEDS_FROM`, of what the last round found.
RECORDS_OF_LAST_ROUND = "last_round"

#: Where the seeds of a round may come from.
SEEDS_FROM: dict[str, str] = {
    "included": "the included works",
    "sought": "all works whose full text is sought",
    RECORDS_OF_LAST_ROUND: "what the last round found, excluded works left out",
    "list": "a list of identifiers",
}

#: Ids that are told in full in the comment of a line; of more, the number is told.
_TOLD = 20


def next_round(state: ReviewState) -> int:
    """The number of the next round of citation chasing, from 1."""
    return max((run.chase.round for run in state.library.runs.values() if run.chase is not None), default=0) + 1


def seeds_from(state: ReviewState, name: str, text: str = "") -> dict[str, list[str]]:
    """The seeds of a round: for each the identifiers by which it is known.

    Args:
        state: of the review.
        name: in `SEEDS_FROM`.
        text: where they are listed: DOIs, PMIDs or ids of records of this review, apart by blanks, commas or lines.

    Raises:
        InputError: the name is none of `SEEDS_FROM`.
    """
    if name == "list":
        return dict(_listed(state, part) for part in re.split(r"[\s,;]+", text) if part)
    if name == "included":
        heads: Sequence[str] = state.included()
    elif name == "sought":
        heads = state.sought()
    elif name == RECORDS_OF_LAST_ROUND:
        heads = _last_round(state)
    else:
        raise InputError(f"{name!r} is nothing to start from: choose one of the list")
    library = state.library
    return {head: pids_of(library.of(head)) for head in heads}


def _last_round(state: ReviewState) -> list[str]:
    last = next_round(state) - 1
    runs = {run.run_id for run in state.library.runs.values() if run.chase is not None and run.chase.round == last}
    statuses = state.statuses("title_abstract")
    return [
        head
        for head, members in state.library.groups.items()
        if any(state.library.records[one].run_id in runs for one in members)
        and (status := statuses.get(head)) is not None
        and status.standing != "excluded"
    ]


def _listed(state: ReviewState, part: str) -> tuple[str, list[str]]:
    head = state.library.head_of.get(part)
    if head is not None:
        return head, pids_of(state.library.of(head))
    return part, [f"pmid:{part}" if part.isdecimal() else part]


def chased_run(
    state: ReviewState,
    made: Chased,
    ways: Sequence[Literal["backward", "forward"]],
    cap: int,
    platform: str,
    searched_on: str,
    searched_by: str,
) -> SearchRun:
    """The search that tells of a round: what was followed, what the graph does not hold, what the cap left out."""
    number = next_round(state)
    lines = [Line(1, f"{' and '.join(ways)} citations of {made.n_seeds:,} works", len(made.rows))]
    if made.unknown:
        lines.append(Line(2, f"{len(made.unknown):,} of these works are not in the graph", None, _told(made.unknown)))
    n_cut = sum(made.cut.values())
    cut = f"; {n_cut:,} left out, of {len(made.cut):,} works: {_told(list(made.cut))}" if n_cut else ""
    return SearchRun(
        "",
        f"Citation searching, round {number}",
        "citations",
        platform,
        searched_on,
        strategy=tuple(lines),
        limits=f"at most {cap:,} a work each way{cut}",
        n_reported=len(made.rows),
        searched_by=searched_by,
        chase=Chase(number, tuple(ways), made.n_seeds, cap),
    )


def _told(ids: Sequence[str]) -> str:
    more = len(ids) - _TOLD
    return ", ".join(ids[:_TOLD]) + (f" and {more:,} more" if more > 0 else "")
