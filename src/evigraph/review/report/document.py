"""The report of a review as headings, paragraphs, quotations, tables and pictures, before it is a page or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evigraph.review.appraisal.standing import appraisals, chosen
from evigraph.review.appraisal.tables import draw_lights
from evigraph.review.exchange.quotations import CUT, MAX_QUOTATION, Quotations
from evigraph.review.extraction.standing import extractions, fields_of, form_in_force
from evigraph.review.flow import flow
from evigraph.review.flow_svg import draw_flow
from evigraph.review.report import told
from evigraph.review.report.guidelines import GUIDELINES
from evigraph.review.sheet import Evidence
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Finding
from evigraph.review.synthesis.web import Web, web_of


@dataclass(frozen=True)
class Paragraph:
    """Words of the report."""

    text: str


@dataclass(frozen=True)
class Quote:
    """Words of a study, and where they come from."""

    text: str
    source: str


@dataclass(frozen=True)
class Table:
    """A table: what it shows, its head and its rows, each as long as the head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A picture as SVG. Its numbers stand in a table of the same section, for files that hold no SVG."""

    caption: str
    svg: str


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading; `level` is 1 for its chapters, 2 below them."""

    heading: str
    parts: tuple[Paragraph | Quote | Table | Picture, ...]
    level: int = 1


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes:
        title: of the review; is_illustration: it is made up.
        sections: in their order; one whose stage has not begun is left out.
        n_cut: how many quotations were cut, as their texts may not leave.
    """

    title: str
    is_illustration: bool
    sections: tuple[Section, ...]
    n_cut: int


def document_of(state: ReviewState, lengths: Mapping[str, int]) -> Document:
    """The report as the review stands: only what is open to the whole team is in it.

    Args:
        state: of the review.
        lengths: of texts in characters, by record, where they are known; quotations are cut by `Quotations`.
    """
    quotations = Quotations(state, lengths)
    sections = [
        _question(state),
        _flow(state),
        *_characteristics(state),
        *_appraisal(state, quotations),
        *_themes(state, quotations),
        *_confidence(state),
        *_checklists(state),
    ]
    return Document(state.protocol.title, state.opened.is_illustration, tuple(sections), quotations.n_cut)


def place_of(evidence: Evidence, quote: str) -> str:
    """A place in a report as words: the quotation as it may leave, its page, and its position where it has no page."""
    page = f"p. {evidence.page}" if evidence.page else ""
    if not page and evidence.anchor is not None:
        page = f"at character {evidence.anchor.start} of the text"
    return " ".join(part for part in (f"“{quote}”" if quote.removesuffix(CUT) else "", page) if part)


def _question(state: ReviewState) -> Section:
    protocol = state.protocol
    rows = [("Question", protocol.question), *((one.name.capitalize(), one.text) for one in protocol.facets)]
    rows += [("Criterion", line) for line in told.criteria(state) if line]
    rows += [("Source", line) for line in told.sources(state)]
    rows += [
        ("Method of synthesis", protocol.synthesis_method),
        *(("Registration", one) for one in told.registration(state)),
    ]
    table = Table("What the review set out to do", ("Part", "Words"), tuple(row for row in rows if row[1]))
    return Section("Question and criteria", (table,))


def _flow(state: ReviewState) -> Section:
    made = flow(state)
    rows = tuple((box.label, str(box.n)) for box in made.boxes.values() if box.n)
    picture = Picture("Flow of records", draw_flow(made, None, state.protocol.title, has_style=False))
    return Section("Flow of records", (picture, Table("Numbers of the flow", ("Step", "n"), rows)))


def _characteristics(state: ReviewState) -> list[Section]:
    form, made = form_in_force(state), extractions(state)
    if form is None or not made:
        return []
    fields = [field for key, field in fields_of(form).items() if key in told.CHARACTERISTICS]
    rows = []
    for one in made:
        values = {value.key: value.value for value in one.values()}
        rows.append((one.label, *(values.get(field.key, "") for field in fields)))
    head = ("Study", *(field.label for field in fields))
    return [Section("Characteristics of the studies", (Table("Included studies", head, tuple(rows)),))]


def _appraisal(state: ReviewState, quotations: Quotations) -> list[Section]:
    made, tool = appraisals(state), chosen(state)
    if tool is None or not made:
        return []
    asked = tool.tool.questions
    lights = Picture(
        "Appraisal: studies by question", draw_lights(made, tool.tool, has_style=False, most=MAX_QUOTATION)
    )
    questions = Table("Questions", ("Question", "Asks"), tuple((one.key, one.text) for one in asked))
    answers, reasons = [], []
    for one in made:
        standing = [one.standing(question) for question in asked]
        answers.append((one.label, *(_short(answer.value) if answer else "open" for answer in standing)))
        for answer in standing:
            if answer is not None and (answer.reason or answer.evidence):
                places = "; ".join(
                    place_of(each, quotations.words(each.record_id, each.quote)) for each in answer.evidence
                )
                reasons.append((one.label, answer.key, _short(answer.value), answer.reason, places))
    table = Table(tool.tool.name, ("Study", *(one.key for one in asked)), tuple(answers))
    because = Table("Reasons", ("Study", "Question", "Answer", "Because", "Where the report says it"), tuple(reasons))
    return [Section("Appraisal", (lights, table, questions, *((because,) if reasons else ())))]


def _themes(state: ReviewState, quotations: Quotations) -> list[Section]:
    web = web_of(state)
    if not web.themes:
        return []
    found = [Section("Themes", (Paragraph(f"{len(web.themes)} themes from {len(web.findings)} findings."),))]
    for theme_id, theme in web.ordered():
        parts: list[Paragraph | Quote] = [Paragraph(theme.statement)] if theme.statement else []
        if theme.level == "descriptive":
            for finding_id, bearing in web.bearings(theme_id).items():
                parts.extend(_finding(state, web.findings[finding_id], bearing, quotations))
        else:
            names = [web.themes[link.source_id].label for link in web.links(theme_id) if link.source == "theme"]
            parts.append(Paragraph(f"Themes below: {'; '.join(names) or 'none'}."))
        found.append(Section(f"{theme.label} ({theme.level})", tuple(parts), 2))
    return found


def _finding(state: ReviewState, finding: Finding, bearing: str, quotations: Quotations) -> list[Quote]:
    study = state.study_label(finding.study)
    against = "" if bearing == "supports" else f", {bearing}"
    quotes = [Quote(quotations.of_study(finding.study, finding.exact), f"{study}, finding{against}")]
    if finding.quotation:
        where = f"{study}, {finding.speaker or 'participant'}{f', p. {finding.page}' if finding.page else ''}"
        quotes.append(Quote(quotations.of_study(finding.study, finding.quotation), where))
    # Of a text of which enough was quoted no word is left.
    return [quote for quote in quotes if quote.text.removesuffix(CUT)]


def _confidence(state: ReviewState) -> list[Section]:
    web = web_of(state)
    if not web.confidence:
        return []
    judged = [(one, theme.statement, web.confidence[one]) for one, theme in web.ordered() if one in web.confidence]
    summary = tuple(
        (statement, made.overall.replace("_", " "), made.explanation, _studies(state, web, one))
        for one, statement, made in judged
    )
    parts = ("methodological", "coherence", "adequacy", "relevance")
    profile = tuple(
        (statement, *(f"{getattr(made, part).concern}: {getattr(made, part).explanation}" for part in parts))
        for _, statement, made in judged
    )
    return [
        Section(
            "Confidence in the findings (GRADE-CERQual)",
            (
                Table("Summary of qualitative findings", ("Finding", "Confidence", "Because", "Studies"), summary),
                Table(
                    "Evidence profile",
                    ("Finding", "Methodological limitations", "Coherence", "Adequacy", "Relevance"),
                    profile,
                ),
            ),
        )
    ]


def _studies(state: ReviewState, web: Web, theme_id: str) -> str:
    return "; ".join(state.study_label(study) for study in web.studies(theme_id))


def _checklists(state: ReviewState) -> list[Section]:
    found = []
    for known in GUIDELINES.values():
        rows = tuple(
            (
                item.number,
                item.asks,
                "\n".join((*map(_short, item.told), item.words)).strip() or "not reported",
                item.source,
            )
            for item in known.items(state)
        )
        table = Table(
            f"{known.name} ({known.cited}, doi:{known.doi}), in our words",
            ("Item", "Asks", "This review", "Stage"),
            rows,
        )
        found.append(Section(f"Checklist: {known.name}", (table,)))
    return found


def _short(words: str) -> str:
    return words if len(words) <= MAX_QUOTATION else f"{words[:MAX_QUOTATION]}{CUT}"
