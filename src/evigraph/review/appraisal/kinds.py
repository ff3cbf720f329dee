"""What is said when studies are appraised: the tool, each person's answers, and what was agreed where they differ."""

from __future__ import annotations

from typing import Literal

import msgspec

from evigraph.review.kind import Payload, kind
from evigraph.review.sheet import Evidence, Sheet

#: What an answer says of the study: `met` and `unmet` of what the question asks, `unclear`, or `none` of these.
Level = Literal["met", "unclear", "unmet", "none"]


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that may be chosen, and what it says of the study."""

    label: str
    level: Level


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question of a tool.

    Attributes:
        key: its name in tables, such as Q1.
        text: as it is asked; hint: what to look for.
        is_open: answered in words; no option is chosen, and answers in words never contradict each other.
    """

    key: str
    text: str
    hint: str = ""
    is_open: bool = False


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool for critical appraisal. None has a score: the questions stand side by side.

    Attributes:
        tool_id: its name in files.
        name, source: for people; the source tells whose shape it has and whose words these are.
        options: the answers to its questions, the same for all.
        questions: in their order.
    """

    tool_id: str
    name: str
    source: str
    options: tuple[Option, ...]
    questions: tuple[Question, ...]


class ToolChosen(Payload, frozen=True):
    """The tool by which the studies of the review are appraised, and how many people appraise each study."""

    tool: Tool
    n_people: int = 2


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person's answer to a question, why, and where the report says it."""

    key: str
    value: str
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class Appraised(Sheet, frozen=True):
    """One person's answers on a study; the basis is the tool's id."""

    answers: tuple[Answer, ...] = ()


class AnswerAgreed(Payload, frozen=True):
    """What stands as the answer to a question of a study where appraisers differ; theirs stay as they were."""

    tool_id: str
    answer: Answer
    by_discussion: bool = False


KINDS = (
    kind("appraisal_tool", ToolChosen, lambda *_: (), "lead"),
    # By each tool a sheet of its own: what is drafted by another tool never takes the place of a complete sheet.
    kind("appraisal", Appraised, lambda s, actor, made: (s, actor, made.basis), "reviewer", is_personal=True),
    kind(
        "appraisal_agreed",
        AnswerAgreed,
        lambda subject, _a, made: (subject, made.tool_id, made.answer.key),
        "adjudicator",
        "reviewer",
    ),
)
