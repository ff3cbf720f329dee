from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from evigraph.errors import HarvestError, InputError
from evigraph.harvest.oai_pmh import harvest_oai
from evigraph.harvest.oai_pmh_plan import plan_repository
from evigraph.harvest.oai_pmh_state import OaiHarvest
from evigraph.harvest.payloads import payloads
from evigraph.harvest.plan import Plan
from evigraph.model.repository import repository_of
from evigraph.net.client import Client, Policy
from harvest.oai_server import FAULTS, Asked, Repository, records, serving


class Clock:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Run:
    """A repository that is served, and the graph into which it is harvested."""

    def __init__(self, home: Path, repository: Repository, url: str) -> None:
        self.home, self.repository, self.url = home, repository, url
        self.clock = Clock()

    def harvest(self, policy: dict[str, Any] | None = None, real_time: bool = False, **asked: Any) -> OaiHarvest:
        chosen = Policy(
            allowed_hosts=frozenset({"127.0.0.1"}), **{"attempts": 3, "max_bytes": 2_000_000, **(policy or {})}
        )
        client = Client(chosen) if real_time else Client(chosen, clock=self.clock, sleep=self.clock.sleep)
        with client:
            return harvest_oai(self.home, self.url, client, **asked)

    def plan(self, **asked: Any) -> Plan:
        with Client(Policy(allowed_hosts=frozenset({"127.0.0.1"})), clock=self.clock, sleep=self.clock.sleep) as client:
            return plan_repository(self.home, self.url, client, **asked)

    def harvested(self) -> list[int]:
        """The numbers of the records in all payloads, in the order in which they came."""
        found = b"".join(payload.path.read_bytes().replace(b"\0", b"") for payload in payloads(self.home, "oai_pmh"))
        return [int(number) for number in re.findall(rb"oai:synthetic\.example:(\d+)<", found)]

    def lists(self) -> list[Asked]:
        return [asked for asked in self.repository.requests if asked.get("verb") == "ListRecords"]


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[..., Run]]:
    with ExitStack() as stack:

        def start(fault: str | None = None, **changes: Any) -> Run:
            repository = Repository(**{"records": records(), **changes})
            repository.fault = FAULTS[fault] if fault else None
            return Run(home, repository, stack.enter_context(serving(repository)))

        yield start


class Outcome(NamedTuple):
    """What a fault comes to: complete or not, and what is said of it in problems, notes or the error."""

    is_complete: bool
    says: str = ""
    raises: bool = False
    asked: dict[str, Any] = {}  # noqa: RUF012 - never changed
    second: dict[str, Any] = {}  # noqa: RUF012 - never changed


