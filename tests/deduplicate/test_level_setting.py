from __future__ import annotations

import json
from pathlib import Path

import pytest

from evigraph import pipeline
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.errors import SettingsError
from evigraph.harvest.payloads import add, payloads
from evigraph.model.tables import PRODUCT, RELATION
from evigraph.settings import FILE_NAME, load_settings


def work(doi: str, kind: str, year: int) -> dict[str, object]:
    return {
        "DOI": doi,
        "type": kind,
        "title": ["Synthetic observations on the behaviour of entirely imaginary networks"],
        "author": [{"given": "Ada", "family": "Nowak"}, {"given": "Ben", "family": "Okoro"}],
        "issued": {"date-parts": [[year]]},
    }


def test_the_level_of_the_settings_says_what_a_product_is(tmp_path: Path) -> None:
    works = tmp_path / "works.jsonl"
    told = [work("10.5555/pre", "posted-content", 2019), work("10.5556/art", "journal-article", 2020)]
    works.write_text("".join(json.dumps(each) + "\n" for each in told), encoding="utf-8")
    found = {}
    for level in ("version", "duplicate"):
        home = tmp_path / level
        home.mkdir()
        (home / FILE_NAME).write_text(f'[deduplication]\nlevel = "{level}"\n', encoding="utf-8")
        add(home, "crossref", works)
        engine = DuckDBEngine(memory="512MB", threads=1)
        execution, reports = pipeline.execute(home, load_settings(home), engine, payloads(home), lambda *_: None)
        relations = engine.arrow(execution.read(RELATION)).to_pylist()
        n_products = engine.scalar(execution.read(PRODUCT).count())
        found[level] = n_products, {(row["relation"], *row["sources"]) for row in relations}
        facts = next(report.facts for report in reports if report.name == "deduplicate.member")
        assert facts["level"] == level
        engine.close()
    assert found["version"] == (1, set())
    assert found["duplicate"] == (2, {("IsVersionOf", "comparison"), ("HasVersion", "comparison")})


def test_a_level_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[deduplication]\nlevel = "copy"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"deduplication\.level"):
        load_settings(tmp_path)
