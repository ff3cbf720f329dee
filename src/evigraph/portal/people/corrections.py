"""What is wrong with a product: proposed by a member, accepted or refused by a curator, undone as a whole.

An accepted proposal becomes events that bind later runs: `same` and `different` for merges, `amended` for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from itertools import product as pairs_of

from evigraph.errors import InputError
from evigraph.portal import wording
from evigraph.portal.people.access import People
from evigraph.portal.people.links import product_of
from evigraph.store.event import DIFFERENT, SAME, WITHDRAWN, Event, JsonValue, instant_text
from evigraph.store.keyed import Row
from evigraph.store.kinds import AMENDED, CLAIMED, ONCE, PROPOSED, REPORTED, SETTLED
from evigraph.store.ledger import Ledger, Statement
from evigraph.store.release import Release
from evigraph.store.subjects import normalise_subject

#: Pairs that one decision parts or joins at most.
_PAIRS = 400

#: Fields of a form to the faults that need them.
NEEDS: dict[str, str] = {
    "wrong_merge": "choose the records that are another work",
    "missing_merge": "give an identifier of the other product",
    "author": "choose the author, and say how it should read",
    "type": "choose the type that it should have",
    "dead_link": "choose the link that leads nowhere",
    "retraction": "say where the retraction is announced",
    "objection": "say why",
}


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a curator, or that one has settled."""

    event: Event
    shown_name: str
    when: str
    outcome: str
    settled_because: str
    settled_when: str
    settlement_id: str
    is_withdrawn: bool


def proposal(
    fault: str,
    subject: str,
    product: Row,
    reason: str,
    before: str,
    after: str,
    others: list[str],
    other_product: Row | None,
    once: str,
) -> Statement:
    """The statement that something is wrong.

    Args:
        others: of a wrong merge, the records of the product that are another work.
        other_product: of a missing merge, the product that is the same work.

    Raises:
        InputError: what this fault needs is missing; the message says what.
    """
    if fault not in NEEDS:
        raise InputError("say what is wrong")
    records: list[str] = list(product["record_ids"] or ())
    others = [record for record in others if record in records]
    if fault == "missing_merge":
        others = list(other_product["record_ids"] or ()) if other_product else []
        if other_product is not None and other_product["product_id"] == product["product_id"]:
            raise InputError("this identifier names the same product: they are merged already")
    is_enough = {
        "wrong_merge": 0 < len(others) < len(records),
        "missing_merge": bool(others),
        "author": bool(before and after) and before != after,
        "type": bool(after) and before != after,
        "dead_link": bool(before),
        "retraction": True,
        "objection": True,
    }[fault]
    if not is_enough:
        raise InputError(NEEDS[fault])
    payload: dict[str, JsonValue] = {"fault": fault, "records": list[JsonValue](records)}
    if fault not in ("wrong_merge", "missing_merge"):
        payload |= {"before": before, "after": after}
    if others:
        payload["others"] = list[JsonValue](others)
    if once:
        payload[ONCE] = once
    return Statement(PROPOSED, normalise_subject(subject), None, reason, payload)


def settle(ledger: Ledger, event_id: str, outcome: str, reason: str, actor: str) -> Event:
    """The event that settles a claim, a proposal or a report; an accepted proposal is carried out in the same breath.

    Raises:
        InputError: there is no such thing to settle, it is settled already, or it is refused without a reason.
    """
    found = ledger.event(event_id)
    if found is None or found.event.kind not in (CLAIMED, PROPOSED, REPORTED) or found.state.is_withdrawn:
        raise InputError("there is nothing to settle under this number: somebody may have withdrawn it")
    if ledger.standing([SETTLED], about=[event_id]):
        raise InputError("this was settled meanwhile: load the page again, and undo that first")
    if outcome == "refused" and not reason.strip():
        raise InputError("say why: whoever asked reads it")
    done = _carried_out(found.event) if outcome == "accepted" and found.event.kind == PROPOSED else []
    events = ledger.append(actor, done) if done else []
    # Two curators at the same time settle it once; a settlement that was undone may be made again.
    turn = len(ledger.standing([SETTLED], about=[event_id], in_force=None))
    payload: dict[str, JsonValue] = {"outcome": outcome, ONCE: f"settled {event_id} {turn}"}
    if events:
        payload["by_events"] = [event.event_id for event in events]
    return ledger.append(actor, [Statement(SETTLED, event_id, None, reason, payload)])[0]


