"""The publication of a review as it stands: what people say in a form, and what follows from the review's decisions."""

from __future__ import annotations

from dataclasses import dataclass

from evigraph.review.flow import flow
from evigraph.review.publication.checks import next_version
from evigraph.review.publication.kinds import (
    Publication,
    PublishedAuthor,
    PublishedCount,
    PublishedReport,
    PublishedStudy,
    PublishedTheme,
)
from evigraph.review.records import Found
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Confidence
from evigraph.review.synthesis.web import LEVELS, web_of

#: Pids that lead to an included report in the graph.
_SCHEMES = ("doi", "pmid", "pmc", "arxiv", "openalex", "openaire", "handle")


@dataclass(frozen=True)
class Words:
    """What the team says of its review when it is published; see `Publication`."""

    title: str
    abstract: str
    authors: tuple[PublishedAuthor, ...]
    published_on: str
    keywords: tuple[str, ...] = ()
    language: str = "und"
    license_url: str = ""
    doi: str = ""


def draft(state: ReviewState, words: Words) -> Publication:
    """The next version of the review's publication."""
    made = flow(state)
    return Publication(
        version=next_version(state),
        title=words.title,
        abstract=words.abstract,
        authors=words.authors,
        published_on=words.published_on,
        keywords=words.keywords,
        language=words.language,
        license_url=words.license_url,
        doi=words.doi,
        question=state.protocol.question,
        method=state.protocol.synthesis_method,
        studies=_studies(state),
        counts=tuple(PublishedCount(box.key, box.label, box.n) for box in made.boxes.values() if box.n),
        themes=_themes(state),
        is_illustration=state.opened.is_illustration,
    )


def suggested(state: ReviewState, on: str) -> Words:
    """Words to begin with: the protocol's title, question and languages, and the team in the order of its joining.

    Args:
        state: of the review.
        on: the day, ISO 8601.
    """
    protocol = state.protocol
    authors = tuple(PublishedAuthor(member.name) for member in state.members.values() if member.roles)
    keywords = tuple(dict.fromkeys(term.rstrip("*") for facet in protocol.facets for term in facet.words))
    return Words(protocol.title, protocol.question, authors, on, keywords[:20])


def _studies(state: ReviewState) -> tuple[PublishedStudy, ...]:
    return tuple(
        PublishedStudy(state.study_label(study), tuple(_report(state.library.of(head)) for head in heads))
        for study, heads in state.studies().items()
    )


def _report(records: list[Found]) -> PublishedReport:
    pids = dict.fromkeys(pid for record in records for pid in record.pids if pid.partition(":")[0] in _SCHEMES)
    first = records[0]
    parts = (first.byline, f"({first.year})" if first.year else "", first.title, first.venue)
    return PublishedReport(". ".join(part for part in parts if part), tuple(pids))


def _themes(state: ReviewState) -> tuple[PublishedTheme, ...]:
    web = web_of(state)
    above: dict[str, list[str]] = {}
    for theme_id in web.themes:
        for link in web.links(theme_id):
            if link.source == "theme":
                above.setdefault(link.source_id, []).append(theme_id)
    made = []
    for theme_id, theme in sorted(web.ordered(), key=lambda item: LEVELS.index(item[1].level)):
        studies = web.studies(theme_id)
        judged: Confidence | None = web.confidence.get(theme_id)
        made.append(
            PublishedTheme(
                theme_id,
                theme.level,
                theme.label,
                theme.statement,
                tuple(above.get(theme_id, ())),
                len(studies),
                sum(studies.values()),
                judged.overall if judged is not None else "",
            )
        )
    return tuple(made)
