"""Reviews as people work in them: what somebody says is checked, written to the ledger, and stands at once."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from evigraph.errors import InputError
from evigraph.review.checks import check, check_role, check_undo
from evigraph.review.duplicates import deduplicated
from evigraph.review.files import Files
from evigraph.review.journal import Journal
from evigraph.review.kind import Payload
from evigraph.review.kinds import (
    KINDS,
    Duplicates,
    Member,
    Opened,
    Pair,
    Update,
    name_of,
    to_json,
)
from evigraph.review.records import Row, frozen
from evigraph.review.searches import Import, ImportedFile, SearchRun
from evigraph.review.state import ReviewState
from evigraph.store.event import WITHDRAWN
from evigraph.store.kinds import ONCE

#: What a scope of the ledger that is a review begins with.
SCOPE = "review:"


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

    def say(
        self, review_id: str, account: str, subject: str, payload: Payload, reason: str = "", once: str = ""
    ) -> str:
        """The id of the event by which a member says something.

        Args:
            review_id: of the review.
            account: who says it.
            subject: what it is about, as the kind of the payload wants it: a record, a member, a run, a name.
            payload: what is said.
            reason: in their own words, where they gave any.
            once: a key of the sender's; what is sent again under the same key, since its answer was lost, is kept once.

        Raises:
            InputError: their role does not let them, or it contradicts what stands; the message says what to do.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            check(state, account, subject, payload)
            return self._append(review_id, subject, account, payload, reason, once)

    def say_all(self, review_id: str, account: str, said: Sequence[tuple[str, Payload]], reason: str) -> int:
        """How many things (subject, payload) are said at once, all or none of them.

        Whether the account may say them is looked at; that they fit to what stands is for the caller to see, who knows
        them together.

        Raises:
            InputError: their role does not let them.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            for kind in {name_of(payload) for _, payload in said}:
                check_role(state, account, KINDS[kind])
            events = [(name_of(payload), subject, to_json(payload)) for subject, payload in said]
            if events:
                self._journal.append_all(events, account, reason, SCOPE + review_id)
            self._catch_up(review)
        return len(events)

    def undo(self, review_id: str, account: str, event_id: str, reason: str = "") -> str:
        """The id of the event that takes an earlier one back: one's own, or, for a lead, any but another's vote.

        Raises:
            InputError: the event is not of this review or is undone already, it is not theirs to undo, or it cannot
                be undone.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            said = check_undo(state, account, event_id)
            if state.slots.is_withdrawn(event_id):
                raise InputError("this is withdrawn already: open the history again")
            event = self._journal.withdraw(event_id, account, reason or "undone", SCOPE + review_id)
            self._catch_up(review)
            self._after_undo(review_id, account, said.kind)
            return event.event_id

    def redo(self, review_id: str, account: str, event_id: str) -> str:
        """The id of the event by which something that was undone stands again.

        Raises:
            InputError: the event is not of this review or is not undone, or it is not theirs to say.
        """
        review = self._review(review_id)
        with review.lock:
            state = self.state(review_id)
            said = check_undo(state, account, event_id)
            withdrawal = state.slots.withdrawal_of(event_id)
            if withdrawal is None:
                raise InputError("this stands, and was not undone: open the history again")
            event = self._journal.withdraw(withdrawal, account, "said again", SCOPE + review_id)
            self._catch_up(review)
            self._after_undo(review_id, account, said.kind)
            return event.event_id

    def _after_undo(self, review_id: str, account: str, kind: str) -> None:
        if kind in ("review.pair", "review.import", "review.search"):
            self.deduplicate(review_id, account)

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
        # What reads exports is loaded when it is needed: a portal starts without it.
        from evigraph.library.reading import read_library

        review = self._review(review_id)
        library = read_library(paths).with_records()
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

    def _append(self, review_id: str, subject: str, account: str, payload: Payload, reason: str, once: str = "") -> str:
        review = self._review(review_id)
        kind = name_of(payload)
        words = reason.strip() or kind.removeprefix("review.")
        fields = to_json(payload) | ({ONCE: once} if once else {})
        with review.lock:
            event = self._journal.append(kind, subject, account, words, fields, SCOPE + review_id)
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


def _plain(review_id: str) -> str:
    if not review_id.isalnum():
        raise InputError(f"{review_id!r} names no review: open the list of reviews")
    return review_id
