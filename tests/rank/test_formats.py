"""Every format in and out: the same graph ranks alike whichever way it comes, and scores read back as they were."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from evigraph.errors import InputError
from evigraph.rank.files import rank_files
from evigraph.rank.synthetic import synthetic_literature

COLUMNS = ("citation_count", "impulse", "influence", "popularity", "ram")


class Literature:
    """A synthetic literature with DOIs that say so."""

    def __init__(self) -> None:
        given = synthetic_literature(400, seed=9, last_year=2024)
        self.ids = [f"10.5555/synthetic.{n}" for n in range(400)]
        self.years = given.years.tolist()
        self.pairs = sorted(
            {(j, i) for j, i in zip(given.citing.tolist(), given.cited.tolist(), strict=True) if j != i}
        )


@pytest.fixture(scope="module")
def literature() -> Literature:
    return Literature()


@pytest.fixture(scope="module")
def expected(literature: Literature, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("tsv")
    edges, nodes = as_tables(literature, folder)
    rank_files(edges, nodes, folder / "out", current_year=2024)
    return scores(folder / "out")


def as_tables(literature: Literature, folder: Path) -> tuple[Path, Path]:
    edges, nodes = folder / "edges.tsv", folder / "nodes.tsv"
    edges.write_text("".join(f"{literature.ids[j]}\t{literature.ids[i]}\n" for j, i in literature.pairs))
    nodes.write_text("".join(f"{id_}\t{year}\n" for id_, year in zip(literature.ids, literature.years, strict=True)))
    return edges, nodes


def scores(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in parquet.read_table(folder / "scores.parquet").to_pylist()}


def same(found: dict[str, dict[str, Any]], expected: dict[str, dict[str, Any]]) -> None:
    assert found.keys() == expected.keys()
    for id_, row in found.items():
        for name in COLUMNS:
            assert row[name] == pytest.approx(expected[id_][name], rel=1e-11)
            assert row[f"{name}_class"] == expected[id_][f"{name}_class"]


def test_parquet(literature: Literature, expected: Any, tmp_path: Path) -> None:
    nodes = pa.table({"id": literature.ids, "year": literature.years})
    edges = pa.table(
        {name: [literature.ids[pair[end]] for pair in literature.pairs] for end, name in enumerate(("citing", "cited"))}
    )
    parquet.write_table(nodes, tmp_path / "nodes.parquet")
    parquet.write_table(edges, tmp_path / "edges.parquet")
    rank_files(tmp_path / "edges.parquet", tmp_path / "nodes.parquet", tmp_path, current_year=2024)
    same(scores(tmp_path), expected)


def test_the_input_of_bip_ranker(literature: Literature, expected: Any, tmp_path: Path) -> None:
    lines = []
    for node, id_ in enumerate(literature.ids):
        cited = [literature.ids[i] for j, i in literature.pairs if j == node]
        links = f"{','.join(cited)}|{len(cited)}" if cited else "0|0"
        lines.append(f"{id_}\t{links}|{1 / len(literature.ids)!r}\t0\t{literature.years[node]}\n")
    (tmp_path / "graph.txt.gz").write_bytes(gzip.compress("".join(lines).encode()))
    facts = rank_files(tmp_path / "graph.txt.gz", None, tmp_path, current_year=2024)
    assert (facts["edges"]["format"], facts["problems"]) == ("bip", [])
    same(scores(tmp_path), expected)


def index_of(literature: Literature, pairs: list[tuple[int, int]]) -> str:
    """The index of OpenCitations: the cited work lies a span of whole years before the citing one."""
    lines = ['"oci","citing","cited","creation","timespan","journal_sc","author_sc"\n']
    for number, (j, i) in enumerate(pairs):
        span = literature.years[j] - literature.years[i]
        timespan = f"{'-' if span < 0 else ''}P{abs(span)}Y"
        ends = (f"omid:br/06{end} doi:{literature.ids[end]} openalex:W{end}" for end in (j, i))
        lines.append(
            ",".join(f'"{cell}"' for cell in (f"oci:{number}", *ends, literature.years[j], timespan, "no", "no")) + "\n"
        )
    return "".join(lines)


def test_an_opencitations_index_knows_its_years(literature: Literature, tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text(index_of(literature, literature.pairs))
    half = len(literature.pairs) // 2
    with zipfile.ZipFile(tmp_path / "dump.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2024/part-1.csv", index_of(literature, literature.pairs[:half]))
        archive.writestr("2024/part-2.csv", index_of(literature, literature.pairs[half:]))
        archive.writestr("README.md", "no table")
    linked = sorted({end for pair in literature.pairs for end in pair})
    edges, nodes = as_tables(literature, tmp_path)
    nodes.write_text("".join(f"{literature.ids[n]}\t{literature.years[n]}\n" for n in linked))
    rank_files(edges, nodes, tmp_path / "tables", current_year=2024)
    renamed = {f"omid:br/06{literature.ids.index(id_)}": row for id_, row in scores(tmp_path / "tables").items()}
    for name in ("index.csv", "dump.zip"):
        facts = rank_files(tmp_path / name, None, tmp_path / name[:4], current_year=2024)
        assert (facts["edges"]["format"], facts["problems"]) == ("opencitations", [])
        same(scores(tmp_path / name[:4]), renamed)


def test_an_opencitations_index_among_given_works(literature: Literature, expected: Any, tmp_path: Path) -> None:
    _, nodes = as_tables(literature, tmp_path)
    (tmp_path / "index.csv").write_text(
        index_of(literature, literature.pairs) + "x,doi:10.5555/other,doi:10.5555/synthetic.1,2020,P1Y,no,no\n"
    )
    facts = rank_files(tmp_path / "index.csv", nodes, tmp_path / "out", current_year=2024)
    assert [problem["kind"] for problem in facts["problems"]] == ["unknown_work"]
    same(scores(tmp_path / "out"), expected)


@pytest.mark.parametrize(
    ("creation", "timespan", "years"),
    [
        ("2020-03-15", "P1Y2M3D", (2020, 2019)),
        ("2020-01-02", "P0Y0M3D", (2020, 2019)),
        ("2020-02", "P2M", (2020, 2019)),
        ("2020", "-P1Y", (2020, 2021)),
        ("2020-12-30", "-P0Y0M5D", (2020, 2021)),
        ("", "", (0, 0)),
        ("2020", "", (2020, 0)),
    ],
)
def test_the_cited_work_lies_the_timespan_before(tmp_path: Path, creation: str, timespan: str, years: Any) -> None:
    from evigraph.rank.opencitations import read_index
    from evigraph.rank.tabular import Report

    path = tmp_path / "index.csv"
    path.write_text(f"oci,citing,cited,creation,timespan\n1,10.5555/a,10.5555/b,{creation},{timespan}\n")
    works, citing, cited = read_index(path, None, Report())
    assert works.ids.to_pylist() == ["10.5555/a", "10.5555/b"]
    assert (works.years.tolist(), citing.tolist(), cited.tolist()) == (list(years), [0], [1])


def test_bad_lines_of_an_index_are_counted_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    path.write_text(
        "oci,citing,cited,creation,timespan\n1,10.5555/a,10.5555/b,2020,P1Y\n2,,10.5555/b,2020,P1Y\nshort\n"
    )
    facts = rank_files(path, None, tmp_path / "out")
    assert [(problem["kind"], problem["n"]) for problem in facts["problems"]] == [("bad_line", 2)]
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(path.read_bytes() * 5_000)[:-30])
    with pytest.raises(InputError, match=r"cut\.csv\.gz"):
        rank_files(cut, None, tmp_path / "out")


def test_a_release_ranks_as_it_was_released(small_graph: Path, tmp_path: Path) -> None:
    import shutil

    from evigraph import pipeline
    from evigraph.settings import Ranking, Settings

    home = tmp_path / "home"
    shutil.copytree(small_graph / "sources", home / "sources")
    made = pipeline.run(home, Settings(ranking=Ranking(influence_alpha=0.7, name="ours")))
    assert made.ranking["parameters"]["name"] == "ours"
    released = {
        row["product_id"]: row
        for row in parquet.read_table(home / "releases" / made.release_id / "tables" / "indicator").to_pylist()
    }
    for given in (home, home / "releases" / made.release_id):
        facts = rank_files(given, None, tmp_path / "out")
        assert facts["parameters"] == made.ranking["parameters"]
        same(scores(tmp_path / "out"), released)
    changed = rank_files(home, None, tmp_path / "out", parameters={"influence_alpha": 0.5})["parameters"]
    assert (changed["influence_alpha"], changed["name"]) == (0.5, "BIP!")
    with pytest.raises(InputError, match="leave --nodes out"):
        rank_files(home, tmp_path / "nodes.tsv", tmp_path / "out")


def test_scores_read_back_as_they_were(literature: Literature, tmp_path: Path) -> None:
    edges, nodes = as_tables(literature, tmp_path)
    out = tmp_path / "out"
    facts = rank_files(edges, nodes, out, current_year=2024, formats=("jsonl", "bip"))
    assert {Path(path).name for path in facts["files"]} == {path.name for path in out.iterdir()} - {"facts.json"}
    written = parquet.read_table(out / "scores.parquet").to_pylist()
    assert [json.loads(line) for line in (out / "scores.jsonl").read_text().splitlines()] == written
    names = (
        "CC",
        "3-year_CC",
        "PR_a0.5",
        "AttRank_a0.2_b0.5_c0.3_rho-0.16_start2022_current2024",
        "RAM_gamma0.6_current2024",
    )
    for name, stem in zip(COLUMNS, names, strict=True):
        lines = [line.split("\t") for line in (out / f"{stem}.tsv").read_text().splitlines()]
        assert [line[0] for line in lines] == literature.ids
        assert np.array_equal([float(line[1]) for line in lines], [row[name] for row in written])
    with pytest.raises(InputError, match="no form xml"):
        rank_files(edges, nodes, out, formats=("xml",))
