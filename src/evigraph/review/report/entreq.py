"""ENTREQ, the 21 items of reporting a synthesis of qualitative research, filled from what the review decided."""

from __future__ import annotations

from evigraph.review.report import told
from evigraph.review.report.guideline import Reported, reported
from evigraph.review.state import ReviewState


def entreq(state: ReviewState) -> list[Reported]:
    """The 21 items of ENTREQ (Tong et al. 2012, doi:10.1186/1471-2288-12-181), each with where it comes from."""
    protocol = state.protocol
    items: tuple[tuple[str, tuple[str, ...], str], ...] = (
        ("the question of the synthesis", (protocol.question,), "protocol"),
        ("the method of synthesis, and why it was chosen", (protocol.synthesis_method,), "protocol"),
        ("whether the search was planned ahead or went on until nothing new came", (), ""),
        ("criteria of inclusion and exclusion", told.criteria(state), "protocol"),
        ("sources searched, and when", told.sources(state), "search"),
        ("the strategies, electronic ones in full", told.strategies(state), "search"),
        ("how studies were screened", told.screening(state), "screen"),
        ("characteristics of the included studies", told.characteristics(state), "extraction"),
        ("studies found, and reasons for exclusion", told.selected(state) + told.excluded(state), "flow"),
        ("why studies were appraised as they were", (), ""),
        ("the tool and its questions", told.tool(state), "appraisal"),
        ("who appraised, how independently, and how they agreed", told.appraisers(state), "appraisal"),
        ("what the appraisal found, and what followed from it", told.appraised(state), "appraisal"),
        ("what was extracted, and how", told.extractors(state) + told.fields(state), "extraction"),
        ("software that was used", ("evigraph",), "overview"),
        ("who coded and analysed", (), ""),
        ("how text was coded", (), ""),
        ("how studies were compared", (), ""),
        ("whether themes came from the data or from before", (), ""),
        ("quotations from the studies, and whose words they are", told.quoted(state), "synthesis"),
        ("the result, beyond a summary of the studies", told.themes(state), "synthesis"),
    )
    return reported(state, "entreq", ((str(n), *item) for n, item in enumerate(items, start=1)))
