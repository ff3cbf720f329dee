"""The OpenAIRE Graph, against recorded answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evigraph.harvest.api import harvest_live
from evigraph.harvest.live import LiveSource
from evigraph.harvest.payloads import payloads

ADDRESS = "https://api.openaire.eu/graph/v2/researchProducts"
NOTHING = {"header": {"numFound": 0, "nextCursor": None}, "results": []}


def test_a_walk_to_the_last_page(home: Path, play: Callable[..., Any], source: Callable[..., LiveSource]) -> None:
    player = play("openaire")
    done = harvest_live(home, source("openaire"), "peer support", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete) == (3, 3, True)
    assert player.transport.unused() == []
    assert [payload.origin for payload in payloads(home)] == [
        f"{ADDRESS}?cursor=%2A&pageSize=2&search=peer+support",
        f"{ADDRESS}?cursor=second&pageSize=2&search=peer+support",
    ]


def test_since_asks_for_what_was_published_from_that_day(home: Path, play: Callable[..., Any]) -> None:
    player = play([{"url": ADDRESS, "json": NOTHING}])
    harvest_live(home, "openaire", "x", None, "2026-05-31", player.client)
    assert player.asked[0]["fromPublicationDate"] == "2026-05-31"


def test_a_token_goes_into_a_header(home: Path, play: Callable[..., Any]) -> None:
    player = play([{"url": ADDRESS, "json": NOTHING}])
    harvest_live(home, "openaire", "x", None, None, player.client, key="token")
    assert player.transport.requests[0].headers["authorization"] == "Bearer token"


def test_without_a_token_no_more_than_sixty_an_hour_after_a_first_burst(
    home: Path, play: Callable[..., Any], source: Callable[..., LiveSource]
) -> None:
    cursors = ["*", *[f"c{number}" for number in range(1, 70)], None]
    answers = [
        {
            "url": ADDRESS,
            "params": {"cursor": cursor},
            "json": {"header": {"numFound": 70, "nextCursor": following}, "results": [{"id": f"synthetic::{number}"}]},
        }
        for number, (cursor, following) in enumerate(itertools.pairwise(cursors))
    ]
    player = play(answers)
    assert harvest_live(home, source("openaire"), "x", None, None, player.client).is_complete
    assert player.clock.now >= 39 * 60
