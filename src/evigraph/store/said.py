"""What people said that the next run takes in: links and amendments in force, as tables."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.said import AMENDMENT, CLAIM
from evigraph.store.event import Event
from evigraph.store.kinds import AMENDED, CLAIMED, SETTLED
from evigraph.store.ledger import Ledger


def claims(ledger: Ledger) -> pa.Table:
    """The links in force that no curator refused, as rows of `claim`.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    outcomes = {one.event.subject_l: one.event.payload["outcome"] for one in ledger.standing([SETTLED])}
    return CLAIM.from_rows(
        [
            {
                "claim_id": event.event_id,
                "subject": event.subject_l,
                "relation": event.payload["relation"],
                "target_kind": event.payload["target_kind"],
                "target": event.subject_r,
                "is_confirmed": outcomes.get(event.event_id) == "accepted",
            }
            for event in _events(ledger, CLAIMED)
            if outcomes.get(event.event_id) != "refused"
        ]
    )


def amendments(ledger: Ledger) -> pa.Table:
    """The values that curators set, in force, as rows of `amendment`: one for each name that a product had then.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    rows: list[dict[str, object]] = []
    for event in _events(ledger, AMENDED):
        records = event.payload.get("records")
        named = [event.subject_l, *(str(one) for one in (records if isinstance(records, list) else ()))]
        rows += [
            {
                "amendment_id": event.event_id,
                "subject": subject,
                "field": event.payload["field"],
                "before": event.payload["before"],
                "after": event.payload["after"],
            }
            for subject in dict.fromkeys(named)
        ]
    return AMENDMENT.from_rows(rows)


def _events(ledger: Ledger, kind: str) -> list[Event]:
    return [found.event for found in ledger.standing([kind])]
