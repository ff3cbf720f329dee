"""What may be published: a review whose flow adds up, with authors, and each version once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from evigraph.errors import InputError
from evigraph.model.pid import normalise_doi, normalise_orcid
from evigraph.review.flow import flow
from evigraph.review.publication.kinds import Publication
from evigraph.review.state import ReviewState

#: Characters of a title, a name and an abstract; authors and keywords.
MAX_TITLE, MAX_NAME, MAX_ABSTRACT, MAX_AUTHORS, MAX_KEYWORDS = 500, 200, 20_000, 200, 50


def missing(state: ReviewState) -> list[str]:
    """What stands in the way of publishing, a line each that names the remedy."""
    found = []
    if not state.included():
        found.append("No study is included yet: finish screening and full texts first.")
    found += [
        f"The flow does not add up: {check.text}" + (f" ({check.remedy})." if check.remedy else ".")
        for check in flow(state).checks
        if not check.holds
    ]
    return found


def published(state: ReviewState) -> list[Publication]:
    """The versions in force, the first one first."""
    held = (said.payload for said in state.slots.all_in_force("review.publication"))
    return sorted((one for one in held if isinstance(one, Publication)), key=lambda one: one.version)


def next_version(state: ReviewState) -> int:
    """The number of the next version: one more than any that was ever published, so that none is told twice."""
    ever = [said.payload for said, _ in state.slots.everything() if isinstance(said.payload, Publication)]
    return max((one.version for one in ever), default=0) + 1


def _publication(state: ReviewState, _account: str, _subject: str, said: Publication) -> None:
    if problems := missing(state):
        raise InputError(problems[0])
    if said.version != next_version(state):
        raise InputError(f"version {said.version} is published already: open the page again")
    if not said.title.strip() or len(said.title) > MAX_TITLE:
        raise InputError(f"the review needs a title of at most {MAX_TITLE} characters: give it one")
    if not said.abstract.strip() or len(said.abstract) > MAX_ABSTRACT:
        raise InputError(f"the review needs an abstract of at most {MAX_ABSTRACT:,} characters: write one")
    if not said.authors or len(said.authors) > MAX_AUTHORS:
        raise InputError(f"the review needs between one and {MAX_AUTHORS} authors: name them, one a line")
    for author in said.authors:
        if not author.name.strip() or len(author.name) > MAX_NAME:
            raise InputError(f"an author's name has one to {MAX_NAME} characters: look at {author.name[:40]!r}")
        if author.orcid and normalise_orcid(author.orcid) != author.orcid:
            raise InputError(f"{author.orcid!r} is no ORCID iD: check its digits, or leave it out")
    if said.doi and normalise_doi(said.doi) != said.doi:
        raise InputError(f"{said.doi[:80]!r} is no DOI: check it, or leave it out")
    if said.license_url and not said.license_url.startswith(("https://", "http://")):
        raise InputError("the licence is the address of its text, which begins with https://: check it")
    if len(said.keywords) > MAX_KEYWORDS or any(len(one) > MAX_NAME for one in said.keywords):
        raise InputError(f"at most {MAX_KEYWORDS} keywords of {MAX_NAME} characters are kept: choose some")
    try:
        date.fromisoformat(said.published_on)
    except ValueError:
        raise InputError(f"{said.published_on!r} is no date: write it as 2024-05-31") from None


CHECKS: dict[type[Any], Callable[[ReviewState, str, str, Any], None]] = {Publication: _publication}
