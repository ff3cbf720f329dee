"""What may be said in a review, by whom and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from evigraph.errors import InputError
from evigraph.review import allotment, protocol, searches
from evigraph.review.kinds import (
    KINDS,
    Batch,
    Member,
    Pair,
    Payload,
    ProtocolSet,
    Resolution,
    Role,
    Study,
    Vote,
    name_of,
)
from evigraph.review.searches import SearchRun
from evigraph.review.state import ReviewState


def check(state: ReviewState, account: str, subject: str, payload: Payload) -> None:
    """Nothing, if a member may say this now.

    Raises:
        InputError: their role does not let them, or what they say cannot stand; the message says what to do.
    """
    kind = KINDS[name_of(payload)]
    roles = state.roles(account)
    allowed: frozenset[Role] = kind.roles if isinstance(payload, Vote) else kind.roles | {"lead"}
    if not roles & allowed:
        raise InputError(
            f"this needs the role {' or '.join(sorted(kind.roles))} in this review: ask its lead to give it to you"
        )
    if (specific := _CHECKS.get(type(payload))) is not None:
        specific(state, account, subject, payload)


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
}


def _done(_: object) -> None:
    return None
