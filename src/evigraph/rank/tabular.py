"""Tables given by a user, batch by batch: Parquet, or text with tabs, plain or compressed; bad lines counted."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from evigraph.errors import InputError

#: The first bytes of compressed files.
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}

#: How much of a file is read to find out what it is.
_HEAD = 1 << 18

#: Bytes of text that are parsed at a time; no line may be longer.
_BLOCK = 1 << 25

#: Characters of a bad value that a message quotes.
_QUOTED = 60


@dataclass
class Report:
    """What was wrong in the input, by kind: how often, and a sentence with the first example."""

    counts: dict[str, int] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, number: int, message: str, example: object = None) -> None:
        """Counts `number` cases of `kind`; `message` and the example of the first call are kept."""
        if number <= 0:
            return
        self.counts[kind] = self.counts.get(kind, 0) + number
        if kind not in self.messages:
            shown = str(example)
            shown = shown if len(shown) <= _QUOTED else shown[: _QUOTED - 1] + "…"
            self.messages[kind] = message if example is None else f"{message} (first: {shown!r})"

    def as_list(self) -> list[dict[str, Any]]:
        """The kinds in the order in which they were met, each with its number and one line."""
        return [
            {"kind": kind, "n": number, "message": f"{number:,} {self.messages[kind]}"}
            for kind, number in self.counts.items()
        ]


@dataclass(frozen=True)
class Layout:
    """What a file is: `parquet`, `text` or `bip`.

    Of text also its columns, the lines before the rows, its compression, and whether values stand in quotes.
    """

    kind: str
    columns: tuple[str, ...] = ()
    n_skipped: int = 0
    compression: str | None = None
    is_quoted: bool = False


def layout_of(path: Path, headers: Sequence[tuple[str, str]], is_header: re.Pattern[str] | None = None) -> Layout:
    """What `path` holds.

    A text file has a header where its first line names both columns of one of `headers`, in any letter case, or
    where its second field matches `is_header`. Without one its columns are called "0", "1", ….

    Raises:
        InputError: there is no such file, or it is empty or of another kind.
    """
    if path.is_dir():
        if not any(path.glob("*.parquet")):
            raise InputError(f"{path}: the folder holds no *.parquet file; name a file")
        return Layout("parquet")
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; check the name") from error
    if start == b"PAR1":
        return Layout("parquet")
    if not start:
        raise InputError(f"{path}: the file is empty; give Parquet, or text with tabs")
    compression = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)
    try:
        with pa.input_stream(str(path), compression=compression) as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise InputError(f"{path}: {error}; fetch the file again, it is damaged or not complete") from error
    if b"\0" in head:
        raise InputError(f"{path}: this is no table; give Parquet, or text with tabs (plain, gz, bz2 or zst)")
    text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
    lines = text.split("\n")
    n_skipped = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if n_skipped == len(lines):
        raise InputError(f"{path}: the file has no rows; give Parquet, or text with tabs")
    fields = [value.strip('"') for value in _fields(lines[n_skipped])]
    if len(fields) < 2:
        raise InputError(f"{path}: the first line has no tab; give Parquet, or text with tabs between the columns")
    if len(fields) == 4 and fields[1].count("|") >= 2:
        return Layout("bip", ("id", "links", "previous", "year"), n_skipped, compression)
    lowered = tuple(value.lower() for value in fields)
    named = next((header for header in headers if set(header) <= set(lowered)), None)
    if named:
        position = [lowered.index(name) for name in named]
        names = [str(n) for n in range(len(fields))]
        names[position[0]], names[position[1]] = headers[0]
        return Layout("text", tuple(names), n_skipped + 1, compression, _is_quoted(lines[n_skipped + 1 :]))
    names = [*headers[0], *(str(n) for n in range(2, len(fields)))]
    if is_header is not None and is_header.search(fields[1]):
        return Layout("text", tuple(names), n_skipped + 1, compression, _is_quoted(lines[n_skipped + 1 :]))
    return Layout("text", tuple(names), n_skipped, compression, _is_quoted(lines[n_skipped:]))


def _fields(line: str) -> list[str]:
    return [value.strip() for value in line.rstrip("\r").split("\t")]


def _is_quoted(lines: list[str]) -> bool:
    """Whether the first row has a value in quotes: its tabs and quotes then follow the rules of CSV."""
    first = next((line for line in lines if line.strip()), "")
    return any(len(value) > 1 and value[0] == value[-1] == '"' for value in _fields(first))


def read_batches(path: Path, layout: Layout, columns: Sequence[str], report: Report) -> Iterator[pa.RecordBatch]:
    """The named columns of `path`, batch by batch; text as large binary, not yet checked to be UTF-8.

    A line with a wrong number of columns is left out and counted.

    Raises:
        InputError: a column is missing, a line is longer than 32 MB, or the file is damaged.
    """
    if layout.kind == "parquet":
        yield from _read_parquet(path, columns)
        return

    def skip(line: Any) -> str:
        report.add("bad_line", 1, f"lines of {path.name} left out: wrong number of columns", line.text)
        return "skip"

    quote = '"' if layout.is_quoted else False
    try:
        with (
            pa.input_stream(str(path), compression=layout.compression) as stream,
            pyarrow.csv.open_csv(
                stream,
                pyarrow.csv.ReadOptions(
                    column_names=list(layout.columns), skip_rows=layout.n_skipped, block_size=_BLOCK
                ),
                pyarrow.csv.ParseOptions(delimiter="\t", quote_char=quote, invalid_row_handler=skip),
                pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(layout.columns, pa.large_binary()),
                    include_columns=list(columns),
                    strings_can_be_null=False,
                ),
            ) as reader,
        ):
            yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        if "straddling" in str(error):
            raise InputError(f"{path}: a line is longer than {_BLOCK >> 20} MB; is this the right file?") from error
        raise InputError(f"{path}: {error}; check that the file is a table with tabs") from error
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: {error}; fetch the file again, it is damaged or not complete") from error


def _read_parquet(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    for file in files:
        try:
            with pyarrow.parquet.ParquetFile(file) as parquet:
                present = {name.lower(): name for name in reversed(parquet.schema_arrow.names)}
                missing = [name for name in columns if name not in present]
                if missing:
                    raise InputError(
                        f"{file}: there is no column {' and no column '.join(missing)}; there are "
                        f"{', '.join(parquet.schema_arrow.names) or 'none'}; rename them"
                    )
                for batch in parquet.iter_batches(1 << 20, columns=[present[name] for name in columns]):
                    arrays = [batch.column(present[name]) for name in columns]
                    yield pa.RecordBatch.from_arrays(arrays, names=list(columns))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            raise InputError(f"{file}: {error}; write the file again, it is damaged or not Parquet") from error


def as_ids(values: pa.Array, where: str) -> pa.Array:
    """Identifiers as int64 or large string; empty ones and those that are not UTF-8 become null.

    Those of a text file come as binary and lose the white space around them.

    Raises:
        InputError: they are neither whole numbers nor text.
    """
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_null(values.type):
        return values.cast(pa.large_string())
    if pa.types.is_integer(values.type):
        try:
            return values.cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise InputError(f"{where}: {error}; give identifiers below 2^63, or as text") from error
    if pa.types.is_large_binary(values.type) or pa.types.is_binary(values.type):
        try:
            values = values.cast(pa.large_string())
        except pa.ArrowInvalid:
            values = pa.array([_text(value) for value in values.to_pylist()], pa.large_string())
        values = pc.utf8_trim_whitespace(values)
    elif pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = values.cast(pa.large_string())
    else:
        raise InputError(f"{where}: identifiers are of type {values.type}; give whole numbers or text")
    is_empty = pc.equal(pc.binary_length(values), 0)
    if pc.any(is_empty).as_py():
        values = pc.if_else(is_empty, pa.scalar(None, pa.large_string()), values)
    return values


def _text(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None
