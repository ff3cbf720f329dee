"""Identifiers that make identity: which records state them, and the links that follow."""

from __future__ import annotations

import re

import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.pid import IDENTITY_SCHEMES, PLACEHOLDERS
from evigraph.model.tables import COMPARABLE, STATED_PID

#: An identifier under which one source tells more differently titled records than this belongs to a whole (the
#: supplement that holds a congress's abstracts), not to the works in it; it makes no identity.
MAX_TITLES_PER_SOURCE = 20

_SCHEMES = frozenset(IDENTITY_SCHEMES)

#: Suffixes of templates that authors forgot to fill in: `10.1234/xxxxxxx.xxxxxxx`, `10.1234/s00000-000-0000-0`.
_TEMPLATE_SUFFIX = re.compile(
    r"^10\.[0-9.]+/(?:(?:.*[^a-z])?(?:x{4,}|n{5,})(?:[^a-z].*)?|(?=(?:[^0]*0){4})[a-z]{0,2}[^a-z1-9]*)$"
)

#: DOIs that templates and manuals print as an example; each stands on works that have nothing in common.
BLACKLIST = frozenset({"10.1145/1122445.1122456", "10.475/123_4", "10.1000/xyz123"})


def makes_identity(scheme: str, value: str) -> bool:
    """Whether an identifier can make two records one product: its scheme identifies works and it is no placeholder."""
    if scheme not in _SCHEMES or value.lower() in PLACEHOLDERS:
        return False
    return scheme != "doi" or not (value in BLACKLIST or _TEMPLATE_SUFFIX.search(value))


def stated_pids(comparable: ir.Table) -> ir.Table:
    """Who states which identifier, its smallest record, and whether it makes identity."""
    stated = comparable.select("record_id", "title_key", pid=comparable.pids.unnest())
    stated = stated.select(
        "record_id",
        "title_key",
        source=stated.record_id.split(":")[0],
        scheme=stated.pid["scheme"],
        value=stated.pid["value"],
    )
    told = stated.group_by("scheme", "value", "source").agg(
        first_id=stated.record_id.min(), n_titles=stated.title_key.nunique()
    )
    holders = told.group_by("scheme", "value").agg(leader_id=told.first_id.min(), n_titles=told.n_titles.max())
    joined = stated.join(holders, ["scheme", "value"])
    return joined.select(
        "scheme",
        "value",
        "record_id",
        "leader_id",
        makes_identity=joined.n_titles <= MAX_TITLES_PER_SOURCE,
    )


STEP = SetStep("deduplicate.stated_pid", (COMPARABLE,), STATED_PID, stated_pids)
