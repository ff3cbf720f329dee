"""The walk along a repository's list of records: tokens, refusals, repeated pages, and the reckoning at the end."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from evigraph.errors import HarvestError
from evigraph.harvest.log import Payload
from evigraph.harvest.oai_pmh_answer import OaiAnswer, RecordHeader
from evigraph.harvest.oai_pmh_refusals import Refusal, answered, need_set, refused
from evigraph.harvest.oai_pmh_repository import ask, instant, place, request_address, what_it_is
from evigraph.harvest.oai_pmh_state import PAGES_REMEMBERED, OaiHarvest, OaiState, write_state
from evigraph.harvest.payloads import PayloadWriter, Progress
from evigraph.model.repository import payload_name
from evigraph.net.client import AnswerError, Client

#: After so many equal pages the repository has no more to say.
MOST_EQUAL_PAGES = 3


def first_arguments(state: OaiState) -> dict[str, str]:
    """The arguments that ask for the first page of a state's list."""
    stated = {"set": state.set, "from": state.list_from, "until": state.until}
    asked = {name: value for name, value in stated.items() if value is not None}
    return {"verb": "ListRecords", "metadataPrefix": state.prefix, **asked}


class ListWalk:
    """A walk along `ListRecords` from where its state stands; `run` it once."""

    def __init__(
        self,
        writer: PayloadWriter,
        key: str,
        file: Path,
        state: OaiState,
        client: Client,
        prefixes: tuple[str, ...],
        progress: Progress | None,
    ) -> None:
        self.writer, self.key, self.file, self.state = writer, key, file, state
        self.client, self.prefixes, self.progress = client, prefixes, progress
        self.place = place(state.base_url)
        self.seen = set(state.latest_pages)
        self.payloads: list[Payload] = []
        self.halt: str | None = None

    def run(self) -> OaiHarvest:
        """What came, when the list has ended or cannot be gone on with now.

        Raises:
            InputError: the repository has no such set or format.
            HarvestError: it cannot be reached or refuses; what came is kept.
        """
        self._respect_pause()
        while not self.state.is_finished and self.halt is None:
            arguments = self._arguments()
            try:
                answer, content = ask(self.client, self.state.base_url, arguments)
            except AnswerError as error:
                self._keep_pause(error)
                if self.state.token is None or error.wait is not None or error.status in (401, 403, 429, 503):
                    raise
                self._restart(f"answered {error.status} to it", error)
                continue
            if answer.errors:
                self._refused(answer)
            elif answer.root is None:
                self.halt = (
                    f"{self.place} sent {what_it_is(content)} instead of page {self.state.n_pages + 1}, and the "
                    "harvest stopped there: run the same command again to go on"
                )
            else:
                self._take(answer, content, request_address(self.state.base_url, arguments))
        return self._result()

    def _arguments(self) -> dict[str, str]:
        state = self.state
        if state.token is not None:
            repeated = {"metadataPrefix": state.prefix} if state.repeats_prefix else {}
            return {"verb": "ListRecords", "resumptionToken": state.token, **repeated}
        return first_arguments(state)

    def _refused(self, answer: OaiAnswer) -> None:
        """Goes on after an error of the protocol as far as there is a way."""
        state = self.state
        refusal = refused(answer.errors, state)
        if refusal is Refusal.NOTHING:
            if state.token is None and state.list_from is None:
                need_set(self.client, state)
            self._finish(is_explicit=True)
        elif refusal is Refusal.TOKEN:
            self._restart("no longer knew it", None)
        elif refusal is Refusal.RESUMPTION_WITHOUT_PREFIX:
            self._write(replace(state, repeats_prefix=True))
        else:
            self._write(answered(refusal, answer.errors, state, self.client, self.prefixes))

    def _restart(self, reason: str, cause: Exception | None) -> None:
        """Asks for the list anew, from the newest datestamp where the repository lists by it, else from its start."""
        state = self.state
        # Equal datestamps alone do not show in which order the repository lists.
        by_date = state.is_in_order and state.first != state.newest
        list_from = self._granular(state.newest) if by_date else state.start
        n_total = state.n_announced if state.n_announced is not None else state.n_owed
        n_owed = None if n_total is None else max(0, n_total - state.n_list)
        since = f"from {list_from}" if list_from else "from the beginning"
        if since in state.restarts:
            self._write(replace(state, token=None, list_from=list_from, n_list=0, n_announced=None, cursor=None))
            raise HarvestError(
                f"{self.place} refused its own resumption token again ({reason}), after the harvest had begun anew "
                f"{since}: run the same command later; what was fetched is kept"
            ) from cause
        self.seen = set()
        problem = (
            f"{self.place} gave a resumption token and {reason}: the list was asked for anew {since}, and records may "
            "have come twice"
        )
        self._write(
            replace(
                state,
                token=None,
                list_from=list_from,
                n_list=0,
                n_announced=None,
                n_owed=n_owed if by_date else None,
                cursor=None,
                n_equal=0,
                latest_pages=[],
                restarts=[*state.restarts, since],
                notes=[*state.notes, problem],
            )
        )

    def _restart_from_start(self, state: OaiState, n_total: int) -> None:
        """Asks for the whole list, for the rest of it is smaller than what is missing: it is not listed by date."""
        note = (
            f"{self.place} has {n_total:,} records from {state.list_from} on where {state.n_owed:,} are missing: the "
            "list was asked for from its beginning"
        )
        self.seen = set()
        self._write(
            replace(
                state,
                token=None,
                list_from=state.start,
                n_list=0,
                n_announced=None,
                n_owed=None,
                cursor=None,
                is_in_order=False,
                latest_pages=[],
                notes=[*state.notes, note],
            )
        )

    def _granular(self, stamp: str | None) -> str | None:
        # A datestamp of seconds from a repository that claims days is no argument that it would take.
        return stamp if stamp is None or self.state.has_seconds else stamp[:10]

    def _take(self, answer: OaiAnswer, content: bytes, origin: str) -> None:
        """Keeps a page and moves on."""
        state, headers = self.state, answer.headers
        ordinal = state.n_pages + 1
        identity = _identity(headers)
        is_equal = identity in self.seen
        n_equal = state.n_equal + 1 if is_equal else 1
        problems, notes = list(state.problems), list(state.notes)
        is_cut = not answer.is_whole and answer.token is None
        if is_equal and n_equal >= MOST_EQUAL_PAGES:
            problem = f"{self.place} sent the same page {n_equal} times; the harvest ended there"
            self._write(replace(state, problems=[*problems, problem]))
            self._finish(is_explicit=False)
            return
        if headers and not is_equal:
            name = payload_name(state.repository, self.key, ordinal)
            self.payloads.append(self.writer.add_content(name, content, origin, None))
        if is_cut:
            self.halt = (
                f"page {ordinal} of {self.place} breaks off; what it holds is kept, and the harvest stopped there: run "
                "the same command again to go on"
            )
            return
        if _went_back(answer.cursor, state.cursor) and not any("counted back" in note for note in notes):
            notes.append(f"{self.place} counted back from record {state.cursor} to {answer.cursor}")
        self.seen.add(identity)
        is_outside, names_set = self._is_outside(headers)
        moved = replace(
            state,
            began_at=self._began_at(answer) if ordinal == 1 else state.began_at,
            token=answer.token or None,
            n_pages=ordinal,
            n_retrieved=state.n_retrieved + (0 if is_equal else len(headers)),
            n_deleted=state.n_deleted + (0 if is_equal else sum(header.is_deleted for header in headers)),
            n_list=state.n_list + (0 if is_equal else len(headers)),
            n_announced=answer.n_total if answer.n_total is not None else state.n_announced,
            cursor=answer.cursor if answer.cursor is not None else state.cursor,
            n_malformed=state.n_malformed + (not answer.is_well_formed),
            **_order(headers, state),
            names_set=names_set,
            n_equal=n_equal,
            latest_pages=[*state.latest_pages, identity][-PAGES_REMEMBERED:],
            problems=problems,
            notes=notes,
        )
        n_rest = answer.n_total if answer.token or answer.n_total is not None else moved.n_list
        if state.n_owed is not None and n_rest is not None and n_rest < state.n_owed:
            self._restart_from_start(moved, n_rest)
        elif is_outside:
            problem = (
                f"page {ordinal} of {self.place} holds records outside the set {state.set}: the repository lost it "
                "from its resumption token, and the harvest ended there"
            )
            self.state = replace(moved, problems=[*problems, problem])
            self._finish(is_explicit=False)
        elif answer.token:
            self._write(moved)
        else:
            self.state = moved
            self._finish(is_explicit=answer.token == "" or ordinal == 1)
        if self.progress is not None:
            self.progress(self.writer.source, self.state.n_retrieved, self._expected())

    def _malformed(self) -> list[str]:
        n = self.state.n_malformed
        return [f"{n:,} pages of {self.place} are no well-formed XML; they are kept as they came"] if n else []

    def _expected(self) -> int | None:
        state = self.state
        return None if state.n_announced is None else state.n_announced + state.n_retrieved - state.n_list

    def _began_at(self, answer: OaiAnswer) -> str | None:
        """The repository's time at the first page, where it agrees with that of its first answer."""
        stated, first = instant(answer.response_date), instant(self.state.began_at)
        if stated is None or first is None or abs(stated - first) > timedelta(days=1):
            return self.state.began_at
        return max(min(stated, first + timedelta(hours=1)), first).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _is_outside(self, headers: tuple[RecordHeader, ...]) -> tuple[bool, bool | None]:
        """Whether a page has left the set that was asked for, and whether all records so far are in it as they say."""
        wanted, names_set = self.state.set, self.state.names_set
        stated = [header.sets for header in headers if header.sets]
        if wanted is None or not stated or names_set is False:
            return False, names_set
        are_inside = all(any(spec == wanted or spec.startswith(f"{wanted}:") for spec in sets) for sets in stated)
        return (not are_inside, True) if names_set else (False, are_inside)

    def _finish(self, is_explicit: bool) -> None:
        """Ends the harvest and reckons what came with what was announced.

        A list that the repository ends itself is complete whatever it announced, for that may be an estimate
        (§3.5); one that just stops short of it is not.
        """
        state = self.state
        problems = list(state.problems)
        missing = (state.n_announced or 0) - state.n_list
        is_complete = not problems and (is_explicit or missing <= 0)
        if state.n_announced is not None and missing:
            how = "are missing" if missing > 0 else "are more than that"
            remedy = "the repository itself ended the list" if is_explicit else "run the same command again"
            counted = (
                f"{self.place} announced {state.n_announced:,} records and sent {state.n_list:,}: {abs(missing):,} "
                f"{how}; {remedy}"
            )
            if missing > 0:
                problems.append(counted)
            else:
                state = replace(state, notes=[*state.notes, counted])
        watermark = state.began_at if is_complete and state.until is None else state.watermark
        # The payload of the last page is on disk before this; a kill between the two repeats that page.
        self._write(
            replace(
                state, token=None, is_finished=True, is_complete=is_complete, watermark=watermark, problems=problems
            )
        )

    def _respect_pause(self) -> None:
        """Keeps a pause that an earlier call was asked for and could not wait out."""
        resume_at = instant(self.state.resume_at)
        if resume_at is None:
            return
        remaining = (resume_at - datetime.now(UTC)).total_seconds()
        if remaining > self.client.policy.longest_wait:
            raise HarvestError(
                f"{self.place} asked for a pause until {self.state.resume_at}: run the same command again after that; "
                "what was fetched is kept"
            )
        if remaining > 0:
            self.client.hold(urlsplit(self.state.base_url).hostname or "", remaining)
        self._write(replace(self.state, resume_at=None))

    def _keep_pause(self, error: AnswerError) -> None:
        if error.wait is not None:
            # A second more, as the text leaves fractions out.
            resume_at = datetime.now(UTC) + timedelta(seconds=error.wait + 1)
            self._write(replace(self.state, resume_at=resume_at.isoformat(timespec="seconds")))

    def _write(self, state: OaiState) -> None:
        self.state = state
        write_state(self.file, state)

    def _result(self) -> OaiHarvest:
        state = self.state
        return OaiHarvest(
            source=self.writer.source,
            payloads=tuple(self.payloads),
            n_retrieved=state.n_retrieved,
            n_announced=self._expected(),
            is_complete=state.is_complete,
            problems=(*state.problems, *([self.halt] if self.halt else [])),
            watermark=state.watermark if state.is_complete else None,
            repository=state.repository,
            prefix=state.prefix,
            changed_since=state.start,
            n_deleted=state.n_deleted,
            notes=(*state.notes, *self._malformed()),
        )


class _Order(TypedDict):
    first: str | None
    newest: str | None
    is_in_order: bool


def _identity(headers: tuple[RecordHeader, ...]) -> str:
    """What makes a page the same: its identifiers in their order. Pages without records are all the same."""
    text = "\n".join(header.identifier for header in headers)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _went_back(cursor: int | None, before: int | None) -> bool:
    return cursor is not None and before is not None and cursor < before


def _order(headers: tuple[RecordHeader, ...], state: OaiState) -> _Order:
    """The first and newest datestamp so far, and whether they never went back."""
    is_in_order, first, newest = state.is_in_order, state.first, state.newest
    for header in headers:
        stamp = header.datestamp
        if stamp is None or instant(stamp) is None:
            is_in_order = False
            continue
        first = first or stamp
        if newest is None or stamp >= newest:
            newest = stamp
        else:
            is_in_order = False
    return {"first": first, "newest": newest, "is_in_order": is_in_order}
