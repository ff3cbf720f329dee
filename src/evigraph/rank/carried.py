"""What each citation carries of the cited product's influence and popularity, as a set step."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from evigraph.engine.step import SetStep
from evigraph.model.tables import CITATION, EDGE, NODE, RANKING, SCORE
from evigraph.rank.parameters import FIRST_YEAR


def citations(edge: ir.Table, node: ir.Table, score: ir.Table, ranking: ir.Table) -> ir.Table:
    """Every counted citation with its part of the cited product's scores.

    A citation by j carries α · s(j) / out(j) of the cited work's score, out(j) being j's citations in the graph;
    of popularity also β / (citations of the attention window) where j falls into it. The rest of a score is the
    same for all works, or hangs on the year alone: see `evigraph.rank.explain`.
    """
    listed = edge.group_by("citing").agg(n_references=edge.count())
    dated = node.cross_join(ranking)
    dated = dated.mutate(known=ibis.ifelse(dated.year > dated.current_year + 1, 0, dated.year))
    source = dated.select("known", "node", *RANKING.names, citing_id=dated.product_id)
    source = source.join(listed.rename(node="citing"), "node").join(
        score.select("node", s=score.influence, t=score.popularity), "node"
    )
    target = dated.select(cited=dated.node, product_id=dated.product_id, cited_year=dated.known)
    joined = edge.join(source.rename(citing="node"), "citing").join(target, "cited")
    is_recent = (
        (joined.known >= FIRST_YEAR) & (joined.known >= joined.start_year) & (joined.known <= joined.current_year)
    )
    attention = ibis.ifelse(is_recent, joined.attention_weight, 0.0)
    return joined.select(
        "product_id",
        "citing_id",
        year=joined.known.cast("int32"),
        influence=joined.influence_alpha * joined.s / joined.n_references,
        popularity=joined.popularity_alpha * joined.t / joined.n_references + attention,
        is_early=joined.known - joined.cited_year <= joined.impulse_years,
        is_recent=is_recent,
    )


CITATION_STEP = SetStep("rank.citation", (EDGE, NODE, SCORE, RANKING), CITATION, citations)
