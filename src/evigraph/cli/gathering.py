"""Harvesting as the command line asks for it: files at hand, or a query to a live source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.cli.terminal import Report, err
from evigraph.errors import InputError
from evigraph.harvest.api import harvest_files, harvest_live, live_source
from evigraph.harvest.log import Payload
from evigraph.harvest.oai_pmh import SOURCE, harvest_oai
from evigraph.harvest.oai_pmh_plan import plan_repository
from evigraph.harvest.plan import RECORDS_PER_SECOND, Plan, plan_files, plan_live
from evigraph.net.client import Client, Policy
from evigraph.settings import Settings
from evigraph.store.releases import served_manifest


def keep_files(home: Path, source: str, files: list[Path], report: Report) -> tuple[list[Payload], list[str]]:
    """The payloads made of the files, and a line for each file that could not be kept."""
    kept = harvest_files(home, source, files, report)
    return list(kept.payloads), [str(error) for error in kept.refused]


def harvest_query(
    home: Path, source: str, query: str, limit: int, since: str | None, settings: Settings, report: Report
) -> tuple[list[Payload], list[str]]:
    """The payloads of a live source's answer to `query`, and a line for each thing amiss."""
    with make_client(policy_of(settings)) as client:
        harvest = harvest_live(home, source, query, limit, since, client, report, key_of(source, settings))
    return list(harvest.payloads), list(harvest.problems)


def plan(
    home: Path, source: str, files: list[Path], query: str | None, limit: int, since: str | None, settings: Settings
) -> Plan:
    """What a harvest of the files, or of the query, would bring; judged by the speed of this graph's last run."""
    rate = rate_of(home)
    if not query:
        return plan_files(home, source, files, rate)
    with make_client(policy_of(settings)) as client:
        live = live_source(source, key_of(source, settings))
        return plan_live(home, live, query, limit, since, client, rate)


def plan_of_repository(
    home: Path, url: str, set_spec: str | None, prefix: str | None, since: str | None, settings: Settings
) -> Plan:
    """What a harvest of the repository would bring, by its first page."""
    with make_client(policy_of(settings)) as client:
        return plan_repository(home, url, client, set_spec, prefix, since, rate_of(home))


def rate_of(home: Path) -> float:
    """How many records a second the last run of this graph brought from payload to release, or the usual."""
    manifest = served_manifest(home)
    if manifest is None:
        return RECORDS_PER_SECOND
    seconds = sum(step["seconds"] for step in manifest.document.get("steps", []))
    n_records = manifest.counts.get("records", 0)
    # A small graph's run is mostly start-up: it says little of a large one.
    return n_records / seconds if n_records > 10_000 and seconds > 0 else RECORDS_PER_SECOND


def key_of(source: str, settings: Settings) -> str | None:
    """The key or token that the settings hold for a live source."""
    key: str | None = getattr(settings.harvest, f"{source}_key", None)
    return key


def policy_of(settings: Settings) -> Policy:
    """How live sources are asked, by the settings."""
    asked = settings.harvest
    return Policy(contact=asked.contact or settings.graph.contact, allowed_hosts=frozenset(asked.allow_hosts))


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
    with make_client(policy_of(settings)) as client:
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
