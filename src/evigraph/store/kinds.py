"""What can be said in the ledger: each kind with its subjects, the contract of its payload, and what it replaces.

A kind is declared here and nowhere else. Writing checks an event against it; reading does not, so that a ledger
with kinds of a newer version, or payloads of an older contract, still replays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evigraph.errors import InputError
from evigraph.model.relation import RELATIONS
from evigraph.model.said import ENTITY_RELATIONS
from evigraph.store.event import DIFFERENT, SAME, WITHDRAWN, Event, JsonValue, check_text

CLAIMED = "claimed"
PROPOSED = "proposed"
AMENDED = "amended"
REPORTED = "reported"
SETTLED = "settled"
DEPOSIT_BEGUN = "deposit_begun"
DEPOSIT_STEP = "deposit_step"
ACCOUNT_OPENED = "account_opened"
ROLE_GIVEN = "role_given"
ACCOUNT_DISABLED = "account_disabled"
ACCOUNT_ENABLED = "account_enabled"
PASSWORD_RESET = "password_reset"
ACCOUNT_ERASED = "account_erased"

#: What a product can be linked to.
TARGET_KINDS: tuple[str, ...] = ("project", "community", "organization", "product")

#: What somebody can say is wrong with a product; an objection is an author's, who wants it withheld.
FAULTS: tuple[str, ...] = ("wrong_merge", "missing_merge", "author", "type", "dead_link", "retraction", "objection")

#: Fields of a product that a curator's word changes.
AMENDABLE: tuple[str, ...] = ("type", "author", "dead_link", "retraction", "objection")

#: How a claim, a proposal or a report can end.
OUTCOMES: tuple[str, ...] = ("accepted", "refused")

#: The steps of a deposit, in their order: `remove` removes a file that did not arrive whole, `tidy` a draft that is
#: there twice, `discard` the draft of a deposit that is given up.
DEPOSIT_STEPS: tuple[str, ...] = ("create", "declare", "upload", "commit", "remove", "tidy", "publish", "discard")

FieldType = Literal["text", "integer", "boolean", "texts", "json"]

#: What the kinds of a review begin with. Their contracts stand in `evigraph.review.kinds`, which checks them before
#: they come here; each of their events fills a place of its own, for a review folds its scope itself.
REVIEW = "review."

#: The payload field by which an event that is sent twice is known: it is kept once.
ONCE = "once"

_PYTHON: dict[str, type | tuple[type, ...]] = {"text": str, "integer": int, "boolean": bool, "texts": list}


@dataclass(frozen=True)
class Field:
    """A fact of a payload. Where `values` are given, it is one of them."""

    name: str
    type: FieldType
    meaning: str
    is_required: bool = True
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of event.

    Attributes:
        subject_l: what its first subject is.
        subject_r: what its second one is; empty: it has none.
        slot: the fields (of the event, or `payload.NAME`) by which a later event replaces an earlier one; `ends`
            stands for both subjects in any order. Empty: nothing is replaced.
        group: kinds of one group replace each other.
        needs_reason: whether it says nothing without a reason.
    """

    name: str
    meaning: str
    subject_l: str
    subject_r: str = ""
    fields: tuple[Field, ...] = ()
    slot: tuple[str, ...] = ()
    group: str = ""
    needs_reason: bool = False


