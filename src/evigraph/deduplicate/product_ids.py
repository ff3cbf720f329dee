"""The id of each cluster, and every other id under which it answers.

A product takes its id from the best identifier of all its records (`evigraph.model.pid`); without any, from the
smallest of its records: the source's name padded to 12, and md5 of the record's key there. Because every id that
a product could ever have had follows from its identifiers and records, an id that was superseded still answers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.deduplicate.cluster import Codes
from evigraph.engine.step import SetStep
from evigraph.model.pid import IDENTITY_SCHEMES, PREFIX_WIDTH, Pid, id_of, identity_order
from evigraph.model.tables import ALIAS, MEMBER, RECORD, STATED_PID

_PADDING = "_" * PREFIX_WIDTH


def record_product_id(source: str, source_key: str) -> str:
    """The id of a product that has no identifier, from its smallest record."""
    return id_of(Pid(f"{source[:PREFIX_WIDTH]}{_PADDING}"[:PREFIX_WIDTH], source_key))


def _best_statements(of_cluster: Codes, ranks: Codes, values: pa.ChunkedArray, n_records: int) -> Codes:
    """For each cluster, by its leader, the statement of its best identifier (smallest rank, then value); -1: none."""
    best_rank = np.full(n_records, len(IDENTITY_SCHEMES), dtype=np.int64)
    np.minimum.at(best_rank, of_cluster, ranks)
    rows = np.flatnonzero(ranks == best_rank[of_cluster])
    several = np.bincount(of_cluster[rows], minlength=n_records)[of_cluster[rows]] > 1
    chosen = np.full(n_records, -1, dtype=np.int64)
    chosen[of_cluster[rows[~several]]] = rows[~several]
    # Only clusters with several identifiers of the best scheme need their values compared.
    tied = rows[several]
    largest_first = pc.sort_indices(
        pa.table({"value": values.take(pa.array(tied))}), sort_keys=[("value", "descending")]
    ).to_numpy()
    # Of several rows for one place the last is kept: the smallest value.
    chosen[of_cluster[tied[largest_first]]] = tied[largest_first]
    return chosen


def product_ids(
    leaders: Codes, identifiers: pa.Table, identifier_records: Codes, sources: pa.ChunkedArray, keys: pa.ChunkedArray
) -> list[str]:
    """The id of each cluster, in the order of their leading records; no two are alike.

    Two clusters can only want one id where a decision parts records that share an identifier. Then the cluster
    whose leading record is smaller keeps it; each other takes the id of its best identifier that no other cluster
    states, else of its smallest record that gives an id not yet taken.

    Args:
        leaders: for each record the code of its cluster's leading record.
        identifiers: columns scheme and value of the statements that make identity.
        identifier_records: the record that makes each statement.
        sources: the source of each record.
        keys: the key of each record in its source.
    """
    clusters = np.unique(leaders)
    ranks: Codes = pc.index_in(identifiers["scheme"], value_set=pa.array(IDENTITY_SCHEMES)).to_numpy().astype(np.int64)
    chosen = _best_statements(leaders[identifier_records], ranks, identifiers["value"], len(leaders))[clusters]
    rows = pa.array(chosen, mask=chosen < 0)
    firsts = pa.array(clusters)
    ids = [
        id_of(Pid(scheme, value)) if scheme else record_product_id(source, key)
        for scheme, value, source, key in zip(
            *(column.take(rows).to_pylist() for column in (identifiers["scheme"], identifiers["value"])),
            *(column.take(firsts).to_pylist() for column in (sources, keys)),
            strict=True,
        )
    ]
    if len(set(ids)) < len(ids):
        own_ids = _Claims(leaders, identifiers, identifier_records, sources, keys)
        _settle(ids, clusters.tolist(), own_ids)
    return ids


@dataclass(frozen=True)
class _Claims:
    """What ids a cluster may claim; only ever asked where two clusters want one id."""

    leaders: Codes
    identifiers: pa.Table
    identifier_records: Codes
    sources: pa.ChunkedArray
    keys: pa.ChunkedArray

    def stated(self, contenders: list[int]) -> tuple[dict[int, set[Pid]], Counter[Pid]]:
        """The identifiers of each of some clusters, and how many clusters of all state each of these."""
        named = pc.binary_join_element_wise(self.identifiers["scheme"], self.identifiers["value"], ":")
        own = pa.array(np.isin(self.leaders[self.identifier_records], contenders))
        rows = np.flatnonzero(pc.is_in(named, value_set=pc.unique(named.filter(own))).to_numpy())
        taken = self.identifiers.take(pa.array(rows))
        clusters_of: dict[Pid, set[int]] = defaultdict(set)
        stated: dict[int, set[Pid]] = {leader: set() for leader in contenders}
        for record, scheme, value in zip(
            self.identifier_records[rows], taken["scheme"].to_pylist(), taken["value"].to_pylist(), strict=True
        ):
            leader = int(self.leaders[record])
            clusters_of[Pid(scheme, value)].add(leader)
            if leader in stated:
                stated[leader].add(Pid(scheme, value))
        return stated, Counter({pid: len(clusters) for pid, clusters in clusters_of.items()})

    @cached_property
    def _by_leader(self) -> Codes:
        return np.argsort(self.leaders, kind="stable")

    def _members(self, leader: int) -> Codes:
        start, end = np.searchsorted(self.leaders, [leader, leader + 1], sorter=self._by_leader)
        return self._by_leader[start:end]

    def of_records(self, leader: int) -> Iterator[str]:
        """The ids that a cluster's records give, the smallest first; a last one that nothing else gives."""
        for member in self._members(leader).tolist():
            yield record_product_id(self.sources[member].as_py(), self.keys[member].as_py())
        # Two sources whose names agree in twelve letters may use one key.
        yield record_product_id("record", f"{self.sources[leader].as_py()}:{self.keys[leader].as_py()}")


