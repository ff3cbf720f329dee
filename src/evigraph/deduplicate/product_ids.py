"""The id of each cluster, and every other id under which it answers.

A product takes its id from the best identifier of all its records (`evigraph.model.pid`); without any, from the
smallest of its records: the source's name padded to 12, and md5 of the record's key there. Because every id that
a product could ever have had follows from its identifiers and records, an id that was superseded still answers.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.deduplicate.cluster import Codes
from evigraph.engine.step import SetStep
from evigraph.model.pid import IDENTITY_SCHEMES, PREFIX_WIDTH, Pid, id_of
from evigraph.model.tables import ALIAS, MEMBER, RECORD, STATED_PID

_PADDING = "_" * PREFIX_WIDTH


def record_product_id(source: str, source_key: str) -> str:
    """The id of a product that has no identifier, from its smallest record."""
    return id_of(Pid(f"{source[:PREFIX_WIDTH]}{_PADDING}"[:PREFIX_WIDTH], source_key))


def _best_statements(of_cluster: Codes, rank: Codes, values: pa.ChunkedArray, n_records: int) -> dict[int, int]:
    """For each cluster with identifiers the row that states its best: smallest rank, then smallest value."""
    best = np.full(n_records, len(IDENTITY_SCHEMES), dtype=np.int64)
    np.minimum.at(best, of_cluster, rank)
    rows = np.flatnonzero(rank == best[of_cluster])
    contested = np.bincount(of_cluster[rows], minlength=n_records)[of_cluster[rows]] > 1
    chosen = {int(of_cluster[row]): int(row) for row in rows[~contested]}
    # Only clusters with several identifiers of the best scheme need their values compared.
    tied = rows[contested]
    order = pc.sort_indices(
        pa.table({"cluster": of_cluster[tied], "value": values.take(pa.array(tied))}),
        sort_keys=[("cluster", "ascending"), ("value", "ascending")],
    )
    for row in tied[order.to_numpy()]:
        chosen.setdefault(int(of_cluster[row]), int(row))
    return chosen


def product_ids(
    leaders: Codes, identifiers: pa.Table, identifier_records: Codes, sources: pa.ChunkedArray, keys: pa.ChunkedArray
) -> dict[int, str]:
    """The id of each cluster, by the code of its leading record; no two are alike.

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
    of_cluster = leaders[identifier_records]
    schemes = pc.index_in(identifiers["scheme"], value_set=pa.array(IDENTITY_SCHEMES)).to_numpy().astype(np.int64)
    chosen = _best_statements(of_cluster, schemes, identifiers["value"], len(leaders))
    rows = pa.array(list(chosen.values()), type=pa.int64())
    pids = zip(identifiers["scheme"].take(rows).to_pylist(), identifiers["value"].take(rows).to_pylist(), strict=True)
    ids = {leader: id_of(Pid(*pid)) for leader, pid in zip(chosen, pids, strict=True)}
    bare = np.setdiff1d(np.unique(leaders), np.fromiter(chosen, dtype=np.int64, count=len(chosen)))
    of_bare = zip(sources.take(pa.array(bare)).to_pylist(), keys.take(pa.array(bare)).to_pylist(), strict=True)
    for leader, (source, key) in zip(bare.tolist(), of_bare, strict=True):
        ids[leader] = record_product_id(source, key)
    wanted = Counter(ids.values())
    if len(wanted) < len(ids):
        _settle(ids, wanted, leaders, identifiers, identifier_records, sources, keys)
    return ids


def _settle(
    ids: dict[int, str],
    wanted: Counter[str],
    leaders: Codes,
    identifiers: pa.Table,
    identifier_records: Codes,
    sources: pa.ChunkedArray,
    keys: pa.ChunkedArray,
) -> None:
    """Gives each cluster that wants an id of another one of its own, in the order of leading records."""
    contenders = sorted(leader for leader, product_id in ids.items() if wanted[product_id] > 1)
    rivals = np.isin(leaders[identifier_records], contenders)
    stated: dict[int, set[Pid]] = defaultdict(set)
    clusters_of: dict[Pid, set[int]] = defaultdict(set)
    rows = np.flatnonzero(rivals)
    for row, scheme, value in zip(
        rows.tolist(),
        identifiers["scheme"].take(pa.array(rows)).to_pylist(),
        identifiers["value"].take(pa.array(rows)).to_pylist(),
        strict=True,
    ):
        leader = int(leaders[identifier_records[row]])
        stated[leader].add(Pid(scheme, value))
        clusters_of[Pid(scheme, value)].add(leader)
    taken = {product_id for product_id, number in wanted.items() if number == 1}
    for leader in contenders:
        own = [pid for pid in stated[leader] if len(clusters_of[pid]) == 1]
        own.sort(key=lambda pid: (IDENTITY_SCHEMES.index(pid.scheme), pid.value))
        members = np.flatnonzero(leaders == leader).tolist()
        possible = [
            ids[leader],
            *(id_of(pid) for pid in own),
            *(record_product_id(sources[member].as_py(), keys[member].as_py()) for member in members),
            # Two sources whose names agree in twelve letters may use one key.
            record_product_id("record", f"{sources[leader].as_py()}:{keys[leader].as_py()}"),
        ]
        ids[leader] = next(product_id for product_id in possible if product_id not in taken)
        taken.add(ids[leader])


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
