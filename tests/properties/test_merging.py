"""Merging is a pure function of a set of records, and the quick way gives what the general way gives."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.deduplicate.merge import merge_records
from evigraph.deduplicate.products import products, products_of_rows
from evigraph.model.entities import RECORD_MARK
from evigraph.model.tables import PRODUCT, RECORD

WORDS = st.sampled_from(["Nothing", "nothing.", "Imaginary networks", "中国", "2020", "2020-05", "2020-05-07"])
SCHEMA = pa.schema(
    [
        *[field for field in RECORD.schema if field.name != "extras"],
        pa.field("product_id", pa.string()),
        *list(RECORD_MARK.schema)[1:],
    ]
)
CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "access_right": st.sampled_from(["c_abf2", "c_14cb", "c_16ec", "c_f1cf", "other"]),
    "refereed": st.sampled_from(["peerReviewed", "nonPeerReviewed"]),
    "resource_type": st.sampled_from(["Article", "Preprint"]),
    "type": st.sampled_from(["publication", "dataset", "other"]),
    "scheme": st.sampled_from(["doi", "pmid"]),
    "published_on": st.sampled_from(["2020", "2020-05", "2020-05-07", "1999"]),
}


def _values(type_: pa.DataType, name: str = "", depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of an Arrow type as crosswalks give them: nulls anywhere, but no null items in a list, no empty text."""
    if pa.types.is_list(type_):
        return st.none() | st.lists(_stated(type_.value_type, name, depth + 1), max_size=2)
    return st.none() | _stated(type_, name, depth)


def _stated(type_: pa.DataType, name: str, depth: int) -> st.SearchStrategy[Any]:
    if name in CHOICES:
        return CHOICES[name]
    if pa.types.is_struct(type_):
        return st.fixed_dictionaries(
            {
                field.name: _stated(field.type, field.name, depth)
                if field.name in ("scheme", "value")
                else _values(field.type, field.name, depth)
                for field in type_
            }
        )
    if pa.types.is_boolean(type_):
        return st.booleans()
    if pa.types.is_integer(type_):
        return st.integers(1990, 1999)
    return WORDS


BIBLIOGRAPHIC = [field for field in PRODUCT.schema if field.name in RECORD.names]
records = st.fixed_dictionaries({field.name: _values(field.type, field.name) for field in BIBLIOGRAPHIC})
sources = st.sampled_from(["crossref", "datacite", "pubmed", "openaire", "openalex", "zenodo"])


def _named(rows: list[dict[str, Any]], names: list[str], product_ids: list[str]) -> list[dict[str, Any]]:
    return [
        row
        | {
            "record_id": f"{source}:{place}",
            "source": source,
            "source_key": str(place),
            "payload": "p",
            "position": place,
            "is_deleted": False,
            "product_id": product_id,
        }
        for place, (row, source, product_id) in enumerate(zip(rows, names, product_ids, strict=True))
    ]


@st.composite
def groups(draw: st.DrawFn, n_products: int = 1) -> list[dict[str, Any]]:
    """Records of one product or several."""
    n = draw(st.integers(1, 4))
    rows = draw(st.lists(records, min_size=n, max_size=n))
    names = draw(st.lists(sources, min_size=n, max_size=n))
    ids = draw(st.lists(st.integers(0, n_products - 1).map("p{}".format), min_size=n, max_size=n))
    return _named(rows, names, ids)


@given(groups(), st.randoms())
@settings(max_examples=60)
def test_merging_ignores_the_order_of_records(rows: list[dict[str, Any]], random: Any) -> None:
    assert merge_records("p", random.sample(rows, len(rows))) == merge_records("p", rows)


@given(groups())
@settings(max_examples=60)
def test_merging_does_not_change_its_records(rows: list[dict[str, Any]]) -> None:
    before = repr(rows)
    merge_records("p", rows)
    assert repr(rows) == before


@given(groups())
@settings(max_examples=60)
def test_every_value_of_a_merged_product_has_a_teller(rows: list[dict[str, Any]]) -> None:
    product = merge_records("p", rows)
    told = {(entry["field"], entry["position"]): entry["record_ids"] for entry in product["provenance"]}
    if len(rows) == 1:
        assert told == {}
        return
    for field in ("title", "publisher", "language", "published_on", "year", "type", "is_retracted"):
        assert (product[field] is None or product[field] == "") or told[field, None]
    for field in ("pids", "subjects", "instances", "authors", "descriptions", "alternative_titles", "funding"):
        for position in range(len(product[field] or ())):
            assert told[field, position]
    for said in told.values():
        assert said and len(set(said)) == len(said) and set(said) <= set(product["record_ids"])


@given(groups(n_products=4), st.randoms())
@settings(max_examples=60)
def test_the_quick_way_gives_what_the_general_way_gives(rows: list[dict[str, Any]], random: Any) -> None:
    batch = pa.RecordBatch.from_pylist(random.sample(rows, len(rows)), schema=SCHEMA)
    quick = {row["product_id"]: row for row in products(batch).to_pylist()}
    general = {row["product_id"]: row for row in products_of_rows(batch.to_pylist()).to_pylist()}
    assert quick == general
