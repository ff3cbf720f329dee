"""A graph read from Python, and the examples of its documentation."""

from __future__ import annotations

import doctest
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import evigraph
from evigraph import reading
from evigraph.errors import InputError, ReleaseError
from evigraph.model.tables import RELEASE_TABLES

_STORE = Path(__file__).parent / "store" / "conftest.py"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    spec = importlib.util.spec_from_file_location("store_fixtures", _STORE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Small(tmp_path_factory.mktemp("graph"))


def test_the_examples_run(small: Any) -> None:
    failed, run = doctest.testmod(reading, extraglobs={"home": str(small.home)})
    assert run > 5 and not failed


def test_every_table(small: Any) -> None:
    graph = evigraph.open(small.home)
    assert graph.tables == {table.name: len(small.rows.get(table.name, [])) for table in RELEASE_TABLES}
    assert set(graph.products(("product_id", "year")).columns) == {"product_id", "year"}
    assert sorted(graph.products()["product_id"]) == sorted(small.products)
    cites = {(r["source_id"], r["target_id"]) for r in small.rows["relation"] if r["relation"] == "Cites"}
    citations = graph.citations()
    assert set(zip(citations["source_id"], citations["target_id"], strict=True)) == cites
    assert len(graph.indicators()) == len(small.rows["indicator"])
    assert repr(graph) == "<Graph Synthetic graph, release 2026-01-01-0000aaaa>"


def test_products_and_searches(small: Any) -> None:
    graph = evigraph.open(str(small.home))
    assert graph.product("pmid:39252191")["product_id"] == small.article_id
    assert graph.product("10.5555/absent") is None
    found = graph.search("graph", {"type": ["dataset"]}, sort="date", limit=5)
    assert len(found) <= 5 and set(found["type"]) <= {"dataset"}
    assert len(graph.search("nothingofthekind")) == 0


def test_what_is_not_there(small: Any, tmp_path: Path) -> None:
    graph = evigraph.open(small.home)
    with pytest.raises(InputError, match="no table 'paper'"):
        graph.arrow("paper")
    with pytest.raises(InputError, match="no column 'titel'"):
        graph.products(("titel",))
    with pytest.raises(ReleaseError, match="no release yet"):
        evigraph.open(tmp_path)
    with pytest.raises(AttributeError, match="has no attribute 'close'"):
        evigraph.close  # noqa: B018


def test_importing_the_package_loads_nothing() -> None:
    code = "import evigraph, sys; assert 'pyarrow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
