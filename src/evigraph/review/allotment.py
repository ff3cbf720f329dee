"""What a reviewer reads next: calibration first, then the queue, what was skipped last; never what others need not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evigraph.errors import InputError
from evigraph.review.kinds import Vote
from evigraph.review.protocol import Stage
from evigraph.review.screening import Status
from evigraph.review.state import ReviewState


@dataclass(frozen=True)
class Task:
    """A work that waits for somebody's vote: its representative, the batch it is in (empty: the queue), its place."""

    head: str
    batch_id: str
    place: int


@dataclass(frozen=True)
class Progress:
    """How far somebody is at a stage.

    Attributes:
        n_voted: works with a vote of theirs.
        n_left: works of the queue that still want one of them, as things stand.
        n_skipped: of these, works that they put off.
        n_decided: works decided by the team; n_works: all.
        n_conflicts: works that wait for an adjudicator.
        calibration: the name of an open calibration round that they have to end first; empty where none.
    """

    n_voted: int
    n_left: int
    n_skipped: int
    n_decided: int
    n_works: int
    n_conflicts: int
    calibration: str


def tasks(state: ReviewState, stage: Stage, account: str, order: Sequence[str] | None = None) -> Iterator[Task]:
    """The works that wait for the vote of one reviewer, in the order in which to read them.

    An open calibration round comes first and holds all else back until this reviewer has ended it; then the batches
    allotted to them, then the queue: every work that still needs a vote and has none of theirs. What they skipped
    comes last. Once screening was stopped, only batches go on (an audit is read after the stop).

    Args:
        state: of the review.
        stage: at which.
        account: of the reviewer.
        order: representatives in the order of the queue, as the learner gives it; those it leaves out follow in the
            order of the records.
    """
    statuses, head_of = state.statuses(stage), state.library.head_of
    votes = state.own_votes(stage, account)
    skipped: list[Task] = []
    given: set[str] = set()
    for batch_id, batch in sorted(state.batches.items(), key=lambda item: item[1].purpose != "calibration"):
        if batch.stage != stage or batch.is_closed or (batch.members and account not in batch.members):
            continue
        waiting = False
        for place, record_id in enumerate(batch.records, start=1):
            head = head_of.get(record_id, record_id)
            if head not in statuses or head in given:
                continue
            own = votes.get(head)
            if own is not None and own.decision != "skip":
                continue
            if batch.purpose == "work" and statuses[head].standing != "waits":
                continue
            given.add(head)
            waiting = True
            if own is None:
                yield Task(head, batch_id, place)
            else:
                skipped.append(Task(head, batch_id, place))
        if waiting and batch.purpose == "calibration":
            yield from skipped
            return
    if not state.is_stopped(stage):
        for place, head in enumerate(_ordered(statuses, order), start=1):
            if statuses[head].standing != "waits" or head in given:
                continue
            own = votes.get(head)
            if own is None:
                yield Task(head, "", place)
            elif own.decision == "skip":
                skipped.append(Task(head, "", place))
    yield from skipped


def progress(state: ReviewState, stage: Stage, account: str) -> Progress:
    """How far a reviewer, and the team, are at a stage. Tells nothing of how anybody voted."""
    statuses, votes = state.statuses(stage), state.own_votes(stage, account)
    own = {head: vote.decision for head, vote in votes.items() if head in statuses}
    counts = state.stage_counts(stage)
    first = next(tasks(state, stage, account), None)
    calibrates = first is not None and first.batch_id and state.batches[first.batch_id].purpose == "calibration"
    n_cast = sum(decision != "skip" and statuses[head].standing == "waits" for head, decision in own.items())
    return Progress(
        n_voted=sum(decision != "skip" for decision in own.values()),
        n_left=0 if first is None else counts["waits"] - n_cast,
        n_skipped=sum(decision == "skip" for decision in own.values()),
        n_decided=counts["included"] + counts["excluded"],
        n_works=len(statuses),
        n_conflicts=counts["conflict"],
        calibration=state.batches[first.batch_id].name if first is not None and calibrates else "",
    )


def check_vote(state: ReviewState, account: str, record_id: str, vote: Vote) -> None:
    """Nothing, if this vote may be cast.

    Raises:
        InputError: the voter is no reviewer, the record is not screened at this stage, a full text is excluded
            without exactly one reason of the protocol, or a reason is given where none belongs.
    """
    if "reviewer" not in state.roles(account):
        raise InputError("only reviewers of this review vote: ask its lead for the role")
    head = state.library.head_of.get(record_id)
    if head is None:
        raise InputError(f"this review has no record {record_id}: open the queue again")
    if state.status(vote.stage, head) is None:
        raise InputError(
            f"{record_id} is not screened at this stage: it was removed, excluded, or is not decided before"
        )
    reasons = [criterion.criterion_id for criterion in state.protocol.reasons(vote.stage)]
    if vote.stage == "full_text" and vote.decision == "exclude":
        if vote.criterion_id not in reasons:
            raise InputError("an exclusion at full text needs one reason: choose the first criterion that fails")
    elif vote.criterion_id and vote.criterion_id not in reasons:
        raise InputError(f"{vote.criterion_id!r} is no criterion of the protocol at this stage: choose one of the list")


def check_resolution(state: ReviewState, account: str, record_id: str, stage: Stage, *, by_discussion: bool) -> None:
    """Nothing, if somebody may settle the conflict about a record.

    Raises:
        InputError: they are no adjudicator, the record is in no conflict, or they voted on it themselves and it was
            no discussion.
    """
    if "adjudicator" not in state.roles(account):
        raise InputError("only adjudicators settle conflicts: ask the review's lead for the role")
    head = state.library.head_of.get(record_id, record_id)
    status = state.status(stage, head)
    if status is None or not (status.standing == "conflict" or status.is_resolved):
        raise InputError(f"{record_id} is in no conflict: there is nothing to settle")
    if account in state.votes(stage, head) and not by_discussion:
        raise InputError("you voted on this record: leave it to another adjudicator, or say that it was discussed")


def _ordered(statuses: Mapping[str, Status], order: Sequence[str] | None) -> Iterator[str]:
    ranked = dict.fromkeys(head for head in order or () if head in statuses)
    yield from ranked
    yield from (head for head in statuses if head not in ranked)
