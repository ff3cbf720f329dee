"""A search of one source: where, when, line by line, how many hits; and what PRISMA-S asks to be told of it."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from evigraph.errors import InputError
from evigraph.review.kind import Payload

#: What kind of source was searched: in PRISMA 2020's flow, databases and registers make the left arm, the others
#: the right one.
SourceKind = Literal["database", "register", "website", "organisation", "citations"]

#: How a line of a strategy begins where lines are numbered; a year has four digits and is none.
_NUMBERED = re.compile(r"[#Ss]?[0-9]{1,3}[.):]?\s+(?=\S)")

#: The kinds of the left arm of the flow.
DATABASE_ARM: frozenset[str] = frozenset({"database", "register"})


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a strategy exactly as it was run: number, text, hits (null where not told), a comment."""

    n: int
    text: str
    hits: int | None = None
    comment: str = ""


class PeerReview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who looked the strategy over (PRESS 2015), when (ISO 8601), and with what outcome."""

    reviewer: str
    outcome: str
    reviewed_on: str = ""


class Chase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A round of citation chasing: which way, from how many seeds, and the cap on what one seed may bring."""

    round: int
    directions: tuple[Literal["backward", "forward"], ...]
    n_seeds: int
    cap: int


class SearchRun(Payload, frozen=True):
    """One search of one source (PRISMA-S, Rethlefsen et al. 2021).

    Attributes:
        run_id: unique in the review, for example `S3`.
        source: the database, register, website or organisation (items 1, 3, 4).
        source_kind: which arm of the flow its records enter.
        platform: through which interface (items 1, 2), with its version where it has one.
        searched_on: the day of the search (item 13), ISO 8601.
        covers_from, covers_until: what the source covered on that day, as it states it.
        strategy: line by line, exactly as run (item 8).
        limits: and why (item 9); filters: published ones that were used (item 10); reused: prior work (item 11).
        n_reported: the hits that the source reported; null where it reports none.
        peer_review: item 14.
        searched_by: account or name.
        update: 0 for the first search, n for the n-th update of a living review (item 12).
        repeats: the run that this one repeats.
        chase: what was chased, where the source is citations (item 5).
    """

    run_id: str
    source: str
    source_kind: SourceKind = "database"
    platform: str = ""
    searched_on: str = ""
    covers_from: str = ""
    covers_until: str = ""
    strategy: tuple[Line, ...] = ()
    limits: str = ""
    filters: str = ""
    reused: str = ""
    n_reported: int | None = None
    peer_review: PeerReview | None = None
    searched_by: str = ""
    update: int = 0
    repeats: str = ""
    chase: Chase | None = None


class ImportedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of records as it came: its name, bytes' sha256, dialects, records read and lost, defects by name."""

    name: str
    sha256: str
    dialects: tuple[str, ...]
    n_records: int
    n_lost: int
    defects: dict[str, int] = {}


class Import(Payload, frozen=True):
    """The records of one search: where they are kept (`store`: sha256 of a Parquet file), how many, from what."""

    run_id: str
    sha256: str
    n_records: int
    files: tuple[ImportedFile, ...] = ()


def checked(run: SearchRun) -> SearchRun:
    """The run itself, if it can be told in a report.

    Raises:
        InputError: it names no source, its lines are not numbered 1, 2, 3, …, or a number of hits is negative.
    """
    if not run.source.strip():
        raise InputError("the search names no source: say which database, register or place was searched")
    for place, line in enumerate(run.strategy, start=1):
        if line.n != place:
            raise InputError(
                f"line {line.n} of the strategy of {run.source} stands in place {place}: number them 1, 2, 3"
            )
        if line.hits is not None and line.hits < 0:
            raise InputError(f"line {line.n} of the strategy of {run.source} has {line.hits} hits: check the number")
    if run.n_reported is not None and run.n_reported < 0:
        raise InputError(f"{run.source} reported {run.n_reported} records: check the number")
    return run


#: What a line cannot end in: a number in parentheses after it is searched for, not what was found.
_UNFINISHED = re.compile(r"(?:\b(?:and|or|not|adj\d*|near/?\d*|w/\d+)|[=:])\s*$", re.IGNORECASE)


def read_strategy(text: str) -> tuple[Line, ...]:
    """The lines of a pasted strategy, as databases print them.

    A line may begin with its number (`1`, `#1`, `S1`, `1.`) and end in its hits, set off by a tab, two blanks or
    in parentheses; a line without a number goes on from where the one before stopped when numbers are used at all.
    """
    lines: list[tuple[str, int | None]] = []
    numbered = False
    for raw in text.splitlines():
        if not (row := raw.strip()):
            continue
        number, rest = _number(row)
        numbered = numbered or number
        body, hits = _hits(rest)
        if lines and numbered and not number:
            last, last_hits = lines[-1]
            lines[-1] = (f"{last} {body}", hits if hits is not None else last_hits)
        else:
            lines.append((body, hits))
    return tuple(Line(n, body, hits) for n, (body, hits) in enumerate(lines, start=1))


def _number(row: str) -> tuple[bool, str]:
    found = _NUMBERED.match(row)
    return (True, row[found.end() :]) if found else (False, row)


def _hits(row: str) -> tuple[str, int | None]:
    body, tail = row, ""
    if row.endswith(")") and "(" in row:
        body, _, tail = row[:-1].rpartition("(")
    elif "\t" in row:
        body, _, tail = row.rpartition("\t")
    elif "  " in row:
        body, _, tail = row.rpartition("  ")
    if _UNFINISHED.search(body):
        return row, None
    digits = tail.strip().replace(",", "").replace(" ", "").replace(" ", "")
    if body.strip() and digits.isdecimal():
        return body.strip(), int(digits)
    return row, None
