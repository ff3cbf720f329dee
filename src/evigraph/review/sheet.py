"""What one person fills in about a study by themselves, and where in a report something is said."""

from __future__ import annotations

import msgspec

from evigraph.review.kind import Payload


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where in a report something is said: its record, the words, and the page as the report numbers it."""

    record_id: str
    quote: str = ""
    page: str = ""


class Sheet(Payload, frozen=True):
    """What one person says of a study.

    Attributes:
        basis: the tool or form that it answers.
        is_complete: whether its author is done; until then nobody else reads it.
    """

    basis: str
    is_complete: bool
