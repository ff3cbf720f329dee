"""What one person fills in about a study by themselves, and where in a report something is said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from evigraph.review.kind import Payload
from evigraph.review.texts.anchor import Anchor


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where in a report something is said: its record, the words, and the page as the report numbers it.

    The anchor is the place of the words in the attached text; null where they were not in it, or there was none.
    """

    record_id: str
    quote: str = ""
    page: str = ""
    anchor: Anchor | None = None


#: The columns of a table that `where` fills.
WHERE = ("quote", "page", "position")


def where(evidence: Sequence[Evidence]) -> tuple[str, str, str]:
    """The words, the page and the position in the attached text of the first place, for a row of a table.

    The position is `start-end` in code points; what is not known is empty.
    """
    if not evidence:
        return "", "", ""
    one = evidence[0]
    return one.quote, one.page, f"{one.anchor.start}-{one.anchor.end}" if one.anchor is not None else ""


class Sheet(Payload, frozen=True):
    """What one person says of a study.

    Attributes:
        basis: the tool or form that it answers.
        is_complete: whether its author is done; until then nobody else reads it.
    """

    basis: str
    is_complete: bool
