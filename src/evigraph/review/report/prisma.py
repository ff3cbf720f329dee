"""PRISMA 2020: its 27 items in our words, filled from what the review decided."""

from __future__ import annotations

from evigraph.review.report import told
from evigraph.review.report.guideline import Item, Reported, reported
from evigraph.review.state import ReviewState


def prisma(state: ReviewState) -> list[Reported]:
    """The 42 rows of the 27 items of PRISMA 2020 (Page et al. 2021, doi:10.1136/bmj.n71), each with its source."""
    protocol = state.protocol
    items: tuple[Item, ...] = (
        ("1", "a title that says it is a systematic review", (protocol.title,), "protocol"),
        ("2", "an abstract as PRISMA for abstracts asks", (), ""),
        ("3", "why the review was made, given what is known", (), ""),
        ("4", "objectives or questions", (protocol.question,), "protocol"),
        ("5", "who and what was eligible, and how studies were grouped", told.criteria(state), "protocol"),
        ("6", "every source that was searched, with the day", told.sources(state), "search"),
        ("7", "full strategies of all sources, with limits", told.strategies(state), "search"),
        ("8", "how it was decided what is included, by whom", told.screening(state), "screen"),
        ("9", "how data was taken from reports, by whom", told.extractors(state), "extraction"),
        ("10a", "outcomes for which data was sought", (), ""),
        ("10b", "other data that was sought", told.fields(state), "extraction"),
        ("11", "how the studies' risk of bias was judged, by whom", told.tool(state)[:1] + told.appraisers(state),
         "appraisal"),
        ("12", "measures of effect", (), ""),
        ("13a", "which studies entered which synthesis", (), ""),
        ("13b", "how data was prepared for synthesis", (), ""),
        ("13c", "how results were tabulated or drawn", (), ""),
        ("13d", "the method of synthesis, and why", (protocol.synthesis_method,), "protocol"),
        ("13e", "how differences between results were explored", (), ""),
        ("13f", "analyses of how robust the results are", (), ""),
        ("14", "how bias from missing results was judged", (), ""),
        ("15", "how confidence in the evidence was judged",
         ("GRADE-CERQual, four components and an overall judgement for each finding",) if told.confidence(state)
         else (), "confidence"),
        ("16a", "results of search and selection, with the flow", told.selected(state), "flow"),
        ("16b", "reports that seemed to fit and were excluded, with the reason", told.excluded(state), "flow"),
        ("17", "each study with its characteristics", told.characteristics(state), "extraction"),
        ("18", "the risk of bias of each study", told.appraised(state), "appraisal"),
        ("19", "the results of each study", told.quoted(state), "synthesis"),
        ("20a", "for each synthesis, what its studies are like", (), ""),
        ("20b", "the results of all syntheses", told.themes(state), "synthesis"),
        ("20c", "what explored differences between results showed", (), ""),
        ("20d", "how robust the results proved", (), ""),
        ("21", "bias from missing results, for each synthesis", (), ""),
        ("22", "confidence in the evidence, for each outcome or finding", told.confidence(state), "confidence"),
        ("23a", "what the results mean beside other evidence", (), ""),
        ("23b", "limits of the evidence", (), ""),
        ("23c", "limits of how the review was made", (), ""),
        ("23d", "what follows for practice, policy and research", (), ""),
        ("24a", "the registration", told.registration(state), "protocol"),
        ("24b", "where the protocol is", (), ""),
        ("24c", "changes of the protocol", (), ""),
        ("25", "who paid for the review", (protocol.funding,), "protocol"),
        ("26", "interests of the authors", (protocol.interests,), "protocol"),
        ("27", "where data, code and materials are",
         ("the archive of this review holds its decisions, tables and pictures",), "report"),
    )  # fmt: skip
    return reported(state, "prisma", items)
