"""A REFI-QDA project taken into a review: codes, codings, memos and cases as decisions, texts where they belong."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from evigraph.errors import InputError
from evigraph.review.coding.book import book_of
from evigraph.review.coding.checks import MAX_NAME, MAX_WORDS
from evigraph.review.coding.kinds import Code, Coding, Memo
from evigraph.review.exchange.reading import ReadProject, ReadSource
from evigraph.review.kind import Payload
from evigraph.review.kinds import Pair, Report, Study
from evigraph.review.records import Row
from evigraph.review.retrieval import PLAIN
from evigraph.review.searches import SearchRun
from evigraph.review.state import ReviewState
from evigraph.review.texts.again import find_again
from evigraph.review.texts.anchor import Anchor
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.kept import text_of
from evigraph.review.texts.plain import plain_text
from evigraph.review.workspace import Workspace

#: The longest name of a text or case that is kept.
_LONGEST = 300


@dataclass
class TakenIn:
    """What became of a project: how many of each thing are in the review now, and what was left out and why."""

    taken: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def take_in(
    workspace: Workspace, review_id: str, account: str, project: ReadProject, *, adds_texts: bool = False
) -> TakenIn:
    """What was taken; everything is said by the account, with the name of each coding's own coder.

    A text goes to the report whose attached text it is, else to one with its title, where passages are found by their
    words. Others are added as records of a search that is named after the project, or left out.

    Args:
        workspace: that the review is in.
        review_id: of the review.
        account: who takes it in.
        project: as it was read.
        adds_texts: whether texts that the review does not have are added to it.

    Raises:
        InputError: the account may not code in this review.
    """
    made = TakenIn(left_out=Counter(project.unhomed))
    said: list[tuple[str, Payload]] = []
    codes = _codes(workspace.state(review_id), project, said, made)
    heads = _places(workspace, review_id, account, project, adds_texts)
    state = workspace.state(review_id)
    coded: set[str] = set()
    for source in project.sources:
        if source.guid not in heads:
            made.left_out["text that this review does not have"] += 1
            made.left_out["coding of a text that this review does not have"] += len(source.codings)
            continue
        made.taken["text"] += 1
        head = heads[source.guid]
        own, attached = plain_of(source), text_of(workspace.files(review_id), state.report(head))
        for one in source.codings:
            if one.code not in codes:
                made.left_out["coding by a code that is not in the project"] += 1
            elif (anchor := _anchor(own, attached, head, one.start, one.end)) is None:
                made.left_out["coding whose words are not in the attached text"] += 1
            else:
                coded.add(one.guid)
                said.append((one.guid, Coding(one.code, anchor, coder=one.coder[:MAX_NAME])))
                made.taken["coding"] += 1
    cases = _cases(state, project, heads, said, made)
    known = {"code": codes, "coding": coded, "source": set(heads), "case": set(cases)}
    for memo in project.memos:
        about_id = {"source": heads, "case": cases}.get(memo.about, {}).get(memo.about_id, memo.about_id)
        if memo.about != "review" and memo.about_id not in known[memo.about]:
            made.left_out["memo on what was left out"] += 1
            continue
        about = {"source": "report", "case": "study"}.get(memo.about, memo.about)
        subject = _subject(memo.guid, f"{memo.about}:{memo.about_id}:{memo.text}")
        said.append((subject, Memo(about, about_id, memo.text[:MAX_WORDS])))  # type: ignore[arg-type]
        made.taken["memo"] += 1
    workspace.say_all(review_id, account, said, f"taken in from the project {project.name or 'without a name'}")
    return made


def plain_of(source: ReadSource) -> CanonicalText:
    """The canonical text of a source."""
    return plain_text(source.text.encode("utf-8", "surrogatepass"))


def _codes(state: ReviewState, project: ReadProject, said: list[tuple[str, Payload]], made: TakenIn) -> set[str]:
    """The ids of the codes; one that the review has already under its id stays as it is there."""
    known, ids = set(book_of(state).codes), {code.guid for code in project.codes}
    for code in project.codes:
        if code.guid in known:
            continue
        parent = code.parent if code.parent in ids else ""
        said.append((code.guid, Code(code.name[:MAX_NAME], parent, code.color, code.description[:MAX_WORDS])))
        made.taken["code"] += 1
    return ids


def _places(
    workspace: Workspace, review_id: str, account: str, project: ReadProject, adds_texts: bool
) -> dict[str, str]:
    """For each text that has a place in the review the record that it is of."""
    state, files = workspace.state(review_id), workspace.files(review_id)
    by_words: dict[str, str] = {}
    by_title: dict[str, str] = {}
    for head in state.library.groups:
        report = state.report(head)
        if report.sha256:
            by_title.setdefault(_folded(state.library.records[head].title), head)
            try:
                by_words.setdefault(text_of(files, report).sha256, head)
            except InputError:
                continue
    heads: dict[str, str] = {}
    new: list[ReadSource] = []
    for source in project.sources:
        known = by_words.get(hashlib.sha256(source.text.encode("utf-8", "replace")).hexdigest())
        known = known or (by_title.get(_folded(source.name)) if source.name.strip() else None)
        if known is not None:
            heads[source.guid] = known
        elif source.text.strip():
            new.append(source)
    if adds_texts and new:
        heads |= _added(workspace, review_id, account, project, new)
    return heads


def _added(
    workspace: Workspace, review_id: str, account: str, project: ReadProject, new: list[ReadSource]
) -> dict[str, str]:
    """The records, by text, of texts that the review did not have: found by a search named after the project."""
    name = f"Project {project.name or 'without a name'}"[:_LONGEST]
    run = SearchRun("", name, "organisation", n_reported=len(new))
    run_id = workspace.search(review_id, account, run)
    workspace.import_rows(review_id, account, run_id, [_row(n, one) for n, one in enumerate(new)])
    records = [one for one in workspace.state(review_id).library.records.values() if one.run_id == run_id]
    heads: dict[str, str] = {}
    for source, record in zip(new, records, strict=True):
        # Texts of one name may look like one work: a project says that they are several.
        for other in heads.values():
            if workspace.state(review_id).library.head_of[record.record_id] == other != record.record_id:
                apart = Pair(other, record.record_id, "different")
                workspace.decide_pair(review_id, account, apart, "two texts of a project")
        head = workspace.state(review_id).library.head_of[record.record_id]
        sha256 = workspace.files(review_id).keep(source.text.encode("utf-8", "replace"))
        report = Report("retrieved", sha256, f"{source.name[:60] or 'text'}.txt", PLAIN)
        workspace.say(review_id, account, head, report, "taken in with a project")
        heads[source.guid] = head
    return heads


def _row(number: int, source: ReadSource) -> Row:
    return {
        "record_id": f"project:{number}",
        "source": "project",
        "source_key": source.guid,
        "payload": "project",
        "position": number,
        "is_deleted": False,
        "title": source.name.strip()[:_LONGEST] or f"Text {number + 1}",
    }


def _anchor(own: CanonicalText, attached: CanonicalText, head: str, start: int, end: int) -> Anchor | None:
    """The passage in the text that is attached; null where its words do not stand in it."""
    anchor = own.anchor(head, start, end)
    if own.sha256 == attached.sha256:
        return anchor
    found = find_again(anchor, attached)
    return found.anchor if found is not None and found.how != "likeness" else None


def _cases(
    state: ReviewState,
    project: ReadProject,
    heads: dict[str, str],
    said: list[tuple[str, Payload]],
    made: TakenIn,
) -> dict[str, str]:
    """The studies of cases by id: one that the review has already, else a new one of the case's texts."""
    studies = {frozenset(held): study for study, held in state.studies().items()}
    found: dict[str, str] = {}
    for case in project.cases:
        held = tuple(dict.fromkeys(heads[one] for one in case.sources if one in heads))
        if not held:
            made.left_out["case without a text of this review"] += 1
            continue
        made.taken["case"] += 1
        known = studies.get(frozenset(held))
        if known is not None and state.study_label(known) == case.name:
            found[case.guid] = known
            continue
        found[case.guid] = _subject(case.guid, case.name)
        said.append((found[case.guid], Study(case.name[:_LONGEST], held)))
    return found


def _subject(guid: str, words: str) -> str:
    return guid or hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
