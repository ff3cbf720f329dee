"""Registries in a whole run: from their files to the product that they say something of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evigraph import pipeline
from evigraph.harvest.payloads import add
from evigraph.model.tables import RELEASE_TABLES
from evigraph.settings import Settings
from evigraph.store.release import Release
from graphs import synthetic_works, write_lines
from registry_files import ISSN, ISSN_LINKING, openaire_id, write_registries

Row = dict[str, Any]
N_WORKS = 30


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registries")
    home = folder / "home"
    home.mkdir()
    works = synthetic_works(N_WORKS, seed=3)
    works[0]["issn-type"] = works[4]["issn-type"] = [{"type": "electronic", "value": ISSN}]
    add(home, "crossref", write_lines(folder / "works.jsonl", works))
    for source, path in write_registries(folder / "registries", works):
        add(home, source, path)
    pipeline.run(home, Settings())
    return home


def rows(home: Path, name: str) -> list[Row]:
    release = Release.open(home)
    found: list[Row] = pq.read_table(release.folder / "tables" / name).to_pylist()
    return found


def product(home: Path, doi: str) -> Row:
    release = Release.open(home)
    found = release.resolve(doi)
    assert isinstance(found, str)
    row = release.product(found)
    assert row is not None
    return row


def test_a_reported_retraction_marks_the_product_and_names_the_registry(home: Path) -> None:
    states = [product(home, f"10.5555/synthetic.{number}")["is_retracted"] for number in range(4)]
    assert states == [True, False, False, False]
    marked = product(home, "10.5555/synthetic.0")
    (said,) = [entry["record_ids"] for entry in marked["provenance"] if entry["field"] == "is_retracted"]
    assert said == ["retractions:1"]
    # What the source itself says stays as it is.
    (record,) = Release.open(home).records(marked["record_ids"])
    assert record["is_retracted"] is False


def test_a_linking_issn_is_filled_in(home: Path) -> None:
    for number in (0, 4):
        assert product(home, f"10.5555/synthetic.{number}")["container"]["issn_linking"] == ISSN_LINKING
    assert product(home, "10.5555/synthetic.5")["container"]["issn_linking"] is None


def test_what_products_belong_to(home: Path) -> None:
    belongs = {
        (row["product_id"], row["kind"], row["relation"], row["entity_id"]) for row in rows(home, "product_entity")
    }
    ids = [product(home, f"10.5555/synthetic.{number}")["product_id"] for number in range(5)]
    funded = [product(home, f"10.5555/funded.{number}")["product_id"] for number in (1, 2)]
    project = f"openaire:{openaire_id('corda_____he', 11)}"
    organization = f"openaire:{openaire_id('openorgs', 10)}"
    assert belongs == {
        *((ids[number], "journal", "IsPublishedIn", "doaj:0123456789abcdef") for number in (0, 4)),
        (ids[0], "retraction", "IsReportedBy", "retractions:1"),
        *((ids[1], "retraction", "IsReportedBy", f"retractions:{key}") for key in (2, 3)),
        (ids[2], "retraction", "IsReportedBy", "retractions:4"),
        *((product_id, "project", "isProducedBy", project) for product_id in funded),
        (funded[0], "organization", "hasAuthorInstitution", organization),
    }


def test_a_description_counts_before_a_mention(home: Path) -> None:
    names = {row["organization_id"]: row["legal_name"] for row in rows(home, "organization")}
    assert names[f"openaire:{openaire_id('openorgs', 10)}"] == "Example University"
    assert names["ror:01abcde23"] == "Example University" and names["funders:501100000002"] == "Synthetic Office"
    links = {(row["left_id"], row["relation"], row["right_id"]) for row in rows(home, "entity_link")}
    assert ("ror:02abcde23", "IsChildOf", "ror:01abcde23") in links
    assert "open access" in {row["label"] for row in rows(home, "vocabulary_term")}


def test_nothing_else_changes(home: Path, tmp_path: Path) -> None:
    plain = tmp_path / "home"
    plain.mkdir()
    works = synthetic_works(N_WORKS, seed=3)
    works[0]["issn-type"] = works[4]["issn-type"] = [{"type": "electronic", "value": ISSN}]
    add(plain, "crossref", write_lines(tmp_path / "works.jsonl", works))
    pipeline.run(plain, Settings())
    for table in ("organization", "retraction", "journal", "product_entity", "entity_link"):
        assert rows(plain, table) == []
    marked = {product(home, f"10.5555/synthetic.{number}")["product_id"] for number in (0, 4)}
    before = {row["product_id"]: row for row in rows(plain, "product")}
    after = {row["product_id"]: row for row in rows(home, "product")}
    assert {key for key, row in before.items() if after[key] != row} == marked


def test_a_release_without_the_newer_tables_opens(home: Path) -> None:
    release = Release.open(home)
    tables = release.folder / "tables"
    older = {table.name for table in RELEASE_TABLES[:9]}
    for folder in sorted(tables.iterdir()):
        if folder.name not in older:
            folder.rename(release.folder / folder.name)
    try:
        assert product(home, "10.5555/synthetic.0")["is_retracted"] is True
        assert release.search is not None
    finally:
        for folder in [path for path in release.folder.iterdir() if (path.name not in older) and path.is_dir()]:
            if folder.name not in ("tables", "index"):
                folder.rename(tables / folder.name)
