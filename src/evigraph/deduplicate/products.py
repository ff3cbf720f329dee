"""The step that makes products: most have one record and go through without leaving Arrow."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.deduplicate.instances import ACCESS_RIGHTS, AUTHORS_ORIGINAL, PREPRINT, REFEREED
from evigraph.deduplicate.marks import MARKS
from evigraph.deduplicate.merge import merge_records
from evigraph.engine.step import RowStep
from evigraph.model.entities import RECORD_MARK
from evigraph.model.tables import MEMBER, PRODUCT, RECORD

#: The columns that a record and a product have alike.
_SHARED: tuple[str, ...] = tuple(name for name in PRODUCT.names if name in RECORD.names)

_INSTANCES: pa.ListType = PRODUCT.schema.field("instances").type


def records_with_products(record: ir.Table, member: ir.Table, record_mark: ir.Table) -> ir.Table:
    """Each record with the id of its product and what registries say of it."""
    joined = record.join(member.select("record_id", "product_id"), "record_id").left_join(record_mark, "record_id")
    return joined.select("product_id", "record_id", "source", *_SHARED, *MARKS)


def _is_simple(batch: pa.RecordBatch) -> pa.Array:
    """Whether a row is the only record of its product and needs nothing put in order."""
    products = batch.column("product_id").dictionary_encode()
    codes = products.indices.to_numpy()
    alone = np.bincount(codes, minlength=len(products.dictionary))[codes] == 1
    n_descriptions = pc.fill_null(pc.list_value_length(batch.column("descriptions")), 0)
    unmarked = reduce(pc.and_, [batch.column(name).is_null() for name in MARKS])
    return pc.and_(pc.and_(pa.array(alone), unmarked), pc.less_equal(n_descriptions, 1))


def _with_bare_instances(batch: pa.RecordBatch) -> pa.ListArray:
    """The instances; where a record names none, one that says where it was collected."""
    stated = batch.column("instances").cast(_INSTANCES)
    lengths = pc.fill_null(pc.list_value_length(stated), 0)
    is_bare = pc.equal(lengths, 0)
    if not pc.any(is_bare).as_py():
        return stated
    given = {"pids": "pids", "published_on": "published_on", "collected_from": "source"}
    bare = pa.StructArray.from_arrays(
        [
            batch.column(given[field.name]).cast(field.type)
            if field.name in given
            else pa.nulls(len(batch), field.type)
            for field in _INSTANCES.value_type
        ],
        fields=list(_INSTANCES.value_type),
    )
    single = pa.ListArray.from_arrays(pa.array(np.arange(len(batch) + 1), pa.int32()), bare, type=_INSTANCES)
    return pc.if_else(is_bare, single, stated)


def _versioned(instances: pa.ListArray) -> pa.ListArray:
    """The instances with their COAR version types (`evigraph.deduplicate.instances.versioned`)."""
    flat = instances.flatten()
    is_untold = pc.and_(pc.equal(flat.field("resource_type"), PREPRINT), flat.field("version_type").is_null())
    is_untold = pc.fill_null(is_untold, False)
    if not pc.any(is_untold).as_py():
        return instances
    types = pc.if_else(is_untold, pa.scalar(AUTHORS_ORIGINAL), flat.field("version_type"))
    fields = list(_INSTANCES.value_type)
    children = [types if field.name == "version_type" else flat.field(field.name) for field in fields]
    offsets = pc.subtract(instances.offsets, instances.offsets[0])
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(children, fields=fields), type=_INSTANCES)


def _best(instances: pa.ListArray, field: str, order: tuple[str, ...]) -> pa.Array:
    """For each list the value of an instance's field that comes first in `order`, null where none does."""
    said = pc.list_flatten(instances).field(field)
    places = pc.fill_null(pc.index_in(said, value_set=pa.array(order)), len(order)).to_numpy()
    best = np.full(len(instances), len(order), dtype=np.int64)
    np.minimum.at(best, pc.list_parent_indices(instances).to_numpy(), places)
    return pa.array([*order, None], type=pa.string()).take(pa.array(best))


def _singletons(column: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(np.arange(len(column) + 1), pa.int32()), column)


def products_of_single_records(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The products of rows that are each the only record of theirs: what `merge_records` gives, without Python rows."""
    instances = _versioned(_with_bare_instances(batch))
    refereed = _best(instances, "refereed", REFEREED)
    columns: dict[str, Any] = {name: batch.column(name) for name in _SHARED}
    columns |= {
        "product_id": batch.column("product_id"),
        "instances": instances,
        "access_right": _best(instances, "access_right", ACCESS_RIGHTS),
        "is_peer_reviewed": pc.equal(refereed, REFEREED[0]),
        "sources": _singletons(batch.column("source")),
        "record_ids": _singletons(batch.column("record_id")),
        "provenance": pa.ListArray.from_arrays(
            pa.array(np.zeros(len(batch) + 1), pa.int32()),
            pa.array([], PRODUCT.schema.field("provenance").type.value_type),
        ),
    }
    return pa.RecordBatch.from_arrays(
        [columns[field.name].cast(field.type) for field in PRODUCT.schema], schema=PRODUCT.schema
    )


def products_of_rows(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """The products of rows of records, each with its `product_id`."""
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["product_id"]].append(row)
    merged = [merge_records(product_id, records) for product_id, records in groups.items()]
    return pa.RecordBatch.from_pylist(merged, schema=PRODUCT.schema)


def products(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `product` for rows of `records_with_products`; all records of a product stand in one batch."""
    simple = _is_simple(batch)
    quick = products_of_single_records(batch.filter(simple))
    if quick.num_rows == batch.num_rows:
        return quick
    return pa.concat_batches([quick, products_of_rows(batch.filter(pc.invert(simple)).to_pylist())])


STEP = RowStep(
    "deduplicate.product", (RECORD, MEMBER, RECORD_MARK), PRODUCT, records_with_products, products, by="product_id"
)
