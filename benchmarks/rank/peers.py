"""PageRank and AttRank of a graph by another tool, timed; for `kernel.py` and `files.py`, in any Python with the tool.

    python benchmarks/rank/peers.py TOOL FOLDER [--files]

FOLDER holds years.npy, citing.npy and cited.npy: distinct citations of other works. Prints what it took as JSON, and
leaves scores there. Tools: scipy, graphblas (python-graphblas), networkit, igraph, graph-tool. A tool that is not
installed, or that cannot be given AttRank's teleport, says so.

With `--files` the graph is nodes.parquet and edges.parquet, and all there is to a ranking is done: scores of all
indicators that the tool can be made to give, and their classes, go to FOLDER/TOOL/scores.parquet. This needs pyarrow.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

CURRENT_YEAR = 2020
RAM_GAMMA = 0.6
ALPHA, POPULARITY_ALPHA, BETA, GAMMA, RHO, ATTENTION_YEARS = 0.5, 0.2, 0.5, 0.3, -0.16, 3

#: The peers iterate until the L1 change of a round is below this.
TOLERANCE = 1e-13


def own_peak() -> float:
    """The peak resident memory of this process alone, in MiB; `ru_maxrss` would begin with that of its parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status: this benchmark needs Linux")


def teleport_of(years: Any, citing: Any, cited: Any) -> Any:
    """β · attention + γ · recency of AttRank."""
    known = np.where((years < 1000) | (years > CURRENT_YEAR), 0, years)
    is_recent = known[citing] > CURRENT_YEAR - ATTENTION_YEARS
    attention = np.bincount(cited[is_recent], minlength=years.size) / max(1, int(is_recent.sum()))
    recency = np.exp(RHO * (CURRENT_YEAR + 1.0 - known))
    return BETA * attention + GAMMA * recency / recency.sum()


def iterate(step: Any, is_dangling: Any, alpha: float, teleport: Any) -> tuple[Any, int]:
    """Rounds of s = α (Pᵀ s + D / N) + teleport until the change is below the tolerance."""
    n_nodes = is_dangling.size
    score = np.full(n_nodes, 1.0 / n_nodes)
    for n_rounds in range(1, 1000):  # noqa: B007 - the number of rounds is told
        new = alpha * (step(score) + score[is_dangling].sum() / n_nodes) + teleport
        change = np.abs(new - score).sum()
        score = new
        if change < TOLERANCE:
            break
    return score, n_rounds


def by_scipy(years: Any, citing: Any, cited: Any, told: dict[str, Any]) -> tuple[Any, Any]:
    import scipy.sparse as sparse

    started = time.perf_counter()
    n_nodes = years.size
    out_degree = np.bincount(citing, minlength=n_nodes)
    matrix = sparse.csr_matrix((1.0 / out_degree[citing], (cited, citing)), shape=(n_nodes, n_nodes))
    told["build"] = time.perf_counter() - started
    return _both(lambda score: matrix @ score, out_degree == 0, years, citing, cited, told)


def by_graphblas(years: Any, citing: Any, cited: Any, told: dict[str, Any]) -> tuple[Any, Any]:
    import graphblas

    started = time.perf_counter()
    n_nodes = years.size
    out_degree = np.bincount(citing, minlength=n_nodes)
    matrix = graphblas.Matrix.from_coo(cited, citing, 1.0 / out_degree[citing], nrows=n_nodes, ncols=n_nodes)
    told["build"] = time.perf_counter() - started

    def step(score: Any) -> Any:
        product = graphblas.semiring.plus_times(matrix @ graphblas.Vector.from_dense(score)).new()
        return product.to_dense(0.0)

    return _both(step, out_degree == 0, years, citing, cited, told)


def _both(step: Any, is_dangling: Any, years: Any, citing: Any, cited: Any, told: dict[str, Any]) -> tuple[Any, Any]:
    started, on_cpu = time.perf_counter(), time.process_time()
    influence, first = iterate(step, is_dangling, ALPHA, (1 - ALPHA) / years.size)
    told["pagerank"] = time.perf_counter() - started
    told["pagerank_cpu"] = time.process_time() - on_cpu
    teleport = teleport_of(years, citing, cited)
    started, on_cpu = time.perf_counter(), time.process_time()
    popularity, second = iterate(step, is_dangling, POPULARITY_ALPHA, teleport)
    told["attrank"] = time.perf_counter() - started
    told["attrank_cpu"] = time.process_time() - on_cpu
    told["rounds"] = f"{first}/{second}"
    return influence, popularity


