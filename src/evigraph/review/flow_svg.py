"""The flow diagram as a picture: the PRISMA 2020 template in SVG, each box a link to its records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from evigraph.review.flow import Flow, Part

_LINE, _PAD, _CHAR = 17, 10, 6.6
_WIDTH, _GAP = 250, 34


@dataclass(frozen=True)
class _Text:
    """One line of a box; `indent` in steps, `key` of the number that it tells."""

    words: str
    key: str = ""
    indent: int = 0


@dataclass
class _Drawn:
    """A box on the page."""

    x: int
    y: int
    lines: list[_Text]
    key: str
    height: int = 0

    def __post_init__(self) -> None:
        self.height = 2 * _PAD + _LINE * len(self.lines) - 2


def draw_flow(flow: Flow, link: Callable[[str], str] | None = None, title: str = "", *, has_style: bool = True) -> str:
    """The diagram as an SVG document; colours follow light and dark.

    Args:
        flow: to draw; its template (new or updated review, with or without other methods) follows from it.
        link: gives the address of the records behind a number, by its key; null: nothing is linked.
        title: of the review, for people who hear the picture.
        has_style: whether it brings its own colours; a page under a strict content policy has them in its style sheet.
    """
    return _Drawing(flow, link).svg(title, _STYLE if has_style else "")


class _Drawing:
    def __init__(self, flow: Flow, link: Callable[[str], str] | None) -> None:
        self.flow, self.link = flow, link
        self.boxes: list[_Drawn] = []
        self.arrows: list[str] = []
        self.heads: list[tuple[int, int, int, str]] = []
        self.stages: list[tuple[str, int, int]] = []

    def svg(self, title: str, style: str) -> str:
        x = 40
        if self.flow.is_update:
            previous = self._previous(x)
            x += _WIDTH + _GAP
        else:
            previous = None
        self._title(x, 2 * _WIDTH + _GAP, "Identification of new studies via databases and registers")
        left, aside = x, x + _WIDTH + _GAP
        top = 52
        found = self._box(left, top, self._found(), "database_results")
        gone = self._box(aside, top, self._gone(), "duplicates")
        row = max(_bottom(found), _bottom(gone)) + _GAP
        first_stage = row - _GAP // 2
        others: list[_Drawn] = []
        if self.flow.has_other_methods:
            x = aside + _WIDTH + _GAP
            self._title(x, 2 * _WIDTH + _GAP, "Identification of new studies via other methods")
            others.append(self._box(x, top, self._others(), "citations_results"))
            row = max(row, _bottom(others[0]) + _GAP)
        screened = self._box(left, row, self._one("records_screened"), "records_screened")
        excluded = self._box(aside, row, self._one("records_excluded"), "records_excluded")
        row = _bottom(screened) + _GAP
        pairs = [(found, gone), (screened, excluded)]
        column = [found, screened]
        for kept, lost in (("dbr_sought_reports", "dbr_notretrieved_reports"), ("dbr_assessed", "dbr_excluded")):
            height = row
            main = self._box(left, height, self._one(kept), kept)
            side = self._box(aside, height, self._excluded(lost), lost)
            column.append(main)
            pairs.append((main, side))
            row = max(_bottom(main), _bottom(side)) + _GAP
            if others:
                other_kept, other_lost = kept.replace("dbr_", "other_"), lost.replace("dbr_", "other_")
                other = self._box(others[0].x, height, self._one(other_kept), other_kept)
                beside = self._box(others[0].x + _WIDTH + _GAP, height, self._excluded(other_lost), other_lost)
                others.append(other)
                pairs.append((other, beside))
                row = max(row, _bottom(other) + _GAP, _bottom(beside) + _GAP)
        new = self._box(left, row, [*self._one("new_studies"), *self._one("new_reports")], "new_studies")
        column.append(new)
        self.stages = [
            ("Identification", top, first_stage - top - 4),
            ("Screening", first_stage + 4, row - _GAP // 2 - first_stage - 8),
            ("Included", row, new.height),
        ]
        for upper, lower in pairwise(column):
            self._down(upper, lower)
        for upper, lower in pairwise(others):
            self._down(upper, lower)
        for main, side in pairs:
            self._across(main, side)
        if others:
            self._around(others[-1], new)
        if previous is not None:
            total = self._box(
                left, _bottom(new) + _GAP, [*self._one("total_studies"), *self._one("total_reports")], "total_studies"
            )
            self._down(new, total)
            self._into(previous, total)
            self.stages[-1] = ("Included", new.y, _bottom(total) - new.y)
        return self._document(title, style)

    def _document(self, title: str, style: str) -> str:
        width = max(box.x + _WIDTH for box in self.boxes) + 12
        height = max(_bottom(box) for box in self.boxes) + 12
        numbers = "; ".join(
            f"{self.flow.boxes[key].label}: {self.flow.n(key):,}"
            for key in ("records_screened", "records_excluded", "dbr_assessed", "new_studies", "new_reports")
        )
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-labelledby="flow-title flow-text" class="flow">',
            f'<title id="flow-title">{escape(": ".join(["PRISMA 2020 flow diagram", *filter(None, [title])]))}</title>',
            f'<desc id="flow-text">{escape(numbers)}</desc>',
            style,
            '<defs><marker id="flow-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0 8 4 0 8z" class="tip"/></marker></defs>',
        ]
        parts += [f'<path d="{path}" class="arrow" marker-end="url(#flow-tip)"/>' for path in self.arrows]
        for x, y, width_, text in self.heads:
            parts.append(f'<rect x="{x}" y="{y}" width="{width_}" height="28" rx="6" class="head"/>')
            parts.append(f'<text x="{x + width_ / 2:g}" y="{y + 18}" class="head">{escape(text)}</text>')
        for text, y, height_ in self.stages:
            middle = y + height_ / 2
            parts.append(f'<rect x="4" y="{y}" width="26" height="{height_}" rx="6" class="stage"/>')
            parts.append(f'<text transform="translate(21 {middle:g}) rotate(-90)" class="stage">{escape(text)}</text>')
        parts += [self._drawn(box) for box in self.boxes]
        return "\n".join([*parts, "</svg>\n"])

    def _drawn(self, box: _Drawn) -> str:
        rows = [f'<rect x="{box.x}" y="{box.y}" width="{_WIDTH}" height="{box.height}" rx="6" class="box"/>']
        for place, line in enumerate(box.lines):
            y = box.y + _PAD + 12 + place * _LINE
            text = f'<text x="{box.x + 12 + 14 * line.indent}" y="{y}">{escape(line.words)}</text>'
            if self.link is not None and line.key:
                text = f'<a href="{escape(self.link(line.key))}">{text}</a>'
            rows.append(text)
        return "\n".join(rows)

    # -- what boxes say ----------------------------------------------------------------------------------------------

    def _one(self, key: str) -> list[_Text]:
        return self._line(self.flow.boxes[key].label, key)

    def _line(self, label: str, key: str, indent: int = 0, n: int | None = None) -> list[_Text]:
        number = f"(n = {self.flow.n(key) if n is None else n:,})"
        rows = _wrapped(f"{label} {number}", indent)
        return [_Text(row, key, indent) for row in rows]

    def _found(self) -> list[_Text]:
        lines = [_Text("Records identified from:")]
        for key, parts in (
            ("database_results", "database_specific_results"),
            ("register_results", "register_specific_results"),
        ):
            lines += self._line(self.flow.boxes[key].label, key, 1)
            lines += self._parts(self.flow.parts[parts], key)
        return lines

    def _parts(self, parts: Sequence[Part], key: str) -> list[_Text]:
        return [line for part in parts for line in self._line(part.label, key, 2, part.n)]

    def _gone(self) -> list[_Text]:
        lines = [_Text("Records removed before screening:")]
        for key in ("duplicates", "excluded_automatic", "excluded_other"):
            lines += self._line(self.flow.boxes[key].label, key, 1)
        return lines

    def _others(self) -> list[_Text]:
        lines = [_Text("Records identified from:")]
        for key in ("website_results", "organisation_results", "citations_results"):
            lines += self._line(self.flow.boxes[key].label, key, 1)
        return lines

    def _excluded(self, key: str) -> list[_Text]:
        parts = self.flow.parts.get(key, ())
        return [*self._one(key), *[line for part in parts for line in self._line(part.label, key, 1, part.n)]]

    def _previous(self, x: int) -> _Drawn:
        self._title(x, _WIDTH, "Previous studies")
        return self._box(x, 52, [*self._one("previous_studies"), *self._one("previous_reports")], "previous_studies")

    # -- lines between boxes -----------------------------------------------------------------------------------------

    def _box(self, x: int, y: int, lines: list[_Text], key: str) -> _Drawn:
        self.boxes.append(box := _Drawn(x, y, lines, key))
        return box

    def _title(self, x: int, width: int, text: str) -> None:
        self.heads.append((x, 10, width, text))

    def _down(self, upper: _Drawn, lower: _Drawn) -> None:
        x = upper.x + _WIDTH // 2
        self.arrows.append(f"M{x} {_bottom(upper)}V{lower.y}")

    def _across(self, main: _Drawn, side: _Drawn) -> None:
        y = main.y + min(main.height, side.height) // 2
        self.arrows.append(f"M{main.x + _WIDTH} {y}H{side.x}")

    def _around(self, last: _Drawn, new: _Drawn) -> None:
        x, y = last.x + _WIDTH // 2, new.y + new.height // 2
        self.arrows.append(f"M{x} {_bottom(last)}V{y}H{new.x + _WIDTH}")

    def _into(self, previous: _Drawn, total: _Drawn) -> None:
        x, y = previous.x + _WIDTH // 2, total.y + total.height // 2
        self.arrows.append(f"M{x} {_bottom(previous)}V{y}H{total.x}")


def _bottom(box: _Drawn) -> int:
    return box.y + box.height


def _wrapped(text: str, indent: int) -> list[str]:
    room = int((_WIDTH - 24 - 14 * indent) / _CHAR)
    rows, row = [], ""
    for word in text.replace("(n = ", "(n\u00a0=\u00a0").split(" "):
        longer = f"{row} {word}".strip()
        if len(longer) > room and row:
            rows.append(row)
            row = word
        else:
            row = longer
    return [*rows, row]


#: Colours of the picture where it stands alone; on a page the portal's style sheet has the same classes.
_STYLE = """<style>
.flow { font: 13px system-ui, sans-serif; max-width: 100%; height: auto;
  --paper: #fff; --ink: #1d2430; --line: #8791a1; --head: #f3d58a; --stage: #b9d3f0; }
@media (prefers-color-scheme: dark) { .flow {
  --paper: #1b2129; --ink: #e8ecf2; --line: #7d8899; --head: #6d5415; --stage: #274a73; } }
.flow .box { fill: var(--paper); stroke: var(--line); }
.flow text { fill: var(--ink); }
.flow a text { text-decoration: underline; text-underline-offset: 3px; }
.flow .arrow { fill: none; stroke: var(--line); stroke-width: 1.5; }
.flow .tip { fill: var(--line); }
.flow rect.head { fill: var(--head); }
.flow rect.stage { fill: var(--stage); }
.flow text.head, .flow text.stage { text-anchor: middle; font-weight: 600; }
</style>"""
