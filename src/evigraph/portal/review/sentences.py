"""What somebody said in a review, as a sentence for its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.portal import wording
from evigraph.portal.review.appraisal import sentences as appraisal
from evigraph.portal.review.coding import sentences as coding
from evigraph.portal.review.extraction import sentences as extraction
from evigraph.portal.review.publication import sentences as publication
from evigraph.portal.review.report import sentences as report
from evigraph.portal.review.synthesis import sentences as synthesis
from evigraph.review.kinds import (
    Batch,
    Duplicates,
    Member,
    Opened,
    Pair,
    ProtocolSet,
    Remark,
    Removal,
    Report,
    Resolution,
    StageRule,
    StopCheck,
    Study,
    Update,
    Vote,
)
from evigraph.review.searches import Import, SearchRun
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState

#: The two stages of screening as people read them.
STAGE_NAMES = {"title_abstract": "title and abstract", "full_text": "full text"}

#: Kinds of events by name, as the filter of the history reads them, in the order of the work.
KIND_NAMES = {
    "review.opened": "Review opened",
    "review.protocol": "Protocol",
    "review.member": "Team",
    "review.search": "Searches",
    "review.import": "Imports",
    "review.duplicates": "Deduplication",
    "review.pair": "Pairs decided",
    "review.removal": "Removed before screening",
    "review.stage": "Rules of screening",
    "review.batch": "Batches",
    "review.vote": "Votes",
    "review.resolution": "Conflicts settled",
    "review.stop": "Stopping",
    "review.report": "Full texts",
    "review.study": "Studies",
    "review.update": "Updates",
    "review.remark": "Remarks",
    **appraisal.KIND_NAMES,
    **extraction.KIND_NAMES,
    **coding.KIND_NAMES,
    **synthesis.KIND_NAMES,
    **report.KIND_NAMES,
    **publication.KIND_NAMES,
}

_REPORT = {"sought": "is sought", "retrieved": "was retrieved", "not_retrieved": "could not be retrieved"}

#: How much of a title stands in a sentence.
_TITLE = 80


def name_in(state: ReviewState, account: str) -> str:
    """The name of a member, or of one who has left; of anybody else what the ledger calls them."""
    member = state.members.get(account)
    return member.name if member is not None else account


def title_of(state: ReviewState, record_id: str) -> str:
    """The title of a record in quotes, cut where it is long; its id where the record is gone."""
    record = state.library.records.get(record_id)
    if record is None:
        return f"record {record_id}"
    title = record.title or "untitled"
    return f"“{title if len(title) <= _TITLE else f'{title[: _TITLE - 1].rstrip()}…'}”"


def sentence(state: ReviewState, said: Said) -> str:
    """What an event says, without its author, beginning small and without a full stop."""
    tell: Callable[[ReviewState, Said, Any], str] = _SENTENCES[type(said.payload)]
    return tell(state, said, said.payload)


def _opened(_state: ReviewState, _said: Said, payload: Opened) -> str:
    return f"the review “{payload.title}” was opened"


def _protocol(state: ReviewState, said: Said, _payload: ProtocolSet) -> str:
    history = state.slots.history("review.protocol", ())
    number = next(n for n, (one, _) in enumerate(history, start=1) if one.event_id == said.event_id)
    return "the protocol was written" if number == 1 else f"the protocol was amended to version {number}"


def _member(_state: ReviewState, _said: Said, member: Member) -> str:
    if member.roles:
        return f"{member.name} works as {wording.joined(list(member.roles))}"
    return f"{member.name} left the team, and their votes {'still count' if member.keeps_votes else 'count no longer'}"


def _search(_state: ReviewState, _said: Said, run: SearchRun) -> str:
    reported = "" if run.n_reported is None else f", {wording.plural(run.n_reported, 'record')} reported"
    return f"search {run.run_id} of {run.source} was put on record{reported}"


def _import(_state: ReviewState, _said: Said, made: Import) -> str:
    files = f" from {wording.joined([file.name for file in made.files])}" if made.files else ""
    return f"{wording.plural(made.n_records, 'record')} came in for search {made.run_id}{files}"


def _stage(_state: ReviewState, said: Said, rule: StageRule) -> str:
    how = "one include suffices" if rule.rule == "one_include" else "all must agree"
    return f"by {STAGE_NAMES[said.subject]} a record needs {wording.plural(rule.n_votes, 'vote')}, and {how}"


def _batch(_state: ReviewState, _said: Said, batch: Batch) -> str:
    state = "was closed" if batch.is_closed else f"holds {wording.plural(len(batch.records), 'record')}"
    return f"the batch “{batch.name}” ({batch.purpose}) {state}"


def _vote(state: ReviewState, said: Said, vote: Vote) -> str:
    reason = f", for {vote.criterion_id}" if vote.criterion_id else ""
    note = f", noting “{vote.note}”" if vote.note else ""
    return f"{vote.decision} by {STAGE_NAMES[vote.stage]}{reason}: {title_of(state, said.subject)}{note}"


def _resolution(state: ReviewState, said: Said, made: Resolution) -> str:
    how = "in discussion" if made.by_discussion else "by an adjudicator"
    reason = f", for {made.criterion_id}" if made.criterion_id else ""
    where = STAGE_NAMES[made.stage]
    return f"conflict settled {how}, {made.decision} by {where}{reason}: {title_of(state, said.subject)}"


def _duplicates(_state: ReviewState, _said: Said, found: Duplicates) -> str:
    waiting = f", and {wording.plural(len(found.open_pairs), 'pair')} left to people" if found.open_pairs else ""
    return f"{wording.plural(len(found.groups), 'group')} of duplicates found{waiting} ({found.method})"


def _pair(state: ReviewState, _said: Said, pair: Pair) -> str:
    left, right = (title_of(state, one) for one in (pair.record_id_l, pair.record_id_r))
    one, other = pair.record_id_l.partition(":")[0], pair.record_id_r.partition(":")[0]
    verdict = "are the same work" if pair.verdict == "same" else "are different works"
    return f"{left} ({one}) and {right} ({other}) {verdict}"


def _removal(_state: ReviewState, _said: Said, removal: Removal) -> str:
    by = "by a tool" if removal.by_tool else "by people"
    return f"{wording.plural(len(removal.records), 'record')} removed before screening {by}: {removal.name}"


def _report(state: ReviewState, said: Said, report: Report) -> str:
    file = f" as {report.file_name}" if report.file_name else ""
    return f"the full text of {title_of(state, said.subject)} {_REPORT[report.status]}{file}"


def _study(_state: ReviewState, _said: Said, study: Study) -> str:
    return f"the study “{study.label}” holds {wording.plural(len(study.records), 'report')}"


def _stop(_state: ReviewState, _said: Said, check: StopCheck) -> str:
    return f"screening by {STAGE_NAMES[check.stage]} {'ends' if check.stops else 'goes on'} ({check.rule})"


def _update(_state: ReviewState, _said: Said, update: Update) -> str:
    held = f"{wording.plural(update.n_studies, 'study', 'studies')} in {wording.plural(update.n_reports, 'report')}"
    return f"update {update.number} began, with {held} included before"


def _remark(state: ReviewState, _said: Said, remark: Remark) -> str:
    about = f" about {title_of(state, remark.record_id)}" if remark.record_id else ""
    return f"“{remark.text}”{about}"


_SENTENCES: dict[type[Any], Callable[[ReviewState, Said, Any], str]] = {
    Opened: _opened,
    ProtocolSet: _protocol,
    Member: _member,
    SearchRun: _search,
    Import: _import,
    StageRule: _stage,
    Batch: _batch,
    Vote: _vote,
    Resolution: _resolution,
    Duplicates: _duplicates,
    Pair: _pair,
    Removal: _removal,
    Report: _report,
    Study: _study,
    StopCheck: _stop,
    Update: _update,
    Remark: _remark,
    **appraisal.SENTENCES,
    **extraction.SENTENCES,
    **coding.SENTENCES,
    **synthesis.SENTENCES,
    **report.SENTENCES,
    **publication.SENTENCES,
}
