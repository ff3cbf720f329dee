"""The kinds of events that make a review: what each holds, and which earlier event of its kind it takes the place of.

The *slot* of an event is what it speaks about. Of the events in one slot the last that is not withdrawn is in force;
the others stay, and are the history of that slot. So every step can be undone, and undoing one restores the former.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import msgspec

from evigraph.errors import InputError
from evigraph.review.appraisal import kinds as appraisal
from evigraph.review.coding import kinds as coding
from evigraph.review.extraction import kinds as extraction
from evigraph.review.kind import Kind, Payload, Role, Slot, kind
from evigraph.review.protocol import Protocol, Stage
from evigraph.review.publication import kinds as publication
from evigraph.review.report import kinds as report
from evigraph.review.searches import Import, SearchRun
from evigraph.review.synthesis import kinds as synthesis
from evigraph.store.kinds import ONCE

Decision = Literal["include", "exclude", "maybe", "skip"]


class Opened(Payload, frozen=True):
    """A review begins. `is_illustration` marks one that shows how the tool works and is no evidence."""

    title: str
    is_illustration: bool = False


class ProtocolSet(Payload, frozen=True):
    """A version of the protocol; every one after the first is an amendment, whose reason is the event's."""

    protocol: Protocol


class Member(Payload, frozen=True):
    """Somebody's place in the team.

    Attributes:
        name: as pages show it.
        roles: what they may do; empty once they have left.
        keeps_votes: whether the votes of one who has left still count; else the records wait for another vote.
    """

    name: str
    roles: tuple[Role, ...]
    keeps_votes: bool = True


class StageRule(Payload, frozen=True):
    """How records are screened at a stage.

    Attributes:
        n_votes: how many independent votes a record needs.
        rule: `agree`: all votes must agree, else an adjudicator decides. `one_include`: one include suffices, an
            exclusion needs all votes (liberal acceleration).
        is_ranked: whether the queue is ordered by the learner; else it is in the order of the records' ids.
        shows_score: whether reviewers see the learner's score of a record after their vote.
    """

    n_votes: int = 2
    rule: Literal["agree", "one_include"] = "agree"
    is_ranked: bool = True
    shows_score: bool = False


class Batch(Payload, frozen=True):
    """Records that are screened before or beside the queue.

    Attributes:
        name: for people.
        purpose: `calibration`: everybody votes on all of it before the queue opens. `audit`: a random sample of what
            the stopping rule would leave unread. `work`: allotted to `members`.
        stage: at which it is screened.
        records: ids of records.
        members: accounts; empty for all.
        is_closed: a calibration round that is closed no longer holds the queue back.
    """

    name: str
    purpose: Literal["calibration", "audit", "work"]
    stage: Stage
    records: tuple[str, ...]
    members: tuple[str, ...] = ()
    is_closed: bool = False


class Vote(Payload, frozen=True):
    """One reviewer's own judgement of a record; `skip` leaves it for later and is no vote.

    Attributes:
        stage: at which.
        decision: include, exclude, maybe or skip.
        criterion_id: at full text, the one reason for exclusion.
        note: seen by others only when they may see the vote.
        milliseconds: how long the record was on the screen; null where not measured.
        place: the record's place in the queue when it was shown, from 1; null outside the queue.
    """

    stage: Stage
    decision: Decision
    criterion_id: str = ""
    note: str = ""
    milliseconds: int | None = None
    place: int | None = None


class Resolution(Payload, frozen=True):
    """What an adjudicator, or the voters in discussion, made of a conflict. The votes stay as they were."""

    stage: Stage
    decision: Literal["include", "exclude"]
    criterion_id: str = ""
    by_discussion: bool = False


class Duplicates(Payload, frozen=True):
    """What the deduplication of all records found.

    Attributes:
        groups: ids of records that are one; the first represents them. Records that stand alone are left out.
        open_pairs: pairs that wait for a person: two ids and the explanation.
        method: evigraph's version, level and number of records.
    """

    groups: tuple[tuple[str, ...], ...]
    open_pairs: tuple[tuple[str, str, str], ...]
    method: str


class Pair(Payload, frozen=True):
    """A person's word on two records: `same` or `different`. It binds the next deduplication."""

    record_id_l: str
    record_id_r: str
    verdict: Literal["same", "different"]


class Removal(Payload, frozen=True):
    """Records removed before screening: by a tool (outside dates or languages, say), or for another reason."""

    name: str
    records: tuple[str, ...]
    by_tool: bool


