"""What people say in the report: the words on an item of a guideline that no decision tells."""

from __future__ import annotations

from typing import Literal

from evigraph.review.kind import Payload, kind

Guideline = Literal["entreq", "prisma", "emerge"]


class ReportWords(Payload, frozen=True):
    """The team's words on an item of a reporting guideline; empty words take them away."""

    guideline: Guideline
    number: str
    text: str


KINDS = (kind("report_words", ReportWords, lambda _s, _a, said: (said.guideline, said.number), "lead", "reviewer"),)
