"""Fixtures: a small release, written once."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("small_release", Path(__file__).with_name("small_release.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Small:
    """A small release: the module that wrote it, its graph's folder, its rows, the ids of its odd works."""

    def __init__(self, home: Path) -> None:
        self.made = _module()
        self.home = home
        self.rows, self.odd = self.made.small_rows()
        self.folder = self.made.write_release(home, self.rows)
        self.products = {row["product_id"]: row for row in self.rows["product"]}
        self.article_id = self.made.ARTICLE_ID


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("graph"))
