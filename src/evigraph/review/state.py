"""What a review stands at: a fold over its events, kept up to date one event at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from evigraph.review.kind import Role
from evigraph.review.kinds import (
    KINDS,
    Batch,
    Duplicates,
    Member,
    Opened,
    Pair,
    ProtocolSet,
    Removal,
    Report,
    Resolution,
    StageRule,
    StopCheck,
    Study,
    Update,
    Vote,
    from_json,
)
from evigraph.review.protocol import Protocol, Stage
from evigraph.review.records import Found
from evigraph.review.screening import Status, status_of
from evigraph.review.searches import DATABASE_ARM, Import, SearchRun
from evigraph.review.slots import Said, Slots
from evigraph.store.event import WITHDRAWN

#: What gives the records of an import: `evigraph.review.files.Files.records` reads them from disk.
Loader = Callable[[Import], Iterable[Found]]

_P = TypeVar("_P")

_NOBODY: Mapping[str, Said] = {}


class Library:
    """The records of a review and which of them are one: a fold over imports, duplicates and people's word.

    Attributes:
        records: by id, in the order of the searches.
        runs: the searches by id.
        groups: for each representative the ids of its group, itself first. Every record is in one.
        head_of: for each record the representative of its group.
    """

    def __init__(self, slots: Slots, load: Loader) -> None:
        self.runs = {run.run_id: run for run in _payloads(slots, "review.search", SearchRun)}
        imports = {made.run_id: made for made in _payloads(slots, "review.import", Import)}
        self.imports = {run_id: imports[run_id] for run_id in self.runs if run_id in imports}
        self.records = {record.record_id: record for made in self.imports.values() for record in load(made)}
        said = slots.in_force("review.duplicates")
        found = cast(Duplicates, said.payload) if said is not None else None
        self.head_of = {record_id: record_id for record_id in self.records}
        for group in found.groups if found is not None else ():
            known = [record_id for record_id in group if record_id in self.records]
            self.head_of |= dict.fromkeys(known, known[0]) if known else {}
        self.groups: dict[str, list[str]] = {}
        for record_id, head in self.head_of.items():
            self.groups.setdefault(head, []).append(record_id)
        for head, members in self.groups.items():
            members.sort(key=lambda record_id: record_id != head)
        self.pairs = {
            frozenset((pair.record_id_l, pair.record_id_r)): pair for pair in _payloads(slots, "review.pair", Pair)
        }
        self.open_pairs = tuple(
            (left, right, why)
            for left, right, why in (found.open_pairs if found is not None else ())
            if frozenset((left, right)) not in self.pairs and left in self.records and right in self.records
        )

    def of(self, head: str) -> list[Found]:
        """The records of a work, the one that represents it first."""
        return [self.records[one] for one in self.groups[head]]

    def is_database_arm(self, head: str) -> bool:
        """Whether a work was found by a database or a register, whatever else found it as well."""
        return any(self.runs[self.records[one].run_id].source_kind in DATABASE_ARM for one in self.groups[head])

    def first_update(self, head: str) -> int:
        """The update in which a work was found first; 0 is the first search."""
        return min(self.runs[self.records[one].run_id].update for one in self.groups[head])


@dataclass
class ReviewState:
    """A review as its events say it is. Feed it the events of its scope in their order by `apply`.

    Everything derived is computed when it is asked for and kept until an event changes it; a vote changes only the
    status of its record.
    """

    review_id: str
    load: Loader
    slots: Slots = field(default_factory=Slots)
    ordinal: int = 0
    _statuses: dict[Stage, dict[str, Status]] = field(default_factory=dict)
    _counts: dict[Stage, Counter[str]] = field(default_factory=dict)
    _votes: dict[tuple[Stage, str], dict[str, Said]] = field(default_factory=lambda: defaultdict(dict))
    _by_actor: dict[tuple[Stage, str], dict[str, Said]] = field(default_factory=lambda: defaultdict(dict))
    _kept: tuple[int, dict[str, Any]] = (0, {})

    def kept(self, name: str, make: Callable[[], _P]) -> _P:
        """What a room derives from the review as it stands: made once, and anew after the next event. Read it only."""
        ordinal, held = self._kept
        if ordinal != self.ordinal:
            held = {}
            self._kept = (self.ordinal, held)
        if name not in held:
            held[name] = make()
        return cast(_P, held[name])

    def apply(
        self,
        ordinal: int,
        event_id: str,
        kind: str,
        subject: str,
        actor: str,
        reason: str,
        said_at: datetime,
        payload: Mapping[str, Any],
    ) -> None:
        """Takes in the next event.

        Raises:
            InputError: it is of no kind that a review knows.
        """
        self.ordinal = max(self.ordinal, ordinal)
        if kind == WITHDRAWN:
            place = self.slots.withdraw(event_id, subject)
        else:
            said = Said(ordinal, event_id, kind, subject, actor, reason, said_at, from_json(kind, payload))
            place = self.slots.add(said, KINDS[kind].slot(subject, actor, said.payload))
        if place is not None:
            self._changed(*place)

    def _changed(self, kind: str, slot: tuple[str, ...]) -> None:
        if kind == "review.vote":
            stage, record_id, actor = slot
            held, own = self._votes[cast(Stage, stage), record_id], self._by_actor[cast(Stage, stage), actor]
            if (said := self.slots.in_force(kind, slot)) is not None:
                held[actor] = own[record_id] = said
            else:
                held.pop(actor, None)
                own.pop(record_id, None)
            self._refresh(cast(Stage, stage), record_id)
        elif kind == "review.resolution":
            stage, record_id = slot
            self._refresh(cast(Stage, stage), record_id)
        elif kind in ("review.search", "review.import", "review.duplicates", "review.pair"):
            self.__dict__.pop("library", None)
            self._statuses.clear()
        elif kind == "review.report":
            self._statuses.pop("full_text", None)
        elif kind in ("review.stage", "review.member", "review.removal"):
            self.__dict__.pop("members", None)
            self._statuses.clear()

    def _refresh(self, stage: Stage, record_id: str) -> None:
        """Computes anew where one work stands at a stage; what is read in full follows from what titles include."""
        known = self._statuses.get(stage)
        # Where nothing was computed nothing has to follow: the second stage is never computed without the first.
        if known is not None and (head := self.library.head_of.get(record_id)) is not None and head in known:
            before, after = known[head], self._status(stage, head)
            known[head] = after
            self._counts[stage][before.standing] -= 1
            self._counts[stage][after.standing] += 1
            if stage == "title_abstract" and "included" in {before.standing, after.standing}:
                self._statuses.pop("full_text", None)

    @cached_property
    def library(self) -> Library:
        """The records and their groups."""
        return Library(self.slots, self.load)

    # -- what was set up ---------------------------------------------------------------------------------------------

    @property
    def opened(self) -> Opened:
        """The title under which the review was begun."""
        said = self.slots.in_force("review.opened")
        return cast(Opened, said.payload) if said is not None else Opened(self.review_id)

    @property
    def protocol(self) -> Protocol:
        """The protocol in force; where none was written, one that has only the title."""
        said = self.slots.in_force("review.protocol")
        return cast(ProtocolSet, said.payload).protocol if said is not None else Protocol(self.opened.title)

    @cached_property
    def members(self) -> dict[str, Member]:
        """The team by account, also those who have left (they have no roles)."""
        return {said.subject: cast(Member, said.payload) for said in self.slots.all_in_force("review.member")}

    def roles(self, account: str) -> frozenset[Role]:
        """What somebody may do in this review."""
        member = self.members.get(account)
        return frozenset(member.roles) if member is not None else frozenset()

    def rule(self, stage: Stage) -> StageRule:
        """How records are screened at a stage."""
        said = self.slots.in_force("review.stage", (stage,))
        return cast(StageRule, said.payload) if said is not None else StageRule()

    def stop(self, stage: Stage) -> Said | None:
        """The last word on stopping at a stage."""
        return self.slots.in_force("review.stop", (stage,))

    def is_stopped(self, stage: Stage) -> bool:
        """Whether screening has ended at a stage before everything was read."""
        said = self.stop(stage)
        return said is not None and cast(StopCheck, said.payload).stops

    @property
    def batches(self) -> dict[str, Batch]:
        """Batches by id."""
        return {said.subject: cast(Batch, said.payload) for said in self.slots.all_in_force("review.batch")}

    @property
    def update(self) -> int:
        """The number of the update that runs; 0 before the first."""
        return max((update.number for update in self.updates), default=0)

    @property
    def updates(self) -> list[Update]:
        """The updates in their order."""
        return sorted(_payloads(self.slots, "review.update", Update), key=lambda update: update.number)

    # -- screening ---------------------------------------------------------------------------------------------------

    @property
    def removed(self) -> dict[str, Removal]:
        """The works that were removed before screening, with the removal of each."""
        library = self.library
        return {
            library.head_of[record_id]: removal
            for removal in _payloads(self.slots, "review.removal", Removal)
            for record_id in removal.records
            if record_id in library.head_of
        }

    def votes(self, stage: Stage, head: str) -> dict[str, Said]:
        """The votes in force on a work by account: where one voted on several of its records, the latest."""
        found: dict[str, Said] = {}
        for record_id in self.library.groups.get(head, (head,)):
            for actor, said in self._votes.get((stage, record_id), _NOBODY).items():
                if actor not in found or found[actor].ordinal < said.ordinal:
                    found[actor] = said
        return found

    def own_votes(self, stage: Stage, account: str) -> dict[str, Vote]:
        """The votes of one reviewer by work, `skip` among them; of several on one work the last."""
        head_of = self.library.head_of
        said = sorted(self._by_actor.get((stage, account), _NOBODY).items(), key=lambda item: item[1].ordinal)
        return {head_of[record_id]: cast(Vote, vote.payload) for record_id, vote in said if record_id in head_of}

    def counted_votes(self, stage: Stage, head: str) -> dict[str, Vote]:
        """The votes that count: those of members, and of former members who left them behind."""
        members = self.members
        return {
            actor: cast(Vote, said.payload)
            for actor, said in self.votes(stage, head).items()
            if (member := members.get(actor)) is not None and (member.roles or member.keeps_votes)
        }

    def resolution(self, stage: Stage, head: str) -> Said | None:
        """The latest resolution on a work at a stage."""
        said = (
            self.slots.in_force("review.resolution", (stage, one)) for one in self.library.groups.get(head, (head,))
        )
        return max((one for one in said if one is not None), key=lambda one: one.ordinal, default=None)

    def _status(self, stage: Stage, head: str) -> Status:
        resolved = self.resolution(stage, head)
        votes = list(self.counted_votes(stage, head).values())
        return status_of(votes, cast(Resolution, resolved.payload) if resolved else None, self.rule(stage), stage)

    def statuses(self, stage: Stage) -> Mapping[str, Status]:
        """Where each work stands that is screened at a stage, in the order of the records.

        At title and abstract: all that were not removed before. At full text: those included there whose report was
        not given up.
        """
        if stage not in self._statuses:
            self._statuses[stage] = {head: self._status(stage, head) for head in self._screened(stage)}
            self._counts[stage] = Counter(status.standing for status in self._statuses[stage].values())
        return self._statuses[stage]

    def _screened(self, stage: Stage) -> Iterator[str]:
        if stage == "title_abstract":
            removed = self.removed
            yield from (head for head in self.library.groups if head not in removed)
        else:
            yield from (head for head in self.sought() if self.report(head).status != "not_retrieved")

    def status(self, stage: Stage, head: str) -> Status | None:
        """Where one work stands at a stage; null where it is not screened there."""
        return self.statuses(stage).get(head)

    # -- full texts --------------------------------------------------------------------------------------------------

    def sought(self) -> list[str]:
        """The works whose full text is wanted: those that title and abstract did not exclude."""
        return [head for head, status in self.statuses("title_abstract").items() if status.standing == "included"]

    def report(self, head: str) -> Report:
        """Where the full text of a work stands; sought, where nothing was said yet."""
        said = [self.slots.in_force("review.report", (one,)) for one in self.library.groups.get(head, (head,))]
        latest = max((one for one in said if one is not None), key=lambda one: one.ordinal, default=None)
        return cast(Report, latest.payload) if latest is not None else Report("sought")

    def included(self) -> list[str]:
        """The works included at full text: the reports of the review."""
        return [head for head, status in self.statuses("full_text").items() if status.standing == "included"]

    def studies(self) -> dict[str, list[str]]:
        """The included works by study: the studies that people made, then one for each report that is in none."""
        return self.kept("studies", self._studies)

    def _studies(self) -> dict[str, list[str]]:
        included = self.included()
        wanted, head_of = set(included), self.library.head_of
        study_of: dict[str, str] = {}
        for said in self.slots.all_in_force("review.study"):
            for record_id in cast(Study, said.payload).records:
                if (head := head_of.get(record_id)) in wanted and head is not None:
                    study_of[head] = said.subject
        grouped: dict[str, list[str]] = {}
        for head in included:
            grouped.setdefault(study_of.get(head, head), []).append(head)
        return grouped

    def study_of(self, study: str) -> str | None:
        """The study that holds now what a study of this id held when something was said of it; null where none does.

        Reports may be grouped, or parted again, after something was said of the study that they were: a study of one
        report has its record as its id, one that people made holds the records that they last named.
        """
        grouped = self.studies()
        if study in grouped:
            return study
        study_of = self.kept("study_of", lambda: {head: now for now, heads in grouped.items() for head in heads})
        named = [cast(Study, said.payload) for said, _ in self.slots.history("review.study", (study,))]
        wanted = (study, *(named[-1].records if named else ()))
        heads = (self.library.head_of.get(one, one) for one in wanted)
        return next((study_of[head] for head in heads if head in study_of), None)

    def study_label(self, study: str) -> str:
        """The name of a study: as the team gave it, else first author and year of its report, else its title."""
        said = self.slots.in_force("review.study", (study,))
        if said is not None:
            return cast(Study, said.payload).label
        record = self.library.records.get(study)
        if record is None:
            return study
        byline = record.byline.partition(",")[0].partition(";")[0].strip()
        return " ".join(part for part in (byline, str(record.year or "")) if part) or record.title or study

    def study_labels(self) -> dict[str, str]:
        """The name of each included study, by its id."""
        return {study: self.study_label(study) for study in self.studies()}

    def stage_counts(self, stage: Stage) -> dict[str, int]:
        """How many works wait, are in conflict, included, excluded."""
        self.statuses(stage)
        return {standing: self._counts[stage][standing] for standing in ("waits", "conflict", "included", "excluded")}


def _payloads(slots: Slots, kind: str, _type: type[_P]) -> Iterator[_P]:
    """The payloads in force of a kind, as their type."""
    return (cast(_P, said.payload) for said in slots.all_in_force(kind))
