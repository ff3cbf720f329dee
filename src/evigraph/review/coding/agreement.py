"""How far two coders agree on a code: each character of the texts that both coded is coded by it or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class CodeAgreement:
    """Characters that both, only the first, only the second, or neither coded with a code.

    Characters are counted, not segments, as coders choose their own segments and a passage that one of them coded a
    few words longer is then nearly the same, not another.
    """

    both: int
    only_l: int
    only_r: int
    neither: int

    @property
    def n(self) -> int:
        """All characters."""
        return self.both + self.only_l + self.only_r + self.neither

    @property
    def percent(self) -> float | None:
        """Share of characters on which they agree, 0 to 100; null for an empty text."""
        return 100 * (self.both + self.neither) / self.n if self.n else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (Cohen 1960); null where chance alone would agree always."""
        if not self.n:
            return None
        left, right = self.both + self.only_l, self.both + self.only_r
        by_chance = left * right + (self.n - left) * (self.n - right)
        if by_chance == self.n**2:
            return None
        return ((self.both + self.neither) * self.n - by_chance) / (self.n**2 - by_chance)

    @property
    def alpha(self) -> float | None:
        """Krippendorff's alpha, nominal (Krippendorff 2011); null where nobody, or both everywhere, coded."""
        ones = 2 * self.both + self.only_l + self.only_r
        zeros = 2 * self.n - ones
        if not ones or not zeros:
            return None
        return 1 - (2 * self.n - 1) * (self.only_l + self.only_r) / (ones * zeros)


def agreement_on(n: int, left: Iterable[Span], right: Iterable[Span]) -> CodeAgreement:
    """The agreement of two coders on one code in a text of `n` characters, from the spans of each."""
    one, other = _joined(left), _joined(right)
    both, i, j = 0, 0, 0
    while i < len(one) and j < len(other):
        both += max(0, min(one[i][1], other[j][1]) - max(one[i][0], other[j][0]))
        i, j = (i + 1, j) if one[i][1] < other[j][1] else (i, j + 1)
    n_left, n_right = (sum(end - start for start, end in spans) for spans in (one, other))
    return CodeAgreement(both, n_left - both, n_right - both, n - n_left - n_right + both)


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
