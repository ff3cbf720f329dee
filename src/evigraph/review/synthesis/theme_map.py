"""The theme map: themes by level from left to right, and how each bears on those above it, as an SVG picture."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from html import escape

from evigraph.review.synthesis.web import LEVELS, Web

_WIDTH, _GAP_X, _GAP_Y, _LINE, _PAD = 240, 120, 18, 17, 10

#: How many signs of a name stand in a line of a box, and lines at most.
_SIGNS, _LINES = 30, 4

_STYLE = (
    "<style>text{font:14px sans-serif;fill:#1c1c1c}.theme{fill:#fff;stroke:#555}.overarching{stroke-width:2.5}"
    ".bears{fill:none;stroke:#555;stroke-width:1.5}.nuances{stroke-dasharray:7 4}"
    ".contradicts{stroke:#a02020;stroke-width:2.5;stroke-dasharray:2 4}.sub{font-size:12px;fill:#555}</style>"
)

HEADINGS = {"overarching": "Overarching theme", "analytical": "Analytical themes", "descriptive": "Descriptive themes"}


def draw_themes(web: Web, link: Callable[[str], str] | None = None, *, has_style: bool = True) -> str:
    """The map as an SVG document. Lines: whole supports, dashed nuances, dotted and heavier contradicts.

    Args:
        web: of findings and themes.
        link: gives the address of a theme by its id; null: nothing is linked.
        has_style: whether it brings its own colours; a page under a strict content policy has them in its style sheet.
    """
    levels = [level for level in LEVELS if any(theme.level == level for theme in web.themes.values())]
    places: dict[str, tuple[int, int, int]] = {}
    boxes: list[str] = []
    bottom = 0
    for column, level in enumerate(levels):
        x, y = 10 + column * (_WIDTH + _GAP_X), 40
        boxes.append(f'<text class="sub" x="{x}" y="24">{HEADINGS[level]}</text>')
        for theme_id, theme in web.ordered():
            if theme.level != level:
                continue
            lines = textwrap.wrap(theme.label, _SIGNS, max_lines=_LINES, placeholder=" …") or [theme.label]
            height = 2 * _PAD + _LINE * (len(lines) + 1)
            places[theme_id] = (x, y, height)
            boxes.append(_box(web, theme_id, x, y, height, lines, link))
            y += height + _GAP_Y
        bottom = max(bottom, y)
    lines_drawn = [
        _line(places[theme_id], places[one.source_id], one.bearing)
        for theme_id in places
        for one in web.links(theme_id)
        if one.source == "theme" and one.source_id in places
    ]
    width = 20 + len(levels) * (_WIDTH + _GAP_X) - _GAP_X
    height = bottom + 24
    legend = f'<text class="sub" x="10" y="{height - 8}">whole: supports · dashed: nuances · dotted: contradicts</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="theme-map" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="group" aria-label="Themes and how they bear on each other">'
        f"{_STYLE if has_style else ''}{''.join(lines_drawn)}{''.join(boxes)}{legend}</svg>"
    )


def _box(
    web: Web, theme_id: str, x: int, y: int, height: int, lines: list[str], link: Callable[[str], str] | None
) -> str:
    theme, studies = web.themes[theme_id], web.studies(theme_id)
    against = sum(studies.values())
    told = f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}{f', {against} against' if against else ''}"
    words = "".join(
        f'<text x="{x + _PAD}" y="{y + _PAD + 12 + _LINE * n}">{escape(line)}</text>' for n, line in enumerate(lines)
    )
    sub = f'<text class="sub" x="{x + _PAD}" y="{y + _PAD + 12 + _LINE * len(lines)}">{told}</text>'
    box = f'<rect class="theme {theme.level}" x="{x}" y="{y}" width="{_WIDTH}" height="{height}" rx="4"/>{words}{sub}'
    label = escape(f"{theme.label}: {told}", quote=True)
    if link is None:
        return f"<g><title>{label}</title>{box}</g>"
    return f'<a href="{escape(link(theme_id), quote=True)}" aria-label="{label}">{box}</a>'


def _line(upper: tuple[int, int, int], lower: tuple[int, int, int], bearing: str) -> str:
    from_x, from_y = lower[0], lower[1] + lower[2] // 2
    to_x, to_y = upper[0] + _WIDTH, upper[1] + upper[2] // 2
    if from_x <= upper[0]:
        # Of one level, or against the order of the levels: round the right side of both.
        from_x, to_x = lower[0] + _WIDTH, upper[0] + _WIDTH
        turn = max(from_x, to_x) + _GAP_X // 2
        return f'<path class="bears {bearing}" d="M{from_x} {from_y}C{turn} {from_y} {turn} {to_y} {to_x} {to_y}"/>'
    middle = (from_x + to_x) // 2
    return f'<path class="bears {bearing}" d="M{from_x} {from_y}C{middle} {from_y} {middle} {to_y} {to_x} {to_y}"/>'