_RELATIONS = tuple(sorted({*RELATIONS, *ENTITY_RELATIONS.values()}))
_FACTS = Field("facts", "json", "what else was known to who decided", is_required=False)
_ONCE = Field(ONCE, "text", "a key of the sender's: the same one is kept once", is_required=False)
_RECORDS = "record ids of the product when it was said"
_ACCOUNT = "id of the account"

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            SAME,
            "two records, or works by identifier, are one work",
            "a record id or identifier",
            "the other one",
            (_FACTS,),
            ("ends",),
            "identity",
            needs_reason=True,
        ),
        Kind(
            DIFFERENT,
            "two records, or works by identifier, are different works",
            "a record id or identifier",
            "the other one",
            (_FACTS,),
            ("ends",),
            "identity",
            needs_reason=True,
        ),
        Kind(
            WITHDRAWN,
            "an earlier event is undone, as if it had not been said",
            "id of the event undone",
            needs_reason=True,
        ),
        Kind(
            CLAIMED,
            "a product is linked to a project, community, organization or another product",
            "identifier or record id of the product",
            "id of the entity, or identifier of the other product",
            (
                Field("relation", "text", "relation read from the product", values=_RELATIONS),
                Field("target_kind", "text", "what the second subject is", values=TARGET_KINDS),
                Field("target_name", "text", "how it was called when it was linked"),
            ),
            ("subject_l", "subject_r", "payload.relation", "actor"),
        ),
        Kind(
            PROPOSED,
            "something about a product is wrong, and should be otherwise",
            "identifier or record id of the product",
            fields=(
                Field("fault", "text", "what is wrong", values=FAULTS),
                Field("before", "text", "what the page says", is_required=False),
                Field("after", "text", "what it should say", is_required=False),
                Field("records", "texts", _RECORDS),
                Field("others", "texts", "of merges: the other records", is_required=False),
            ),
            needs_reason=True,
        ),
        Kind(
            AMENDED,
            "a value of a product is set by a curator",
            "identifier or record id of the product",
            fields=(
                Field("field", "text", "which value", values=AMENDABLE),
                Field("before", "text", "what sources say; of an author the name, of a link the address"),
                Field("after", "text", "what holds instead; of an author name and ORCID iD, parted by a bar"),
                Field("records", "texts", _RECORDS),
            ),
            slot=("subject_l", "payload.field", "payload.before"),
            needs_reason=True,
        ),
        Kind(
            REPORTED,
            "somebody says that a page of the portal has a fault",
            "address of the page within the portal",
            fields=(Field("release_id", "text", "the release that was shown"),),
            needs_reason=True,
        ),
        Kind(
            SETTLED,
            "a claim, a proposal or a report is accepted or refused",
            "id of the event that is settled",
            fields=(
                Field("outcome", "text", "how it ends", values=OUTCOMES),
                Field("by_events", "texts", "ids of the events that carry it out", is_required=False),
            ),
            slot=("subject_l",),
        ),
        Kind(
            DEPOSIT_BEGUN,
            "an open copy of a product is to be deposited in a repository; the draft there carries this event's id",
            "identifier or record id of the product",
            fields=(
                Field("repository", "text", "address of the repository"),
                Field("repository_name", "text", "what it is called"),
                Field("version", "text", "COAR version type of the copy, an address"),
                Field("draft", "json", "metadata, access and rights as InvenioRDM takes them, without the marker"),
                Field("pids", "json", "identifiers of the product, each with scheme and value"),
                Field("product_type", "text", "publication, dataset, software or other"),
                Field("resource_type", "text", "the product's type as its page names it", is_required=False),
                Field("file_name", "text", "name of the file in the repository"),
                Field("sha256", "text", "of the file's bytes"),
                Field("md5", "text", "of the file's bytes, as the repository tells it"),
                Field("size", "integer", "of the file in bytes"),
                Field("is_own_token", "boolean", "whether it goes under the name of who deposits", is_required=False),
            ),
        ),
        Kind(
            DEPOSIT_STEP,
            "a step of a deposit is about to be taken, was taken, or failed",
            "id of the event that began the deposit",
            fields=(
                Field("step", "text", "which step", values=DEPOSIT_STEPS),
                Field("state", "text", "how it stands with it", values=("intended", "done", "failed")),
                Field("record_id", "text", "the repository's id of the draft or record", is_required=False),
                Field("address", "text", "where the draft or record is seen", is_required=False),
                Field("doi", "text", "the DOI of the published copy", is_required=False),
                Field("message", "text", "of a failure: what the repository said, and what to do", is_required=False),
                Field("needs_person", "boolean", "of a failure: trying again alone does not help", is_required=False),
                Field("is_surely_undone", "boolean", "of a failure: the repository did nothing", is_required=False),
            ),
        ),
        Kind(
            ACCOUNT_OPENED,
            "an account was opened",
            _ACCOUNT,
            fields=(Field("role", "text", "its role at first"),),
        ),
        Kind(
            ROLE_GIVEN,
            "an account was given a role",
            _ACCOUNT,
            fields=(Field("role", "text", "the role"),),
            slot=("subject_l",),
        ),
        Kind(ACCOUNT_DISABLED, "an account may not sign in", _ACCOUNT, slot=("subject_l",), group="access"),
        Kind(ACCOUNT_ENABLED, "an account may sign in again", _ACCOUNT, slot=("subject_l",), group="access"),
        Kind(PASSWORD_RESET, "an account was given a new password by an administrator", _ACCOUNT),
        Kind(ACCOUNT_ERASED, "the name, address and password of an account were erased", _ACCOUNT),
    )
}


def check_contract(kind: str, subject_r: str | None, reason: str, payload: Mapping[str, JsonValue]) -> None:
    """Nothing, if an event of this kind may be written so.

    Raises:
        InputError: the kind is not known, a second subject is missing or one too many, the reason is missing, or the
            payload breaks the kind's contract; the message names the field.
    """
    contract = KINDS.get(kind)
    if contract is None and kind.startswith(REVIEW):
        return
    if contract is None:
        raise InputError(f"{kind!r} is no kind of event: the kinds are {', '.join(KINDS)}")
    if bool(contract.subject_r) != (subject_r is not None):
        wanted = "two subjects" if contract.subject_r else "one subject"
        raise InputError(f"an event of the kind {kind} is about {wanted}")
    check_text("reason", reason if contract.needs_reason else f"none {reason}")
    fields = {field.name: field for field in (*contract.fields, _ONCE)}
    if unknown := sorted(set(payload) - set(fields)):
        raise InputError(f"an event of the kind {kind} has no field {unknown[0]!r}: it has {', '.join(fields)}")
    for name, field in fields.items():
        if name not in payload:
            if field.is_required:
                raise InputError(f"an event of the kind {kind} needs the field {name}: {field.meaning}")
            continue
        value = payload[name]
        is_right = field.type == "json" or (
            isinstance(value, _PYTHON[field.type]) and (field.type != "integer" or not isinstance(value, bool))
        )
        if is_right and field.type == "texts":
            is_right = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if not is_right:
            raise InputError(f"the field {name} of the kind {kind} is a {field.type}, not {value!r}")
        if field.values and value not in field.values:
            raise InputError(f"the field {name} of the kind {kind} is one of {', '.join(field.values)}, not {value!r}")


def slot_of(event: Event) -> str:
    """The place that an event fills: of all events in one place that are not withdrawn, the last counts."""
    contract = KINDS.get(event.kind)
    if contract is None or not contract.slot:
        return event.event_id
    parts = [contract.group or contract.name]
    for name in contract.slot:
        if name == "ends":
            parts += sorted((event.subject_l, event.subject_r or ""))
        elif name.startswith("payload."):
            parts.append(str(event.payload.get(name.removeprefix("payload."))))
        else:
            parts.append(str(getattr(event, name)))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]
