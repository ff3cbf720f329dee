"""Organizations: one by ROR or by a person's word; by name, country and domain only suggested.

After OpenAIRE's three stages (suggestions, curation, representatives): what is suggested binds nothing until a person
decides `same` or `different` about two organization ids. Two different ROR ids are never suggested to be one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from rapidfuzz.distance import JaroWinkler
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from evigraph.deduplicate.titles import fold
from evigraph.engine.step import GraphStep, RowStep, SetStep, Step
from evigraph.model.entities import ORGANIZATION
from evigraph.model.identities import (
    ORGANIZATION_KEY,
    ORGANIZATION_MEMBER,
    ORGANIZATION_PAIR,
    ORGANIZATION_SUGGESTION,
)
from evigraph.model.tables import DECISION

#: Least score of a suggestion (OpenAIRE's).
MIN_SCORE = 0.9

#: Weights of legal and short name (OpenAIRE's).
LEGAL_WEIGHT, SHORT_WEIGHT = 0.9, 0.1

#: A domain or name that more organizations than this share in one country tells none of them.
MAX_SHARING = 50

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")


def domain_of(url: str | None) -> str | None:
    """The host of a home page in lower case without `www.`; None where there is none."""
    if not url:
        return None
    address = url.strip() if "//" in url else f"//{url.strip()}"
    try:
        host = (urlsplit(address).hostname or "").lower().removeprefix("www.").rstrip(".")
    except ValueError:
        return None
    return host if "." in host else None


def organization_keys(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `organization_key` for rows of `organization`."""
    rows = []
    for row in batch.to_pylist():
        rors = sorted(pid["value"] for pid in row["pids"] or () if pid["scheme"] == "ror" and pid["value"])
        name = fold(row["legal_name"] or "")
        rows.append(
            {
                "organization_id": row["organization_id"],
                "ror_id": rors[0] if rors else None,
                "name_key": name or None,
                "short_key": fold(row["short_name"] or "") or None,
                "numbers": " ".join(_NUMBER.findall(name)),
                "country_code": (row["country_code"] or "").strip().upper() or None,
                "domain": domain_of(row["website_url"]),
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=ORGANIZATION_KEY.schema)


def organization_members(
    parameters: Mapping[str, Any], keys: pa.Table, decisions: pa.Table
) -> tuple[tuple[pa.Table, ...], Mapping[str, Any]]:
    """The `organization_member` table: components over equal ROR ids and `same` decisions.

    A `same` decision that would put two ROR ids together is not followed, and counted: the registry says otherwise.
    """
    rows = sorted(keys.to_pylist(), key=lambda row: row["organization_id"])
    places = {row["organization_id"]: place for place, row in enumerate(rows)}
    first_of: dict[str, int] = {}
    links = [(first_of.setdefault(row["ror_id"], place), place) for place, row in enumerate(rows) if row["ror_id"]]
    groups = _components(len(rows), links)
    said = [
        (places[row["subject_l"]], places[row["subject_r"]])
        for row in sorted(decisions.to_pylist(), key=lambda row: row["decision_id"])
        if row["kind"] == "same" and row["subject_l"] in places and row["subject_r"] in places
    ]
    n_refused = 0
    ror_of = {int(group): row["ror_id"] for group, row in zip(groups, rows, strict=True) if row["ror_id"]}
    for left, right in said:
        rors = {ror for end in (left, right) if (ror := ror_of.get(int(groups[end])))}
        if len(rors) > 1:
            n_refused += 1
            continue
        links.append((left, right))
        groups = _components(len(rows), links)
        ror_of = {int(group): row["ror_id"] for group, row in zip(groups, rows, strict=True) if row["ror_id"]}
    names: dict[int, str] = {}
    for group, row in zip(groups.tolist(), rows, strict=True):
        named = ror_of.get(group)
        names.setdefault(group, f"ror:{named.rsplit('/', 1)[-1]}" if named else row["organization_id"])
    member = [
        {"organization_id": row["organization_id"], "group_id": names[group]}
        for group, row in zip(groups.tolist(), rows, strict=True)
    ]
    facts = {"n_organizations": len(rows), "n_groups": len(names), "n_refused_decisions": n_refused}
    return (ORGANIZATION_MEMBER.from_rows(member),), facts


def _components(n: int, links: list[tuple[int, int]]) -> Any:
    if not n:
        return np.zeros(0, np.int64)
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _sharing(keys: ir.Table, column: str) -> ir.Table:
    """Organizations with the country and value that they share with few enough others: key, organization_id."""
    stated = keys.filter(keys.country_code.notnull(), keys[column].notnull())
    stated = stated.select("organization_id", key=stated.country_code + " " + stated[column])
    counted = stated.group_by("key").agg(n=stated.count())
    return stated.semi_join(counted.filter(counted.n > 1, counted.n <= MAX_SHARING), "key")


def organization_pairs(keys: ir.Table, member: ir.Table, decision: ir.Table) -> ir.Table:
    """The pairs to compare: one country and one domain or name, not one group already, nothing decided about them."""
    shared = _sharing(keys, "domain").union(_sharing(keys, "name_key"))
    left = shared.select("key", organization_id_l="organization_id")
    right = shared.select("key", organization_id_r="organization_id")
    met = left.join(right, "key")
    met = met.filter(met.organization_id_l < met.organization_id_r).select(*ORGANIZATION_PAIR.key).distinct()
    group_l = member.select(organization_id_l="organization_id", group_l="group_id")
    group_r = member.select(organization_id_r="organization_id", group_r="group_id")
    placed = met.join(group_l, "organization_id_l").join(group_r, "organization_id_r")
    # Two groups that are each named by a ROR id are two organizations.
    is_known = placed.group_l.startswith("ror:") & placed.group_r.startswith("ror:")
    apart = placed.filter(placed.group_l != placed.group_r, ~is_known)
    decided = decision.filter(decision.kind.isin(["same", "different"])).select(
        organization_id_l=ibis.least(decision.subject_l, decision.subject_r),
        organization_id_r=ibis.greatest(decision.subject_l, decision.subject_r),
    )
    return apart.select(*ORGANIZATION_PAIR.key).anti_join(decided, list(ORGANIZATION_PAIR.key))


_COMPARED = ("name_key", "short_key", "numbers", "country_code", "domain")


def pairs_with_keys(pair: ir.Table, keys: ir.Table) -> ir.Table:
    """Each pair with what is compared of both, in columns that end in `_l` and `_r`."""
    left = keys.select(organization_id_l="organization_id", **{f"{name}_l": name for name in _COMPARED})
    right = keys.select(organization_id_r="organization_id", **{f"{name}_r": name for name in _COMPARED})
    return pair.join(left, "organization_id_l").join(right, "organization_id_r")


def suggestions(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `organization_suggestion` for rows of `pairs_with_keys`."""
    rows = []
    for row in batch.to_pylist():
        domains = {row["domain_l"], row["domain_r"]} - {None}
        if not row["name_key_l"] or not row["name_key_r"] or row["numbers_l"] != row["numbers_r"] or len(domains) > 1:
            continue
        legal = JaroWinkler.similarity(row["name_key_l"], row["name_key_r"])
        shorts = row["short_key_l"], row["short_key_r"]
        score = legal
        if all(shorts):
            score = LEGAL_WEIGHT * legal + SHORT_WEIGHT * JaroWinkler.similarity(*shorts)
        if score < MIN_SCORE:
            continue
        is_shared = row["domain_l"] == row["domain_r"] is not None
        where = f"both at {row['domain_l']}" if is_shared else "only one of them, or none, states a home page"
        names = "the same name" if legal == 1 else f"names {int(legal * 100)} % alike"
        rows.append(
            {
                "organization_id_l": row["organization_id_l"],
                "organization_id_r": row["organization_id_r"],
                "score": round(score, 6),
                "explanation": f"{names}, both in {row['country_code_l']}, {where}",
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=ORGANIZATION_SUGGESTION.schema)


STEPS: tuple[Step, ...] = (
    RowStep(
        "deduplicate.organization_key",
        (ORGANIZATION,),
        ORGANIZATION_KEY,
        lambda organization: organization.select(
            *("organization_id", "pids", "legal_name", "short_name", "country_code", "website_url")
        ),
        organization_keys,
    ),
    GraphStep(
        "deduplicate.organization_member",
        (ORGANIZATION_KEY, DECISION),
        (ORGANIZATION_MEMBER,),
        lambda keys, decision: (
            keys.select("organization_id", "ror_id"),
            decision.select("decision_id", "kind", "subject_l", "subject_r"),
        ),
        organization_members,
    ),
    SetStep(
        "deduplicate.organization_pair",
        (ORGANIZATION_KEY, ORGANIZATION_MEMBER, DECISION),
        ORGANIZATION_PAIR,
        organization_pairs,
        needs=(ORGANIZATION_KEY,),
    ),
    RowStep(
        "deduplicate.organization_suggestion",
        (ORGANIZATION_PAIR, ORGANIZATION_KEY),
        ORGANIZATION_SUGGESTION,
        pairs_with_keys,
        suggestions,
    ),
)
