"""What may be said in synthesis: known studies, no rings, and confidence in sentences alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from evigraph.errors import InputError
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Bears, Confidence, Finding, StudyWords, Theme, Translation
from evigraph.review.synthesis.statement import MIN_WORDS, is_sentence
from evigraph.review.synthesis.web import web_of

#: Characters of a finding, quotation, statement or explanation; and of a label.
MAX_WORDS, MAX_LABEL = 8_000, 300

#: An id that a form gives to a finding or theme.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")


def _finding(state: ReviewState, _account: str, subject: str, finding: Finding) -> None:
    _named(subject)
    if finding.is_removed and subject in web_of(state).findings:
        return
    if finding.study not in state.studies():
        raise InputError(f"this review includes no study {finding.study}: choose one of its included studies")
    if not finding.exact.strip():
        raise InputError("the finding has no words: copy the authors' own")
    _short(finding.exact, finding.quotation, finding.speaker, finding.page)


def _theme(_state: ReviewState, _account: str, subject: str, theme: Theme) -> None:
    _named(subject)
    if not theme.label.strip() or len(theme.label) > MAX_LABEL:
        raise InputError(f"a theme needs a name of at most {MAX_LABEL} characters: give it one")
    _short(theme.statement)


def _bears(state: ReviewState, _account: str, subject: str, bears: Bears) -> None:
    web = web_of(state)
    if subject not in web.themes:
        raise InputError(f"this review has no theme {subject}: open the page again")
    if bears.source_id not in (web.findings if bears.source == "finding" else web.themes):
        raise InputError(f"this review has no {bears.source} {bears.source_id}: open the page again")
    if bears.source == "theme" and bears.bearing != "none" and web.reaches(bears.source_id, subject):
        raise InputError("a theme would bear on itself: take the other link away first")


def _confidence(state: ReviewState, _account: str, subject: str, said: Confidence) -> None:
    web = web_of(state)
    if subject in web.findings or subject in state.studies():
        raise InputError("CERQual judges a finding of the review, not of a study, nor a study: choose a theme")
    if (theme := web.themes.get(subject)) is None:
        raise InputError(f"this review has no theme {subject}: open the page again")
    if not is_sentence(theme.statement):
        raise InputError(
            f"“{theme.label}” is a title and says nothing that one could be confident of: write its statement as a "
            f"sentence of at least {MIN_WORDS} words that ends in a full stop"
        )
    if not web.evidence(subject):
        raise InputError(f"no finding bears on “{theme.label}”: link its findings first")
    parts = (said.methodological, said.coherence, said.adequacy, said.relevance)
    explanations = [part.explanation for part in parts] + [said.explanation]
    if not all(words.strip() for words in explanations):
        raise InputError("a component or the whole lacks its explanation: CERQual asks for each")
    _short(*explanations)


def _study_words(state: ReviewState, _account: str, subject: str, said: StudyWords) -> None:
    _known(state, subject)
    if said.study not in state.studies():
        raise InputError(f"this review includes no study {said.study}: choose one of its included studies")
    _short(said.text)


def _translation(state: ReviewState, _account: str, subject: str, said: Translation) -> None:
    _known(state, subject)
    _short(said.text)


def _known(state: ReviewState, theme_id: str) -> None:
    if theme_id not in web_of(state).themes:
        raise InputError(f"this review has no theme {theme_id}: open the page again")


def _named(subject: str) -> None:
    if not _ID.fullmatch(subject):
        raise InputError(f"{subject[:40]!r} is no id of a finding or theme: open the page again")


def _short(*texts: str) -> None:
    if any(len(text) > MAX_WORDS for text in texts):
        raise InputError(f"a text is longer than {MAX_WORDS} characters: shorten it")


CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {
    Finding: _finding,
    Theme: _theme,
    Bears: _bears,
    Confidence: _confidence,
    StudyWords: _study_words,
    Translation: _translation,
}
