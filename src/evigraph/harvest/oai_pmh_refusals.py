"""What to do when a repository refuses: another granularity, another format, or a message that says what is wrong."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import replace

from evigraph.errors import HarvestError, InputError
from evigraph.harvest.oai_pmh_answer import OaiError
from evigraph.harvest.oai_pmh_repository import datestamp, instant, list_sets, place
from evigraph.harvest.oai_pmh_state import OaiState
from evigraph.net.client import Client


class Refusal(enum.Enum):
    """What a repository's error means for the harvest."""

    NOTHING = "nothing matches, or nothing more"
    TOKEN = "the resumption token is not, or no longer, valid"
    RESUMPTION_WITHOUT_PREFIX = "the repository wants metadataPrefix beside its resumption token, against §3.5"
    FORMAT = "no such format, or not for these records"
    SETS = "no sets"
    ARGUMENT = "an argument is not understood"
    OTHER = "an error that the protocol does not know"


def refused(errors: Sequence[OaiError], state: OaiState) -> Refusal:
    """What the errors of an answer mean where the harvest stands."""
    codes = {error.code for error in errors}
    if "badResumptionToken" in codes:
        return Refusal.TOKEN if state.token is not None else Refusal.OTHER
    if state.token is not None:
        says_prefix = any("metadataprefix" in error.message.lower() for error in errors)
        if "badArgument" in codes and says_prefix and not state.repeats_prefix:
            return Refusal.RESUMPTION_WITHOUT_PREFIX
        return Refusal.NOTHING if codes == {"noRecordsMatch"} else Refusal.TOKEN
    for code, refusal in (
        ("noSetHierarchy", Refusal.SETS),
        ("cannotDisseminateFormat", Refusal.FORMAT),
        ("badArgument", Refusal.ARGUMENT),
    ):
        if code in codes:
            return refusal
    if codes == {"noRecordsMatch"}:
        return Refusal.NOTHING
    return Refusal.OTHER


def answered(
    refusal: Refusal, errors: Sequence[OaiError], state: OaiState, client: Client, prefixes: tuple[str, ...]
) -> OaiState:
    """The state with which to ask again.

    Raises:
        InputError: the repository has no such set or format.
        HarvestError: there is no other way to ask.
    """
    where = place(state.base_url)
    said = "; ".join(f"{error.code}: {_short(error.message)}".removesuffix(": ") for error in errors)
    if refusal is Refusal.FORMAT:
        following = prefixes[prefixes.index(state.prefix) + 1 :] if state.prefix in prefixes else ()
        if following:
            note = f"{where} offers {state.prefix} and does not give it ({said}): {following[0]} was taken"
            return replace(state, prefix=following[0], notes=[*state.notes, note])
        raise InputError(f"{where} does not give the format {state.prefix} ({said}): choose another one")
    if refusal is Refusal.SETS:
        raise InputError(f"{where} has no sets ({said}): leave the set out")
    if refusal is Refusal.ARGUMENT:
        need_set(client, state)
        if other := _other_granularity(state):
            note = f"{where} does not take datestamps of the granularity it claims ({said}): the other one was used"
            return replace(other, notes=[*state.notes, note])
    raise HarvestError(f"{where} refuses the harvest ({said}): check the set, the format and the dates")


def need_set(client: Client, state: OaiState) -> None:
    """Nothing, unless the repository lists its sets and the one that was asked for is not among them.

    Raises:
        InputError: it is not.
    """
    if state.set is None:
        return
    specs = [entry.spec for entry in list_sets(client, state.base_url)]
    if specs and state.set not in specs:
        some = ", ".join(specs[:8])
        raise InputError(f"{place(state.base_url)} has no set {state.set}: it has {len(specs)}, among them {some}")


def _other_granularity(state: OaiState) -> OaiState | None:
    """The state with its dates in the other granularity; None where it has none, or that was tried."""
    has_seconds = not state.has_seconds
    start, until = instant(state.list_from), instant(state.until)
    if (start is None and until is None) or any("granularity" in note for note in state.notes):
        return None
    from_ = datestamp(start, has_seconds) if start else None
    return replace(
        state,
        has_seconds=has_seconds,
        start=from_ if state.start == state.list_from else state.start,
        list_from=from_,
        until=datestamp(until, has_seconds) if until else None,
    )


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:200]
