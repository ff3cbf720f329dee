"""Whatever a JSON payload holds, a crosswalk does not raise, and every record is there or counted."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evigraph.clean.api import crosswalk_of
from evigraph.clean.json_payload import json_objects
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus"

WHOLE: dict[str, dict[str, Any]] = {
    "crossref": json.loads((CORPUS / "crossref" / "every-field.json").read_text("utf-8"))["message"],
    "openalex": json.loads((CORPUS / "openalex" / "every-field.json").read_text("utf-8")),
    "openaire": json.loads((CORPUS / "openaire" / "every-field.json").read_text("utf-8"))["results"][0],
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))]


def put(value: dict[str, Any], path: tuple[Any, ...], part: Any) -> None:
    target: Any = value
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = part


def tally(source: str, lines: list[bytes]) -> tuple[int, int]:
    counts = {"record": 0, "lost": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "works.jsonl"
        path.write_bytes(b"\n".join(lines))
        for name, batch in crosswalk_of(source)(str(path)):
            assert batch.schema.equals(TABLES[name].schema)
            batch.validate(full=True)
            if name == "record":
                counts["record"] += len(batch)
            elif name == "defect":
                counts["lost"] += sum(batch.column("is_record_lost").to_pylist())
    return counts["record"], counts["lost"]


@pytest.mark.parametrize("source", WHOLE)
@given(data=st.data())
def test_any_value_at_any_place_costs_at_most_its_record(source: str, data: st.DataObject) -> None:
    whole = WHOLE[source]
    changed = copy.deepcopy(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        found = places(changed)[1:]
        if found:
            put(changed, data.draw(st.sampled_from(found)), data.draw(json_values))
    first = copy.deepcopy(whole)
    first["DOI" if source == "crossref" else "id"] = {
        "crossref": "10.5555/first",
        "openalex": "https://openalex.org/W1",
        "openaire": f"synthetic___::{0:032x}",
    }[source]
    lines = [json.dumps(record).encode() for record in (first, changed)]
    n_records, n_lost = tally(source, lines)
    assert n_records >= 1
    assert n_records + n_lost == 2


@given(lines=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=6))
def test_any_bytes_between_two_records_leave_these_two(lines: list[bytes]) -> None:
    whole = [b'{"a": 1}', b'{"b": 2}', *lines, b'{"c": 3}']
    defects: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "works.jsonl"
        path.write_bytes(b"\n".join(whole))
        items = list(json_objects(path, lambda position, code, message, is_lost: defects.append(code)))
    values = [item.value for item in items]
    assert values[:2] == [{"a": 1}, {"b": 2}] and values[-1] == {"c": 3}
    filled = [line for line in whole if line.strip()]
    assert len(items) + sum(code in ("json_syntax", "not_an_object") for code in defects) == len(filled)
    assert [item.position for item in items] == sorted({item.position for item in items})
