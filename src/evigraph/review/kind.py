"""What a kind of event in a review is: its name, what it holds, what it speaks about, and who may say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

#: Where a slot stands among all slots of a kind in a review.
Slot = tuple[str, ...]

Role = Literal["lead", "reviewer", "adjudicator", "reader"]


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an event of a review holds: text, whole numbers, truth values and lists of them; no floating point."""


@dataclass(frozen=True)
class Kind:
    """A kind of event.

    Attributes:
        name: in the ledger.
        payload: what it holds.
        slot: the slot of an event of this kind from subject, actor and payload.
        roles: the roles of which one is needed; `lead` may say everything that is not personal.
        is_personal: one person's own judgement, which nobody else may say for them or take back.
    """

    name: str
    payload: type[Any]
    slot: Callable[[str, str, Any], Slot]
    roles: frozenset[Role]
    is_personal: bool = False


def kind(
    name: str,
    payload: type[Payload],
    slot: Callable[[str, str, Any], Slot],
    *roles: Role,
    is_personal: bool = False,
) -> Kind:
    """A kind of event of a review; its name in the ledger begins with `review.`."""
    return Kind(f"review.{name}", payload, slot, frozenset(roles), is_personal)


def by_subject(subject: str, _actor: str, _payload: Any) -> Slot:
    """The slot of a kind that says one thing about each subject."""
    return (subject,)


def by_subject_and_actor(subject: str, actor: str, _payload: Any) -> Slot:
    """The slot of a kind of which each person says their own about each subject."""
    return (subject, actor)
