"""The steps of this stage in their order: record to product."""

from __future__ import annotations

from evigraph.deduplicate import (
    blocks,
    comparables,
    comparison,
    evidence,
    identifiers,
    members,
    open_pairs,
    organizations,
    persons,
    product_ids,
    products,
    version_links,
    versions,
)
from evigraph.engine.step import Step

#: The steps that find which records are one work, from `record` and `decision` to `evidence` and `member`.
CLUSTERING: tuple[Step, ...] = (
    comparables.STEP,
    *blocks.STEPS,
    comparison.STEP,
    identifiers.STEP,
    evidence.STEP,
    members.STEP,
)

#: All steps, each after those whose tables it reads.
STEPS: tuple[Step, ...] = (
    *CLUSTERING,
    open_pairs.STEP,
    versions.STEP,
    version_links.STEP,
    product_ids.STEP,
    products.STEP,
    *organizations.STEPS,
    *persons.STEPS,
)
