"""Reviews as people work in them: what somebody says is checked, written to the ledger, and stands at once."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from evigraph.errors import InputError
from evigraph.library.reading import read_library
from evigraph.review import allotment, protocol, searches
from evigraph.review.duplicates import deduplicated
from evigraph.review.files import Files
from evigraph.review.kinds import (
    KINDS,
    Batch,
    Duplicates,
    Member,
    Opened,
    Pair,
    Payload,
    ProtocolSet,
    Resolution,
    Role,
    Study,
    Update,
    Vote,
    name_of,
    to_json,
)
from evigraph.review.records import Row, frozen
from evigraph.review.searches import Import, ImportedFile, SearchRun
from evigraph.review.state import ReviewState
from evigraph.store.event import WITHDRAWN

#: What a scope of the ledger that is a review begins with.
SCOPE = "review:"


class Spoken(Protocol):
    """An event as the ledger gives it."""

    @property
    def ordinal(self) -> int:
        """Place in the ledger."""

    @property
    def event_id(self) -> str:
        """Its id."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def subject_l(self) -> str:
        """What it is about."""

    @property
    def actor(self) -> str:
        """Who said it."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def decided_at(self) -> datetime:
        """When."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """What its kind holds."""


class Journal(Protocol):
    """What a review needs of the ledger."""

    def append(self, kind: str, subject: str, actor: str, reason: str, payload: dict[str, Any], scope: str) -> Spoken:
        """The event, once it is on disk."""

    def withdraw(self, event_id: str, actor: str, reason: str) -> Spoken:
        """The event that undoes another one of the same scope."""

    def events(self, scope: str, after: int = 0) -> Iterator[Spoken]:
        """The events of a scope behind an ordinal, in their order."""

    def scopes(self, prefix: str) -> list[str]:
        """The scopes that begin with a prefix, in the order of their first events."""


@dataclass
class _Open:
    """A review in memory, its files, and the lock under which it changes."""

    state: ReviewState
    files: Files
    lock: threading.RLock


class Workspace:
    """All reviews of a graph. May be shared by the threads of a server; others may write to the same ledger.

    Every method that says something raises `InputError` where it may not be said, and nothing is written then.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        """Reviews that are kept in a ledger, with their files in a folder beside it."""
        self._journal, self._folder = journal, folder
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    # -- reading -----------------------------------------------------------------------------------------------------

    def review_ids(self) -> list[str]:
        """All reviews, the oldest first."""
        return [scope.removeprefix(SCOPE) for scope in self._journal.scopes(SCOPE)]

    def state(self, review_id: str) -> ReviewState:
        """Where a review stands now, with what others have said since.

        Raises:
            InputError: there is no such review.
        """
        review = self._review(review_id)
        with review.lock:
            self._catch_up(review)
            if not review.state.ordinal:
                with self._lock:
                    self._open.pop(review_id, None)
                raise InputError(f"there is no review {review_id}: open the list of reviews")
        return review.state

    def files(self, review_id: str) -> Files:
        """The files of a review."""
        return self._review(review_id).files

    def rows(self, review_id: str) -> list[Row]:
        """All records of a review in full, in the order of the searches."""
        review = self._review(review_id)
        state = self.state(review_id)
        return [row for made in state.library.imports.values() for row in review.files.rows(made)]

    # -- saying ------------------------------------------------------------------------------------------------------

    def open_review(self, title: str, account: str, name: str, *, is_illustration: bool = False) -> str:
        """The id of a new review, whose lead and first reviewer is the one who opens it.

        Raises:
            InputError: it has no title.
        """
        if not title.strip():
            raise InputError("the review has no title: give it one")
        review_id = secrets.token_hex(4)
        self._append(review_id, review_id, account, Opened(title.strip(), is_illustration), "a review begins")
        lead = Member(name, ("lead", "reviewer"))
        self._append(review_id, account, account, lead, "opened the review")
        return review_id

    def say(self, review_id: str, account: str, subject: str, payload: Payload, reason: str = "") -> str:
        """The id of the event by which a member says something.

        Args:
            review_id: of the review.
            account: who says it.
            subject: what it is about, as the kind of the payload wants it: a record, a member, a run, a name.
            payload: what is said.
            reason: in their own words, where they gave any.

        Raises:
            InputError: their role does not let them, or it contradicts what stands; the message says what to do.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            check(state, account, subject, payload)
            return self._append(review_id, subject, account, payload, reason)

    def undo(self, review_id: str, account: str, event_id: str, reason: str = "") -> str:
        """The id of the event that takes an earlier one back: one's own, or, for a lead, any but another's vote.

        Raises:
            InputError: the event is not of this review or is undone already, or it is not theirs to undo.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            place = state.slots.place_of(event_id)
            if place is None:
                raise InputError(f"this review has no event {event_id}: open its history again")
            said = next(one for one, _ in state.slots.history(*place) if one.event_id == event_id)
            is_lead = "lead" in state.roles(account) and said.kind != "review.vote"
            if said.actor != account and not is_lead:
                raise InputError("this was said by somebody else: ask them, or the review's lead, to undo it")
            event = self._journal.withdraw(event_id, account, reason or "undone")
            self._catch_up(review)
            if said.kind == "review.pair":
                self.deduplicate(review_id, account)
            return event.event_id

    def search(self, review_id: str, account: str, run: SearchRun) -> str:
        """The id of a search that is now on record; a run without an id is given the next one (`S1`, `S2`, …)."""
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            if not run.run_id:
                taken = {said.subject for said in state.slots.every("review.search")}
                number = next(n for n in range(1, len(taken) + 2) if f"S{n}" not in taken)
                run = msgspec.structs.replace(run, run_id=f"S{number}", update=state.update)
            self.say(review_id, account, run.run_id, run)
            return run.run_id

    def import_rows(
        self,
        review_id: str,
        account: str,
        run_id: str,
        rows: Sequence[Row],
        files: Sequence[ImportedFile] = (),
    ) -> Import:
        """What was imported: these rows of `record` become the records of a search, and duplicates are found anew.

        Importing again replaces what the search held; a record that is found again keeps its id and its votes.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            if run_id not in state.library.runs:
                raise InputError(f"this review has no search {run_id}: record the search first")
            content, sha256, _ = frozen(rows, run_id)
            made = Import(run_id, sha256, len(rows), tuple(files))
            check(state, account, run_id, made)
            review.files.keep(content)
            self._append(review_id, run_id, account, made, "")
            self.deduplicate(review_id, account)
            return made

    def import_files(self, review_id: str, account: str, run_id: str, paths: Sequence[Path]) -> Import:
        """What was imported from export files of any dialect that evigraph reads; the files are kept as they came.

        Raises:
            InputError: no record is in them; the message says why.
        """
        review = self._review(review_id)
        library = read_library(paths)
        if not library.records:
            reasons = "; ".join(defect.example for file in library.files for defect in file.defects[:1])
            raise InputError(f"no records in {', '.join(library.labels)}: {reasons or 'the files are empty'}")
        files = []
        for file in library.files:
            review.files.keep(file.path.read_bytes())
            defects = {defect.code: defect.n for defect in file.defects}
            files.append(ImportedFile(file.label, file.sha256, file.dialects, file.n_records, file.n_lost, defects))
        return self.import_rows(review_id, account, run_id, library.records, files)

    def deduplicate(self, review_id: str, account: str) -> Duplicates:
        """What deduplicating all records finds now; it stands from here on."""
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            made = deduplicated(self.rows(review_id), state.library.pairs.values(), state.library)
            check(state, account, review_id, made)
            self._append(review_id, review_id, account, made, "")
            return made

    def decide_pair(self, review_id: str, account: str, pair: Pair, reason: str) -> str:
        """The id of the event that says that two records are, or are not, one; the groups follow at once."""
        review = self._review(review_id)
        with review.lock:
            event_id = self.say(review_id, account, pair.record_id_l, pair, reason)
            self.deduplicate(review_id, account)
            return event_id

    def begin_update(self, review_id: str, account: str, reason: str) -> int:
        """The number of the update that begins: what is included now is what the review held before."""
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            studies, reports = state.studies(), state.included()
            update = Update(state.update + 1, len(studies), len(reports), tuple(reports))
            self.say(review_id, account, review_id, update, reason)
            return update.number

    # -- inside ------------------------------------------------------------------------------------------------------

    def _review(self, review_id: str) -> _Open:
        with self._lock:
            if review_id not in self._open:
                files = Files(self._folder / _plain(review_id))
                state = ReviewState(review_id, files.records)
                self._open[review_id] = _Open(state, files, threading.RLock())
            return self._open[review_id]

    def _append(self, review_id: str, subject: str, account: str, payload: Payload, reason: str) -> str:
        review = self._review(review_id)
        kind = name_of(payload)
        words = reason.strip() or kind.removeprefix("review.")
        with review.lock:
            event = self._journal.append(kind, subject, account, words, to_json(payload), SCOPE + review_id)
            self._catch_up(review)
        return event.event_id

    def _catch_up(self, review: _Open) -> None:
        state = review.state
        for event in self._journal.events(SCOPE + state.review_id, state.ordinal):
            if event.kind != WITHDRAWN and event.kind not in KINDS:
                state.ordinal = event.ordinal
                continue
            state.apply(
                event.ordinal,
                event.event_id,
                event.kind,
                event.subject_l,
                event.actor,
                event.reason,
                event.decided_at,
                event.payload,
            )


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


def _plain(review_id: str) -> str:
    if not review_id.isalnum():
        raise InputError(f"{review_id!r} names no review: open the list of reviews")
    return review_id
