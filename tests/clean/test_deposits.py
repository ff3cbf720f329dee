"""Deposited copies as records: what is read, what is refused, and that no content makes the crosswalk raise."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evigraph.clean.deposits.crosswalk import crosswalk

LINE: dict[str, Any] = {
    "id": "019a0000-0000-7000-8000-000000000001",
    "published_at": "2026-11-30T10:00:00.000000+00:00",
    "address": "https://repository.example/records/1",
    "doi": "10.5072/STANDIN.1",
    "repository_name": "Stand-in",
    "version": "http://purl.org/coar/version/c_ab4af688f83e57aa",
    "pids": [{"scheme": "doi", "value": "10.5555/synthetic.1"}, {"scheme": "pmid", "value": "12"}],
    "product_type": "publication",
    "resource_type": "Article",
    "draft": {
        "access": {"record": "public", "files": "public"},
        "files": {"enabled": True},
        "metadata": {
            "title": "Synthetic work",
            "creators": [
                {
                    "person_or_org": {
                        "type": "personal",
                        "family_name": "Quimérico",
                        "given_name": "Ana",
                        "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
                    },
                    "affiliations": [{"name": "Synthetic University"}],
                },
                {"person_or_org": {"type": "organizational", "name": "Synthetic Group"}},
            ],
            "publication_date": "2023-05",
            "rights": [{"id": "cc-by-nc-4.0"}],
        },
    },
}


def read(folder: Path, *lines: Any) -> dict[str, list[dict[str, Any]]]:
    path = folder / "deposits.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = {"record": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        found[name] += batch.to_pylist()
    return found


def changed(**parts: Any) -> dict[str, Any]:
    return {**copy.deepcopy(LINE), **parts}


def test_a_copy_is_an_instance_of_its_work(tmp_path: Path) -> None:
    (record,) = read(tmp_path, LINE)["record"]
    assert record["record_id"] == f"deposits:{LINE['id']}"
    assert record["pids"] == LINE["pids"] and record["alternate_ids"] == [
        {"scheme": "doi", "value": "10.5072/standin.1"}
    ]
    assert (record["title"], record["year"], record["type"]) == ("Synthetic work", 2023, "publication")
    ana, group = record["authors"]
    assert (ana["full_name"], ana["orcid"]) == ("Ana Quimérico", "0000-0002-1825-0097")
    assert ana["affiliations"][0]["name"] == "Synthetic University" and group["is_group"]
    (copied,) = record["instances"]
    assert copied["urls"] == ["https://doi.org/10.5072/standin.1", "https://repository.example/records/1"]
    assert (copied["access_right"], copied["license"]) == ("c_abf2", "CC BY-NC 4.0")
    assert (copied["published_on"], copied["hosted_by"]) == ("2026-11-30", "Stand-in")


@pytest.mark.parametrize(
    ("version", "kind", "refereed"),
    [("c_71e4c1898caa6e32", "Preprint", "nonPeerReviewed"), ("c_970fb48d4fbd8a85", "Article", None)],
)
def test_the_version_tells_whether_it_was_reviewed(tmp_path: Path, version: str, kind: str, refereed: Any) -> None:
    told = read(tmp_path, changed(version=f"http://purl.org/coar/version/{version}"))
    instance = told["record"][0]["instances"][0]
    assert (instance["resource_type"], instance["refereed"]) == (kind, refereed)


def test_without_identifiers_the_copys_own_stands(tmp_path: Path) -> None:
    first, second = read(tmp_path, changed(pids=[]), changed(pids=[], doi=None, id="2"))["record"]
    assert first["pids"] == [{"scheme": "doi", "value": "10.5072/standin.1"}]
    assert second["pids"] == [] and second["instances"][0]["urls"] == ["https://repository.example/records/1"]


def test_a_closed_copy_and_a_right_without_a_licence(tmp_path: Path) -> None:
    draft = copy.deepcopy(LINE["draft"])
    draft["access"]["embargo"] = {"active": True, "until": "2027-01-31"}
    draft["metadata"]["rights"] = [
        {"title": {"en": "In Copyright"}, "link": "https://rightsstatements.org/vocab/InC/1.0/"}
    ]
    (record,) = read(tmp_path, changed(draft=draft))["record"]
    assert record["instances"][0]["access_right"] == "c_f1cf"
    assert record["instances"][0]["license"] == "In Copyright"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(LINE)), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(LINE)), JSON)
def test_no_content_makes_it_raise(name: str, value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = read(Path(folder), changed(**{name: value}), changed(id="good"))
    assert any(record["source_key"] == "good" for record in told["record"])
    assert len(told["record"]) + sum(defect["is_record_lost"] for defect in told["defect"]) == 2
