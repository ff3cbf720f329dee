"""What a ranking will need, told before it runs."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet

from evigraph.rank.edge_lists import EDGE_HEADERS
from evigraph.rank.records import N_COLUMNS, room_for_listed
from evigraph.rank.tabular import layout_of
from evigraph.rank.threads import default_threads

#: Interpreter, libraries and compiled code.
_BASE_BYTES = 170 << 20

#: Each citation costs so many nanoseconds of one processor for each ten-fold of works, counted from 10^4: records that
#: do not fit the caches are further away. Measured by `benchmarks/rank`.
_NANOSECONDS_A_TENFOLD = 13.0

#: What a second thread adds to the first: they share the memory.
_GAIN = 0.6

#: How much of a text file is read to tell how long its lines are.
_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True)
class Plan:
    """What ranking a graph in memory will need.

    Attributes:
        n_nodes: how many works.
        n_edges: how many citations.
        n_threads: how many threads.
        kernel_bytes: what the kernel needs besides the graph; all it needs where the graph is mapped from files.
        graph_bytes: the graph as arrays: in memory, or pages of files that the system may drop.
        reading_bytes: both, and the pairs the graph is built from; the identifiers of a table come on top.
        kernel_seconds: about how long the kernel will take, on a machine like that of the benchmarks.
    """

    n_nodes: int
    n_edges: int
    n_threads: int
    kernel_bytes: int
    graph_bytes: int
    reading_bytes: int
    kernel_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The plan by name."""
        return asdict(self)


def plan(n_nodes: int, n_edges: int, n_threads: int | None = None) -> Plan:
    """What ranking `n_nodes` works with `n_edges` citations will need."""
    threads = default_threads() if n_threads is None else n_threads
    of_kernel = _BASE_BYTES + (8 * N_COLUMNS + 1) * n_nodes + (4 + 24) * room_for_listed(n_nodes)
    of_graph = 12 * n_nodes + 4 * n_edges
    # Given pairs (8 bytes a citation) stand beside the graph while it is built; then the records take the space.
    of_pairs = 8 * n_edges + 8 * n_nodes
    tenfolds = max(1.0, math.log10(max(n_nodes, 1)) - 4)
    seconds = n_edges * tenfolds * _NANOSECONDS_A_TENFOLD * 1e-9 / (1 + _GAIN * (min(threads, 2) - 1))
    return Plan(n_nodes, n_edges, threads, of_kernel, of_graph, of_kernel + of_graph + of_pairs, round(seconds, 1))


def plan_files(edges: Path, nodes: Path | None) -> Plan:
    """The plan for a graph given as files, as `evigraph.rank.files.rank_files` takes them; text is estimated.

    Raises:
        InputError: a file cannot be used.
    """
    kind = layout_of(edges, EDGE_HEADERS).kind
    n_lines = _n_rows(edges)
    if kind == "bip":
        return plan(n_lines, _n_listed(edges, n_lines))
    return plan(n_lines if nodes is None else _n_rows(nodes), n_lines)


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _n_rows(path: Path) -> int:
    n_rows = 0
    for file in _files(path):
        if file.suffix == ".parquet":
            n_rows += pyarrow.parquet.read_metadata(file).num_rows
        else:
            sample, share = _sample(file)
            n_rows += round(sample.count(b"\n") / share) if sample.strip() else 0
    return n_rows


def _n_listed(path: Path, n_lines: int) -> int:
    """References in BIP! Ranker's lines: one more than the commas before the first bar."""
    n_seen = n_references = 0
    for file in _files(path):
        for line in _sample(file)[0].splitlines():
            links = line.partition(b"\t")[2].partition(b"|")[0]
            n_seen += 1
            n_references += 0 if links in (b"", b"0") else links.count(b",") + 1
    return round(n_lines * n_references / max(1, n_seen))


def _sample(file: Path) -> tuple[bytes, float]:
    """The beginning of a text file, decompressed, and what share of the file it is."""
    import pyarrow as pa

    size = max(1, file.stat().st_size)
    with file.open("rb") as raw:
        stream = pa.input_stream(str(file), compression="detect")
        with stream:
            text = stream.read(_SAMPLE_BYTES)
        if len(text) < _SAMPLE_BYTES:
            return text, 1.0
        head = raw.read(2)
    # Compressed text is taken to be a quarter of its size.
    ratio = 4 if head in (b"\x1f\x8b", b"\x28\xb5", b"BZ") else 1
    return text, min(1.0, len(text) / (size * ratio))
