"""The examples of the how-to pages about doors and releases, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyalex
import pytest

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"


def blocks_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (HOW_TO / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", ["use-existing-clients.md", "read-a-release.md"])
def test_the_examples_run(
    doors: Any, page: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # One of the examples puts another class there; the test puts the old one back.
    monkeypatch.setattr(pyalex.api, "_get_requests_session", pyalex.api._get_requests_session)
    blocks = blocks_of(page)
    assert len(blocks) >= 4
    names: dict[str, Any] = {"HOME": doors.home}
    for block in blocks:
        exec(compile(block.replace("http://localhost:8000", doors.url), page, "exec"), names)
        assert capsys.readouterr().out.strip(), block
    if page == "use-existing-clients.md":
        assert names["works"] and names["found"]["@graph"] and names["answer"]["results"]
    else:
        assert names["changed"]["counts"] == {"added": 0, "changed": 0, "deleted": 0}
