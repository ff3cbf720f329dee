"""Recorded answers are exact and loud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from evigraph.net.recorded import RecordedTransport, UnrecordedRequestError


def transport(folder: Path, *answers: dict[str, Any]) -> RecordedTransport:
    for number, answer in enumerate(answers):
        (folder / f"{number}.json").write_text(json.dumps(answer), encoding="utf-8")
    return RecordedTransport(folder)


def ask(player: RecordedTransport, url: str) -> httpx2.Response:
    response = player.handle_request(httpx2.Request("GET", url))
    response.read()
    return response


def test_answers_are_given_once_and_in_order(tmp_path: Path) -> None:
    player = transport(
        tmp_path, {"url": "https://a.example/x", "body": "1"}, {"url": "https://a.example/x", "body": "2"}
    )
    assert [ask(player, "https://a.example/x").text for _ in range(2)] == ["1", "2"]
    with pytest.raises(UnrecordedRequestError, match=r"GET https://a\.example/x"):
        ask(player, "https://a.example/x")


def test_parameters_choose_the_answer(tmp_path: Path) -> None:
    player = transport(
        tmp_path,
        {"url": "https://a.example/x", "params": {"page": 2, "key": None}, "json": {"page": 2}},
        {"url": "https://a.example/x", "params": {"page": 1}, "json": {"page": 1}},
    )
    assert ask(player, "https://a.example/x?page=1&other=y").json() == {"page": 1}
    with pytest.raises(UnrecordedRequestError, match=r"still unused: 0\.json"):
        ask(player, "https://a.example/x?page=2&key=k")
    assert ask(player, "https://a.example/x?page=2").json() == {"page": 2}
    assert player.unused() == []


def test_a_star_stands_for_anything_and_nothing_else_does(tmp_path: Path) -> None:
    player = transport(tmp_path, {"url": "https://a.example/*/z", "times": 0})
    assert ask(player, "https://a.example/x/y/z").status_code == 200
    with pytest.raises(UnrecordedRequestError):
        ask(player, "https://aXexample/x/z")
    with pytest.raises(UnrecordedRequestError):
        player.handle_request(httpx2.Request("POST", "https://a.example/x/z"))


def test_a_cut_breaks_the_connection(tmp_path: Path) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        ask(transport(tmp_path, {"url": "https://a.example/", "body": "abc", "cut": 1}), "https://a.example/")


def test_a_body_may_lie_in_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_bytes(b"<a/>")
    assert (
        ask(transport(tmp_path, {"url": "https://a.example/", "file": "page.xml"}), "https://a.example/").text == "<a/>"
    )


def test_a_misspelt_field_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown field stauts"):
        transport(tmp_path, {"url": "https://a.example/", "stauts": 500})