COMPLETE = Outcome(True)
OUTCOMES: dict[str, Outcome] = {
    "white_space_as_last_token": COMPLETE,
    "no_token_on_the_last_page": COMPLETE,
    "token_without_attributes": COMPLETE,
    "expired_token": Outcome(True, "no longer knew it: the list was asked for anew from 2020-05-02"),
    "every_token_refused": Outcome(True, "asked for anew from 2020-05-0"),
    "token_refused_with_status_422": Outcome(True, "no longer knew it"),
    "token_refused_with_status_404": Outcome(True, "answered 404 to it"),
    "server_error_on_resumption": Outcome(True, "answered 500 to it"),
    "same_page_twice": COMPLETE,
    "same_page_thrice": Outcome(False, "sent the same page 3 times"),
    "same_page_for_ever": Outcome(False, "sent the same page 3 times"),
    "pages_in_a_circle": Outcome(False, "sent the same page 3 times"),
    "same_token_for_every_page": COMPLETE,
    "empty_pages_for_ever": Outcome(False, "sent the same page 3 times"),
    "busy_with_retry_after": COMPLETE,
    "busy_without_retry_after": COMPLETE,
    "too_many_requests": COMPLETE,
    "busy_for_a_day": Outcome(False, "pause of 86,400 s", raises=True, second={"policy": {"longest_wait": 1e6}}),
    "truncated_xml_once": COMPLETE,
    "truncated_xml_always": Outcome(False, "page 2 of 127.0.0.1/oai breaks off; what it holds is kept"),
    "wrong_namespace": COMPLETE,
    "no_namespace": COMPLETE,
    "prefixed_envelope": COMPLETE,
    "byte_order_mark_and_blank_lines": COMPLETE,
    "utf_16": COMPLETE,
    "invalid_utf_8": Outcome(True, "1 pages of 127.0.0.1/oai are no well-formed XML"),
    "control_characters": Outcome(True, "no well-formed XML"),
    "undeclared_entity": Outcome(True, "no well-formed XML"),
    "bare_ampersand": Outcome(True, "no well-formed XML"),
    "undeclared_prefix": Outcome(True, "no well-formed XML"),
    "billion_laughs": Outcome(True, "no well-formed XML"),
    "external_entity": COMPLETE,
    "deeply_nested": Outcome(False, "the harvest stopped there"),
    "datestamps_out_of_order": Outcome(True, "asked for anew from the beginning"),
    "equal_datestamps_and_no_tokens": Outcome(False, "refused its own resumption token again", raises=True),
    "duplicate_identifiers_across_pages": Outcome(True, "4 are more than that"),
    "no_response_date": Outcome(True, "no time that can be believed"),
    "response_date_of_another_century": Outcome(True, "no time that can be believed"),
    "cursor_goes_back": Outcome(True, "counted back from record 3 to 0"),
    "complete_list_size_too_large": Outcome(True, "announced 12 records and sent 10: 2 are missing; the repository"),
    "complete_list_size_too_small": Outcome(True, "announced 4 records and sent 10: 6 are more"),
    "list_stops_short": Outcome(False, "announced 10 records and sent 6: 4 are missing; run the same command again"),
    "token_that_needs_encoding": COMPLETE,
    "wants_prefix_on_resumption": COMPLETE,
    "set_lost_from_token": Outcome(False, "holds records outside the set odd", asked={"set": "odd"}),
    "no_records_match_at_the_end": COMPLETE,
    "seconds_claimed_and_refused": Outcome(True, "granularity it claims", asked={"since": "2020-01-01"}),
    "days_claimed_and_refused": Outcome(True, "granularity it claims", asked={"since": "2020-01-01"}),
    "from_after_until": Outcome(False, "refuses the harvest", raises=True, asked={"since": "2020-01-01"}),
    "no_sets": Outcome(False, "has no sets .*: leave the set out", raises=True, asked={"set": "odd"}),
    "no_formats_listed": Outcome(True, "does not say which formats it has"),
    "format_offered_and_not_given": Outcome(True, "offers oai_datacite and does not give it"),
    "web_page_once": COMPLETE,
    "web_page_always": Outcome(False, "sent a web page instead of page 2"),
    "web_page_for_identify": Outcome(
        False, "does not answer as an OAI-PMH repository .it sent a web page", raises=True
    ),
    "empty_body_once": COMPLETE,
    "connection_closed_once": COMPLETE,
    "slow_trickle": Outcome(
        False, "could not be read", raises=True, asked={"real_time": True, "policy": {"deadline": 0.3, "attempts": 2}}
    ),
    "content_length_too_long": COMPLETE,
    "content_length_too_short": Outcome(False, "page 2 of 127.0.0.1/oai breaks off"),
    "gzip_truncated_once": COMPLETE,
    "answer_too_large": Outcome(False, "sent more than 2,000,000 bytes", raises=True),
    "redirect_loop": Outcome(False, "redirects more than 5 times", raises=True),
    "redirect_to_private_address": Outcome(False, "10.0.0.1 is not a public address", raises=True),
    "redirect_once": COMPLETE,
}


def test_every_fault_has_an_outcome() -> None:
    assert set(OUTCOMES) == set(FAULTS)
    assert len(FAULTS) >= 30


@pytest.mark.parametrize("name", FAULTS)
def test_a_repository_that_misbehaves(name: str, serve: Callable[..., Run]) -> None:
    run, outcome = serve(name), OUTCOMES[name]
    if outcome.raises:
        with pytest.raises((HarvestError, InputError)) as raised:
            run.harvest(**outcome.asked)
        said = str(raised.value)
    else:
        harvest = run.harvest(**outcome.asked)
        assert harvest.is_complete is outcome.is_complete, (harvest.problems, harvest.notes)
        said = "\n".join((*harvest.problems, *harvest.notes))
    assert re.search(outcome.says, said), said
    if outcome == COMPLETE:
        assert said == ""
    assert len(run.lists()) <= 20  # four pages and a few repetitions: never a loop
    wanted = {record.number for record in run.repository.records if outcome.asked.get("set") in (None, record.spec)}
    came = run.harvested()
    if outcome.is_complete:
        assert set(came) == wanted

    # The repository has mended its ways: the same command goes on, or begins anew where it had to.
    run.repository.fault = None
    n_before = len(run.lists())
    if name == "no_sets":
        run.repository.formats = ("oai_dc",)
    again = {key: value for key, value in {**outcome.asked, **outcome.second}.items() if key != "real_time"}
    again["policy"] = {key: value for key, value in again.get("policy", {}).items() if key == "longest_wait"}
    second = run.harvest(**again)
    assert second.is_complete, second.problems
    assert set(run.harvested()) >= wanted
    if outcome.raises and came:
        # What was there was not asked for again, but for the page at which the harvest stood.
        assert (
            run.lists()[n_before].get("resumptionToken")
            or run.lists()[n_before].get("from")
            or name.startswith("equal")
        )


