"""A live harvest: walks a source's answers page by page, keeps each as a payload, and can be killed at any time.

The position is written down after each page, so that a harvest that was killed or throttled goes on where it
stood and repeats at most the page it was at. It ends when the source has no more, when the limit is reached,
or when the source sends a page again that it has sent before; what came is then reconciled with the total that
the source announced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from evigraph.errors import HarvestError, InputError
from evigraph.harvest.log import Payload
from evigraph.harvest.payloads import PayloadWriter, Progress, source_folder
from evigraph.net.client import AnswerError, Client
from evigraph.store.durable import write_durably

#: Error statuses by which sources say that a cursor is not, or no longer, valid.
_CURSOR_REFUSED = frozenset({400, 404, 410, 422})

#: How often a page that cannot be read is asked for, and the pause in seconds between.
_READINGS = 3
_READING_PAUSE = 5.0


@dataclass(frozen=True)
class Search:
    """What is asked of a source: a query in its own syntax, and the date from which changes are wanted."""

    query: str
    since: str | None = None


@dataclass(frozen=True)
class Page:
    """One answer of a source.

    Attributes:
        content: as it came.
        origin: its address, without keys and personal data.
        record_ids: the ids of its records in order; null where the answer cannot be read.
        n_total: how many records the source announces for the whole search; null where it does not say.
        next_cursor: where the following page begins; null at the end, or where it cannot be known.
    """

    content: bytes
    origin: str
    record_ids: tuple[str, ...] | None
    n_total: int | None
    next_cursor: str | None


class LiveSource(Protocol):
    """A source that answers searches over the network, page by page."""

    #: The source's name, host and the extension of its payloads.
    name: str
    host: str
    suffix: str
    #: The most records that a page may hold.
    page_size: int

    def prepare(self, client: Client) -> None:
        """Tells the client how fast the source may be asked."""
        ...

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """The page that begins at `cursor` (null: the first), with at most `size` records.

        Raises:
            AnswerError: the source refuses; with one of the usual statuses for a bad cursor the walk begins anew.
            HarvestError: the source cannot be reached.
        """
        ...


@dataclass(frozen=True)
class Harvest:
    """What a live harvest brought.

    `problems` holds a line for everything that a reader of the numbers must know; `is_complete` says that the
    source had no more and that nothing announced is missing. `watermark` is the date to go on from next time.
    """

    source: str
    payloads: tuple[Payload, ...]
    n_retrieved: int
    n_announced: int | None
    is_complete: bool
    problems: tuple[str, ...] = ()
    watermark: str | None = None


@dataclass(frozen=True)
class _State:
    query: str
    since: str | None
    started_at: str
    cursor: str | None = None
    n_pages: int = 0
    n_retrieved: int = 0
    n_announced: int | None = None
    last_page: str | None = None
    resume_at: str | None = None
    is_finished: bool = False
    is_complete: bool = False
    problems: list[str] = field(default_factory=list)


def walk(
    home: Path, source: LiveSource, search: Search, limit: int | None, client: Client, progress: Progress | None = None
) -> Harvest:
    """Harvests a search and keeps each page as a payload; goes on where an earlier, unfinished call stood.

    Raises:
        InputError: `since` is no date, or `limit` is below 1.
        BusyError: another process is harvesting into that source.
        HarvestError: the source cannot be reached or refuses; what came is kept.
    """
    _check(search, limit)
    source.prepare(client)
    with PayloadWriter(home, source.name) as writer:
        return _Walk(writer, source, search, limit, client, progress).run()


def watermark(home: Path, source: str, query: str) -> str | None:
    """The date on which the last complete harvest of a query began, to be its next `since`; null if there is none."""
    files = (source_folder(home, source) / "state").glob("*.json")
    states = [state for file in files if (state := _load(file)) is not None]
    return max((state.started_at[:10] for state in states if state.query == query and state.is_complete), default=None)


class _Walk:
    def __init__(
        self,
        writer: PayloadWriter,
        source: LiveSource,
        search: Search,
        limit: int | None,
        client: Client,
        progress: Progress | None,
    ) -> None:
        self.writer, self.source, self.search, self.limit = writer, source, search, limit
        self.client, self.progress = client, progress
        self.file = _state_file(writer.folder, search)
        stored = _load(self.file)
        now = _now().isoformat(timespec="seconds")
        resumes = stored is not None and not stored.is_finished
        self.state = stored if stored is not None and resumes else _State(search.query, search.since, now)
        self.seen = {self.state.last_page} - {None}
        self.may_restart = True
        self.payloads: list[Payload] = []
        self.halt: str | None = None

    def run(self) -> Harvest:
        self._respect_pause()
        while not self.state.is_finished:
            size = self.source.page_size
            if self.limit is not None:
                size = min(size, self.limit - self.state.n_retrieved)
            if size <= 0:
                self._write(self._finished(self.state, is_complete=False))
                break
            page = self._page(size)
            if page is not None and not self._take(page):
                break
        state = self.state
        return Harvest(
            source=self.source.name,
            payloads=tuple(self.payloads),
            n_retrieved=state.n_retrieved,
            n_announced=state.n_announced,
            is_complete=state.is_complete,
            problems=(*state.problems, *([self.halt] if self.halt else [])),
            watermark=state.started_at[:10] if state.is_complete else None,
        )

    def _respect_pause(self) -> None:
        """Keeps a pause that an earlier call was asked for and could not wait out."""
        if self.state.resume_at is None:
            return
        remaining = (datetime.fromisoformat(self.state.resume_at) - _now()).total_seconds()
        if remaining > self.client.policy.longest_wait:
            raise HarvestError(
                f"{self.source.name} asked for a pause until {self.state.resume_at}: run the same command again after "
                "that; what was fetched is kept"
            )
        if remaining > 0:
            self.client.hold(self.source.host, remaining)
        self._write(replace(self.state, resume_at=None))

    def _page(self, size: int) -> Page | None:
        """The next page, asked for again while it cannot be read; null where the walk has to begin anew."""
        cursor = self.state.cursor
        try:
            page = self.source.page(self.client, self.search, cursor, size)
            for _ in range(_READINGS - 1):
                if page.record_ids is not None:
                    break
                self.client.hold(self.source.host, _READING_PAUSE)
                page = self.source.page(self.client, self.search, cursor, size)
            return page
        except AnswerError as error:
            if error.wait is not None:
                # A second more, as the text leaves fractions out.
                resume_at = _now() + timedelta(seconds=error.wait + 1)
                self._write(replace(self.state, resume_at=resume_at.isoformat(timespec="seconds")))
            if cursor is None or error.status not in _CURSOR_REFUSED or not self.may_restart:
                raise
        self.may_restart = False
        self.seen = set()
        restarted = (
            f"{self.source.name} no longer knew where the harvest stood: it began anew, and records that were fetched "
            "before came again"
        )
        self._write(
            replace(
                self.state,
                cursor=None,
                n_retrieved=0,
                last_page=None,
                problems=[*self.state.problems, restarted],
            )
        )
        return None

    def _take(self, page: Page) -> bool:
        """Keeps a page and moves on; false where the walk cannot go on now."""
        identity = _identity(page.record_ids) if page.record_ids else None
        if identity is not None and identity in self.seen:
            problem = f"{self.source.name} sent the same page again; the harvest ended there"
            self._write(self._finished(self.state, is_complete=False, problem=problem))
            return True
        ordinal = self.state.n_pages + 1
        n_retrieved = self.state.n_retrieved + len(page.record_ids or ())
        n_announced = page.n_total if page.n_total is not None else self.state.n_announced
        is_last = page.next_cursor is None and page.record_ids is not None
        is_complete = is_last and n_retrieved >= (n_announced or 0)
        if page.content and page.record_ids != ():
            self.payloads.append(
                self.writer.add_content(
                    name=f"{self.source.name}-{_key(self.search)}-p{ordinal:06d}.{self.source.suffix}",
                    content=page.content,
                    origin=page.origin,
                    watermark=self.state.started_at[:10] if is_complete else None,
                )
            )
        if identity is not None:
            self.seen.add(identity)
        stays = page.record_ids is None and page.next_cursor is None
        problems = list(self.state.problems)
        if page.record_ids is None:
            fate = "it is kept as it came" if page.content else "it came empty"
            unread = f"page {ordinal} of {self.source.name} cannot be read; {fate}"
            if stays:
                self.halt = f"{unread}, and the harvest stopped there: run the same command again to go on"
            else:
                problems.append(f"{unread}, and the harvest went on after it")
        moved = replace(
            self.state,
            cursor=self.state.cursor if stays else page.next_cursor,
            n_pages=ordinal,
            n_retrieved=n_retrieved,
            n_announced=n_announced,
            last_page=identity or self.state.last_page,
            problems=problems,
        )
        # One write for both: between two, a kill would leave an end that reads like a beginning.
        self._write(self._finished(moved, is_complete) if is_last else moved)
        if self.progress is not None:
            expected = n_announced if self.limit is None else min(self.limit, n_announced or self.limit)
            self.progress(self.source.name, n_retrieved, expected)
        return not stays

    def _finished(self, state: _State, is_complete: bool, problem: str | None = None) -> _State:
        problems = [*state.problems, *([problem] if problem else [])]
        missing = (state.n_announced or 0) - state.n_retrieved
        is_limited = self.limit is not None and state.n_retrieved >= self.limit
        if missing > 0 and not is_limited:
            problems.append(
                f"{self.source.name} announced {state.n_announced:,} records and sent {state.n_retrieved:,}: "
                f"{missing:,} are missing; run the same command again"
            )
        return replace(state, is_finished=True, is_complete=is_complete, problems=problems)

    def _write(self, state: _State) -> None:
        self.state = state
        self.file.parent.mkdir(exist_ok=True)
        write_durably(self.file, json.dumps(asdict(self.state), ensure_ascii=False, indent=1))


def _now() -> datetime:
    return datetime.now(UTC)


def _check(search: Search, limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise InputError(f"a limit of {limit} lets nothing in: give 1 or more, or leave it out")
    if search.since is not None:
        try:
            date.fromisoformat(search.since)
        except ValueError:
            raise InputError(f"{search.since!r} is no date: write it as 2024-05-31") from None


def _key(search: Search) -> str:
    text = json.dumps([search.query, search.since], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _identity(record_ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(record_ids).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _state_file(folder: Path, search: Search) -> Path:
    return folder / "state" / f"{_key(search)}.json"


def _load(file: Path) -> _State | None:
    try:
        return _State(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise HarvestError(
            f"{file.name} in {file.parent.name} is damaged: delete it to begin that harvest anew"
        ) from error
