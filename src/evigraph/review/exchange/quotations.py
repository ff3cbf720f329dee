"""What may leave a review of a text that is not openly licensed: short quotations, and few of them.

The rule in one place, for projects, archives and tables alike. A passage leaves as at most `MAX_QUOTATION` characters,
and passages that touch are one passage; all passages of one text together are at most a tenth of it, and at most
`MAX_OF_TEXT` characters. What was quoted once may be quoted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evigraph.review.retrieval import is_free
from evigraph.review.state import ReviewState

MAX_QUOTATION, MAX_OF_TEXT = 300, 3_000

#: One in so many characters of a text may leave; how many may of a text whose length is not known.
ONE_IN, MAX_OF_UNKNOWN = 10, 1_000

#: Passages with no more than so many characters between them are one.
_GAP = 20

#: What stands at the end of words that were cut.
CUT = "…"


class Quotations:
    """What has left so far, of each text that may not leave as a whole.

    Attributes:
        n_cut: how many quotations were cut or left out.
    """

    def __init__(self, state: ReviewState, lengths: Mapping[str, int]) -> None:
        """Nothing has left yet; `lengths` gives characters of texts by record, where they are known."""
        self._state, self._lengths = state, lengths
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._runs: dict[str, list[_Run]] = {}
        self._left: dict[str, int] = {}
        self._told: dict[tuple[str, str], str] = {}
        self.n_cut = 0

    def is_free(self, record_id: str) -> bool:
        """Whether the text of a record may leave as a whole."""
        return is_free(self._state.report(self._head(record_id)).license_url)

    def passage(self, record_id: str, start: int, words: str) -> str:
        """As much of the beginning of a passage as may leave: the words from `start` in the text."""
        if self.is_free(record_id):
            return words
        head = self._head(record_id)
        spans = self._spans.setdefault(head, [])
        end = start + len(words)
        if not any(first <= start and end <= last for first, last in spans):
            apart, together = _parted(self._runs.get(head, []), start, end)
            n_new = min(self._of(head), MAX_QUOTATION - sum(run.n for run in together))
            whole, end = end, _end(spans, start, end, n_new)
            if end > start:
                n_new = _new(spans, start, end)
                self._left[head] = self._of(head) - n_new
                spans.append((start, end))
            else:
                n_new = 0
            first, last = min([start, *(run.first for run in together)]), max([whole, *(run.last for run in together)])
            self._runs[head] = [*apart, _Run(first, last, n_new + sum(run.n for run in together))]
        left = self._cut(words, end - start)
        # The same words told once more without their place have left already.
        self._told.setdefault((head, words), left + (CUT if len(left) < len(words) else ""))
        return left

    def words(self, record_id: str, words: str) -> str:
        """As much of a quotation whose place is not known as may leave; cut words end in `CUT`."""
        if not words or self.is_free(record_id):
            return words
        head = self._head(record_id)
        if (head, words) not in self._told:
            n = min(len(words), MAX_QUOTATION, self._of(head))
            self._left[head] = self._of(head) - n
            self._told[head, words] = self._cut(words, n) + (CUT if n < len(words) else "")
        return self._told[head, words]

    def of_study(self, study: str, words: str) -> str:
        """As `words`, of a study: free where all its texts are, else counted for its first one that is not."""
        heads = self._state.studies().get(self._state.study_of(study) or study, [study])
        closed = next((head for head in heads if not self.is_free(head)), None)
        return words if closed is None else self.words(closed, words)

    def _head(self, record_id: str) -> str:
        return self._state.library.head_of.get(record_id, record_id)

    def _of(self, head: str) -> int:
        """How many characters of a text may still leave."""
        length = self._lengths.get(head)
        return self._left.get(head, MAX_OF_UNKNOWN if length is None else min(MAX_OF_TEXT, length // ONE_IN))

    def _cut(self, words: str, n: int) -> str:
        if n < len(words):
            self.n_cut += 1
        return words[: max(0, n)]


@dataclass(frozen=True)
class _Run:
    """Passages that touch, as they were asked for: from where to where, and how many characters of them have left."""

    first: int
    last: int
    n: int


def _parted(runs: list[_Run], start: int, end: int) -> tuple[list[_Run], list[_Run]]:
    """The runs that a passage does not touch, and those that it does."""
    apart = [run for run in runs if run.first > end + _GAP or run.last + _GAP < start]
    return apart, [run for run in runs if run not in apart]


def _end(spans: list[tuple[int, int]], start: int, end: int, n_new: int) -> int:
    """Where a passage ends so that it brings at most so many characters that have not left yet."""
    place = start
    while place < end and (n_new > 0 or _has_left(spans, place)):
        n_new -= not _has_left(spans, place)
        place += 1
    return place


def _new(spans: list[tuple[int, int]], start: int, end: int) -> int:
    return sum(not _has_left(spans, place) for place in range(start, end))


def _has_left(spans: list[tuple[int, int]], place: int) -> bool:
    return any(first <= place < last for first, last in spans)
