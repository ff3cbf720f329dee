"""The OpenCitations Index as a citation graph: CSV, plain, compressed or a zip of them; years from the index itself."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from evigraph.errors import InputError
from evigraph.rank.edge_lists import Nodes
from evigraph.rank.solve import Progress
from evigraph.rank.tabular import Report, as_ids

_BLOCK = 1 << 24

_COLUMNS = ("citing", "cited")
_DATES = ("creation", "timespan")

#: The form of a date (its month and day may be missing) and of a span of time between two.
_DATE = r"^(?P<year>\d{4})(?:-(?P<month>\d{2}))?(?:-(?P<day>\d{2}))?$"
_SPAN = r"^(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?$"


def is_index(path: Path) -> bool:
    """Whether `path` is an OpenCitations Index: CSV with the columns citing and cited, or a zip that holds such."""
    try:
        with ExitStack() as stack:
            stream = next(_streams(path, stack), None)
            head = stream.read(4096) if stream is not None else b""
    except (OSError, zipfile.BadZipFile, EOFError, pa.ArrowInvalid):
        return False
    header = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    names = [name.strip().strip('"').lower() for name in header.split(",")]
    return set(_COLUMNS) <= set(names)


def _streams(path: Path, stack: ExitStack) -> Iterator[IO[bytes]]:
    """The CSV files in `path`, each open."""
    if path.is_dir():
        return
    if zipfile.is_zipfile(path):
        archive = stack.enter_context(zipfile.ZipFile(path))
        for name in sorted(archive.namelist()):
            if name.lower().endswith(".csv"):
                yield stack.enter_context(archive.open(name))
        return
    yield stack.enter_context(pa.input_stream(str(path)))


def read_index(
    path: Path, works: Nodes | None, report: Report, progress: Progress | None = None
) -> tuple[Nodes, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The works and citations of an index: works with years, and the positions of the citing and the cited work.

    An end of a citation may state several identifiers (`omid:br/0612 doi:10.5555/1`). With `works` given it is the
    first of them that is among the works, with or without its scheme. Without, the works are all ends, under the
    first identifier stated, and their years follow from the index: that of the citing work is the year of
    `creation`, that of the cited work lies the `timespan` before.

    Raises:
        InputError: the file cannot be read.
    """
    batches = list(_batches(path, report, progress))
    if works is not None:
        ends = ([_known(batch[name], works, report, path) for batch in batches] for name in _COLUMNS)
        citing, cited = (np.concatenate([np.zeros(0, np.int32), *parts]) for parts in ends)
        is_known = (citing >= 0) & (cited >= 0)
        report.add(
            "unknown_work", int((~is_known).sum()), f"citations of {path.name} left out: a work is not among the works"
        )
        return works, citing[is_known], cited[is_known]
    if not batches:
        return (
            Nodes(pa.array([], pa.large_string()), np.zeros(0, np.int32)),
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
        )
    ids = [pa.chunked_array([_first(batch[name]) for batch in batches], pa.large_string()) for name in _COLUMNS]
    both = pa.chunked_array([*ids[0].chunks, *ids[1].chunks]).combine_chunks()
    coded = both.dictionary_encode()
    codes = coded.indices.to_numpy().astype(np.int32)
    n = len(ids[0])
    citing, cited = codes[:n], codes[n:]
    created = np.concatenate([_months(batch) for batch in batches])
    years = np.zeros(len(coded.dictionary), np.int32)
    years[cited] = np.maximum(created[:, 1], 0)
    # What a work says of itself goes before what follows from its citations.
    is_dated = created[:, 0] > 0
    years[citing[is_dated]] = created[is_dated, 0]
    return Nodes(coded.dictionary, years), citing, cited