def undo(ledger: Ledger, settlement_id: str, reason: str, actor: str) -> None:
    """Undoes a settlement with all that carried it out; what was settled waits again.

    Raises:
        InputError: there is no such settlement, or it is undone already.
    """
    found = ledger.event(settlement_id)
    if found is None or found.event.kind != SETTLED:
        raise InputError("there is nothing to undo under this number")
    done = found.event.payload.get("by_events")
    ids = [str(one) for one in done] if isinstance(done, list) else []
    still = [one.event.event_id for one in ledger.standing(event_ids=ids, in_force=None) if not one.state.is_withdrawn]
    ledger.append(actor, [Statement(WITHDRAWN, one, None, reason) for one in (*still, settlement_id)])


def queue(people: People, kinds: tuple[str, ...], newest: int = 200) -> tuple[list[Waiting], list[Waiting]]:
    """What waits for a curator, the oldest first; and what was settled last, the newest first."""
    ledger = people.known_ledger()
    if ledger is None:
        return [], []
    found = ledger.standing(kinds, newest=5 * newest)
    last = ledger.standing([SETTLED], about=[one.event.event_id for one in found])
    settled = {one.event.subject_l: one.event for one in last}
    names = people.shown_names({one.event.actor for one in found})
    rows = [waiting(one.event, names[one.event.actor], settled.get(one.event.event_id), False) for one in found]
    done = sorted((row for row in rows if row.outcome), key=lambda row: row.settlement_id, reverse=True)
    return [row for row in rows if not row.outcome][:newest], done[:newest]


def waiting(event: Event, shown_name: str, settled: Event | None, is_withdrawn: bool) -> Waiting:
    """An event with how it ended."""
    return Waiting(
        event=event,
        shown_name=shown_name,
        when=wording.instant(instant_text(event.decided_at)),
        outcome=str(settled.payload["outcome"]) if settled else "",
        settled_because=settled.reason if settled else "",
        settled_when=wording.instant(instant_text(settled.decided_at)) if settled else "",
        settlement_id=settled.event_id if settled else "",
        is_withdrawn=is_withdrawn,
    )


def proposed_other(release: Release, text: str) -> Row | None:
    """The product that an identifier names, for a missing merge."""
    return product_of(release, text.strip()) if text.strip() else None


def _carried_out(event: Event) -> list[Statement]:
    """The statements that do what a proposal asks for."""
    said = event.payload
    fault, reason = str(said["fault"]), event.reason
    records, others = _texts(said.get("records")), _texts(said.get("others"))
    facts: dict[str, JsonValue] = {"facts": {"proposal": event.event_id}}
    if fault == "wrong_merge":
        rest = [record for record in records if record not in others]
        pairs = islice(pairs_of(others, rest), _PAIRS)
        return [Statement(DIFFERENT, *_ends(pair), reason, facts) for pair in pairs]
    if fault == "missing_merge":
        return [Statement(SAME, *_ends((records[0], others[0])), reason, facts)]
    payload: dict[str, JsonValue] = {
        "field": fault,
        "before": str(said.get("before", "")),
        "after": str(said.get("after", "")),
        "records": list[JsonValue](records),
    }
    return [Statement(AMENDED, event.subject_l, None, reason, payload)]


def _ends(pair: tuple[str, str]) -> tuple[str, str]:
    return normalise_subject(pair[0]), normalise_subject(pair[1])


def _texts(value: JsonValue) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
