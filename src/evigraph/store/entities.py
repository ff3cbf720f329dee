"""What stands around products in a release: organizations, projects, data sources, communities.

Looked up by id from disk; listed and searched over columns that are read once and kept, for these tables are small
beside those of products.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evigraph.model.entities import COMMUNITY, DATA_SOURCE, ORGANIZATION, PRODUCT_ENTITY, PROJECT
from evigraph.model.table import Table
from evigraph.store.keyed import BlockCache, KeyedTable, Row
from evigraph.store.rows import rows_file

#: The tables by the name that `product_entity` gives their kind.
KINDS: dict[str, Table] = {table.name: table for table in (ORGANIZATION, PROJECT, DATA_SOURCE, COMMUNITY)}


class Entities:
    """The entities of the release in `folder`. Safe to use from many threads."""

    def __init__(self, folder: Path, cache: BlockCache | None = None) -> None:
        self._of_product = KeyedTable(rows_file(folder / "index", PRODUCT_ENTITY), PRODUCT_ENTITY, cache)
        self._kinds = {kind: EntityTable(folder, table, cache) for kind, table in KINDS.items()}

    def kind(self, name: str) -> EntityTable:
        """The entities of one kind, a name of `KINDS`."""
        return self._kinds[name]

    def of_product(self, product_id: str) -> dict[str, list[Row]]:
        """The rows of a product's entities by kind, those that this graph holds, each once, in order of their ids."""
        ids: dict[str, dict[str, None]] = {}
        for link in self._of_product.range(product_id):
            if link["kind"] in KINDS:
                ids.setdefault(link["kind"], {})[link["entity_id"]] = None
        return {
            kind: [row for entity_id in found if (row := self._kinds[kind].get(entity_id))]
            for kind, found in ids.items()
        }

    def links_of(self, product_id: str) -> list[Row]:
        """The product's rows of `product_entity`."""
        return self._of_product.range(product_id)


class EntityTable:
    """The entities of one kind, by id and as a list."""

    def __init__(self, folder: Path, table: Table, cache: BlockCache | None) -> None:
        self.table = table
        self._folder = folder / "tables" / table.name
        self._keyed = KeyedTable(rows_file(folder / "index", table), table, cache)

    def get(self, entity_id: str) -> Row | None:
        """The row of this id; an OpenAIRE id may stand without its source."""
        return self._keyed.get(entity_id) or self._keyed.get(f"openaire:{entity_id}")

    @cached_property
    def _all(self) -> pa.Table:
        files = sorted(self._folder.glob("*.parquet"))
        if not files:
            return self.table.empty()
        return pa.concat_tables([pq.read_table(path) for path in files]).combine_chunks()

    def having(self, column: str, value: str) -> pa.BooleanArray:
        """For each entity whether the column is this text, letter case aside."""
        return pc.equal(pc.utf8_lower(self._text(column)), value.lower())

    def containing(self, columns: Sequence[str], words: str) -> pa.BooleanArray:
        """For each entity whether every word stands in one of the columns, letter case aside."""
        found = self.every()
        for word in words.split():
            hits = [pc.match_substring(self._text(column), word, ignore_case=True) for column in columns]
            either = hits[0]
            for one in hits[1:]:
                either = pc.or_kleene(either, one)
            found = pc.and_(found, pc.fill_null(either, False))
        return found

    def between(self, column: str, first: str | None, last: str | None) -> pa.BooleanArray:
        """For each entity whether an ISO date lies in these bounds, compared as far as the bounds state it."""
        stated = self._text(column)
        found = pc.is_valid(stated)
        if first:
            found = pc.and_(
                found, pc.fill_null(pc.greater_equal(pc.utf8_slice_codeunits(stated, 0, len(first)), first), False)
            )
        if last:
            found = pc.and_(
                found, pc.fill_null(pc.less_equal(pc.utf8_slice_codeunits(stated, 0, len(last)), last), False)
            )
        return found

    def every(self) -> pa.BooleanArray:
        """True for each entity."""
        return pa.array([True] * self._all.num_rows, pa.bool_())

    def both(self, left: pa.BooleanArray, right: pa.BooleanArray) -> pa.BooleanArray:
        """For each entity whether both hold."""
        return pc.and_(pc.fill_null(left, False), pc.fill_null(right, False))

    def rows(
        self, chosen: pa.BooleanArray, offset: int, limit: int, order: str | None = None, is_reversed: bool = False
    ) -> tuple[list[Row], int]:
        """A page of the entities chosen, by id or by one column, and how many were chosen."""
        found = self._all.filter(pc.fill_null(chosen, False))
        if order:
            keys = [(order, "descending" if is_reversed else "ascending"), (self.table.key[0], "ascending")]
            found = found.take(pc.sort_indices(found, sort_keys=keys))
        return found.slice(offset, limit).to_pylist(), found.num_rows

    def ids(self, chosen: pa.BooleanArray) -> list[str]:
        """The ids of the entities chosen."""
        found: list[str] = self._all.filter(pc.fill_null(chosen, False)).column(self.table.key[0]).to_pylist()
        return found

    def having_pid(self, value: str) -> pa.BooleanArray:
        """For each entity whether one of its identifiers in other registries has this value, letter case aside."""
        lists = self._all.column("pids").combine_chunks()
        lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) and lists.num_chunks else lists
        values = pc.struct_field(pc.list_flatten(lists), "value")
        parents = pc.list_parent_indices(lists)
        hits = parents.filter(pc.fill_null(pc.equal(pc.utf8_lower(values), value.lower()), False))
        return pc.is_in(pa.array(range(self._all.num_rows), parents.type), value_set=hits)

    def having_key(self, ids: Sequence[str]) -> pa.BooleanArray:
        """For each entity whether its id is one of these."""
        return pc.is_in(self._all.column(self.table.key[0]), value_set=pa.array(ids, pa.string()))

    def ids_where(self, column: str, parts: Sequence[str], value: str) -> list[str]:
        """The ids of the entities with an entry in a list of structures one of whose parts is this text."""
        found = zip(self._all.column(self.table.key[0]).to_pylist(), self._all.column(column).to_pylist(), strict=True)
        wanted = value.lower()
        return [
            key
            for key, entries in found
            if any((entry[part] or "").lower() == wanted for entry in entries or () for part in parts)
        ]

    def _text(self, column: str) -> pa.Array:
        """The column as one text for each entity: the parts of lists one after the other."""
        values = self._all.column(column)
        if pa.types.is_list(values.type):
            return pa.array(["\n".join(one or ()) for one in values.to_pylist()], pa.string())
        return values
