"""ENTREQ, the 21 items of reporting a synthesis of qualitative research, filled from what the review decided."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from evigraph.review.appraisal.standing import appraisals, chosen
from evigraph.review.extraction.standing import extractions, form_in_force
from evigraph.review.flow import flow
from evigraph.review.report.kinds import ReportWords
from evigraph.review.state import ReviewState


@dataclass(frozen=True)
class Reported:
    """An item of a guideline.

    Attributes:
        number, asks: what it asks, in our words.
        told: what the review's decisions say to it.
        source: the stage of the review from which that comes; empty where only people can say it.
        words: the team's own.
    """

    number: str
    asks: str
    told: tuple[str, ...]
    source: str
    words: str


def entreq(state: ReviewState) -> list[Reported]:
    """The 21 items of ENTREQ (Tong et al. 2012, doi:10.1186/1471-2288-12-181), each with where it comes from."""
    protocol, runs, made = state.protocol, list(state.library.runs.values()), flow(state)
    words = {
        said.payload.number: said.payload.text
        for said in state.slots.all_in_force("review.report_words")
        if isinstance(said.payload, ReportWords) and said.payload.guideline == "entreq"
    }
    n_votes = state.rule("title_abstract").n_votes
    n_included = len(state.studies())
    items: tuple[tuple[str, tuple[str, ...], str], ...] = (
        ("the question of the synthesis", (protocol.question,), "protocol"),
        ("the method of synthesis, and why it was chosen", (protocol.synthesis_method,), "protocol"),
        ("whether the search was planned ahead or went on until nothing new came", (), ""),
        (
            "criteria of inclusion and exclusion",
            tuple(f"{one.effect}: {one.text}" for one in protocol.criteria),
            "protocol",
        ),
        ("sources searched, and when", tuple(f"{run.source} {run.searched_on}".strip() for run in runs), "search"),
        ("the strategies, electronic ones in full", tuple(f"{run.source}: see {run.run_id}" for run in runs), "search"),
        (
            "how studies were screened",
            (f"{n_votes} votes a record by title and abstract, then by full text",),
            "screen",
        ),
        ("characteristics of the included studies", _characteristics(state), "extraction"),
        (
            "studies found, and reasons for exclusion",
            (f"{made.n('records_screened')} records screened, {n_included} studies included",),
            "flow",
        ),
        ("why studies were appraised as they were", (), ""),
        ("the tool and its questions", _tool(state), "appraisal"),
        ("who appraised, how independently, and how they agreed", _appraisers(state), "appraisal"),
        ("what the appraisal found, and what followed from it", _appraised(state), "appraisal"),
        ("what was extracted, and how", _form(state), "extraction"),
        ("software that was used", ("evigraph",), "overview"),
        ("who coded and analysed", (), ""),
        ("how text was coded", (), ""),
        ("how studies were compared", (), ""),
        ("whether themes came from the data or from before", (), ""),
        ("quotations from the studies, and whose words they are", (), ""),
        ("the result, beyond a summary of the studies", (), ""),
    )
    return [
        Reported(str(n), asks, tuple(one for one in told if one), source, words.get(str(n), ""))
        for n, (asks, told, source) in enumerate(items, start=1)
    ]


def _characteristics(state: ReviewState) -> tuple[str, ...]:
    lines = []
    for one in extractions(state):
        values = [value for value in one.values() if value.key in ("country", "design", "n", "setting")]
        if values:
            lines.append(f"{one.label}: {'; '.join(f'{value.key} {value.value}' for value in values)}")
    return tuple(lines)


def _tool(state: ReviewState) -> tuple[str, ...]:
    made = chosen(state)
    if made is None:
        return ()
    return (made.tool.name, *(f"{question.key}: {question.text}" for question in made.tool.questions))


def _appraisers(state: ReviewState) -> tuple[str, ...]:
    made = chosen(state)
    if made is None:
        return ()
    n_settled = sum(len(one.agreed) for one in appraisals(state))
    return (f"{made.n_people} a study, blind to each other until all were done; {n_settled} answers settled",)


def _appraised(state: ReviewState) -> tuple[str, ...]:
    made = appraisals(state)
    lines = []
    for question in made[0].tool.questions if made else ():
        answers = [answer for one in made if (answer := one.standing(question)) is not None]
        if answers and not question.is_open:
            counts = Counter(answer.value for answer in answers)
            lines.append(f"{question.key}: {', '.join(f'{label} {n}' for label, n in counts.items())}")
    return tuple(lines)


def _form(state: ReviewState) -> tuple[str, ...]:
    form = form_in_force(state)
    if form is None:
        return ()
    labels = ", ".join(field.label for section in form.sections for field in section.fields)
    return (f"{form.n_people} a study, blind to each other until all were done", labels)
