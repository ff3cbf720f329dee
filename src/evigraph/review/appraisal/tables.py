"""The appraisal as tables and as a traffic-light picture. No score is computed: no tool here has one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evigraph.review.appraisal.kinds import Level, Tool
from evigraph.review.appraisal.standing import StudyAppraisal
from evigraph.review.sheet import WHERE, where
from evigraph.review.tables import write_table

#: Each level's symbol, told apart without colour, and what it is called.
SIGNS: dict[Level, tuple[str, str]] = {
    "met": ("+", "met"),
    "unclear": ("?", "unclear"),
    "unmet": ("x", "not met"),
    "none": ("·", "not applicable"),
}

_ROBVIS: dict[Level, str] = {"met": "Low", "unclear": "Some concerns", "unmet": "High", "none": "No information"}

_STYLE = (
    "<style>text{font:13px sans-serif;fill:#222}circle{stroke:#222}.met{fill:#b7e1c0}.unclear{fill:#f6e3a1}"
    ".unmet{fill:#f3b8b0}.none,.open{fill:#fff}</style>"
)

_ROW, _LEFT, _CELL = 34, 220, 46


def write_robvis(made: Sequence[StudyAppraisal], tool: Tool) -> str:
    """CSV in the shape of robvis's Generic tool: Study, a column for each question, Overall, Weight.

    Judgements are Low, Some concerns, High and No information for met, unclear, unmet and the rest; open questions are
    left out. Overall and Weight are empty: nobody judged the whole, and none is computed.
    """
    questions = [question for question in tool.questions if not question.is_open]
    head = ["Study", *(f"D{n}" for n in range(1, len(questions) + 1)), "Overall", "Weight"]
    rows = []
    for one in made:
        levels = [one.level(question) for question in questions]
        rows.append([one.label, *(_ROBVIS[level] if level is not None else "" for level in levels), "", ""])
    return write_table(head, rows)


def write_answers(made: Sequence[StudyAppraisal], tool: Tool) -> str:
    """CSV of the answers that stand: study, label, question, text of the question, answer, reason, place."""
    rows = [
        [one.study, one.label, question.key, question.text, answer.value, answer.reason, *where(answer.evidence)]
        for one in made
        for question in tool.questions
        if (answer := one.standing(question)) is not None
    ]
    return write_table(["study", "label", "question", "text", "answer", "reason", *WHERE], rows)


def draw_lights(made: Sequence[StudyAppraisal], tool: Tool, *, has_style: bool = True, most: int | None = None) -> str:
    """The studies by question as an SVG picture: each answer a light with a colour and a symbol.

    What is not settled is an empty circle; an answer in words is a `w`. Titles tell `most` characters of an answer.
    """
    width = _LEFT + _CELL * len(tool.questions) + 10
    height = _ROW * (len(made) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lights" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="Appraisal: studies by question">',
        _STYLE if has_style else "",
    ]
    for n, question in enumerate(tool.questions):
        parts.append(
            f'<text x="{_LEFT + _CELL * n + _CELL // 2}" y="22" text-anchor="middle">{escape(question.key)}</text>'
        )
    for row, one in enumerate(made):
        y = _ROW * (row + 1) + _ROW // 2
        label = one.label if len(one.label) <= 28 else f"{one.label[:27]}…"
        parts.append(f'<text x="6" y="{y + 5}">{escape(label)}</text>')
        parts.extend(_light(one, n, y, most) for n in range(len(tool.questions)))
    legend = ", ".join(f"{sign} {words}" for sign, words in SIGNS.values())
    parts.append(f'<text x="6" y="{height - 12}">{legend}, w in words, empty: open</text></svg>')
    return "".join(parts)


def _light(one: StudyAppraisal, n: int, y: int, most: int | None) -> str:
    question = one.tool.questions[n]
    x, level = _LEFT + _CELL * n + _CELL // 2, one.level(question)
    answer = one.standing(question)
    sign = SIGNS[level][0] if level is not None else "w" if answer is not None else ""
    told = f"{one.label}, {question.key}: {answer.value[:most] if answer is not None else 'open'}"
    return (
        f'<g><title>{escape(told)}</title><circle class="{level or "open"}" cx="{x}" cy="{y}" r="12"/>'
        f'<text x="{x}" y="{y + 5}" text-anchor="middle">{sign}</text></g>'
    )
