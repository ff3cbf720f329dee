"""The synthesis as tables: every theme down to its quotations, and the summary of qualitative findings."""

from __future__ import annotations

from collections.abc import Mapping

from evigraph.review.synthesis.web import Web
from evigraph.review.tables import write_table


def write_themes(web: Web, labels: Mapping[str, str]) -> str:
    """CSV: a row for each theme and finding below it; labels: names of studies by id."""
    head = ["theme", "level", "statement", "bearing", "study", "finding", "credibility", "quotation", "speaker", "page"]
    rows = []
    for theme_id, theme in web.ordered():
        for finding_id, bearing in web.bearings(theme_id).items():
            one = web.findings[finding_id]
            study = labels.get(one.study, one.study)
            said = [one.exact, one.credibility, one.quotation, one.speaker, one.page]
            rows.append([theme.label, theme.level, theme.statement, bearing, study, *said])
    return write_table(head, rows)


def write_confidence(web: Web, labels: Mapping[str, str]) -> str:
    """CSV of the CERQual evidence profile: a row for each judged theme."""
    parts = ("methodological", "coherence", "adequacy", "relevance")
    head = ["finding", "studies", *(name for part in parts for name in (part, f"{part}_why")), "overall", "overall_why"]
    rows = []
    for theme_id, theme in web.ordered():
        if (made := web.confidence.get(theme_id)) is not None:
            studies = "; ".join(labels.get(study, study) for study in web.studies(theme_id))
            judged = [cell for part in parts for cell in (getattr(made, part).concern, getattr(made, part).explanation)]
            rows.append([theme.statement, studies, *judged, made.overall, made.explanation])
    return write_table(head, rows)
