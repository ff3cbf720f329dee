"""Any repository, live: its records by OAI-PMH, page by page, resumable, and incremental by datestamp.

The protocol: OAI-PMH 2.0 (openarchives.org/OAI/openarchivesprotocol.html). Each page of `ListRecords` is kept
verbatim as a payload of the source `oai_pmh`; the repository's name goes into the payload's name. The position is
written down after each page, so that a harvest that was killed repeats at most one page.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from evigraph.errors import HarvestError, InputError
from evigraph.harvest.oai_pmh_list import ListWalk
from evigraph.harvest.oai_pmh_repository import (
    Repository,
    clean_base_url,
    datestamp,
    identify,
    instant,
    metadata_formats,
    overlapped,
    place,
    usable_prefixes,
)
from evigraph.harvest.oai_pmh_state import OaiHarvest, OaiState, load_state, state_file, state_key, write_state
from evigraph.harvest.payloads import PayloadWriter, Progress
from evigraph.net.client import Client

#: The name of the source: one for all repositories, as OAI identifiers are unique among them.
SOURCE = "oai_pmh"

#: Requests a second to a repository whose own wishes are not known.
RATE = 2.0

#: A repository's clock may be ahead of ours by this before it is not believed.
_MOST_AHEAD = timedelta(days=1)


def harvest_oai(
    home: Path,
    base_url: str,
    client: Client,
    set: str | None = None,
    prefix: str | None = None,
    since: str | None = None,
    progress: Progress | None = None,
    until: str | None = None,
) -> OaiHarvest:
    """Harvests a repository's records, each page of them as a payload; an `OaiHarvest`.

    The first harvest brings everything; the same call later brings what changed since the last complete one began,
    by the repository's own clock and overlapping by the granularity of its datestamps. `since` and `until` are
    dates that bound the datestamps instead. `set` is a setSpec. `prefix` is a metadata format; without it the richest
    that can be cleaned is taken: OpenAIRE, DataCite, Crossref, Dublin Core. A call that was cut off is gone on with.

    Raises:
        InputError: no address, no date, a set or a format that the repository does not have.
        BusyError: another process is harvesting into this source.
        HarvestError: the repository cannot be reached or is none; what came is kept, and the message says what to do.
    """
    url = clean_base_url(base_url)
    for text in (since, until):
        if text is not None and instant(text) is None:
            raise InputError(f"{text!r} is no date: write it as 2024-05-31")
    if since and until and _moment(since) > _moment(until):
        raise InputError(f"since {since} lies after until {until}: no record can have changed between them")
    client.set_rate(urlsplit(url).hostname or "", RATE)
    with PayloadWriter(home, SOURCE) as writer:
        key = state_key(url, set, prefix, since, until)
        file = state_file(writer.folder, key)
        state, prefixes = load_state(file), _told(prefix)
        if state is None or state.is_finished or (state.n_pages == 0 and state.resume_at is None):
            state, prefixes = begin(client, url, set, prefix, since, until, state)
            write_state(file, state)
        walk = ListWalk(writer, key, file, state, client, prefixes, progress)
        return walk.run()


def _told(prefix: str | None) -> tuple[str, ...]:
    return () if prefix is None else (prefix,)


def begin(
    client: Client,
    url: str,
    set_spec: str | None,
    prefix: str | None,
    since: str | None,
    until: str | None,
    before: OaiState | None,
) -> tuple[OaiState, tuple[str, ...]]:
    """The state of a new harvest, and the formats it may take, the best first."""
    repository = identify(client, url)
    notes: list[str] = []
    prefixes = _prefixes(client, url, prefix, notes)
    seconds = repository.has_seconds
    watermark = None
    if before is not None and before.watermark and since is None and until is None:
        # A change of format would leave half of the records in the old one, so it begins anew.
        if before.prefix in prefixes:
            watermark = before.watermark
            prefixes = (before.prefix, *(p for p in prefixes if p != before.prefix))
        else:
            notes.append(f"{place(url)} no longer offers {before.prefix}: all records were asked for as {prefixes[0]}")
    start = None
    if since is not None:
        start = datestamp(_moment(since), seconds)
    elif watermark is not None:
        start = datestamp(overlapped(_moment(watermark), seconds), seconds)
        if repository.deleted_record != "persistent":
            notes.append(
                f"{place(url)} does not keep its deletions (deletedRecord is {repository.deleted_record}): records "
                "that it has dropped may stay here"
            )
    return (
        OaiState(
            base_url=url,
            set=set_spec,
            until=None if until is None else _end_of(until, seconds),
            prefix=prefixes[0],
            repository=repository.name,
            has_seconds=seconds,
            deleted_record=repository.deleted_record,
            start=start,
            list_from=start,
            began_at=_began_at(repository, notes, url),
            watermark=watermark,
            notes=notes,
        ),
        prefixes,
    )


def _prefixes(client: Client, url: str, prefix: str | None, notes: list[str]) -> tuple[str, ...]:
    """The formats to ask for, the best first.

    Raises:
        InputError: the repository has not the one that was asked for, or none that can be cleaned.
    """
    formats = metadata_formats(client, url)
    names = [name for name, _ in formats]
    offered = ", ".join(names)
    if prefix is not None:
        if names and prefix not in names:
            raise InputError(f"{place(url)} does not offer the format {prefix}: it has {offered}")
        return (prefix,)
    if not formats:
        notes.append(f"{place(url)} does not say which formats it has: oai_dc was taken, which every repository must")
        return ("oai_dc",)
    usable = usable_prefixes(formats)
    if not usable:
        raise InputError(f"{place(url)} offers no format that can be cleaned here, only {offered}: name one to keep it")
    return usable


def _began_at(repository: Repository, notes: list[str], url: str) -> str:
    """The repository's time as the harvest begins, ours where it gives none that can be believed."""
    now = datetime.now(UTC)
    stated = instant(repository.response_date)
    if stated is not None and stated <= now + _MOST_AHEAD:
        return datestamp(stated, has_seconds=True)
    notes.append(f"{place(url)} gives no time that can be believed ({repository.response_date}): our own was taken")
    return datestamp(now - _MOST_AHEAD, has_seconds=True)


def _end_of(until: str, has_seconds: bool) -> str:
    """The end of the period in the repository's granularity; a date alone includes its day."""
    moment = _moment(until)
    is_day = len(until.strip()) <= len("2024-05-31")
    return datestamp(moment + timedelta(days=1, seconds=-1) if is_day else moment, has_seconds)


def _moment(text: str) -> datetime:
    moment = instant(text)
    if moment is None:
        raise HarvestError(f"{text!r} is no date")
    return moment
