"""The steps of this stage in their order: record to product."""

from __future__ import annotations

from evigraph.deduplicate import blocks, comparables, comparison, evidence, identifiers, members, product_ids, products
from evigraph.engine.step import Step

#: All steps, each after those whose tables it reads.
STEPS: tuple[Step, ...] = (
    comparables.STEP,
    *blocks.STEPS,
    comparison.STEP,
    identifiers.STEP,
    evidence.STEP,
    members.STEP,
    product_ids.STEP,
    products.STEP,
)