def _batches(path: Path, report: Report, progress: Progress | None) -> Iterator[dict[str, pa.Array]]:
    def skip(line: Any) -> str:
        report.add("bad_line", 1, f"lines of {path.name} left out: wrong number of columns", line.text)
        return "skip"

    n_read = 0
    try:
        with ExitStack() as stack:
            for stream in _streams(path, stack):
                with pyarrow.csv.open_csv(
                    stream,
                    pyarrow.csv.ReadOptions(block_size=_BLOCK),
                    pyarrow.csv.ParseOptions(invalid_row_handler=skip),
                    # Text throughout: a column of numbers in one file may hold words in the next.
                    pyarrow.csv.ConvertOptions(
                        column_types=dict.fromkeys((*_COLUMNS, *_DATES), pa.large_binary()),
                        include_columns=[*_COLUMNS, *_DATES],
                        include_missing_columns=True,
                        strings_can_be_null=False,
                    ),
                ) as reader:
                    for batch in reader:
                        columns = {name: _as_text(batch.column(name), path) for name in batch.schema.names}
                        is_whole = pc.and_(columns["citing"].is_valid(), columns["cited"].is_valid())
                        n_lost = len(is_whole) - (pc.sum(is_whole).as_py() or 0)
                        report.add("bad_line", n_lost, f"lines of {path.name} left out: an identifier is missing")
                        yield {name: column.filter(is_whole) for name, column in columns.items()}
                        n_read += batch.num_rows
                        if progress is not None:
                            progress("read citations", n_read, 0)
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise InputError(f"{path}: {error}; check that it is the index of OpenCitations") from error
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: {error}; fetch the file again, it is damaged or not complete") from error


def _as_text(values: pa.Array, path: Path) -> pa.Array:
    return as_ids(values, str(path)) if not pa.types.is_null(values.type) else values.cast(pa.large_string())


def _first(ends: pa.Array) -> pa.Array:
    """The first identifier of each end."""
    return pc.replace_substring_regex(ends, r"[ ;].*$", "")


def _known(ends: pa.Array, works: Nodes, report: Report, path: Path) -> npt.NDArray[np.int32]:
    """The position of the work that each end names, -1 where it names none of them."""
    words = pc.split_pattern_regex(ends, "[ ;]+")
    flat, owner = pc.list_flatten(words), pc.list_parent_indices(words).to_numpy()
    bare = pc.replace_substring_regex(flat, r"^[A-Za-z]+:", "")
    places = works.positions(pa.chunked_array([flat]))
    places = np.where(places >= 0, places, works.positions(pa.chunked_array([bare])))
    found = np.full(len(ends), -1, np.int32)
    # Backwards, so that of several known identifiers the first one stays.
    is_known = places >= 0
    found[owner[is_known][::-1]] = places[is_known][::-1]
    return found


def _months(batch: dict[str, pa.Array]) -> npt.NDArray[np.int64]:
    """The years of the citing and of the cited work of each citation, 0 where they do not follow."""
    date, span = pc.extract_regex(batch["creation"], _DATE), pc.extract_regex(batch["timespan"], _SPAN)

    def number(parts: pa.Array, name: str) -> npt.NDArray[np.int64]:
        stated = pc.struct_field(parts, name)
        is_stated = pc.fill_null(pc.greater(pc.binary_length(stated), 0), False)
        values = pc.if_else(is_stated, stated, pa.scalar("0", stated.type)).cast(pa.int64())
        return np.asarray(values.to_numpy(zero_copy_only=False))

    year, month, day = (number(date, name) for name in ("year", "month", "day"))
    sign = np.asarray(pc.fill_null(pc.equal(pc.struct_field(span, "sign"), "-"), False).to_numpy(zero_copy_only=False))
    back = np.where(sign, -1, 1)
    years, months, days = (back * number(span, name) for name in ("years", "months", "days"))
    # As dates: a month that is not stated is the first, a day likewise, and then the span has none of them.
    start = (year - 1970) * 12 + np.maximum(month, 1) - 1 - years * 12 - months
    date_of_cited = start.astype("datetime64[M]").astype("datetime64[D]") + (np.maximum(day, 1) - 1 - days)
    cited_year = date_of_cited.astype("datetime64[Y]").astype(np.int64) + 1970
    is_known = (year > 0) & np.asarray(span.is_valid().to_numpy(zero_copy_only=False))
    return np.stack([year, np.where(is_known, cited_year, 0)], axis=1)
