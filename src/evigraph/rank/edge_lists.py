"""Citation graphs given as files: works with years, and citations between them, as compact arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from evigraph.errors import InputError
from evigraph.rank.solve import Progress
from evigraph.rank.tabular import Layout, Report, as_ids, layout_of, read_batches

#: The columns of works and of citations; the first pair is ours, the others are read too.
NODE_HEADERS = (("id", "year"),)
EDGE_HEADERS = (("citing", "cited"), ("citing_id", "cited_id"), ("source", "target"), ("from", "to"))

#: A second field that is neither a year nor one of the ways to leave it out: the line is a header.
_NO_YEAR = re.compile(r"^(?!\\N$|null$|na$|nan$|none$)[^\d-]+$", re.IGNORECASE)

#: Ways in which files leave a year out.
_MISSING_YEARS = ("", "\\N", "null", "NULL", "None", "NA", "nan", "NaN")

#: The least number of citations that are looked up at a time.
_LOOKUP_ROWS = 1 << 22

#: A range of whole-number identifiers up to so many times their number is looked up in a table.
_DENSE = 8

_MAX_NODES = 2**31 - 1


class Nodes:
    """The works of a graph: distinct ids in the order of the file, their years (0: not known), and their positions."""

    def __init__(self, ids: pa.Array, years: npt.NDArray[np.int32]) -> None:
        self.ids = ids
        self.years = years
        self._first = 0
        self._table: npt.NDArray[np.int32] | None = None
        if pa.types.is_int64(ids.type) and len(ids):
            values = ids.to_numpy()
            first, last = int(values.min()), int(values.max())
            if last - first < _DENSE * len(values) + 1024:
                self._first = first
                self._table = np.full(last - first + 1, -1, dtype=np.int32)
                self._table[values - first] = np.arange(len(values), dtype=np.int32)

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, ids: pa.ChunkedArray) -> npt.NDArray[np.int32]:
        """The position of each id, -1 where it is null or no work of the graph."""
        if not len(self):
            return np.full(len(ids), -1, dtype=np.int32)
        ids = _as_type(ids, self.ids.type)
        if self._table is None:
            return np.asarray(pc.fill_null(pc.index_in(ids, value_set=self.ids), -1))
        places = pc.fill_null(ids, self._first - 1 if self._first > -(2**63) else 2**63 - 1).to_numpy()
        is_inside = (places >= self._first) & (places < self._first + self._table.size)
        found = np.full(len(places), -1, dtype=np.int32)
        found[is_inside] = self._table[places[is_inside] - self._first]
        return found


def _as_type(ids: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    if ids.type == type_:
        return ids
    if pa.types.is_int64(type_):
        is_short = pc.match_substring_regex(ids, r"^-?[0-9]{1,18}$")
        has_19_digits = pc.match_substring_regex(ids, r"^-?[0-9]{19}$")
        is_inside = pc.less_equal(pc.utf8_ltrim(ids, "-"), str(2**63 - 1))
        is_number = pc.or_(is_short, pc.and_(has_19_digits, is_inside))
        return pc.if_else(is_number, ids, pa.scalar(None, ids.type)).cast(type_)
    return ids.cast(type_)


def read_nodes(path: Path, report: Report, progress: Progress | None = None) -> Nodes:
    """The works of `path`: Parquet or text with tabs (id, year), or BIP! Ranker's own format.

    A work without an id is left out, the first of several with the same id is kept, a year that is none counts
    as not known; each is counted in `report`.

    Raises:
        InputError: the file cannot be used.
    """
    layout = layout_of(path, NODE_HEADERS, _NO_YEAR)
    ids: list[pa.Array] = []
    years: list[npt.NDArray[np.int32]] = []
    n_read = 0
    for batch in read_batches(path, layout, ("id", "year"), report):
        ids.append(as_ids(batch.column("id"), str(path)))
        years.append(_years(batch.column("year"), path, report))
        n_read += batch.num_rows
        if progress is not None:
            progress("read works", n_read, 0)
    if not ids:
        return Nodes(pa.array([], pa.large_string()), np.zeros(0, dtype=np.int32))
    if len({array.type for array in ids}) > 1:
        ids = [array.cast(pa.large_string()) for array in ids]
    all_ids = pa.concat_arrays(ids)
    all_years = np.concatenate(years)
    if all_ids.null_count:
        report.add("no_id", all_ids.null_count, f"works of {path.name} left out: no identifier, or not in UTF-8")
        is_named = all_ids.is_valid()
        all_ids, all_years = all_ids.filter(is_named), all_years[is_named.to_numpy(zero_copy_only=False)]
    encoded = all_ids.dictionary_encode()
    if len(encoded.dictionary) < len(all_ids):
        codes = encoded.indices.to_numpy()
        # Codes are given in order of appearance, so a first appearance exceeds all codes before it.
        is_first = np.ones(len(codes), dtype=bool)
        is_first[1:] = codes[1:] > np.maximum.accumulate(codes)[:-1]
        report.add(
            "duplicate_work",
            int((~is_first).sum()),
            f"lines of {path.name} left out: the work was there before, its first line counts",
            all_ids[int(np.flatnonzero(~is_first)[0])].as_py(),
        )
        all_ids, all_years = encoded.dictionary, all_years[is_first]
    if len(all_ids) > _MAX_NODES:
        raise InputError(f"{path}: {len(all_ids):,} works; the ranking takes at most {_MAX_NODES:,}")
    return Nodes(all_ids, all_years)


def _years(values: pa.Array, path: Path, report: Report) -> npt.NDArray[np.int32]:
    """Years as numbers, 0 where a year is missing; what is no year is counted."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_null(values.type):
        return np.zeros(len(values), dtype=np.int32)
    if pa.types.is_large_binary(values.type) or pa.types.is_binary(values.type):
        is_ascii = pc.match_substring_regex(values, r"^[\x20-\x7e\t]*$")
        values = pc.if_else(is_ascii, values, pa.scalar(b"?", values.type)).cast(pa.large_string())
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        stated = pc.utf8_trim_whitespace(values.cast(pa.large_string()))
        is_missing = pc.or_kleene(pc.is_null(stated), pc.is_in(stated, pa.array(_MISSING_YEARS, pa.large_string())))
        is_year = pc.fill_null(pc.match_substring_regex(stated, r"^[0-9]{1,5}$"), False)
        numbers = pc.fill_null(pc.if_else(is_year, stated, pa.scalar(None, stated.type)).cast(pa.int64()), 0)
    elif pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        is_missing = pc.is_null(values, nan_is_null=True)
        exact = pc.fill_null(values.cast(pa.float64(), safe=False), float("nan"))
        is_year = pc.and_(
            pc.and_(pc.greater_equal(exact, 0), pc.less(exact, 100_000)), pc.equal(pc.floor(exact), exact)
        )
        numbers = pc.if_else(is_year, exact, 0.0).cast(pa.int64())
    else:
        raise InputError(f"{path}: years are of type {values.type}; give whole numbers")
    is_bad = pc.and_not(pc.invert(is_missing), is_year)
    n_bad = pc.sum(is_bad).as_py() or 0
    if n_bad:
        example = values.filter(is_bad)[0].as_py()
        report.add("bad_year", n_bad, f"years of {path.name} are no whole numbers and count as not known", example)
    result: npt.NDArray[np.int32] = numbers.to_numpy().astype(np.int32)
    return result