def by_networkit(years: Any, citing: Any, cited: Any, told: dict[str, Any]) -> tuple[Any, Any]:
    import networkit

    started = time.perf_counter()
    graph = networkit.GraphFromCoo((citing, cited), n=years.size, directed=True)
    told["build"] = time.perf_counter() - started
    started, on_cpu = time.perf_counter(), time.process_time()
    ranking = networkit.centrality.PageRank(
        graph, ALPHA, TOLERANCE, distributeSinks=networkit.centrality.SinkHandling.DistributeSinks
    )
    ranking.norm = networkit.centrality.Norm.L1_NORM
    ranking.run()
    told["pagerank"] = time.perf_counter() - started
    told["pagerank_cpu"] = time.process_time() - on_cpu
    return np.array(ranking.scores()), None


def by_igraph(years: Any, citing: Any, cited: Any, told: dict[str, Any]) -> tuple[Any, Any]:
    import igraph

    started = time.perf_counter()
    graph = igraph.Graph(n=years.size, edges=np.column_stack((citing, cited)), directed=True)
    told["build"] = time.perf_counter() - started
    started, on_cpu = time.perf_counter(), time.process_time()
    influence = np.array(graph.pagerank(damping=ALPHA))
    told["pagerank"] = time.perf_counter() - started
    told["pagerank_cpu"] = time.process_time() - on_cpu
    return influence, None


def by_graph_tool(years: Any, citing: Any, cited: Any, told: dict[str, Any]) -> tuple[Any, Any]:
    import graph_tool
    import graph_tool.centrality

    started = time.perf_counter()
    graph = graph_tool.Graph(directed=True)
    graph.add_vertex(years.size)
    graph.add_edge_list(np.column_stack((citing, cited)))
    told["build"] = time.perf_counter() - started
    started, on_cpu = time.perf_counter(), time.process_time()
    influence = graph_tool.centrality.pagerank(graph, damping=ALPHA, epsilon=TOLERANCE)
    told["pagerank"] = time.perf_counter() - started
    told["pagerank_cpu"] = time.process_time() - on_cpu
    return np.array(influence.a), None


TOOLS = {
    "scipy": by_scipy,
    "graphblas": by_graphblas,
    "networkit": by_networkit,
    "igraph": by_igraph,
    "graph-tool": by_graph_tool,
}


def from_file_to_file(tool: str, folder: Path) -> None:
    """Reads the tables of works and citations, and writes scores and classes."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as parquet

    nodes = parquet.read_table(folder / "nodes.parquet")
    ids, years = nodes["id"].combine_chunks(), nodes["year"].to_numpy()
    ends: dict[str, list[Any]] = {"citing": [], "cited": []}
    for batch in parquet.ParquetFile(folder / "edges.parquet").iter_batches(batch_size=1 << 23, columns=list(ends)):
        for name, parts in ends.items():
            parts.append(pc.index_in(batch[name], value_set=ids).to_numpy())
    citing, cited = (np.concatenate(parts) for parts in ends.values())
    known = np.where((years < 1000) | (years > CURRENT_YEAR), 0, years)
    found = {
        "citation_count": np.bincount(cited, minlength=years.size),
        "impulse": np.bincount(cited[years[citing] - years[cited] <= 3], minlength=years.size),
        "ram": np.bincount(cited, weights=RAM_GAMMA ** (CURRENT_YEAR - known[citing]), minlength=years.size),
    }
    found["influence"], popularity = TOOLS[tool](years, citing, cited, {})
    if popularity is not None:
        found["popularity"] = popularity
    columns: dict[str, Any] = {"id": ids}
    for name, scores in found.items():
        columns[name] = scores
        with np.errstate(divide="ignore"):
            digits = 11 - np.floor(np.log10(np.abs(scores), where=scores > 0, out=np.zeros(scores.size)))
        rounded = np.round(scores * 10.0**digits) / 10.0**digits
        values, places, sizes = np.unique(rounded, return_inverse=True, return_counts=True)
        n_so_far = np.cumsum(sizes[::-1])[::-1]
        classes = np.full(values.size, 5)
        for number, one_in in ((4, 10), (3, 100), (2, 1_000), (1, 10_000)):
            classes[n_so_far <= max(1, years.size // one_in)] = number
        columns[f"{name}_class"] = pa.array(["", "C1", "C2", "C3", "C4", "C5"]).take(pa.array(classes[places]))
    (folder / tool).mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), folder / tool / "scores.parquet")


def main() -> None:
    tool, folder = sys.argv[1], Path(sys.argv[2])
    if sys.argv[3:] == ["--files"]:
        from_file_to_file(tool, folder)
        return
    years, citing, cited = (np.load(folder / f"{name}.npy") for name in ("years", "citing", "cited"))
    told: dict[str, Any] = {}
    try:
        influence, popularity = TOOLS[tool](years, citing, cited, told)
    except ImportError as error:
        print(json.dumps({"absent": str(error)}))
        return
    np.save(folder / f"{tool}-influence.npy", influence)
    if popularity is not None:
        np.save(folder / f"{tool}-popularity.npy", popularity)
    told["mib"] = own_peak()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
