"""Published reviews as records: what is read, what is refused, and that no content makes the crosswalk raise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evigraph.clean.reviews.crosswalk import crosswalk

DOCUMENT: dict[str, Any] = {
    "form": "evigraph review 1",
    "review": "ab12",
    "version": 2,
    "title": "Made-up review of made-up works",
    "abstract": "Nothing is real.",
    "authors": [{"name": "Lea Example", "orcid": "0000-0002-1825-0097"}, {"name": " "}],
    "published_on": "2026-12-01",
    "language": "eng",
    "keywords": ["made up"],
    "doi": "10.5555/review.1",
    "studies": [
        {"label": "One", "reports": [{"reference": "One. 2020", "pids": ["doi:10.5555/A", "pmid:12"]}]},
        {"label": "Two", "reports": [{"reference": "Two. 2021", "pids": []}]},
    ],
    "counts": [{"key": "new_studies", "label": "New studies", "n": 2}],
    "themes": [{"theme_id": "t", "level": "overarching", "label": "All", "above": []}],
}


def read(folder: Path, *documents: Any) -> dict[str, list[dict[str, Any]]]:
    path = folder / "0123456789abcdef-ab12-v2-0.json"
    path.write_text("\n".join(json.dumps(one) for one in documents), encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        found[name] += batch.to_pylist()
    return found


def test_a_version_is_a_record_with_links_and_references(tmp_path: Path) -> None:
    found = read(tmp_path, DOCUMENT)
    (record,) = found["record"]
    assert record["record_id"] == "reviews:ab12.v2" and record["year"] == 2026
    assert [one["full_name"] for one in record["authors"]] == ["Lea Example"]
    assert record["pids"] == [{"scheme": "doi", "value": "10.5555/review.1"}]
    assert {extra["name"] for extra in record["extras"]} == {"prisma", "theme", "study"}
    assert [(one["relation"], one["scheme"], one["value"]) for one in found["link"]] == [
        ("Reviews", "doi", "10.5555/a")
    ]
    assert [one["text"] for one in found["reference"]] == ["One. 2020", "Two. 2021"]
    assert not found["defect"]


def test_an_illustration_has_links_and_no_references(tmp_path: Path) -> None:
    found = read(tmp_path, {**DOCUMENT, "is_illustration": True})
    assert len(found["link"]) == 1 and not found["reference"]


def test_a_withdrawn_version_is_a_deleted_record(tmp_path: Path) -> None:
    (record,) = read(tmp_path, {**DOCUMENT, "is_withdrawn": True})["record"]
    assert record["is_deleted"] and record["record_id"] == "reviews:ab12.v2"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"form": "other"}, "unexpected_form"), ({"version": "2"}, "unexpected_form"), ({"title": " "}, "no_title")],
)
def test_what_is_no_review_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    found = read(tmp_path, {**DOCUMENT, **changes}, DOCUMENT)
    assert [one["code"] for one in found["defect"]] == [code]
    assert len(found["record"]) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(list(DOCUMENT)), part, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(DOCUMENT)), _JSON, max_size=4))
def test_no_value_makes_it_raise(tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]) -> None:
    found = read(tmp_path_factory.mktemp("reviews"), {**DOCUMENT, **changes})
    assert len(found["record"]) + sum(one["is_record_lost"] for one in found["defect"]) >= 1
