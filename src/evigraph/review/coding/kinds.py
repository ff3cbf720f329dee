"""The kinds of events of coding: codes, their merging and splitting, codings, memos, independence."""

from __future__ import annotations

from typing import Literal

from evigraph.review.kind import Payload, by_subject, by_subject_and_actor, kind
from evigraph.review.texts.anchor import Anchor

#: What a memo may be about; themes are those of the synthesis.
About = Literal["review", "code", "coding", "report", "study", "theme"]


class Code(Payload, frozen=True):
    """A code as it is now; saying it again renames, moves, recolours or describes it. The subject is its id.

    Attributes:
        name: as people read it.
        parent_id: the code above it; empty at the top.
        color: `#rrggbb`; empty for none.
        description: when it applies and when not.
        is_removed: whether it is taken out of the tree; its codings stay in the ledger and are shown no more.
    """

    name: str
    parent_id: str = ""
    color: str = ""
    description: str = ""
    is_removed: bool = False


class CodeMerge(Payload, frozen=True):
    """A code (the subject) goes up in another: its codings count for that one from now on."""

    into_id: str


class CodeSplit(Payload, frozen=True):
    """Some codings of a code (the subject) count for another one from now on."""

    into_id: str
    coding_ids: tuple[str, ...]


class Coding(Payload, frozen=True):
    """A passage coded by one person with a code. The subject is the coding's id.

    Attributes:
        code_id, anchor: the code and the passage.
        is_removed: whether it is taken away.
        coder: of a coding that came with a project of other software, who coded there.
    """

    code_id: str
    anchor: Anchor
    is_removed: bool = False
    coder: str = ""


class Memo(Payload, frozen=True):
    """A note on a thing; an empty text removes it. The subject is the memo's id."""

    about: About
    about_id: str
    text: str


class CodingDone(Payload, frozen=True):
    """Whether somebody has coded a report (the subject) to the end.

    While coding is independent, those who are done with a report see each other's codings of it.
    """

    is_done: bool


class IndependentCoding(Payload, frozen=True):
    """Whether coders see only their own codings until this is lifted."""

    is_on: bool


KINDS = (
    kind("code", Code, by_subject, "lead", "reviewer"),
    kind("code_merge", CodeMerge, by_subject, "lead", "reviewer"),
    # Each choice of codings is a slot of its own: a second splitting does not take the place of the first.
    kind("code_split", CodeSplit, lambda s, _a, split: (s, split.into_id, *split.coding_ids), "lead", "reviewer"),
    kind("coding", Coding, by_subject, "lead", "reviewer", is_personal=True),
    kind("memo", Memo, by_subject, "lead", "reviewer", "adjudicator"),
    kind("coding_done", CodingDone, by_subject_and_actor, "lead", "reviewer", is_personal=True),
    kind("independent_coding", IndependentCoding, lambda *_: (), "lead"),
)
