"""Where a review's second half stands, and what of it waits for a member: for the overview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evigraph.portal import wording
from evigraph.review.appraisal.standing import appraisals
from evigraph.review.coding.book import book_of
from evigraph.review.extraction.standing import extractions, form_in_force
from evigraph.review.independent import StudySheets
from evigraph.review.publication.checks import published
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.web import web_of

#: Part of the address, label, where it stands, share done (or null).
Line = tuple[str, str, str, float | None]


def lines(state: ReviewState) -> Iterator[Line]:
    """The stages behind the flow; none before a study is included."""
    plural, studies = wording.plural, state.studies()
    if not studies:
        return
    yield "appraisal", "Appraisal", *_sheets(appraisals(state), "no tool is chosen yet")
    yield "extraction", "Extraction", *_sheets(extractions(state), "no form is written yet")
    book, web = book_of(state), web_of(state)
    told = f"{plural(len(book.codes), 'code')}" if book.codes else "no code yet"
    yield "coding", "Coding", told, None
    findings, themes = plural(len(web.findings), "finding"), plural(len(web.themes), "theme")
    yield (
        "synthesis",
        "Synthesis",
        f"{findings}, {themes}" if web.findings or web.themes else "nothing written yet",
        None,
    )
    lapsed = f", {len(web.lapsed)} to judge again" if web.lapsed else ""
    yield "confidence", "Confidence", f"{plural(len(web.confidence), 'theme')} judged{lapsed}", None
    versions = published(state)
    yield "publish", "Publish", f"version {versions[-1].version}" if versions else "not published yet", None


def _sheets(made: Sequence[StudySheets], otherwise: str) -> tuple[str, float | None]:
    if not made:
        return otherwise, 0.0
    n_open, n_conflicts = sum(one.is_open for one in made), sum(len(one.conflicts()) for one in made)
    to_settle = f", {n_conflicts} to settle" if n_conflicts else ""
    return f"{n_open} of {wording.plural(len(made), 'study', 'studies')} complete{to_settle}", n_open / len(made)


def tasks(state: ReviewState, account: str) -> Iterator[tuple[str, str]]:
    """What waits for a member, in the order of the work: part of the address, and what it is."""
    roles, studies = state.roles(account), state.studies()
    if not studies:
        return
    if "lead" in roles:
        if not appraisals(state):
            yield "appraisal", "Choose the tool of appraisal"
        if form_in_force(state) is None:
            yield "extraction", "Write the form of extraction"
    for part, does, made in (
        ("appraisal", "Appraise", appraisals(state)),
        ("extraction", "Extract", extractions(state)),
    ):
        # Those that nobody but others may fill in wait for others.
        own = [one for one in made if one.may_fill(account, roles) and not _is_done(one, account)]
        if own:
            yield part, f"{does} {wording.plural(len(own), 'study', 'studies')}"
        n = sum(len(one.conflicts()) for one in made)
        if n and "adjudicator" in roles:
            yield part, f"Settle what {'appraisers' if part == 'appraisal' else 'extractors'} say differently: {n}"


def _is_done(one: StudySheets, account: str) -> bool:
    said = one.held.get(account)
    return said is not None and bool(getattr(said.payload, "is_complete", False))
