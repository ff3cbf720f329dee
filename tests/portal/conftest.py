"""Fixtures: the portal over the small release of the store's tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from evigraph.portal.app import create_app

_STORE = Path(__file__).parent.parent / "store" / "conftest.py"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    spec = importlib.util.spec_from_file_location("store_fixtures", _STORE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Small(tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="session")
def client(small: Any) -> TestClient:
    return TestClient(create_app(small.home), follow_redirects=False)


@pytest.fixture(scope="session")
def graph_with_pairs(small: Any) -> Callable[[Path], Path]:
    """Writes a graph in which three pairs wait, the first of them with a hostile title."""

    def write(home: Path) -> Path:
        rows, odd = small.made.small_rows(20)
        record_of = {product["product_id"]: product["record_ids"][0] for product in rows["product"]}
        rows["open_pair"] = []
        for place, names in enumerate([("hostile", "japanese"), ("accents", "orcid"), ("bare", "crowd")], 1):
            left, right = sorted((odd[name] for name in names), key=record_of.__getitem__)
            rows["open_pair"].append(
                {
                    "place": place,
                    "record_id_l": record_of[left],
                    "record_id_r": record_of[right],
                    "product_id_l": left,
                    "product_id_r": right,
                    "level": "duplicate",
                    "score": 0.7,
                    "explanation": "same title, but <b>other</b> authors",
                }
            )
        small.made.write_release(home, rows)
        return home

    return write
