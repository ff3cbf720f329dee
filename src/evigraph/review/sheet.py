"""What one person fills in about a study by themselves, and where in a report something is said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from evigraph.review.kind import Payload


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where in a report something is said: its record, the words, and the page as the report numbers it."""

    record_id: str
    quote: str = ""
    page: str = ""


def where(evidence: Sequence[Evidence]) -> tuple[str, str]:
    """The words and the page of the first place, for a row of a table; empty where none is named."""
    return (evidence[0].quote, evidence[0].page) if evidence else ("", "")


class Sheet(Payload, frozen=True):
    """What one person says of a study.

    Attributes:
        basis: the tool or form that it answers.
        is_complete: whether its author is done; until then nobody else reads it.
    """

    basis: str
    is_complete: bool