def test_everything_comes_once_and_deleted_records_too(serve: Callable[..., Run]) -> None:
    run = serve()
    told: list[tuple[str, int, int | None]] = []
    harvest = run.harvest(progress=lambda name, done, total: told.append((name, done, total)))
    assert run.harvested() == list(range(1, 11))
    assert (harvest.n_retrieved, harvest.n_announced, harvest.n_deleted) == (10, 10, 1)
    assert harvest.is_complete and not harvest.problems and not harvest.notes
    assert told == [("oai_pmh", 3, 10), ("oai_pmh", 6, 10), ("oai_pmh", 9, 10), ("oai_pmh", 10, 10)]
    kept = payloads(run.home, "oai_pmh")
    assert [repository_of(payload.name) for payload in kept] == ["Synthetic Répository"] * 4
    assert all(payload.path.read_bytes().startswith(b"<?xml") for payload in kept)


def test_the_next_harvest_asks_for_changes_alone(serve: Callable[..., Run]) -> None:
    run = serve()
    first = run.harvest()
    assert first.watermark is not None
    second = run.harvest()
    asked = run.lists()[-1]
    assert asked["from"] < first.watermark and asked["from"][:10] <= first.watermark[:10]
    assert second.is_complete and second.n_retrieved == 0
    run.repository.records.append(type(run.repository.records[0])(11, "2998-01-01T00:00:00Z"))
    third = run.harvest()
    assert (third.n_retrieved, run.harvested()[-1]) == (1, 11)


def test_an_incomplete_harvest_leaves_the_watermark_where_it_was(serve: Callable[..., Run]) -> None:
    run = serve("list_stops_short")
    assert run.harvest().watermark is None
    run.repository.fault = None
    run.harvest()
    assert "from" not in run.lists()[-4]


def test_days_overlap_by_a_day(serve: Callable[..., Run]) -> None:
    run = serve(seconds=False)
    first = run.harvest()
    run.harvest()
    assert first.watermark is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", run.lists()[-1]["from"])
    assert run.lists()[-1]["from"] < first.watermark[:10]


def test_a_repository_that_forgets_deletions_is_named_when_only_changes_were_asked_for(
    serve: Callable[..., Run],
) -> None:
    run = serve(deleted_record="transient")
    assert not run.harvest().notes
    assert "deletedRecord is transient" in run.harvest().notes[0]


@pytest.mark.parametrize("n_pages", [1, 2, 3])
def test_a_harvest_that_is_killed_repeats_at_most_one_page(n_pages: int, serve: Callable[..., Run]) -> None:
    run = serve()
    calls = iter(range(100))

    def killed(name: str, done: int, total: int | None) -> None:
        if next(calls) == n_pages - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.harvest(progress=killed)
    second = run.harvest()
    assert second.is_complete and second.n_retrieved == 10
    assert set(run.harvested()) == set(range(1, 11))
    assert len(run.lists()) <= 5
    assert sum(asked["verb"] == "Identify" for asked in run.repository.requests) == 1


