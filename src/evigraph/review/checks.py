"""What may be said in a review, by whom and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from evigraph.errors import InputError
from evigraph.review import allotment, protocol, searches
from evigraph.review.appraisal import checks as appraisal
from evigraph.review.coding import checks as coding
from evigraph.review.extraction import checks as extraction
from evigraph.review.kind import Kind, Payload, Role
from evigraph.review.kinds import (
    KINDS,
    Batch,
    Member,
    Pair,
    ProtocolSet,
    Resolution,
    Study,
    Update,
    Vote,
    name_of,
)
from evigraph.review.publication.checks import CHECKS as PUBLICATION
from evigraph.review.searches import SearchRun
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.checks import CHECKS as SYNTHESIS


def check(state: ReviewState, account: str, subject: str, payload: Payload) -> None:
    """Nothing, if a member may say this now.

    Raises:
        InputError: their role does not let them, or what they say cannot stand; the message says what to do.
    """
    check_role(state, account, KINDS[name_of(payload)])
    if (specific := _CHECKS.get(type(payload))) is not None:
        specific(state, account, subject, payload)


def check_role(state: ReviewState, account: str, kind: Kind) -> None:
    """Nothing, if a member's role lets them say something of this kind.

    Raises:
        InputError: it does not.
    """
    allowed: frozenset[Role] = kind.roles if kind.is_personal else kind.roles | {"lead"}
    if not state.roles(account) & allowed:
        raise InputError(
            f"this needs the role {' or '.join(sorted(kind.roles))} in this review: ask its lead to give it to you"
        )


def check_undo(state: ReviewState, account: str, event_id: str) -> Said:
    """The event that somebody wants to take back, or to say again, if they may.

    Raises:
        InputError: it is not of this review, it is somebody else's (a lead may take back all but another's vote), or
            the review could not go on without it.
    """
    said = state.slots.said(event_id)
    if said is None:
        raise InputError(f"this review has no event {event_id}: open its history again")
    is_lead = "lead" in state.roles(account) and not KINDS[said.kind].is_personal
    if said.actor != account and not is_lead:
        raise InputError("this was said by somebody else: ask them, or the review's lead, to undo it")
    if said.kind in ("review.opened", "review.duplicates"):
        raise InputError("this is not undone: a review stays open, and duplicates are found anew after every change")
    if isinstance(said.payload, Member):
        held = [one for one, gone in state.slots.history(said.kind, (said.subject,)) if not gone and one != said]
        former = cast(Member, held[-1].payload) if held else Member(said.payload.name, ())
        _check_member(state, account, said.subject, former)
    if isinstance(said.payload, Update) and any(
        run.update >= said.payload.number for run in state.library.runs.values()
    ):
        raise InputError(f"update {said.payload.number} holds searches: undo these first")
    if (specific := _UNDO_CHECKS.get(type(said.payload))) is not None:
        specific(state, said.actor, said.subject, said.payload)
    return said


def _check_member(state: ReviewState, _account: str, subject: str, member: Member) -> None:
    leads = {name for name, one in state.members.items() if "lead" in one.roles} - {subject}
    if "lead" not in member.roles and not leads:
        raise InputError("a review needs a lead: give the role to somebody else first")


def _check_resolution(state: ReviewState, account: str, subject: str, made: Resolution) -> None:
    allotment.check_resolution(state, account, subject, made.stage, by_discussion=made.by_discussion)
    reasons = [criterion.criterion_id for criterion in state.protocol.reasons(made.stage)]
    if made.stage == "full_text" and made.decision == "exclude" and made.criterion_id not in reasons:
        raise InputError("an exclusion at full text needs one reason: choose the first criterion that fails")


def _check_batch(state: ReviewState, _account: str, _subject: str, batch: Batch) -> None:
    if not batch.records:
        raise InputError(f"the batch {batch.name} holds no record: choose some")
    _known(state, batch.records)
    if strangers := [account for account in batch.members if "reviewer" not in state.roles(account)]:
        raise InputError(f"{strangers[0]} is no reviewer of this review: give them the role first")


def _check_pair(state: ReviewState, _account: str, _subject: str, pair: Pair) -> None:
    _known(state, (pair.record_id_l, pair.record_id_r))
    if pair.record_id_l == pair.record_id_r:
        raise InputError("a record is compared with itself: choose two")


def _check_study(state: ReviewState, _account: str, subject: str, study: Study) -> None:
    if not study.label.strip():
        raise InputError("the study has no name: give it one, such as first author and year")
    _known(state, study.records)


def _known(state: ReviewState, records: Iterable[str]) -> None:
    for record_id in records:
        if record_id not in state.library.records:
            raise InputError(f"this review has no record {record_id}: open the list again")


_CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    ProtocolSet: lambda _state, _account, _subject, said: _done(protocol.checked(said.protocol)),
    SearchRun: lambda _state, _account, _subject, run: _done(searches.checked(run)),
    Member: _check_member,
    Vote: lambda state, account, subject, vote: allotment.check_vote(state, account, subject, vote),
    Resolution: _check_resolution,
    Batch: _check_batch,
    Pair: _check_pair,
    Study: _check_study,
    **appraisal.CHECKS,
    **extraction.CHECKS,
    **SYNTHESIS,
    **PUBLICATION,
    **coding.CHECKS,
}

_UNDO_CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    **appraisal.UNDO_CHECKS,
    **extraction.UNDO_CHECKS,
    **coding.UNDO_CHECKS,
}


def _done(_: object) -> None:
    return None
