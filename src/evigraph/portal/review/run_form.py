"""The form of a search: its fields from a run, and a run from its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from evigraph.errors import InputError
from evigraph.review.searches import Line, PeerReview, SearchRun, SourceKind, read_strategy

#: What kind of source was searched, as forms name it; citation searching has a page of its own.
SOURCE_KINDS: dict[SourceKind, str] = {
    "database": "database",
    "register": "register of studies",
    "website": "website or grey literature",
    "organisation": "organisation",
    "citations": "citation searching",
}

_PLAIN = (
    "source",
    "source_kind",
    "platform",
    "searched_on",
    "covers_from",
    "covers_until",
    "limits",
    "filters",
    "reused",
    "repeats",
)


def strategy_text(lines: Sequence[Line]) -> str:
    """A strategy as it may be pasted again: number, text, and hits behind a tab."""
    return "\n".join(f"{line.n}. {line.text}" + (f"\t{line.hits}" if line.hits is not None else "") for line in lines)


def fields_of(run: SearchRun) -> dict[str, str]:
    """The fields of the form that show a run."""
    press = run.peer_review
    return {
        **{name: str(getattr(run, name)) for name in _PLAIN},
        "strategy": strategy_text(run.strategy),
        "n_reported": "" if run.n_reported is None else str(run.n_reported),
        "press_reviewer": press.reviewer if press else "",
        "press_outcome": press.outcome if press else "",
        "press_on": press.reviewed_on if press else "",
    }


def run_of(fields: Mapping[str, str], former: SearchRun) -> SearchRun:
    """The run that a form describes; what the form does not ask stays as it was in the former one.

    Raises:
        InputError: the number of records is no number, or the kind of source is none.
    """
    plain = {name: fields.get(name, "").strip() for name in _PLAIN}
    if plain["source_kind"] not in SOURCE_KINDS:
        raise InputError(f"{plain['source_kind']!r} is no kind of source: choose one of the list")
    lines = read_strategy(fields.get("strategy", ""))
    comments = {(line.n, line.text): line.comment for line in former.strategy}
    strategy = tuple(msgspec.structs.replace(line, comment=comments.get((line.n, line.text), "")) for line in lines)
    press = PeerReview(*(fields.get(f"press_{name}", "").strip() for name in ("reviewer", "outcome", "on")))
    return msgspec.structs.replace(
        former,
        **plain,
        strategy=strategy,
        n_reported=_count(fields.get("n_reported", "")),
        peer_review=press if press.reviewer or press.outcome else None,
    )


def _count(text: str) -> int | None:
    digits = "".join(text.split()).replace(",", "").replace(".", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 9:
        raise InputError(f"“{text.strip()[:40]}” is no number of records: write digits, or leave it empty")
    return int(digits)
