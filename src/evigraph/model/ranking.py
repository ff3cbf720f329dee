"""The citation graph as numbers, and the indicators computed on it."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import TEXT

NODE = Table(
    "node",
    "A product as a node of the citation graph, numbered newest first.",
    ("node",),
    (
        Column("node", pa.int32(), "number from 0, in order of year (newest first), then product_id"),
        Column("product_id", TEXT, "the product", nullable=False),
        Column("year", pa.int32(), "publication year", nullable=False),
    ),
)

EDGE = Table(
    "edge",
    "A distinct citation between two nodes, without self-citations of a node.",
    ("citing", "cited"),
    (
        Column("citing", pa.int32(), "node of the citing publication"),
        Column("cited", pa.int32(), "node of the cited product"),
    ),
)

SCORE = Table(
    "score",
    "The indicators of a node.",
    ("node",),
    (
        Column("node", pa.int32(), "the node"),
        Column("citation_count", pa.int64(), "in-degree", nullable=False),
        Column("impulse", pa.int64(), "citations up to three years after publication", nullable=False),
        Column("influence", pa.float64(), "PageRank", nullable=False),
        Column("popularity", pa.float64(), "AttRank", nullable=False),
        Column("ram", pa.float64(), "citations, each faded by its age (Retained Adjacency Matrix)", nullable=False),
        Column("citation_count_class", TEXT, "C1 to C5", nullable=False),
        Column("impulse_class", TEXT, "C1 to C5", nullable=False),
        Column("influence_class", TEXT, "C1 to C5", nullable=False),
        Column("popularity_class", TEXT, "C1 to C5", nullable=False),
        Column("ram_class", TEXT, "C1 to C5", nullable=False),
    ),
)

INDICATOR = Table(
    "indicator",
    "The BIP! indicators of a product, raw and as a class.",
    ("product_id",),
    (
        Column("product_id", TEXT, "the product"),
        Column("citation_count", pa.int64(), "distinct products of this graph that cite it", nullable=False),
        Column("impulse", pa.int64(), "citations up to three years after publication", nullable=False),
        Column("influence", pa.float64(), "PageRank, sums to 1 over the graph", nullable=False),
        Column("popularity", pa.float64(), "AttRank", nullable=False),
        Column("ram", pa.float64(), "citations, each faded by its age (Retained Adjacency Matrix)", nullable=False),
        Column("citation_count_class", TEXT, "C1 (top 0.01 %) to C5", nullable=False),
        Column("impulse_class", TEXT, "C1 to C5", nullable=False),
        Column("influence_class", TEXT, "C1 to C5", nullable=False),
        Column("popularity_class", TEXT, "C1 to C5", nullable=False),
        Column("ram_class", TEXT, "C1 to C5", nullable=False),
    ),
)
