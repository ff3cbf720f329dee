"""Research products, and what links them."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.records import BIBLIOGRAPHIC
from evigraph.model.table import Column, Table
from evigraph.model.types import PIDS, PROVENANCE, TEXT, TEXTS

PRODUCT = Table(
    "product",
    "A research product: all records of one work, merged.",
    ("product_id",),
    (
        Column("product_id", TEXT, "best identifier's type, padded to 12, and md5 of its value"),
        *BIBLIOGRAPHIC,
        Column("access_right", TEXT, "best COAR access right of the instances; null = not known"),
        Column("is_peer_reviewed", pa.bool_(), "whether an instance is peer-reviewed; null = not known"),
        Column("sources", TEXTS, "the sources of its records, sorted"),
        Column("record_ids", TEXTS, "its records, the one that leads first"),
        Column(
            "provenance",
            pa.list_(PROVENANCE),
            "which records said each value; empty where one record said everything",
        ),
    ),
)

IDENTIFIER = Table(
    "identifier",
    "An identifier and the product that it identifies.",
    ("scheme", "value"),
    (
        Column("scheme", TEXT, "scheme of the identifier"),
        Column("value", TEXT, "normalised value"),
        Column("product_id", TEXT, "the product", nullable=False),
    ),
)

RESOLVED_CITATION = Table(
    "resolved_citation",
    "A citation between identifiers, with the products that they stand for.",
    ("source", "payload", "position"),
    (
        Column("source", TEXT, "the source's name"),
        Column("payload", TEXT, "name of the payload file"),
        Column("position", pa.int64(), "place of the statement in the payload, from 0"),
        Column("source_id", TEXT, "the citing product; null where this graph does not hold it"),
        Column("target_id", TEXT, "the cited product; null where this graph does not hold it"),
    ),
)

CITED_REFERENCE = Table(
    "cited_reference",
    "A product's reference list with the products it resolves to.",
    ("product_id", "record_id", "payload", "position"),
    (
        Column("product_id", TEXT, "the citing product"),
        Column("record_id", TEXT, "the record that lists the reference"),
        Column("payload", TEXT, "the payload it was read from"),
        Column("position", pa.int32(), "place in that record's list, from 0"),
        Column("pids", PIDS, "identifiers of the cited work"),
        Column("text", TEXT, "the reference as text"),
        Column("target_id", TEXT, "the product it resolves to; null where this graph does not hold it"),
    ),
)

RELATION = Table(
    "relation",
    "A link between two products; every link is held in both directions.",
    ("source_id", "relation", "target_id"),
    (
        Column("source_id", TEXT, "the product the relation is read from"),
        Column("relation", TEXT, "DataCite relation type: Cites, IsCitedBy, …"),
        Column("target_id", TEXT, "the product it points to"),
        Column("sources", TEXTS, "the sources that say so, sorted"),
    ),
)
