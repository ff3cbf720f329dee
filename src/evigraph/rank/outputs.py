"""Scores as files: Parquet, JSON lines, and the tables that BIP! Ranker writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa
import pyarrow.parquet

from evigraph.rank.api import Ranking
from evigraph.rank.classes import LABELS
from evigraph.rank.edge_lists import Nodes
from evigraph.rank.parameters import Parameters

#: The forms in which scores are written.
FORMATS = ("parquet", "jsonl", "bip")

_ROWS_AT_A_TIME = 1 << 20

_SCORES = ("citation_count", "impulse", "influence", "popularity", "ram")


def write_scores(works: Nodes, ranking: Ranking, parameters: Parameters, folder: Path, form: str) -> list[Path]:
    """The files written: `scores.parquet`, `scores.jsonl`, or with `bip` one file for each indicator.

    BIP! Ranker writes a table of identifier and score for each of its programs, without a header; so do these:
    `CC.tsv`, `3-year_CC.tsv`, `PR_a0.5.tsv`, `AttRank_a0.2_b0.5_c0.3_rho-0.16_start2021_current2023.tsv` and
    `RAM_gamma0.6_current2023.tsv`, with the parameters in the names. Rows are in the order of `works`.
    """
    schema = _schema(works)
    if form == "parquet":
        path = folder / "scores.parquet"
        _write(path, lambda file: _parquet(file, schema, _batches(works, ranking, schema)))
        return [path]
    if form == "jsonl":
        path = folder / "scores.jsonl"
        _write(path, lambda file: _lines(file, _batches(works, ranking, schema)))
        return [path]
    made = []
    for name, stem in _bip_names(parameters).items():
        path = folder / f"{stem}.tsv"
        _write(path, lambda file, name=name: _pairs(file, name, _batches(works, ranking, schema)))  # type: ignore[misc]
        made.append(path)
    return made


def _bip_names(parameters: Parameters) -> dict[str, str]:
    popularity = f"a{parameters.popularity_alpha:g}_b{parameters.popularity_beta:g}_c{parameters.popularity_gamma:g}"
    years = f"start{parameters.start_year}_current{parameters.current_year}"
    return {
        "citation_count": "CC",
        "impulse": f"{parameters.impulse_years}-year_CC",
        "influence": f"PR_a{parameters.influence_alpha:g}",
        "popularity": f"AttRank_{popularity}_rho{parameters.popularity_rho:g}_{years}",
        "ram": f"RAM_gamma{parameters.ram_gamma:g}_current{parameters.current_year}",
    }


def _schema(works: Nodes) -> pa.Schema:
    is_number = pa.types.is_int64(works.ids.type)
    types = dict.fromkeys(("citation_count", "impulse"), pa.int64())
    return pa.schema(
        [
            pa.field("id", pa.int64() if is_number else pa.string(), nullable=False),
            *(pa.field(name, types.get(name, pa.float64()), nullable=False) for name in _SCORES),
            *(pa.field(f"{name}_class", pa.string(), nullable=False) for name in _SCORES),
        ]
    )


def _batches(works: Nodes, ranking: Ranking, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    labels = pa.array(("", *LABELS))
    for start in range(0, len(works), _ROWS_AT_A_TIME):
        part = slice(start, start + _ROWS_AT_A_TIME)
        columns = [works.ids[part].cast(schema.field("id").type)]
        columns += [pa.array(getattr(ranking, name)[part]) for name in _SCORES]
        columns += [labels.take(pa.array(getattr(ranking, f"{name}_class")[part])) for name in _SCORES]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _write(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Writes the file whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        write(file)
    unfinished.replace(path)


def _parquet(file: IO[bytes], schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _lines(file: IO[bytes], batches: Iterator[pa.RecordBatch]) -> None:
    for batch in batches:
        for row in batch.to_pylist():
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def _pairs(file: IO[bytes], name: str, batches: Iterator[pa.RecordBatch]) -> None:
    for batch in batches:
        ids: list[Any] = batch.column("id").to_pylist()
        scores: list[Any] = batch.column(name).to_pylist()
        file.writelines(f"{id_}\t{score!r}\n".encode() for id_, score in zip(ids, scores, strict=True))
