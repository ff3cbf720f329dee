"""The contracts of what people say that is more than whether records are one work: links and amendments."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import TEXT

#: The source that people are to the graph: what they say is told as coming from it.
PEOPLE = "people"

#: How a link to an entity reads from the product, as in `product_entity`; links between products have DataCite's types.
ENTITY_RELATIONS: dict[str, str] = {
    "project": "isProducedBy",
    "community": "IsRelatedTo",
    "organization": "hasAuthorInstitution",
}

CLAIM = Table(
    "claim",
    "A link that a person made, in force at the head of this run and not refused by a curator.",
    ("claim_id",),
    (
        Column("claim_id", TEXT, "id of the event in the ledger"),
        Column("subject", TEXT, "the product, by a record id or an identifier as scheme:value", nullable=False),
        Column("relation", TEXT, "relation read from the product", nullable=False),
        Column("target_kind", TEXT, "project, community, organization or product", nullable=False),
        Column("target", TEXT, "id of the entity, or the other product as in subject", nullable=False),
        Column("is_confirmed", pa.bool_(), "whether a curator confirmed it", nullable=False),
    ),
)

CLAIMED_LINK = Table(
    "claimed_link",
    "A link that a person made, with the product that it is of in this graph.",
    ("claim_id",),
    (
        Column("claim_id", TEXT, "id of the event in the ledger"),
        Column("product_id", TEXT, "the product", nullable=False),
        Column("relation", TEXT, "relation read from the product", nullable=False),
        Column("target_kind", TEXT, "project, community, organization or product", nullable=False),
        Column("target_id", TEXT, "id of the entity or of the other product", nullable=False),
        Column("is_confirmed", pa.bool_(), "whether a curator confirmed it", nullable=False),
    ),
)

AMENDMENT = Table(
    "amendment",
    "A value of a product that a curator set, in force at the head of this run; a row for each name of the product.",
    ("amendment_id", "subject"),
    (
        Column("amendment_id", TEXT, "id of the event in the ledger; later ones are greater"),
        Column("subject", TEXT, "a record id, or an identifier as scheme:value"),
        Column(
            "field", TEXT, "type, author, dead_link, retraction or objection (the records are withheld)", nullable=False
        ),
        Column("before", TEXT, "what sources say; of an author the name, of a link the address", nullable=False),
        Column("after", TEXT, "what holds instead; of an author the name and the ORCID iD, parted by a bar"),
    ),
)

#: Every table of this module.
SAID_TABLES: tuple[Table, ...] = (CLAIM, CLAIMED_LINK, AMENDMENT)
