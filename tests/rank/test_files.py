from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from evigraph.errors import InputError, SettingsError
from evigraph.rank.api import rank
from evigraph.rank.files import rank_files
from evigraph.rank.parameters import Parameters
from evigraph.rank.synthetic import synthetic_literature

NODES = "a\t2020\nb\t2019\nc\t2018\nd\t2019\n"
EDGES = "a\tb\na\tc\nb\tc\nd\tc\n"
COUNTS = {"a": 0, "b": 1, "c": 3, "d": 0}


def write(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_parquet(path: Path, **columns: Any) -> Path:
    parquet.write_table(pa.table(columns), path)
    return path


def counts(folder: Path) -> dict[Any, int]:
    found = parquet.read_table(folder / "scores.parquet")
    return dict(zip(found["id"].to_pylist(), found["citation_count"].to_pylist(), strict=True))


def problems(facts: dict[str, Any]) -> dict[str, int]:
    return {problem["kind"]: problem["n"] for problem in facts["problems"]}


@pytest.mark.parametrize("nodes", [NODES, "id\tyear\n" + NODES, "ID\tYear\r\n" + NODES.replace("\n", "\r\n")])
@pytest.mark.parametrize("edges", [EDGES, "citing\tcited\n" + EDGES, "# from a tool\n\nSource\tTarget\n" + EDGES])
@pytest.mark.parametrize("suffix", ["tsv", "tsv.gz"])
def test_text_with_and_without_header(tmp_path: Path, nodes: str, edges: str, suffix: str) -> None:
    out = tmp_path / "out"
    facts = rank_files(
        write(tmp_path / f"edges.{suffix}", edges), write(tmp_path / f"nodes.{suffix}", nodes), out, progress=None
    )
    assert counts(out) == COUNTS
    assert facts["problems"] == []
    assert facts["current_year"] == 2020


def test_values_in_quotes(tmp_path: Path) -> None:
    nodes = write(tmp_path / "nodes.tsv", '"id"\t"year"\n"a ""1"""\t"2020"\n"b\tb"\t"2019"\n')
    edges = write(tmp_path / "edges.tsv", '"citing"\t"cited"\n"a ""1"""\t"b\tb"\n')
    assert rank_files(edges, nodes, tmp_path)["problems"] == []
    assert counts(tmp_path) == {'a "1"': 0, "b\tb": 1}


def test_a_header_in_quotes_says_nothing_of_the_values(tmp_path: Path) -> None:
    nodes = write(tmp_path / "nodes.tsv", '"id"\t"year"\na\t2020\n"b\t2019\n')
    edges = write(tmp_path / "edges.tsv", '"citing"\t"cited"\na\t"b\n')
    assert rank_files(edges, nodes, tmp_path)["problems"] == []
    assert counts(tmp_path) == {"a": 0, '"b': 1}


def test_further_columns_are_left_alone(tmp_path: Path) -> None:
    nodes = write(tmp_path / "nodes.tsv", "id\ttitle\tyear\na\tA work\t2020\nb\tAnother\t2019\n")
    edges = write(tmp_path / "edges.tsv", "note\tcited\tciting\nx\tb\ta\n")
    rank_files(edges, nodes, tmp_path)
    assert counts(tmp_path) == {"a": 0, "b": 1}


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_parquet_with_text_ids(tmp_path: Path, type_: pa.DataType) -> None:
    nodes = write_parquet(tmp_path / "n.parquet", id=pa.array(list("abcd")).cast(type_), year=[2020, 2019, 2018, 2019])
    edges = write_parquet(
        tmp_path / "e.parquet", citing=pa.array(list("aabd")).cast(type_), cited=pa.array(list("bccc")).cast(type_)
    )
    facts = rank_files(edges, nodes, tmp_path / "out")
    assert counts(tmp_path / "out") == COUNTS
    assert facts["problems"] == []


@pytest.mark.parametrize("ids", [[1, 2, 3, 4], [-5, 10**12, 7, 10**18]], ids=["dense", "sparse"])
@pytest.mark.parametrize("edges_as_text", [False, True])
def test_parquet_with_whole_number_ids(tmp_path: Path, ids: list[int], edges_as_text: bool) -> None:
    nodes = write_parquet(tmp_path / "n.parquet", id=ids, year=[2020, 2019, 2018, 2019])
    pairs = [(ids["abcd".index(citing)], ids["abcd".index(cited)]) for citing, cited in ("ab", "ac", "bc", "dc")]
    if edges_as_text:
        edges = write(tmp_path / "e.tsv", "".join(f"{citing}\t{cited}\n" for citing, cited in [*pairs, ("x", ids[0])]))
    else:
        edges = write_parquet(
            tmp_path / "e.parquet", citing=[p[0] for p in pairs] + [99], cited=[p[1] for p in pairs] + [ids[0]]
        )
    facts = rank_files(edges, nodes, tmp_path / "out")
    assert list(counts(tmp_path / "out").items()) == list(zip(ids, COUNTS.values(), strict=True))
    assert problems(facts) == {"unknown_citing": 1}


def test_text_ids_with_whole_number_edges(tmp_path: Path) -> None:
    nodes = write(tmp_path / "n.tsv", "1\t2020\n2\t2019\n")
    rank_files(write_parquet(tmp_path / "e.parquet", citing=[1], cited=[2]), nodes, tmp_path)
    assert counts(tmp_path) == {"1": 0, "2": 1}


def test_a_folder_of_parquet_files(tmp_path: Path) -> None:
    for name in ("nodes", "edges"):
        (tmp_path / name).mkdir()
    for start in (0, 2):
        part = slice(start, start + 2)
        write_parquet(
            tmp_path / "nodes" / f"{start}.parquet", id=list("abcd")[part], year=[2020, 2019, 2018, 2019][part]
        )
        write_parquet(tmp_path / "edges" / f"{start}.parquet", citing=list("aabd")[part], cited=list("bccc")[part])
    rank_files(tmp_path / "edges", tmp_path / "nodes", tmp_path / "out")
    assert counts(tmp_path / "out") == COUNTS


def test_the_input_of_bip_ranker(tmp_path: Path) -> None:
    lines = "a\tb,c|2|0.25\t0\t2020\nb\tc|1|0.25\t0\t2019\nc\t0|0|0.25\t0\t2018\nd\tc,gone|2|0.25\t0\t2019\n"
    facts = rank_files(write(tmp_path / "graph.txt.gz", lines), None, tmp_path)
    assert counts(tmp_path) == COUNTS
    assert problems(facts) == {"unknown_cited": 1}
    assert facts["edges"]["format"] == "bip"


def test_in_bip_rankers_input_a_zero_may_be_a_work(tmp_path: Path) -> None:
    lines = "5\t0|1|0.5\t0\t2020\n0\t7|1|0.5\t0\t2019\n7\t0|0|0.5\t0\t2019\n"
    rank_files(write(tmp_path / "graph.txt", lines), None, tmp_path)
    # Only the mark without a count, 0|0, stands for no references.
    assert counts(tmp_path) == {"5": 0, "0": 1, "7": 1}


def test_bad_lines_of_bip_rankers_input_cost_only_themselves(tmp_path: Path) -> None:
    lines = "a\tb,c|2|0.25\t0\t2020\nb\tbroken\t0\t2019\nshort\tc|1|.2\nc\t0|0|0.25\t0\t\\N\nd\tc|1|0.25\t0\tsoon\n"
    facts = rank_files(write(tmp_path / "graph.txt", lines), None, tmp_path)
    assert counts(tmp_path) == {"a": 0, "b": 1, "c": 2, "d": 0}
    assert problems(facts) == {"bad_line": 1, "bad_year": 1, "bad_references": 1, "undated_work": 2}


def test_everything_that_is_left_out_is_counted(tmp_path: Path) -> None:
    nodes = write(
        tmp_path / "nodes.tsv",
        b"a\t2020\nb\t2019\nc\tnineteen\nd\t\na\t1999\n\t2000\none column\n\xff\xfe\t2001\ne\t\\N\nf\t-3\n",
    )
    edges = write(
        tmp_path / "edges.tsv",
        b"a\tb\na\tb\na\ta\na\tnobody\nnobody\ta\nnobody\tno one\na\n\tb\na\tb\tc\n\xff\tb\nb\td\n",
    )
    facts = rank_files(edges, nodes, tmp_path)
    assert counts(tmp_path) == {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0, "f": 0}
    assert problems(facts) == {
        "bad_line": 5,
        "no_id": 2,
        "duplicate_work": 1,
        "bad_year": 2,
        "unknown_citing": 2,
        "unknown_cited": 1,
        "self_citation": 1,
        "duplicate_citation": 1,
        "undated_work": 4,
    }
    for problem in facts["problems"]:
        assert "\n" not in problem["message"]
    assert facts["current_year"] == 2020


def test_years_in_other_types(tmp_path: Path) -> None:
    for number, years in enumerate(
        ([2020.0, None, 2018.5], ["2020", "", "x"], pa.array([2020, None, 99999999], pa.int64()), pa.nulls(3))
    ):
        nodes = write_parquet(tmp_path / "n.parquet", id=["a", "b", "c"], year=years)
        edges = write(tmp_path / "e.tsv", "a\tb\n")
        facts = rank_files(edges, nodes, tmp_path, current_year=2020)
        assert facts["n_undated_nodes"] == (3 if number == 3 else 2)
        assert problems(facts).get("bad_year", 0) == (0 if number == 3 else 1)


def test_what_is_written(tmp_path: Path) -> None:
    given = synthetic_literature(2_000, seed=4)
    names = [f"10.5555/synthetic.{n}" for n in range(2_000)]
    nodes = write_parquet(tmp_path / "nodes.parquet", id=names, year=given.years)
    edges = write_parquet(
        tmp_path / "edges.parquet",
        citing=[names[n] for n in given.citing.tolist()],
        cited=[names[n] for n in given.cited.tolist()],
    )
    facts = rank_files(edges, nodes, tmp_path / "new" / "out")
    written = parquet.read_table(tmp_path / "new" / "out" / "scores.parquet")
    expected = rank(given.years, given.citing, given.cited, Parameters.for_year(2020))
    assert written.column_names == [
        "id",
        *("citation_count", "impulse", "influence", "popularity", "ram"),
        *("citation_count_class", "impulse_class", "influence_class", "popularity_class", "ram_class"),
    ]
    assert written["id"].to_pylist() == names
    for name in ("citation_count", "impulse", "influence", "popularity", "ram"):
        assert np.array_equal(written[name].to_numpy(), getattr(expected, name))
        labels = [f"C{number}" for number in getattr(expected, f"{name}_class")]
        assert written[f"{name}_class"].to_pylist() == labels
    on_disk = json.loads((tmp_path / "new" / "out" / "facts.json").read_text())
    assert {**on_disk, **{name: facts[name] for name in ("scores_file", "files", "facts_file")}} == facts
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == ["facts.json", "scores.parquet"]


def test_the_future_begins_after_the_files_were_written(tmp_path: Path) -> None:
    nodes, edges = write(tmp_path / "n.tsv", "a\t2031\nb\t2019\nc\t2012\n"), write(tmp_path / "e.tsv", "b\tc\n")
    for path in (nodes, edges):
        os.utime(path, (1_600_000_000, 1_600_000_000))  # September 2020
    facts = rank_files(edges, nodes, tmp_path)
    assert (facts["current_year"], facts["horizon_year"], facts["is_current_year_given"]) == (2019, 2020, False)
    facts = rank_files(edges, nodes, tmp_path, current_year=2015)
    assert (facts["current_year"], facts["is_current_year_given"]) == (2015, True)
    assert "attention_empty" in problems(facts)
    for path in (nodes, edges):
        os.utime(path, (0, 0))
    assert rank_files(edges, nodes, tmp_path)["current_year"] == 2031


def test_progress_is_told(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    edges, nodes = write(tmp_path / "e.tsv", EDGES), write(tmp_path / "n.tsv", NODES)
    rank_files(edges, nodes, tmp_path, progress=lambda *call: seen.append(call))
    assert {name for name, _, _ in seen} == {"read works", "read citations", "rank"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("e.tsv", b"", "is empty"),
        ("e.tsv", b"\n\n", "no rows"),
        ("e.tsv.gz", b"", "no rows"),
        ("e.tsv", b"<xml>\n</xml>\n", "no tab"),
        ("e.json", b'{"citing": "a"}\n', "no tab"),
        ("e.zip", b"PK\x03\x04\0\0\0\0", "no table"),
        ("e.parquet", b"PAR1 and then nothing", "damaged or not Parquet"),
        ("e.tsv", b"a\tb\n" + b"x" * (1 << 26) + b"\ty\n", "longer than"),
    ],
)
def test_a_file_that_is_none_gives_one_clear_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    edges, nodes = write(tmp_path / name, content), write(tmp_path / "nodes.tsv", NODES)
    with pytest.raises(InputError, match=said) as caught:
        rank_files(edges, nodes, tmp_path / "out")
    assert str(edges) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("n_lost", [1, 20, 2_000])
def test_a_truncated_file_is_not_ranked_in_part(tmp_path: Path, n_lost: int) -> None:
    lines = "".join(f"a{n * 7919 % 10007}\tb{n}\n" for n in range(5_000))
    edges = tmp_path / "e.tsv.gz"
    edges.write_bytes(gzip.compress(lines.encode())[:-n_lost])
    with pytest.raises(InputError, match="damaged or not complete"):
        rank_files(edges, write(tmp_path / "n.tsv", NODES), tmp_path / "out")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    edges, nodes = write(tmp_path / "e.tsv", EDGES), write(tmp_path / "n.tsv", NODES)
    with pytest.raises(InputError, match="--nodes"):
        rank_files(edges, None, tmp_path)
    with pytest.raises(InputError, match="check the name"):
        rank_files(tmp_path / "absent.tsv", nodes, tmp_path)
    with pytest.raises(InputError, match="no column cited; there are citing, other"):
        rank_files(write_parquet(tmp_path / "e.parquet", citing=["a"], other=["b"]), nodes, tmp_path)
    with pytest.raises(InputError, match="identifiers are of type double"):
        rank_files(write_parquet(tmp_path / "e.parquet", citing=[1.5], cited=[2.5]), nodes, tmp_path)
    with pytest.raises(InputError, match="--current-year"):
        rank_files(edges, write(tmp_path / "undated.tsv", "a\t\nb\t\n"), tmp_path)
    with pytest.raises(SettingsError, match="current_year"):
        rank_files(edges, nodes, tmp_path, current_year=20)
    (tmp_path / "hollow").mkdir()
    with pytest.raises(InputError, match=r"no \*.parquet file"):
        rank_files(tmp_path / "hollow", nodes, tmp_path)


def test_a_work_is_taken_apart(tmp_path: Path) -> None:
    given = synthetic_literature(800, seed=4, share_same_year=0.05)
    edges, nodes = tmp_path / "e.tsv", tmp_path / "n.tsv"
    edges.write_text("".join(f"w{j}\tw{i}\n" for j, i in zip(given.citing, given.cited, strict=True)))
    nodes.write_text("".join(f"w{node}\t{year}\n" for node, year in enumerate(given.years)))
    asked = [f"w{node}" for node in (int(np.bincount(given.cited).argmax()), 0, 1)]
    facts = rank_files(edges, nodes, tmp_path / "out", 2020, explained=asked)
    scores = {row["id"]: row for row in parquet.read_table(tmp_path / "out" / "scores.parquet").to_pylist()}
    for answer in facts["explained"]:
        row = scores[answer["id"]]
        for name, made in answer["explained"].items():
            assert sum(made["parts"].values()) == pytest.approx(row[name], rel=1e-10)
            assert made["n_citations"] == row["citation_count"]
            carried = [citation["value"] for citation in made["citations"]]
            assert carried == sorted(carried, reverse=True)
        assert answer["next_class"]["influence"]["class"] == row["influence_class"]
    assert facts["explained"][0]["explained"]["influence"]["citations"]
    with pytest.raises(InputError, match="no work of the graph"):
        rank_files(edges, nodes, tmp_path / "out", 2020, explained=["nobody"])
