"""The reporting guidelines that a review is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evigraph.review.report.emerge import emerge
from evigraph.review.report.entreq import entreq
from evigraph.review.report.guideline import Reported
from evigraph.review.report.kinds import Guideline
from evigraph.review.report.prisma import prisma
from evigraph.review.state import ReviewState


@dataclass(frozen=True)
class Known:
    """A guideline: its name, what it is for, the article that sets it out, and its items for a review."""

    name: str
    purpose: str
    cited: str
    doi: str
    items: Callable[[ReviewState], list[Reported]]


#: By their names in addresses and events, in the order in which they are shown.
GUIDELINES: dict[Guideline, Known] = {
    "entreq": Known(
        "ENTREQ", "synthesis of qualitative research", "Tong et al. 2012", "10.1186/1471-2288-12-181", entreq
    ),
    "prisma": Known("PRISMA 2020", "systematic reviews", "Page et al. 2021", "10.1136/bmj.n71", prisma),
    "emerge": Known("eMERGe", "meta-ethnography", "France et al. 2019", "10.1186/s12874-018-0600-0", emerge),
}
