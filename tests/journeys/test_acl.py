"""A real citation network, from files to release: the ACL Anthology in the OpenAIRE Graph's public shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from evigraph import pipeline
from evigraph.harvest.payloads import add
from evigraph.model.tables import INDICATOR, PRODUCT, RELATION
from evigraph.settings import Settings
from evigraph.store.releases import served_manifest

SHARES = {"C1": 0.0001, "C2": 0.001, "C3": 0.01, "C4": 0.1}


@pytest.fixture(scope="module")
def acl(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the release's tables."""
    home = tmp_path_factory.mktemp("acl")
    for path in sorted((shared_data / "acl").glob("*.jsonl.gz")):
        add(home, "openaire", path)
    report = pipeline.run(home, Settings())
    print(f"\nACL: {report.seconds} s, peak {report.peak_memory_bytes / 2**20:.0f} MiB, {report.counts}")
    return home / "releases" / report.release_id / "tables"


def test_no_record_and_no_citation_is_lost(acl: Path) -> None:
    manifest = served_manifest(acl.parents[2])
    assert manifest is not None
    assert manifest.counts["records"] == 38_805
    assert manifest.counts["references"] == manifest.counts["references_resolved"] == 93_899
    assert manifest.defects == ()


def test_the_landmarks_are_among_the_twelve_most_influential(acl: Path) -> None:
    indicator = pq.read_table(acl / INDICATOR.name, columns=["product_id", "influence"])
    first = indicator.sort_by([("influence", "descending")]).slice(0, 12)["product_id"].to_pylist()
    product = pq.read_table(acl / PRODUCT.name, columns=["product_id", "title", "year"]).to_pylist()
    titles = {row["product_id"]: (row["title"], row["year"]) for row in product}
    top = [titles[product_id] for product_id in first]
    for start, year in (
        ("Building a Large Annotated Corpus of English: The Penn Treebank", 1993),
        ("The Mathematics of Statistical Machine Translation", 1993),
        ("B leu : a Method for Automatic Evaluation", 2002),
    ):
        wanted = start.replace(" ", "").lower()[:30]
        assert any(t.replace(" ", "").lower().startswith(wanted) and y == year for t, y in top), (start, top)


def test_every_score_equals_an_independent_reference(acl: Path) -> None:
    indicator = pq.read_table(acl / INDICATOR.name)
    product = pq.read_table(acl / PRODUCT.name, columns=["product_id", "type", "year"])
    years_of = dict(zip(product["product_id"].to_pylist(), product["year"].to_pylist(), strict=True))
    ids = indicator["product_id"].to_pylist()
    number = {product_id: place for place, product_id in enumerate(ids)}
    relation = pq.read_table(acl / RELATION.name, filters=[("relation", "=", "Cites")])
    citing = np.array([number[i] for i in relation["source_id"].to_pylist()])
    cited = np.array([number[i] for i in relation["target_id"].to_pylist()])
    years = np.array([years_of[i] for i in ids], dtype=float)
    expected = reference_scores(len(ids), citing, cited, years, current_year=int(years.max()))
    for name, scores in expected.items():
        found = indicator[name].to_numpy()
        np.testing.assert_allclose(found, scores, rtol=1e-9, atol=0, err_msg=name)
        classes = reference_classes(scores)
        assert indicator[f"{name}_class"].to_pylist() == classes, name


def reference_scores(
    n: int, citing: np.ndarray, cited: np.ndarray, years: np.ndarray, current_year: int
) -> dict[str, np.ndarray]:
    """The four indicators by plain power iteration, to an L1 change below 1e-15."""
    out_degree = np.bincount(citing, minlength=n)
    spread = sparse.csr_matrix((1.0 / out_degree[citing], (cited, citing)), shape=(n, n))
    dangling = out_degree == 0

    def solve(alpha: float, teleport: np.ndarray) -> np.ndarray:
        scores = np.full(n, 1.0 / n)
        while True:
            new = alpha * (spread @ scores + scores[dangling].sum() / n) + teleport
            if np.abs(new - scores).sum() < 1e-15:
                return new
            scores = new

    recent = years[citing] >= current_year - 2
    attention = np.bincount(cited[recent], minlength=n) / max(1, recent.sum())
    recency = np.exp(-0.16 * (current_year + 1 - years))
    return {
        "citation_count": np.bincount(cited, minlength=n),
        "impulse": np.bincount(cited[years[citing] - years[cited] <= 3], minlength=n),
        "influence": solve(0.5, np.full(n, 0.5 / n)),
        "popularity": solve(0.2, 0.5 * attention + 0.3 * recency / recency.sum()),
    }


def reference_classes(scores: np.ndarray) -> list[str]:
    """The class of each score, counted out plainly: a tie that crosses a limit falls into the lower class."""
    rounded = [float(f"{score:.11e}") for score in scores]
    ordered = sorted(rounded, reverse=True)
    n_not_below = {score: place + 1 for place, score in enumerate(ordered)}
    limits = {name: max(1, int(len(rounded) * share)) for name, share in SHARES.items()}
    return [next((name for name, limit in limits.items() if n_not_below[s] <= limit), "C5") for s in rounded]
