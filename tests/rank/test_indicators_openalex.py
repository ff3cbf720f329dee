"""The figures of docs/explanation/indicators.md, measured again."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from evigraph.errors import EvigraphError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "indicators.md"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("indicators_openalex", ROOT / "benchmarks" / "indicators_openalex.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_is_measured(benchmark: ModuleType) -> None:
    try:
        path = benchmark.openalex_csv()
    except EvigraphError as error:
        pytest.skip(f"no OpenAlex export, so the figures are NOT measured: {error}")
    found = benchmark.compare(path)
    told = re.search(r"```\n(601 works.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert told is not None
    assert told[1].splitlines() == benchmark.lines_of(found)
    # They agree in direction, all works and those that the set cites.
    for pair in found["pairs"].values():
        assert pair["all"]["spearman"] > 0.1
        assert pair["cited"]["spearman"] > pair["all"]["spearman"]
