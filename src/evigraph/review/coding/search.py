"""Coded passages found: by code, by a second code on the same words, by report, coder and words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from evigraph.review.coding.book import Book, Coded


@dataclass(frozen=True)
class Asked:
    """What is looked for; what is empty does not narrow.

    Attributes:
        words: all of them stand in the passage, in any case.
        code_id, and_code: the passage is coded with the first, or a code below it, and touches one of the second.
        records: the reports in which is looked; null for all.
        actor: the coder.
    """

    words: str = ""
    code_id: str = ""
    and_code: str = ""
    records: Collection[str] | None = None
    actor: str = ""

    @property
    def is_anything(self) -> bool:
        """Whether anything narrows."""
        return bool(self.words.strip() or self.code_id or self.and_code or self.actor or self.records is not None)


def search(book: Book, viewer: str, asked: Asked) -> list[Coded]:
    """The codings that somebody may see and that are asked for, by report and place."""
    wanted = asked.words.casefold().split()
    codes = book.below(asked.code_id) if asked.code_id else None
    seen = book.codings(viewer)
    found = [
        one
        for one in seen
        if (codes is None or one.code_id in codes)
        and (asked.records is None or one.anchor.record_id in asked.records)
        and (not asked.actor or one.actor == asked.actor)
        and all(word in one.anchor.exact.casefold() for word in wanted)
    ]
    if asked.and_code:
        others = book.below(asked.and_code)
        spans: dict[tuple[str, str], list[Coded]] = {}
        for one in seen:
            if one.code_id in others:
                spans.setdefault((one.anchor.record_id, one.anchor.text_sha256), []).append(one)
        found = [one for one in found if _touches(one, spans.get((one.anchor.record_id, one.anchor.text_sha256), []))]
    return sorted(found, key=lambda one: one.anchor.record_id)


def _touches(coded: Coded, others: list[Coded]) -> bool:
    return any(
        other.coding_id != coded.coding_id
        and other.anchor.start < coded.anchor.end
        and other.anchor.end > coded.anchor.start
        for other in others
    )
