"""Small charts: which bar goes where. The templates draw them as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A bar: the first and last year it stands for, its count, and its place in the units of the drawing."""

    first: int
    last: int
    n: int
    x: float
    y: float
    width: float
    height: float

    @property
    def label(self) -> str:
        """The years it stands for."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"  # noqa: RUF001

    @property
    def value(self) -> str:
        """The years as a filter."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Chart:
    """Bars on a drawing of a width and height."""

    bars: tuple[Bar, ...]
    width: float
    height: float

    @property
    def summary(self) -> str:
        """The chart in words, for those who do not see it."""
        return ", ".join(f"{bar.label}: {bar.n}" for bar in self.bars if bar.n)


def year_chart(
    counts: Mapping[int, int], width: float = 200, height: float = 40, n_bars: int = 40, first: int | None = None
) -> Chart | None:
    """Bars from the first year with a count to the last, some years a bar where they are many; None without counts.

    Years that hold less than the earliest thousandth are left out on the left, so that a stray year does not
    press the rest together.
    """
    years = sorted(year for year, n in counts.items() if n > 0)
    if not years:
        return None
    total, passed = sum(counts[year] for year in years), 0
    while len(years) > 1 and (passed + counts[years[0]]) * 1000 < total:
        passed += counts[years.pop(0)]
    start, end = min(first or years[0], years[0]), years[-1]
    step = -(-(end - start + 1) // n_bars)
    groups = [
        (year, min(year + step - 1, end), sum(counts.get(y, 0) for y in range(year, year + step)))
        for year in range(start, end + 1, step)
    ]
    highest = max(n for _, _, n in groups)
    # Few bars keep the width that twelve would have: two years should not look like two walls.
    slot = width / max(len(groups), 12)
    gap = min(2.0, slot * 0.2)
    bars = []
    for place, (low, high, n) in enumerate(groups):
        tall = 0.0 if not n else max(2.0, n / highest * height)
        bars.append(
            Bar(low, high, n, round(place * slot, 2), round(height - tall, 2), round(slot - gap, 2), round(tall, 2))
        )
    return Chart(tuple(bars), round(slot * len(groups), 2), height)


@dataclass(frozen=True)
class Segment:
    """A part of a whole: what it is, its share (0 to 1), and its place in the units of the drawing.

    `kind` names how it is drawn, `note` says more of it where it is looked at.
    """

    kind: str
    label: str
    share: float
    x: float
    width: float
    note: str = ""


@dataclass(frozen=True)
class Stack:
    """Parts of a whole side by side."""

    segments: tuple[Segment, ...]
    width: float


def stack_chart(parts: Sequence[tuple[str, str, float, str]], width: float = 300) -> Stack | None:
    """The parts (kind, label, value, note) side by side in their order, those of nothing left out; None without any.

    A part that would be too thin to see is drawn as thin as can be seen, at the cost of the others.
    """
    parts = [part for part in parts if part[2] > 0]
    total = sum(value for _, _, value, _ in parts)
    if not total:
        return None
    least = min(1.5, width / len(parts))
    wide = [max(least, value / total * width) for _, _, value, _ in parts]
    scale = width / sum(wide)
    segments, x = [], 0.0
    for (kind, label, value, note), size in zip(parts, wide, strict=True):
        segments.append(Segment(kind, label, value / total, round(x, 2), round(size * scale, 2), note))
        x += size * scale
    return Stack(tuple(segments), width)
