"""The statements about organizations, projects, journals and the like that count: of each thing the newest.

A registry is read again whenever it publishes a new file. Of each entry the version in the payload that was
harvested last wins, inside one payload the last; an entry that newer files no longer hold stays as it was last told.
"""

from __future__ import annotations

from functools import partial, reduce

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.entities import (
    COMMUNITY,
    DATA_SOURCE,
    ENTITY_LINK,
    ENTITY_LINK_TOLD,
    ORGANIZATION,
    PROJECT,
    TOLD_ENTITIES,
)
from evigraph.model.table import Table
from evigraph.model.tables import PAYLOAD, RECORD

#: What decides between rows of one payload: the place, else every column that may differ.
_TIES = {"issn_link": ("issn_linking",), "vocabulary_term": ("scheme",)}

#: The entities that may say something of themselves in the payload that tells them.
_TELLERS: tuple[Table, ...] = (ORGANIZATION, PROJECT, DATA_SOURCE, COMMUNITY)


def newest_entities(table: Table, told: ir.Table, payload: ir.Table) -> ir.Table:
    """One row for each key of `table`: from the payload harvested last, in it the last.

    What was told in passing counts only where nothing else is told.
    """
    ties = _TIES.get(table.name, ("position",))
    first = ["is_mention"] if "is_mention" in table.names else []
    ranked = told.join(payload.select("source", "payload", "ordinal"), ["source", "payload"]).mutate(
        place=ibis.row_number().over(
            group_by=list(table.key), order_by=[*first, ibis.desc("ordinal"), *(ibis.desc(name) for name in ties)]
        )
    )
    return ranked.filter(ranked.place == 0).select(*table.names)


def entity_links(told: ir.Table, record: ir.Table, *tellers: ir.Table) -> ir.Table:
    """The links of what is current, and those of files of relations, each once with all who say it.

    What a record or entity said of itself in a version that no longer counts is left out.
    """
    current = record.select("payload", teller_id="record_id")
    for table, rows in zip(_TELLERS, tellers, strict=True):
        current = current.union(rows.select("payload", teller_id=rows[table.key[0]]))
    own = told.filter(told.teller_id.notnull()).semi_join(current, ["teller_id", "payload"])
    stated = own.union(told.filter(told.teller_id.isnull()))
    key = list(ENTITY_LINK.key)
    said = [
        stated.filter(stated[name].notnull())
        .select(*key, name)
        .distinct()
        .group_by(key)
        .agg(**{kept: lambda t, name=name: t[name].collect().sort()})
        for name, kept in (("source", "sources"), ("provenance", "provenance"))
    ]
    kinds = stated.group_by(key).agg(
        left_kind=lambda t: t.left_kind.min(),
        right_kind=lambda t: t.right_kind.min(),
    )
    return reduce(lambda left, right: left.left_join(right, key).select(*left.columns, right.columns[-1]), said, kinds)


STEPS = (
    *(
        SetStep(f"clean.{table.name}", (told, PAYLOAD), table, partial(newest_entities, table), needs=(told,))
        for table, told in TOLD_ENTITIES.items()
    ),
    SetStep(
        "clean.entity_link",
        (ENTITY_LINK_TOLD, RECORD, *_TELLERS),
        ENTITY_LINK,
        entity_links,
        needs=(ENTITY_LINK_TOLD,),
    ),
)