class Report(Payload, frozen=True):
    """Where the full text of a record stands.

    Attributes:
        status: sought, retrieved, or not retrieved after all attempts.
        sha256, file_name, media_type: of the attached text; empty where none is.
        license_url: under which it may be shown to others; empty where not known, then to members only.
        source_url: where it was fetched, where it was.
    """

    status: Literal["sought", "retrieved", "not_retrieved"]
    sha256: str = ""
    file_name: str = ""
    media_type: str = ""
    license_url: str = ""
    source_url: str = ""


class Study(Payload, frozen=True):
    """Reports of one investigation; a report that is in no study stands for one of its own."""

    label: str
    records: tuple[str, ...]


class StopCheck(Payload, frozen=True):
    """What the stopping rules said when somebody decided to stop or to go on.

    Attributes:
        stage: at which.
        stops: whether screening ends here; what is unread then counts as removed by a tool.
        rule: its name and parameters.
        values: what it gave, as text (the ledger holds no floating-point numbers).
    """

    stage: Stage
    stops: bool
    rule: str
    values: dict[str, str]


class Update(Payload, frozen=True):
    """A living review is searched anew: from here on, searches belong to this update.

    Attributes:
        number: from 1.
        n_studies, n_reports: included before it; they fill the boxes of previous studies.
        records: the included records before it.
    """

    number: int
    n_studies: int
    n_reports: int
    records: tuple[str, ...]


class Remark(Payload, frozen=True):
    """A word to the team about a record, or about the review where `record_id` is empty; seen by all members."""

    record_id: str
    text: str


def _pair_slot(_subject: str, _actor: str, pair: Pair) -> Slot:
    return tuple(sorted((pair.record_id_l, pair.record_id_r)))


#: All kinds by name. The subject of an event is what its kind speaks about: a record, a run, a member, a name.
KINDS: dict[str, Kind] = {
    one.name: one
    for one in (
        kind("opened", Opened, lambda *_: (), "lead"),
        kind("protocol", ProtocolSet, lambda *_: (), "lead"),
        kind("member", Member, lambda subject, *_: (subject,), "lead"),
        kind("search", SearchRun, lambda _s, _a, run: (run.run_id,), "lead", "reviewer"),
        kind("import", Import, lambda _s, _a, imported: (imported.run_id,), "lead", "reviewer"),
        kind("stage", StageRule, lambda subject, *_: (subject,), "lead"),
        kind("batch", Batch, lambda subject, *_: (subject,), "lead"),
        kind("vote", Vote, lambda subject, actor, vote: (vote.stage, subject, actor), "reviewer", is_personal=True),
        kind("resolution", Resolution, lambda subject, _a, made: (made.stage, subject), "adjudicator"),
        kind("duplicates", Duplicates, lambda *_: (), "lead", "reviewer"),
        kind("pair", Pair, _pair_slot, "lead", "reviewer", "adjudicator"),
        kind("removal", Removal, lambda subject, *_: (subject,), "lead"),
        kind("report", Report, lambda subject, *_: (subject,), "lead", "reviewer"),
        kind("study", Study, lambda subject, *_: (subject,), "lead", "reviewer"),
        kind("stop", StopCheck, lambda _s, _a, check: (check.stage,), "lead"),
        kind("update", Update, lambda _s, _a, update: (str(update.number),), "lead"),
        kind("remark", Remark, lambda subject, *_: (subject,), "lead", "reviewer", "adjudicator"),
        *coding.KINDS,
        *appraisal.KINDS,
        *extraction.KINDS,
        *synthesis.KINDS,
        *report.KINDS,
        *publication.KINDS,
    )
}

_NAMES: dict[type[Any], str] = {one.payload: one.name for one in KINDS.values()}


def name_of(payload: Payload) -> str:
    """The kind of event that holds such a payload."""
    return _NAMES[type(payload)]


def to_json(payload: Payload) -> dict[str, Any]:
    """The payload as the ledger keeps it."""
    return cast(dict[str, Any], msgspec.json.decode(msgspec.json.encode(payload)))


def from_json(kind: str, fields: Mapping[str, Any]) -> Payload:
    """The payload of an event of this kind.

    Raises:
        InputError: the kind is not known, or the fields are not those of the kind.
    """
    if kind not in KINDS:
        raise InputError(f"{kind!r} is no event of a review: it was written by a newer evigraph, or by something else")
    try:
        own = {name: value for name, value in fields.items() if name != ONCE}
        return cast(Payload, msgspec.convert(own, KINDS[kind].payload))
    except msgspec.ValidationError as error:
        raise InputError(f"an event of the kind {kind} cannot be read ({error}): check what wrote it") from error
