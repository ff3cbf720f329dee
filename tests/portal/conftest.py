"""Fixtures: the portal over the small release of the store's tests."""

from __future__ import annotations

import importlib.util
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
