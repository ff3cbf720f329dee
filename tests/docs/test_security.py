"""The page on security: every requirement of ASVS 5.0.0 at levels 1 and 2 once, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "security.md").read_text(encoding="utf-8")

#: The numbers of levels 1 and 2 by section.
ASKED = (
    "1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2 "
    "4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 "
    "6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2 "
    "10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 "
    "12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 "
    "15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2"
)
ANSWERS = {"yes", "in part", "no", "operator", "none here", "not judged"}


def rows() -> list[list[str]]:
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"]
    return [row for row in found if re.match(r"\d", row[0])]


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_of_levels_1_and_2_stands_once() -> None:
    asked = []
    for part in ASKED.split():
        section, _, span = part.partition(":")
        first, _, last = span.partition("-")
        asked += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    told = [number for row in rows() for number in row[0].split(", ")]
    told += re.findall(r"17\.\d+\.\d+", PAGE)
    assert sorted(told) == sorted(asked)


def test_every_answer_is_one_of_few_and_is_shown_or_reasoned() -> None:
    for number, _, answer, shown in rows():
        assert answer in ANSWERS, number
        assert shown or answer in ("none here", "operator"), number


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 60
    missing = [
        f"{path}::{name}" for path, name in named if not (ROOT / path).is_file() or name not in functions(ROOT / path)
    ]
    assert missing == []
    # Nothing that looks like a test escapes the pattern.
    assert PAGE.count("tests/") == len(named)
