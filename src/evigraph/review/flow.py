"""The flow of records through a review (PRISMA 2020), each number with the records behind it, its arithmetic checked.

Page et al. 2021, doi:10.1136/bmj.n71. The numbers are counted from what the review's events say; nobody types one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evigraph.review.searches import DATABASE_ARM, SourceKind
from evigraph.review.state import ReviewState


@dataclass(frozen=True)
class Box:
    """One number of the flow: its name in the published column scheme, what it says, the records that it counts.

    `members` are ids of records where records are counted, representatives of works where reports are, and names of
    studies where studies are. `of_previous` counts what an earlier version of the review held, whose members are
    listed as representatives.
    """

    key: str
    label: str
    members: tuple[str, ...]

    @property
    def n(self) -> int:
        """The number."""
        return len(self.members)


@dataclass(frozen=True)
class Part:
    """One line of a box that lists several: a source with its records, a reason with its reports."""

    label: str
    members: tuple[str, ...]

    @property
    def n(self) -> int:
        """The number."""
        return len(self.members)


@dataclass(frozen=True)
class Check:
    """One sum of the flow: the equation in words and numbers, whether it holds, what stands in the way."""

    text: str
    holds: bool
    members: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True)
class Flow:
    """The flow diagram of a review as it stands.

    Attributes:
        boxes: by key; all keys of the scheme are there, empty ones too.
        parts: the lines of the boxes that list several, by the key of the box's scheme: `database_specific_results`,
            `register_specific_results`, `dbr_excluded`, `other_excluded`.
        checks: the sums; a review in progress breaks some, and says by which records.
        notes: what the template has no box for.
        is_update: whether the boxes of the previous version are shown.
        has_other_methods: whether the right arm is shown.
    """

    boxes: dict[str, Box]
    parts: dict[str, tuple[Part, ...]]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    is_update: bool
    has_other_methods: bool

    @property
    def is_whole(self) -> bool:
        """Whether every sum holds."""
        return all(check.holds for check in self.checks)

    def n(self, key: str) -> int:
        """The number in a box."""
        return self.boxes[key].n


#: Every box by its key in the column scheme of the PRISMA2020 package, with the words of the 2020 template.
LABELS: dict[str, str] = {
    "previous_studies": "Studies included in previous version of review",
    "previous_reports": "Reports of studies included in previous version of review",
    "database_results": "Databases",
    "register_results": "Registers",
    "website_results": "Websites",
    "organisation_results": "Organisations",
    "citations_results": "Citation searching",
    "duplicates": "Duplicate records removed",
    "excluded_automatic": "Records marked as ineligible by automation tools",
    "excluded_other": "Records removed for other reasons",
    "records_screened": "Records screened",
    "records_excluded": "Records excluded",
    "dbr_sought_reports": "Reports sought for retrieval",
    "dbr_notretrieved_reports": "Reports not retrieved",
    "other_sought_reports": "Reports sought for retrieval",
    "other_notretrieved_reports": "Reports not retrieved",
    "dbr_assessed": "Reports assessed for eligibility",
    "dbr_excluded": "Reports excluded",
    "other_assessed": "Reports assessed for eligibility",
    "other_excluded": "Reports excluded",
    "new_studies": "New studies included in review",
    "new_reports": "Reports of new included studies",
    "total_studies": "Total studies included in review",
    "total_reports": "Reports of total included studies",
}

_RESULTS: dict[str, SourceKind] = {
    "database_results": "database",
    "register_results": "register",
    "website_results": "website",
    "organisation_results": "organisation",
    "citations_results": "citations",
}


def flow(state: ReviewState) -> Flow:
    """The flow of a review as it stands.

    A work that a database or register found counts in the left arm, whatever else found it; the further records of
    it, there and in other searches, are duplicates. Of a living review only the searches of the running update are
    counted, and what the review held before fills the boxes of the previous version.
    """
    return _Counting(state).flow()


class _Counting:
    def __init__(self, state: ReviewState) -> None:
        self.state, self.library = state, state.library
        self.screening = state.statuses("title_abstract")
        self.reading = state.statuses("full_text")
        self.removed = state.removed
        self.records = [
            record
            for record in self.library.records.values()
            if self.library.runs[record.run_id].update == state.update
        ]
        new = [head for head in self.library.groups if self.library.first_update(head) == state.update]
        self.left = [head for head in new if self.library.is_database_arm(head)]
        self.right = [head for head in new if not self.library.is_database_arm(head)]
        self.unread = {
            head
            for head, status in self.screening.items()
            if status.standing == "waits" and state.is_stopped("title_abstract")
        }
        self.checks: list[Check] = []
        self.notes: list[str] = []

    def flow(self) -> Flow:
        members: dict[str, tuple[str, ...]] = dict.fromkeys(LABELS, ())
        parts: dict[str, tuple[Part, ...]] = {}
        for key, kind in _RESULTS.items():
            members[key], parts[key] = self.found_by(kind)
        members |= self.left_arm()
        members |= self.right_arm(members)
        for arm, heads in (("dbr", members["dbr_assessed"]), ("other", members["other_assessed"])):
            parts[f"{arm}_excluded"] = self.reasons(heads)
            members[f"{arm}_excluded"] = tuple(one for part in parts[f"{arm}_excluded"] for one in part.members)
        members |= self.included(members)
        self.sums(members)
        boxes = {key: Box(key, LABELS[key], members[key]) for key in LABELS}
        parts["database_specific_results"] = parts.pop("database_results")
        parts["register_specific_results"] = parts.pop("register_results")
        has_others = any(run.source_kind not in DATABASE_ARM for run in self.library.runs.values())
        return Flow(boxes, parts, tuple(self.checks), tuple(self.notes), self.state.update > 0, has_others)

    def found_by(self, kind: SourceKind) -> tuple[tuple[str, ...], tuple[Part, ...]]:
        by_source: dict[str, list[str]] = {}
        for record in self.records:
            run = self.library.runs[record.run_id]
            if run.source_kind == kind:
                by_source.setdefault(run.source, []).append(record.record_id)
        parts = tuple(Part(source, tuple(found)) for source, found in by_source.items())
        return tuple(one for part in parts for one in part.members), parts

    def left_arm(self) -> dict[str, tuple[str, ...]]:
        first = {head: self._first(head) for head in self.left}
        counted = set(first.values())
        in_left = [
            record.record_id for record in self.records if self.library.runs[record.run_id].source_kind in DATABASE_ARM
        ]
        screened = [head for head in self.left if head not in self.removed and head not in self.unread]
        sought = [head for head in screened if self._is(head, "included")]
        not_retrieved = [head for head in sought if self.state.report(head).status == "not_retrieved"]
        return {
            "duplicates": tuple(one for one in in_left if one not in counted),
            "excluded_automatic": tuple(
                first[head]
                for head in self.left
                if head in self.unread or (head in self.removed and self.removed[head].by_tool)
            ),
            "excluded_other": tuple(
                first[head] for head in self.left if head in self.removed and not self.removed[head].by_tool
            ),
            "records_screened": tuple(first[head] for head in screened),
            "records_excluded": tuple(first[head] for head in screened if self._is(head, "excluded")),
            "dbr_sought_reports": tuple(sought),
            "dbr_notretrieved_reports": tuple(not_retrieved),
            "dbr_assessed": _without(sought, not_retrieved),
        }

    def right_arm(self, members: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        sought = [head for head in self.right if head in self.screening and self._is(head, "included")]
        not_retrieved = [head for head in sought if self.state.report(head).status == "not_retrieved"]
        identified = sum(len(members[key]) for key in ("website_results", "organisation_results", "citations_results"))
        if identified:
            again = identified - len(self.right)
            by_title = sum(self._is(head, "excluded") for head in self.right)
            removed = sum(head in self.removed for head in self.right)
            for n, what in (
                (again, "were duplicates"),
                (removed, "were removed before screening"),
                (by_title, "were excluded by title and abstract"),
            ):
                if n:
                    self.notes.append(f"Of the {identified:,} records identified via other methods, {n:,} {what}.")
        return {
            "other_sought_reports": tuple(sought),
            "other_notretrieved_reports": tuple(not_retrieved),
            "other_assessed": _without(sought, not_retrieved),
        }

    def reasons(self, heads: Iterable[str]) -> tuple[Part, ...]:
        order = [criterion.criterion_id for criterion in self.state.protocol.criteria]
        labels = {criterion.criterion_id: criterion.reason for criterion in self.state.protocol.criteria}
        by_reason: dict[str, list[str]] = {}
        for head in heads:
            status = self.reading.get(head)
            if status is not None and status.standing == "excluded":
                by_reason.setdefault(status.criterion_id, []).append(head)
        ordered = sorted(by_reason, key=lambda one: order.index(one) if one in order else len(order))
        return tuple(Part(labels.get(one, one or "no reason given"), tuple(by_reason[one])) for one in ordered)

    def included(self, members: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        before = self.state.updates[-1].records if self.state.updates else ()
        before_heads = tuple(dict.fromkeys(self.library.head_of.get(one, one) for one in before))
        assessed = {*members["dbr_assessed"], *members["other_assessed"]}
        reports = tuple(head for head in self.state.included() if head in assessed and head not in set(before_heads))
        studies = self.state.studies()
        previous = tuple(name for name, heads in studies.items() if set(heads) & set(before_heads))
        new = tuple(name for name, heads in studies.items() if set(heads) & set(reports) and name not in set(previous))
        return {
            "previous_studies": previous,
            "previous_reports": before_heads,
            "new_reports": reports,
            "new_studies": new,
            "total_reports": (*before_heads, *reports),
            "total_studies": (*previous, *new),
        }

    def sums(self, members: dict[str, tuple[str, ...]]) -> None:
        n: Callable[[str], int] = lambda key: len(members[key])  # noqa: E731
        found = n("database_results") + n("register_results")
        gone = n("duplicates") + n("excluded_automatic") + n("excluded_other")
        self._sum("Records screened", n("records_screened"), found - gone)
        waiting = [head for head in self.left if self._undecided(head, self.screening) and head not in self.unread]
        self._sum(
            "Reports sought for retrieval",
            n("dbr_sought_reports"),
            n("records_screened") - n("records_excluded"),
            waiting,
            "not yet decided by title and abstract",
        )
        waiting = [head for head in self.right if self._undecided(head, self.screening)]
        if self.right:
            excluded = sum(self._is(head, "excluded") for head in self.right)
            removed = sum(head in self.removed for head in self.right)
            self._sum(
                "Reports sought for retrieval (other methods)",
                n("other_sought_reports"),
                len(self.right) - excluded - removed,
                waiting,
                "not yet decided by title and abstract",
            )
        assessed = (*members["dbr_assessed"], *members["other_assessed"])
        waiting = [head for head in assessed if self._undecided(head, self.reading)]
        self._sum(
            "Reports of new included studies",
            n("new_reports"),
            len(assessed) - n("dbr_excluded") - n("other_excluded"),
            waiting,
            "not yet decided at full text",
        )
        self.checks.append(
            Check(
                f"New studies ({n('new_studies'):,}) are at most their reports ({n('new_reports'):,})",
                n("new_studies") <= n("new_reports"),
                remedy="look at the studies that have no report",
            )
        )

    def _sum(self, what: str, is_: int, wanted: int, waiting: Iterable[str] = (), why: str = "") -> None:
        members = tuple(waiting)
        text = f"{what}: {is_:,}, by the boxes before it {wanted:,}"
        remedy = f"{len(members):,} {why}" if members else ("" if is_ == wanted else "report this as an error")
        self.checks.append(Check(text, is_ == wanted, members, remedy))

    def _is(self, head: str, standing: str) -> bool:
        status = self.screening.get(head)
        return status is not None and status.standing == standing

    @staticmethod
    def _undecided(head: str, statuses: object) -> bool:
        status = statuses.get(head) if isinstance(statuses, dict) else None
        return status is not None and not status.is_decided

    def _first(self, head: str) -> str:
        """The record of a work that stands for it in the left arm: the first that a database or register gave."""
        return next(
            one
            for one in self.library.groups[head]
            if self.library.runs[self.library.records[one].run_id].source_kind in DATABASE_ARM
            and self.library.runs[self.library.records[one].run_id].update == self.state.update
        )


def _without(heads: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    gone = set(others)
    return tuple(head for head in heads if head not in gone)
