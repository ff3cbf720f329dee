"""Harvesting as the command line asks for it: files at hand, or a query to a live source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.cli.terminal import Report, err
from evigraph.errors import InputError
from evigraph.harvest.api import harvest_files, harvest_live
from evigraph.harvest.log import Payload
from evigraph.harvest.oai_pmh import SOURCE, harvest_oai
from evigraph.net.client import Client, Policy
from evigraph.settings import Settings


def keep_files(home: Path, source: str, files: list[Path], report: Report) -> tuple[list[Payload], list[str]]:
    """The payloads made of the files, and a line for each file that could not be kept."""
    kept = harvest_files(home, source, files, report)
    return list(kept.payloads), [str(error) for error in kept.refused]


def harvest_query(
    home: Path, source: str, query: str, limit: int, since: str | None, settings: Settings, report: Report
) -> tuple[list[Payload], list[str]]:
    """The payloads of a live source's answer to `query`, and a line for each thing amiss."""
    asked = settings.harvest
    key = getattr(asked, f"{source}_key", None)
    policy = Policy(contact=asked.contact or settings.graph.contact, allowed_hosts=frozenset(asked.allow_hosts))
    with make_client(policy) as client:
        harvest = harvest_live(home, source, query, limit, since, client, report, key)
    return list(harvest.payloads), list(harvest.problems)


def harvest_repository(
    home: Path,
    url: str,
    set_spec: str | None,
    prefix: str | None,
    since: str | None,
    settings: Settings,
    report: Report,
) -> tuple[list[Payload], list[str]]:
    """The payloads of a repository's records, and a line for each thing amiss; notes are shown at once."""
    asked = settings.harvest
    policy = Policy(contact=asked.contact or settings.graph.contact, allowed_hosts=frozenset(asked.allow_hosts))
    with make_client(policy) as client:
        harvest = harvest_oai(home, url, client, set_spec, prefix, since, report)
    for note in harvest.notes:
        err.print(f"evigraph: {note}", markup=False)
    return list(harvest.payloads), list(harvest.problems)


def make_client(policy: Policy) -> Client:
    """The client that live sources are asked with."""
    return Client(policy)


def as_document(payload: Payload) -> dict[str, Any]:
    """A payload as the command's JSON shows it."""
    return {
        "name": payload.name,
        "origin": payload.origin,
        "harvested_at": payload.harvested_at,
        "sha256": payload.sha256,
        "bytes": payload.size,
        "is_new": payload.is_new,
    }


def need_repositories(source: str) -> None:
    """Nothing, if the source is the one that repositories are harvested into.

    Raises:
        InputError: it is not.
    """
    if source != SOURCE:
        raise InputError(f"--url names a repository: harvest it with `evigraph harvest {SOURCE} --url BASE`")


def need_one(files: list[Path], query: str | None, url: str | None = None) -> None:
    """Nothing, if files, a query or a repository's address were given.

    Raises:
        InputError: none was, or more than one.
    """
    if (bool(files), bool(query), url is not None).count(True) != 1:
        raise InputError("name files, or ask the live source with --query TEXT, or a repository with --url BASE")