def _settle(ids: list[str], clusters: list[int], claims: _Claims) -> None:
    """Gives each cluster that wants an id of another one of its own, in the order of leading records."""
    wanted = Counter(ids)
    contenders = {leader: place for place, leader in enumerate(clusters) if wanted[ids[place]] > 1}
    stated, n_stating = claims.stated(list(contenders))
    taken = {product_id for product_id, number in wanted.items() if number == 1}
    for leader, place in contenders.items():
        own = sorted((pid for pid in stated[leader] if n_stating[pid] == 1), key=identity_order)
        possible = chain([ids[place]], map(id_of, own), claims.of_records(leader))
        ids[place] = next(product_id for product_id in possible if product_id not in taken)
        taken.add(ids[place])


def _padded(name: ir.StringValue) -> ir.StringValue:
    return (name + _PADDING).substr(0, PREFIX_WIDTH)


def aliases(member: ir.Table, stated_pid: ir.Table, record: ir.Table) -> ir.Table:
    """Every id and identifier by which a product may be asked for, but its own id; each leads to one product.

    A record's id leads to the product that holds the record. Of an identifier that two products state (parted by
    a decision, or too widely shared to make identity), the product whose own id it gives answers, else the one
    whose smallest record is smaller. An alias that is another product's id is left out: that product answers.
    """
    led = member.group_by("product_id").agg(first_id=member.record_id.min())
    members = member.join(led, "product_id").select("record_id", "product_id", "first_id")
    stated = stated_pid.join(members, "record_id").select("scheme", "value", "product_id", "first_id").distinct()
    derived = stated.select(
        "scheme",
        "value",
        "product_id",
        "first_id",
        own_id=ibis.ifelse(
            stated.scheme == "openaire",
            stated.value,
            _padded(stated.scheme) + "::" + stated.value.hexdigest("md5"),
        ),
    )
    sourced = record.select("record_id", "source", "source_key").join(members, "record_id")
    by_identifier = derived.select(
        "product_id",
        "first_id",
        alias=derived.scheme + ":" + derived.value,
        place=ibis.ifelse(derived.own_id == derived.product_id, 1, 2),
    )
    by_id = derived.select("product_id", "first_id", alias="own_id", place=ibis.literal(2))
    by_record = sourced.select("product_id", "first_id", alias="record_id", place=ibis.literal(0))
    by_record_id = sourced.select(
        "product_id",
        "first_id",
        alias=_padded(sourced.source) + "::" + sourced.source_key.hexdigest("md5"),
        place=ibis.literal(1),
    )
    columns = ["alias", "product_id", "first_id", "place"]
    named = ibis.union(*(table.select(columns) for table in (by_identifier, by_id, by_record, by_record_id)))
    ranked = named.mutate(
        winner=ibis.row_number().over(
            ibis.window(group_by=named["alias"], order_by=[named.place, named.first_id, named.product_id])
        )
    )
    won = ranked.filter(ranked.winner == 0).select("alias", "product_id")
    return won.anti_join(led.select(alias=led.product_id), "alias")


STEP = SetStep("deduplicate.alias", (MEMBER, STATED_PID, RECORD), ALIAS, aliases)
