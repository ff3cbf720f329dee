"""OpenAlex, against recorded answers. The walk itself is tested in `test_live.py`, with OpenAlex's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evigraph.harvest.api import harvest_live
from evigraph.harvest.openalex import OpenAlex
from evigraph.harvest.payloads import payloads


def test_pages_of_a_hundred_with_the_key(home: Path, play: Callable[..., Any]) -> None:
    answer = {"meta": {"count": 1, "next_cursor": None}, "results": [{"id": "https://openalex.org/W9000000001"}]}
    player = play([{"url": "https://api.openalex.org/works", "json": answer}])
    harvest_live(home, "openalex", "peer support", None, None, player.client, key="secret")
    assert player.asked == [{"cursor": "*", "per_page": "100", "search": "peer support", "api_key": "secret"}]
    assert payloads(home)[0].origin == "https://api.openalex.org/works?cursor=%2A&per_page=100&search=peer+support"


def test_a_total_that_is_no_number_is_no_total(home: Path, play: Callable[..., Any]) -> None:
    answer = {"meta": {"count": -1, "next_cursor": 5}, "results": [{"id": None}, "no object"]}
    player = play([{"url": "https://api.openalex.org/works", "json": answer}])
    done = harvest_live(home, OpenAlex(), "x", None, None, player.client)
    assert (done.n_retrieved, done.n_announced, done.is_complete) == (2, None, True)
