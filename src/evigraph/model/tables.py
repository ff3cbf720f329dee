"""The contracts of all tables that steps exchange and releases hold: one place to import them from."""

from __future__ import annotations

from evigraph.model.entities import ENTITY_TABLES, RELEASED_ENTITY_TABLES
from evigraph.model.identities import IDENTITY_TABLES, RELEASED_IDENTITY_TABLES
from evigraph.model.impact import (
    CITATION,
    ENTITY_INDICATOR,
    ENTITY_PRODUCT,
    GROUP_MEMBER,
    IMPACT_TABLES,
    INDICATOR_GROUP,
    INDICATOR_VIEW,
    RANKING,
    RELEASED_IMPACT_TABLES,
)
from evigraph.model.matching import (
    ALIAS,
    BLOCK_KEY,
    COMPARABLE,
    COMPARISON,
    DECISION,
    EVIDENCE,
    MEMBER,
    OPEN_PAIR,
    PAIR,
    RECORD_RELATION,
    STATED_PID,
    VERSION_LINK,
)
from evigraph.model.products import CITED_REFERENCE, IDENTIFIER, PRODUCT, RELATION, RESOLVED_CITATION
from evigraph.model.ranking import EDGE, INDICATOR, NODE, SCORE
from evigraph.model.records import (
    DEFECT,
    DEFECT_TOLD,
    LINK,
    LINK_TOLD,
    PAYLOAD,
    RECORD,
    RECORD_TOLD,
    REFERENCE,
    REFERENCE_TOLD,
    STATED_CITATION,
)
from evigraph.model.said import SAID_TABLES
from evigraph.model.table import Table

__all__ = [
    "ALIAS",
    "BLOCK_KEY",
    "CITATION",
    "CITED_REFERENCE",
    "COMPARABLE",
    "COMPARISON",
    "DECISION",
    "DEFECT",
    "DEFECT_TOLD",
    "EDGE",
    "ENTITY_INDICATOR",
    "ENTITY_PRODUCT",
    "EVIDENCE",
    "GROUP_MEMBER",
    "IDENTIFIER",
    "INDICATOR",
    "INDICATOR_GROUP",
    "INDICATOR_VIEW",
    "LINK",
    "LINK_TOLD",
    "MEMBER",
    "NODE",
    "OPEN_PAIR",
    "PAIR",
    "PAYLOAD",
    "PRODUCT",
    "RANKING",
    "RECORD",
    "RECORD_RELATION",
    "RECORD_TOLD",
    "REFERENCE",
    "REFERENCE_TOLD",
    "RELATION",
    "RELEASE_TABLES",
    "RESOLVED_CITATION",
    "SCORE",
    "STATED_CITATION",
    "STATED_PID",
    "TABLES",
    "VERSION_LINK",
]

#: Every table, by name.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        RECORD,
        REFERENCE,
        LINK,
        DEFECT,
        PAYLOAD,
        RECORD_TOLD,
        REFERENCE_TOLD,
        LINK_TOLD,
        DEFECT_TOLD,
        IDENTIFIER,
        DECISION,
        COMPARABLE,
        BLOCK_KEY,
        PAIR,
        STATED_PID,
        COMPARISON,
        EVIDENCE,
        MEMBER,
        OPEN_PAIR,
        RECORD_RELATION,
        VERSION_LINK,
        ALIAS,
        PRODUCT,
        STATED_CITATION,
        RESOLVED_CITATION,
        CITED_REFERENCE,
        RELATION,
        NODE,
        EDGE,
        SCORE,
        INDICATOR,
        *IMPACT_TABLES,
        *ENTITY_TABLES,
        *IDENTITY_TABLES,
        *SAID_TABLES,
    )
}

#: The tables of a release, in the order in which the manifest lists them.
RELEASE_TABLES: tuple[Table, ...] = (
    PRODUCT,
    INDICATOR,
    RELATION,
    CITED_REFERENCE,
    RECORD,
    MEMBER,
    ALIAS,
    EVIDENCE,
    DEFECT,
    *RELEASED_IMPACT_TABLES,
    *RELEASED_ENTITY_TABLES,
    OPEN_PAIR,
    RECORD_RELATION,
    *RELEASED_IDENTITY_TABLES,
)
