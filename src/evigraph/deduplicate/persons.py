"""Authors as persons: by ORCID iD and by nothing else. What might tell later who another author is, is kept.

Names alone tell nobody apart in a literature of millions: two Wei Wangs are left two, and one person without an
ORCID iD is left as many as there are works.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.titles import fold
from evigraph.engine.step import RowStep, SetStep, Step
from evigraph.model.identities import AUTHORSHIP, PERSON
from evigraph.model.pid import Pid, id_of, normalise_orcid
from evigraph.model.tables import PRODUCT


def name_key(author: dict[str, Any]) -> str | None:
    """Family name and first initial, folded: `nowak a`; all of a name that is not taken apart; None for a group."""
    if author.get("is_group"):
        return None
    family, given = fold(author.get("family_name") or ""), fold(author.get("given_name") or "")
    if family:
        return f"{family} {given[:1]}".strip()
    return fold(author.get("full_name") or "") or None


def authorships(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `authorship` for rows of `product`."""
    rows = []
    for product in batch.to_pylist():
        for position, author in enumerate(product["authors"] or ()):
            orcid = normalise_orcid(author["orcid"])
            stated = author["affiliations"] or ()
            rows.append(
                {
                    "product_id": product["product_id"],
                    "position": position,
                    "person_id": id_of(Pid("orcid", orcid)) if orcid else None,
                    "orcid": orcid,
                    "full_name": author["full_name"],
                    "name_key": name_key(author),
                    "ror_ids": sorted({each["ror_id"] for each in stated if each["ror_id"]}),
                    "affiliations": list(dict.fromkeys(each["name"] for each in stated if each["name"])),
                }
            )
    return pa.RecordBatch.from_pylist(rows, schema=AUTHORSHIP.schema)


def persons(authorship: ir.Table) -> ir.Table:
    """One row a person: the names, works and affiliations that go under one ORCID iD."""
    known = authorship.filter(authorship.person_id.notnull())
    counted = known.group_by("person_id", "orcid").agg(
        n_products=known.product_id.nunique(), n_name_keys=known.name_key.nunique()
    )
    named = known.filter(known.full_name.notnull()).select("person_id", "full_name").distinct()
    names = named.group_by("person_id").agg(names=named.full_name.collect().sort())
    at = known.select("person_id", ror_id=known.ror_ids.unnest()).distinct()
    rors = at.group_by("person_id").agg(ror_ids=at.ror_id.collect().sort())
    told = counted.left_join(names, "person_id").select("person_id", "orcid", "n_products", "n_name_keys", "names")
    return told.left_join(rors, "person_id").select(*PERSON.names)


STEPS: tuple[Step, ...] = (
    RowStep(
        "deduplicate.authorship",
        (PRODUCT,),
        AUTHORSHIP,
        lambda product: product.select("product_id", "authors"),
        authorships,
    ),
    SetStep("deduplicate.person", (AUTHORSHIP,), PERSON, persons),
)
