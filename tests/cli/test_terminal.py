from __future__ import annotations

import io
import re
import time

import pytest
from rich.console import Console

from evigraph.cli import terminal


def test_progress_shows_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=shown, force_terminal=True, width=120))
    with terminal.progress(True) as report:
        for done in range(0, 300, 20):
            report("pages", done, 1000)
            time.sleep(0.05)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.getvalue())
    assert re.search(r"pages .* \d+/1000 +\d+/s +0:00:0\d +0:00:\d\d", text)
