"""A graph, read from Python: products, citations and indicators as tables and data frames.

>>> import evigraph
>>> graph = evigraph.open(home)
>>> graph.tables["indicator"]
309
>>> list(graph.indicators().columns[:3])
['product_id', 'citation_count', 'impulse']
>>> most = graph.indicators().nlargest(1, "citation_count").iloc[0]
>>> bool((graph.citations()["target_id"] == most["product_id"]).sum() >= most["citation_count"])
True
>>> graph.product("10.1111/inm.13415")["indicators"]["citation_count"]
3
>>> int(graph.search("certified peer support specialist").iloc[0]["year"])
2024
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from evigraph.errors import InputError
from evigraph.model.tables import RELEASE_TABLES
from evigraph.store.document import product_document
from evigraph.store.release import Release, Superseded

if TYPE_CHECKING:
    import pandas

_TABLES = {table.name: table for table in RELEASE_TABLES}


class Graph:
    """One release of a graph. Nothing in it changes, whatever is released meanwhile."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def __repr__(self) -> str:
        return f"<Graph {self._release.manifest.graph_name}, release {self.release_id}>"

    @property
    def release_id(self) -> str:
        """The id of the release."""
        return self._release.manifest.release_id

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the release says of itself: sources, counts, hashes, steps, defects."""
        return self._release.manifest.document

    @cached_property
    def tables(self) -> dict[str, int]:
        """The tables of the release by name, with their numbers of rows."""
        return {name: self.dataset(name).count_rows() for name in _TABLES}

    def files(self, table: str) -> str:
        """The Parquet files of a table as a pattern: what `duckdb.read_parquet` and the like take.

        Raises:
            InputError: there is no such table.
        """
        if table not in _TABLES:
            raise InputError(f"there is no table {table!r}: take one of {', '.join(_TABLES)}")
        return str(self._release.folder / "tables" / table / "*.parquet")

    def dataset(self, table: str) -> ds.Dataset:
        """A table as an Arrow dataset, which is read as far as it is asked for.

        Raises:
            InputError: there is no such table.
        """
        folder = Path(self.files(table)).parent
        return ds.dataset(sorted(str(path) for path in folder.glob("*.parquet")), schema=_TABLES[table].schema)

    def arrow(self, table: str, columns: Sequence[str] | None = None, filter: pc.Expression | None = None) -> pa.Table:
        """A table, or some columns and rows of it, as an Arrow table in memory.

        Raises:
            InputError: there is no such table or column.
        """
        known = _TABLES[table].names if table in _TABLES else ()
        for name in columns or ():
            if known and name not in known:
                raise InputError(f"table {table} has no column {name!r}: it has {', '.join(known)}")
        return self.dataset(table).to_table(columns=list(columns) if columns is not None else None, filter=filter)

    def products(self, columns: Sequence[str] | None = None) -> pandas.DataFrame:
        """The products, one a row."""
        return self.arrow("product", columns).to_pandas()

    def citations(self) -> pandas.DataFrame:
        """The citations between products, one a row: `source_id` cites `target_id`, as `sources` say."""
        found = self.arrow("relation", ("source_id", "target_id", "sources"), pc.field("relation") == "Cites")
        return found.to_pandas()

    def indicators(self) -> pandas.DataFrame:
        """The four indicators of each ranked product, raw and as classes C1 to C5."""
        return self.arrow("indicator").to_pandas()

    def product(self, identifier: str) -> dict[str, Any] | None:
        """Everything about one product, by its id, DOI, PMID or another identifier; None where there is none."""
        answer = self._release.resolve(identifier)
        product_id = answer.product_id if isinstance(answer, Superseded) else answer
        return product_document(self._release, product_id) if product_id else None

    def search(
        self,
        query: str = "",
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: str = "relevance",
        limit: int = 100,
    ) -> pandas.DataFrame:
        """The products that a query finds, as the portal's search does, the best first; at most 10,000."""
        found = self._release.search.search(query, filters, sort, 0, limit, facets=())
        return pa.Table.from_pylist([dict(card) for card in found.hits]).to_pandas()


def open(home: str | Path, release_id: str | None = None) -> Graph:
    """The graph in a folder: its served release, or the one of this id.

    Raises:
        ReleaseError: there is no release yet, none of this id, or it is damaged; the message says what to do.
    """
    return Graph(Release.open(Path(home), release_id))
