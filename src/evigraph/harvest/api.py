"""Harvesting by name: files that are at hand, or a live source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from evigraph.errors import HarvestError, InputError
from evigraph.harvest.crossref import Crossref
from evigraph.harvest.datacite import DataCite
from evigraph.harvest.europepmc import EuropePmc
from evigraph.harvest.live import Harvest, LiveSource, Search, walk
from evigraph.harvest.openaire import OpenAire
from evigraph.harvest.openalex import OpenAlex
from evigraph.harvest.payloads import Payload, PayloadWriter, Progress, check_file
from evigraph.harvest.pubmed import PubMed
from evigraph.harvest.registry_works import ORCID_HOST as ORCID_HOST
from evigraph.harvest.registry_works import REGISTRIES as REGISTRIES
from evigraph.harvest.registry_works import RegistryWork as RegistryWork
from evigraph.harvest.registry_works import fetch_work as fetch_work
from evigraph.harvest.registry_works import keep_works as keep_works
from evigraph.harvest.registry_works import orcid_dois as orcid_dois
from evigraph.net.client import Client

#: Makes a live source from its key (null: none).
SourceMaker = Callable[[str | None], LiveSource]

#: The sources that come with evigraph.
SOURCES: dict[str, SourceMaker] = {
    "pubmed": PubMed,
    "crossref": Crossref,
    "openalex": OpenAlex,
    "openaire": OpenAire,
    "datacite": DataCite,
    "europepmc": EuropePmc,
}

#: The sources that are harvested from files alone: registries, dumps and exports that no live source answers for.
FILE_SOURCES: tuple[str, ...] = (
    *("exports", "oai_pmh", "opencitations", "jats"),
    *("ror", "funders", "doaj", "retractions", "issn_l", "coar"),
)

#: The entry-point group by which another package adds a source: its name, and a `SourceMaker`.
ENTRY_POINTS = "evigraph.sources"


@dataclass(frozen=True)
class FileHarvest:
    """What became of the files: a payload each (see `Payload.is_new`), or the reason why not."""

    payloads: tuple[Payload, ...]
    refused: tuple[InputError, ...]


def source_names() -> tuple[str, ...]:
    """The names of all sources that files can be harvested for: live ones, file-only ones, and those of others."""
    own = dict.fromkeys((*SOURCES, *FILE_SOURCES))
    return (*own, *sorted(_additions().keys() - own.keys()))


def live_source_names() -> tuple[str, ...]:
    """The names of the sources that can be asked over the network, evigraph's own first."""
    return (*SOURCES, *sorted(_additions().keys() - SOURCES.keys() - set(FILE_SOURCES)))


def harvest_files(home: Path, source: str, files: Iterable[Path], progress: Progress | None = None) -> FileHarvest:
    """Copies files into the graph as payloads of a source; a file that cannot be used costs only itself.

    `progress` is told the file's name, the bytes done and the bytes in all of the files together.

    Raises:
        InputError: an unknown source, or no files.
        BusyError: another process is harvesting into that source.
        HarvestError: the graph's folder cannot be written.
    """
    _known(source)
    usable: list[Path] = []
    refused: list[InputError] = []
    for file in files:
        try:
            check_file(file)
            usable.append(file)
        except InputError as error:
            refused.append(error)
    if not usable and not refused:
        raise InputError("no file was named: add the files to harvest to the command")
    if not usable:
        return FileHarvest((), tuple(refused))
    n_total = sum(file.stat().st_size for file in usable)
    payloads: list[Payload] = []
    n_before = 0
    with PayloadWriter(home, source) as writer:
        for file in usable:

            def told(done: int, name: str = file.name, before: int = n_before) -> None:
                if progress is not None:
                    progress(name, before + done, n_total)

            try:
                payloads.append(writer.add(file, progress=told))
                n_before += payloads[-1].size
            except InputError as error:
                refused.append(error)
    return FileHarvest(tuple(payloads), tuple(refused))


def harvest_live(
    home: Path,
    source: str | LiveSource,
    query: str,
    limit: int | None,
    since: str | None,
    client: Client,
    progress: Progress | None = None,
    key: str | None = None,
) -> Harvest:
    """Harvests what a live source finds for `query`, each page of its answer as a payload.

    Goes on where an earlier call with the same query and `since` was cut off. `since` is a date; what it
    selects by is the source's to say. `key` is the source's key or token. `progress` is told the source's
    name, the records retrieved and the records announced.

    Raises:
        InputError: an unknown or file-only source, no date in `since`, or a limit below 1.
        BusyError: another process is harvesting into that source.
        HarvestError: the source cannot be reached or refuses; what came is kept, and the message says what to do.
    """
    live = _maker(source)(key) if isinstance(source, str) else source
    return walk(home, live, Search(query.strip(), since), limit, client, progress)


def live_source(source: str, key: str | None = None) -> LiveSource:
    """The live source of this name.

    Raises:
        InputError: there is none.
        HarvestError: it belongs to another package and cannot be loaded.
    """
    return _maker(source)(key)


def _known(source: str) -> None:
    if source not in source_names():
        raise InputError(f"{source!r} is not a known source: use one of {', '.join(source_names())}")


def _maker(source: str) -> SourceMaker:
    _known(source)
    if source in SOURCES:
        return SOURCES[source]
    if source in FILE_SOURCES:
        raise InputError(f"{source} cannot be queried, it is read from files: evigraph harvest {source} FILE…")
    addition = _additions()[source]
    try:
        return cast(SourceMaker, addition.load())
    except Exception as error:
        raise HarvestError(f"the source {source} cannot be loaded ({error}): reinstall {addition.value}") from error


def _additions() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
