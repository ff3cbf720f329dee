"""Requests that change something: asked once, never sent elsewhere, and told whether they may have arrived."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from depositing import quick_client
from evigraph.net.client import AnswerError, Client, LostAnswerError, Policy
from evigraph.net.guard import ForbiddenAddressError
from repository_stand_in import TOKEN, StandIn, standing_in

HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
DRAFT = b'{"metadata": {}}'


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as state:
        yield state


def test_a_request_and_its_answer(stand_in: StandIn) -> None:
    with quick_client() as client:
        answer = client.send("POST", f"{stand_in.address}/api/records", DRAFT, HEADERS)
        parts = iter([b'{"metadata"', b": {}}"])
        client.send("POST", f"{stand_in.address}/api/records", parts, {**HEADERS, "Content-Length": str(len(DRAFT))})
    assert answer.status == 201 and b'"id"' in answer.content and len(stand_in.kept) == 2


@pytest.mark.parametrize(("fault", "n_kept"), [("lost", 1), ("unheard", 0), ("slow", 1)])
def test_an_answer_that_is_lost_may_have_been_work_done(stand_in: StandIn, fault: str, n_kept: int) -> None:
    stand_in.faults["create"] = [fault]
    with quick_client() as client, pytest.raises(LostAnswerError) as lost:
        client.send("POST", f"{stand_in.address}/api/records", DRAFT, HEADERS)
    assert lost.value.may_have_arrived
    assert stand_in.asked["create"] == 1 and len(stand_in.kept) == n_kept


def test_where_nobody_listens_nothing_arrived() -> None:
    with standing_in() as gone:
        address = gone.address
    with quick_client() as client, pytest.raises(LostAnswerError) as lost:
        client.send("POST", f"{address}/api/records", DRAFT, HEADERS)
    assert not lost.value.may_have_arrived


@pytest.mark.parametrize("status", [302, 400, 429, 503])
def test_an_error_is_told_and_not_tried_again(stand_in: StandIn, status: int) -> None:
    stand_in.faults["create"] = [str(status)] * 2
    with quick_client() as client, pytest.raises(AnswerError) as error:
        client.send("POST", f"{stand_in.address}/api/records", DRAFT, HEADERS)
    assert error.value.status == status and stand_in.asked["create"] == 1
    assert TOKEN not in str(error.value)


def test_the_guard_holds_for_what_changes_something_too(stand_in: StandIn) -> None:
    with Client(Policy()) as client, pytest.raises(ForbiddenAddressError):
        client.send("POST", f"{stand_in.address}/api/records", DRAFT, HEADERS)
    assert not stand_in.asked
