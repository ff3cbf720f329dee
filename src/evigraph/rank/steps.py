"""The steps from products and relations to indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from evigraph.engine.step import GraphStep, SetStep
from evigraph.errors import SettingsError
from evigraph.model.tables import EDGE, INDICATOR, NODE, PRODUCT, RANKING, RELATION, SCORE
from evigraph.rank import carried, groups, rollups
from evigraph.rank.api import Ranking, rank
from evigraph.rank.classes import LABELS
from evigraph.rank.parameters import Parameters

#: The parameters of a run that change an indicator; each may be absent or None, which means its default.
USES: tuple[str, ...] = (
    "name",
    "current_year",
    "horizon_year",
    "influence_alpha",
    "popularity_alpha",
    "popularity_beta",
    "popularity_gamma",
    "popularity_rho",
    "attention_years",
    "impulse_years",
    "ram_gamma",
)


def nodes(product: ir.Table) -> ir.Table:
    """The products that have a publication year, numbered newest first, then by id.

    OpenAIRE's graph for BIP! takes all four product types in; so does this.
    """
    dated = product.filter(product.year.notnull())
    position = ibis.row_number().over(ibis.window(order_by=[dated.year.desc(), dated.product_id.asc()]))
    return dated.select(node=position.cast("int32"), product_id=dated.product_id, year=dated.year.cast("int32"))


def edges(relation: ir.Table, product: ir.Table, node: ir.Table) -> ir.Table:
    """The citations by publications between two nodes.

    As in OpenAIRE's graph for BIP!, the citing product is a publication and the cited one may be of any type.
    """
    citation = relation.filter(relation.relation == "Cites", relation.source_id != relation.target_id).select(
        "source_id", "target_id"
    )
    publication = product.filter(product.type == "publication").select(source_id=product.product_id)
    source = node.select(source_id=node.product_id, citing=node.node)
    target = node.select(target_id=node.product_id, cited=node.node)
    joined = (
        citation.inner_join(publication, "source_id").inner_join(source, "source_id").inner_join(target, "target_id")
    )
    return joined.select("citing", "cited").distinct()


def newest_year(years: npt.NDArray[Any], horizon_year: int | None) -> int | None:
    """The newest year that is not in the future, which begins after `horizon_year`; None where there is none."""
    past = years if horizon_year is None else years[years <= horizon_year]
    return int(past.max()) if past.size else None


def indicators(node: ir.Table, score: ir.Table) -> ir.Table:
    """The scores and classes of each product that is a node."""
    joined = node.inner_join(score, "node")
    return joined.select(*INDICATOR.names)


def _inputs(node: ir.Table, edge: ir.Table) -> tuple[ir.Table, ...]:
    return node.select("node", "year"), edge


def scores(
    parameters: Mapping[str, Any], node: pa.Table, edge: pa.Table
) -> tuple[tuple[pa.Table, ...], Mapping[str, Any]]:
    """The score of each node, the constants of the ranking in one row, and its facts.

    `current_year` is the run's, or else the newest publication year of the graph up to `horizon_year` (the
    year of the newest payload; without it, every year is in the past). Years after the current year + 1 count
    as not known, as in OpenAIRE's graph for BIP!.

    Raises:
        SettingsError: a parameter is outside its range.
    """
    given = {name: parameters[name] for name in USES if parameters.get(name) is not None}
    horizon_year = given.pop("horizon_year", None)
    years = np.zeros(node.num_rows, dtype=np.int32)
    years[node.column("node").to_numpy()] = node.column("year").to_numpy()
    current_year = given.pop("current_year", None)
    is_given = current_year is not None
    if current_year is None:
        current_year = newest_year(years, horizon_year)
    if current_year is None:
        current_year = horizon_year
    if current_year is None:
        if node.num_rows:
            raise SettingsError("ranking: no product has a usable year; set current_year")
        return (SCORE.empty(), RANKING.empty()), {"n_nodes": 0, "n_edges": 0}
    is_future = years > current_year + 1
    years[is_future] = 0
    chosen = Parameters.for_year(int(current_year), **given)
    ranking = rank(years, edge.column("citing").to_numpy(), edge.column("cited").to_numpy(), chosen)
    facts = {
        **ranking.facts,
        "is_current_year_given": is_given,
        "horizon_year": horizon_year,
        "n_years_in_future": int(np.count_nonzero(is_future)),
    }
    constants = {
        "current_year": chosen.current_year,
        "start_year": chosen.start_year,
        "impulse_years": chosen.impulse_years,
        "influence_alpha": chosen.influence_alpha,
        "popularity_alpha": chosen.popularity_alpha,
        "attention_weight": ranking.facts["constants"]["attention_weight"],
    }
    return (score_table(ranking), RANKING.from_rows([constants])), facts


def score_table(ranking: Ranking) -> pa.Table:
    """The ranking as rows of the score table, by node."""
    labels = pa.array(("", *LABELS))
    columns: dict[str, Any] = {"node": pa.array(np.arange(ranking.influence.size, dtype=np.int32))}
    for column in SCORE.names[1:]:
        values = getattr(ranking, column)
        columns[column] = labels.take(pa.array(values)) if column.endswith("_class") else pa.array(values)
    return SCORE.conform(pa.table(columns))


NODE_STEP = SetStep("rank.node", (PRODUCT,), NODE, nodes)
EDGE_STEP = SetStep("rank.edge", (RELATION, PRODUCT, NODE), EDGE, edges)
SCORE_STEP = GraphStep("rank.score", (NODE, EDGE), (SCORE, RANKING), _inputs, scores, uses=USES)
INDICATOR_STEP = SetStep("rank.indicator", (NODE, SCORE), INDICATOR, indicators)

#: The steps of this stage in the order in which they run.
STEPS = (
    NODE_STEP,
    EDGE_STEP,
    SCORE_STEP,
    INDICATOR_STEP,
    carried.CITATION_STEP,
    *groups.STEPS,
    *rollups.STEPS,
)
