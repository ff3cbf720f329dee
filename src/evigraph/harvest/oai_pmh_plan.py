"""What a harvest of a repository would bring, told beforehand by its first page, of which nothing is kept."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

from evigraph.errors import HarvestError
from evigraph.harvest.oai_pmh import RATE, SOURCE, begin
from evigraph.harvest.oai_pmh_list import first_arguments
from evigraph.harvest.oai_pmh_repository import ask, clean_base_url, place, what_it_is
from evigraph.harvest.oai_pmh_state import load_state, state_file, state_key
from evigraph.harvest.payloads import source_folder
from evigraph.harvest.plan import RECORDS_PER_SECOND, Plan, plan_of
from evigraph.net.client import Client


def plan_repository(
    home: Path,
    base_url: str,
    client: Client,
    set_spec: str | None = None,
    prefix: str | None = None,
    since: str | None = None,
    rate: float = RECORDS_PER_SECOND,
) -> Plan:
    """What `harvest_oai` with the same arguments would bring: everything, or what changed since the last harvest.

    The number of records is the repository's `completeListSize`, which the protocol leaves to its will; where it
    does not say and its first page is not the last, the number is null and a note says how many there are at least.

    Raises:
        InputError: no address, or a format that the repository does not have.
        HarvestError: it cannot be reached or refuses.
    """
    url = clean_base_url(base_url)
    client.set_rate(urlsplit(url).hostname or "", RATE)
    before = load_state(state_file(source_folder(home, SOURCE), state_key(url, set_spec, prefix, since, None)))
    state, _ = begin(client, url, set_spec, prefix, since, None, before)
    started = time.monotonic()
    answer, content = ask(client, url, first_arguments(state))
    seconds = time.monotonic() - started
    notes = list(state.notes)
    if before is not None and not before.is_finished and before.n_pages:
        notes.append(f"a harvest of {before.n_retrieved:,} records was cut off; it goes on where it stopped")
    if answer.errors and answer.errors[0].code != "noRecordsMatch":
        stated = "; ".join(f"{error.code} {error.message}".strip() for error in answer.errors)
        raise HarvestError(f"{place(url)} does not list its records ({stated}): check set, format and dates")
    if answer.root is None:
        raise HarvestError(f"{place(url)} sent {what_it_is(content)} instead of its records: try again later")
    n_page = len(answer.headers)
    n_records: int | None = n_page
    if answer.token:
        n_records = answer.n_total if answer.n_total is None else max(answer.n_total, n_page)
        if n_records is None:
            notes.append(f"{place(url)} does not say how many records it has: more than {n_page:,}")
    n_requests = -(-(n_records or n_page) // n_page) if n_page else 1
    n_bytes = round(len(content) / n_page * (n_records or n_page)) if n_page else 0
    harvest_seconds = n_requests * max(1.0 / RATE, seconds)
    return plan_of(home, SOURCE, n_records, n_records is not None, n_bytes, n_requests, harvest_seconds, rate, notes)
