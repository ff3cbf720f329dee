"""BibTeX text as its entries, cut and read by bibtexparser, with macros put in; a broken entry costs itself alone.

The file is handed over in pieces that begin where an entry does, for bibtexparser gives up a block there too: so
memory is that of a piece, and what bibtexparser makes of the whole is what it makes of the pieces.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bibtexparser.library import Library
from bibtexparser.model import Block, DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock, String
from bibtexparser.splitter import Splitter

from evigraph.clean.exports.text import text_lines
from evigraph.clean.payload import Report

#: Characters of a piece, before the next entry begins.
_PIECE = 1 << 18

#: A piece in which no entry begins for so long is given up: it is no bibliography.
_MAX_PIECE = 1 << 25

_BLOCK = re.compile(r"\s*@\s*(\w+)\s*[{(]")
_WORD = re.compile(r'[^\s#{"]+')
#: What no field's name may hold; a name that does is what damage left.
_NO_NAME = re.compile(r"[\s,{}()=\"'#%~\\@]+")
_NO_ENTRY = frozenset({"comment", "preamble", "string"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# What it would say goes to defects, with the name of the file.
logging.getLogger("bibtexparser.splitter").setLevel(logging.CRITICAL)


@dataclass
class ReadEntry:
    """An entry: its type in lower case, its key, its fields as LaTeX in their order, line and size in the file."""

    entry_type: str
    key: str
    fields: list[tuple[str, str]]
    line: int
    size: int
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class LostEntry:
    """An entry that could not be read: its line, and why in words."""

    line: int
    reason: str


def entries(path: str, report: Report) -> Iterator[ReadEntry | LostEntry]:
    """The entries of a BibTeX file in their order, with the values of macros (`@string`, months) put in.

    What stands between entries is a comment to BibTeX and is left out. `report` is told of damage to the file.
    """
    macros = {month: month for month in _MONTHS}
    piece: list[str] = []
    n_characters = 0
    first_line = 1
    bad_lines: list[tuple[int, str]] = []
    number = 0

    def tell(message: str) -> None:
        bad_lines.append((number + 1, message))

    for line in text_lines(path, report, tell):
        if n_characters >= _PIECE and _BLOCK.match(line):
            yield from _read(piece, first_line, macros, bad_lines)
            piece, n_characters, first_line, bad_lines = [], 0, number + 1, []
        number += 1
        if n_characters < _MAX_PIECE:
            piece.append(line)
            n_characters += len(line) + 1
    yield from _read(piece, first_line, macros, bad_lines)


def _read(
    piece: list[str], first_line: int, macros: dict[str, str], bad_lines: list[tuple[int, str]]
) -> Iterator[ReadEntry | LostEntry]:
    found: list[ReadEntry | LostEntry] = []
    for block, offset in _blocks(piece):
        line = (block.start_line or 0) + offset + first_line
        if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
            block = block.ignore_error_block or block
        if isinstance(block, DuplicateFieldKeyBlock):
            block = block.ignore_error_block or block
        if isinstance(block, String):
            macros[block.key.lower()] = value_of(block.value, macros)[0]
        elif isinstance(block, Entry):
            found.append(_entry(block, line, macros))
        elif isinstance(block, ParsingFailedBlock) and _is_entry(block.raw or ""):
            reason = getattr(block.error, "abort_reason", None) or str(block.error)
            found.append(LostEntry(line, " ".join(str(reason).split())))
    for number, message in bad_lines:
        teller = next((one for one in reversed(found) if one.line <= number and isinstance(one, ReadEntry)), None)
        if teller is not None:
            teller.problems.append(("encoding", f"line {number}: {message}"))
    yield from found


def _blocks(piece: list[str]) -> Iterator[tuple[Block, int]]:
    """The blocks of a piece with the line at which what was handed over begins."""
    try:
        library: Library = Splitter("\n".join(piece)).split()
    except Exception:
        # bibtexparser raises what it does not expect; then every block is read by itself.
        starts = [at for at, line in enumerate(piece) if _BLOCK.match(line)]
        if len(starts) < 2:
            text = "\n".join(piece)
            error = ValueError("bibtexparser cannot read it")
            yield ParsingFailedBlock(error=error, start_line=starts[0] if starts else 0, raw=text.lstrip()), 0
            return
        for start, end in zip(starts, [*starts[1:], len(piece)], strict=True):
            for block, _ in _blocks(piece[start:end]):
                yield block, start
        return
    for block in library.blocks:
        yield block, 0


def _is_entry(raw: str) -> bool:
    match = _BLOCK.match(raw)
    return match is not None and match[1].lower() not in _NO_ENTRY


def _entry(block: Entry, line: int, macros: dict[str, str]) -> ReadEntry:
    entry = ReadEntry(block.entry_type.lower(), block.key, [], line, len(block.raw or ""))
    for part in block.fields:
        value, unknown = value_of(part.value, macros)
        for name in unknown:
            entry.problems.append(("undefined_macro", f"{part.key}: no @string defines {name}; its name was kept"))
        entry.fields.append((_NO_NAME.sub("-", part.key).strip("-") or "field", value))
    return entry


def value_of(expression: str, macros: dict[str, str]) -> tuple[str, list[str]]:
    """The LaTeX that a value states (`{…}`, `"…"`, a number, a macro's name, any of these joined by `#`), and the
    names of macros that nothing defines."""
    parts: list[str] = []
    unknown: list[str] = []
    at = 0
    while at < len(expression):
        character = expression[at]
        if character.isspace() or character == "#":
            at += 1
        elif character in '{"':
            end = _closing(expression, at)
            parts.append(expression[at + 1 : end])
            at = end + 1
        else:
            match = _WORD.match(expression, at)
            word = match.group() if match else character
            at += len(word)
            if word.lower() in macros:
                parts.append(macros[word.lower()])
            else:
                parts.append(word)
                if not word.isdecimal() and not re.fullmatch(r"[\d\W]+", word):
                    unknown.append(word)
    return "".join(parts), unknown


def _closing(expression: str, at: int) -> int:
    """The place of the delimiter that closes the one at `at`; the end where none does."""
    is_quoted = expression[at] == '"'
    depth = 0 if is_quoted else 1
    at += 1
    while at < len(expression):
        character = expression[at]
        if character == "\\":
            at += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0 and not is_quoted:
                return at
        elif character == '"' and is_quoted and depth <= 0:
            return at
        at += 1
    return len(expression)