def read_edges(
    path: Path, nodes: Nodes, report: Report, progress: Progress | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The citations of `path` between works of `nodes`, as positions of the citing and of the cited work.

    Citations that name a work that is not in `nodes` are left out and counted, and so are bad lines.

    Raises:
        InputError: the file cannot be used.
    """
    layout = layout_of(path, EDGE_HEADERS)
    pairs = _bip_pairs(path, layout, report) if layout.kind == "bip" else _pairs(path, layout, report)
    citing: list[npt.NDArray[np.int32]] = []
    cited: list[npt.NDArray[np.int32]] = []
    n_read = 0
    for sources, targets in _gathered(pairs, max(_LOOKUP_ROWS, len(nodes) // 2)):
        # Arrow lets go of the interpreter while it looks up, so both ends are looked up at the same time.
        with ThreadPoolExecutor(2) as pool:
            source, target = pool.map(nodes.positions, (sources, targets))
        if layout.kind == "bip":
            # "0" stands for no references, unless there is a work with that id.
            is_mark = (target < 0) & np.asarray(pc.equal(targets, "0"))
            source, target = source[~is_mark], target[~is_mark]
            sources, targets = sources.filter(pa.array(~is_mark)), targets.filter(pa.array(~is_mark))
        n_read += len(source)
        is_known = (source >= 0) & (target >= 0)
        for kind, positions, ids in (("unknown_citing", source, sources), ("unknown_cited", target, targets)):
            is_unknown = (positions < 0) if kind == "unknown_citing" else (positions < 0) & (source >= 0)
            if is_unknown.any():
                role = kind.removeprefix("unknown_")
                report.add(
                    kind,
                    int(is_unknown.sum()),
                    f"citations of {path.name} left out: the {role} work is not among the works",
                    ids[int(np.flatnonzero(is_unknown)[0])].as_py(),
                )
        if is_known.all():
            citing.append(source)
            cited.append(target)
        else:
            citing.append(source[is_known])
            cited.append(target[is_known])
        if progress is not None:
            progress("read citations", n_read, 0)
    empty = np.zeros(0, dtype=np.int32)
    return np.concatenate([empty, *citing]), np.concatenate([empty, *cited])


def _pairs(path: Path, layout: Layout, report: Report) -> Iterator[tuple[pa.Array, pa.Array]]:
    for batch in read_batches(path, layout, EDGE_HEADERS[0], report):
        citing, cited = (as_ids(column, str(path)) for column in batch.columns)
        if citing.null_count or cited.null_count:
            is_whole = pc.and_(citing.is_valid(), cited.is_valid())
            n_lost = len(citing) - (pc.sum(is_whole).as_py() or 0)
            report.add("bad_line", n_lost, f"lines of {path.name} left out: an identifier is missing or not in UTF-8")
            citing, cited = citing.filter(is_whole), cited.filter(is_whole)
        yield citing, cited


def _bip_pairs(path: Path, layout: Layout, report: Report) -> Iterator[tuple[pa.Array, pa.Array]]:
    for batch in read_batches(path, layout, ("id", "links"), report):
        citing, links = (as_ids(column, str(path)) for column in batch.columns)
        is_whole = pc.and_(citing.is_valid(), pc.fill_null(pc.match_substring(links, "|"), False))
        n_lost = len(citing) - (pc.sum(is_whole).as_py() or 0)
        if n_lost:
            report.add(
                "bad_references", n_lost, f"reference lists of {path.name} left out: not in the form a,b|n|score"
            )
            citing, links = citing.filter(is_whole), links.filter(is_whole)
        # A count of 0 says beyond doubt that there are none.
        has_references = pc.invert(pc.match_substring_regex(links, r"^[^|]*\|0\|"))
        citing, links = citing.filter(has_references), links.filter(has_references)
        lists = pc.split_pattern(pc.replace_substring_regex(links, r"\|.*$", ""), ",")
        cited = pc.utf8_trim_whitespace(pc.list_flatten(lists))
        source = citing.take(pc.list_parent_indices(lists))
        is_named = pc.not_equal(cited, "")
        yield source.filter(is_named), cited.filter(is_named)


def _gathered(
    pairs: Iterator[tuple[pa.Array, pa.Array]], n_rows: int
) -> Iterator[tuple[pa.ChunkedArray, pa.ChunkedArray]]:
    """The same pairs, at least `n_rows` at a time: each lookup builds a table of all works."""
    held: list[tuple[pa.Array, pa.Array]] = []
    n_held = 0
    for pair in pairs:
        held.append(pair)
        n_held += len(pair[0])
        if n_held >= n_rows:
            yield _joined(held)
            held, n_held = [], 0
    if held:
        yield _joined(held)


def _joined(held: list[tuple[pa.Array, pa.Array]]) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """The columns of the pairs, of one type."""
    types = {array.type for pair in held for array in pair}
    common = types.pop() if len(types) == 1 else pa.large_string()
    citing, cited = ([array.cast(common) for array in column] for column in zip(*held, strict=True))
    return pa.chunked_array(citing, common), pa.chunked_array(cited, common)