def test_a_kill_between_the_payload_and_the_position(
    serve: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = serve()
    written: list[int] = []

    def torn(file: Path, state: Any) -> None:
        if state.n_pages == 2:
            raise KeyboardInterrupt
        written.append(state.n_pages)
        original(file, state)

    from evigraph.harvest import oai_pmh_list

    original = oai_pmh_list.write_state
    monkeypatch.setattr(oai_pmh_list, "write_state", torn)
    with pytest.raises(KeyboardInterrupt):
        run.harvest()
    monkeypatch.undo()
    second = run.harvest()
    assert second.is_complete and second.n_retrieved == 10
    assert sorted(set(run.harvested())) == list(range(1, 11))
    assert len(run.harvested()) <= 13


def test_the_richest_format_is_taken_unless_one_is_named(serve: Callable[..., Run]) -> None:
    run = serve(formats=("marcxml", "oai_dc", "datacite4", "oai_openaire", "cr_unixsd"))
    assert run.harvest().prefix == "oai_openaire"
    assert run.harvest(prefix="cr_unixsd").prefix == "cr_unixsd"
    with pytest.raises(InputError, match="does not offer the format mods: it has marcxml, oai_dc"):
        run.harvest(prefix="mods")
    run.repository.formats = ("marcxml",)
    with pytest.raises(InputError, match="no format that can be cleaned here, only marcxml"):
        run.harvest(since="2019-01-01")


def test_sets_and_dates(serve: Callable[..., Run]) -> None:
    run = serve()
    odd = run.harvest(set="odd")
    assert odd.n_retrieved == 5 and set(run.harvested()) == {1, 3, 5, 7, 9}
    part = run.harvest(since="2020-05-02", until="2020-05-02")
    assert run.lists()[-1].get("resumptionToken") or run.lists()[-1]["until"] == "2020-05-02T23:59:59Z"
    assert part.n_retrieved == 4 and part.is_complete and part.watermark is None
    with pytest.raises(InputError, match="has no set blue: it has 2, among them even, odd"):
        run.harvest(set="blue")
    for asked in ({"since": "yesterday"}, {"since": "2020-05-02", "until": "2020-05-01"}):
        with pytest.raises(InputError):
            run.harvest(**asked)


def test_an_address_that_was_pasted_with_a_request(serve: Callable[..., Run]) -> None:
    run = serve()
    run.url += "?verb=Identify&metadataPrefix=oai_dc&key=7"
    assert run.harvest().n_retrieved == 10
    assert all(asked.get("key") == "7" for asked in run.repository.requests)
    run.url = "ftp://example.org/oai"
    with pytest.raises(InputError, match="no address of a repository"):
        run.harvest()


def test_a_list_that_is_not_sorted_by_date_is_asked_for_again_whole(serve: Callable[..., Run]) -> None:
    """The datestamps of the first page rise, and those of the later pages are older: only the sizes show it."""
    run = serve("expired_token")
    listed = run.repository.records
    run.repository.records = [*listed[7:], *listed[:7]]
    harvest = run.harvest()
    assert harvest.is_complete and set(run.harvested()) == set(range(1, 11))
    assert any("the list was asked for from its beginning" in note for note in harvest.notes)


def test_a_private_address_is_not_called_unless_it_is_allowed(serve: Callable[..., Run]) -> None:
    run = serve()
    with Client(Policy(attempts=1)) as client, pytest.raises(HarvestError, match="is not called unless"):
        harvest_oai(run.home, run.url, client)
    assert not run.repository.requests


def test_a_damaged_position_is_named(serve: Callable[..., Run]) -> None:
    run = serve()
    run.harvest()
    (file,) = (run.home / "sources" / "oai_pmh" / "repositories").glob("*.json")
    file.write_text("{", encoding="utf-8")
    with pytest.raises(HarvestError, match="is damaged: delete it to begin that harvest anew"):
        run.harvest()


def test_a_plan_tells_what_a_harvest_brings(serve: Callable[..., Run]) -> None:
    run = serve()
    told = run.plan()
    assert (told.n_records, told.is_announced) == (10, True)
    assert not payloads(run.home, "oai_pmh")
    assert len(run.lists()) == 1
    before = len(run.lists())
    harvest = run.harvest()
    assert (harvest.n_retrieved, len(run.lists()) - before) == (told.n_records, told.n_requests)
    sizes = [payload.size for payload in payloads(run.home, "oai_pmh")]
    assert told.n_bytes == pytest.approx(sum(sizes), rel=0.5)


def test_a_plan_after_a_harvest_tells_what_changed(serve: Callable[..., Run]) -> None:
    run = serve()
    run.harvest()
    told = run.plan()
    assert told.n_records is not None and told.n_records < 10
    assert run.harvest().n_retrieved == told.n_records


def test_a_plan_says_where_a_repository_says_nothing(serve: Callable[..., Run]) -> None:
    run = serve(announces=False)
    told = run.plan()
    assert (told.n_records, told.is_announced, told.run_seconds) == (None, False, None)
    assert "does not say how many" in told.notes[0]
    assert run.plan(set_spec="absent").n_records == 0
    no_sets = serve("no_sets")
    with pytest.raises(HarvestError, match="noSetHierarchy"):
        no_sets.plan(set_spec="odd")
