"""What a review's decisions say to the questions of reporting guidelines, in lines of words."""

from __future__ import annotations

from collections import Counter

from evigraph.review.appraisal.standing import appraisals, chosen
from evigraph.review.extraction.standing import extractions, form_in_force
from evigraph.review.flow import flow
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.web import web_of

#: Fields of the usual form that tell what a study is like.
CHARACTERISTICS = ("authors", "year", "country", "aim", "design", "setting", "n", "collection", "analysis")

_BRIEF = ("country", "design", "n", "setting")


def criteria(state: ReviewState) -> tuple[str, ...]:
    """Each criterion of eligibility with its effect, and the bounds of years and languages."""
    protocol = state.protocol
    years = (protocol.published_from, protocol.published_until)
    return (
        *(f"{one.effect}: {one.text}" for one in protocol.criteria),
        f"published {years[0] or 'at any time'} to {years[1] or 'now'}" if any(years) else "",
        f"in {', '.join(protocol.languages)}" if protocol.languages else "",
    )


def sources(state: ReviewState) -> tuple[str, ...]:
    """Each search with its day."""
    return tuple(f"{run.source} {run.searched_on}".strip() for run in state.library.runs.values())


def strategies(state: ReviewState) -> tuple[str, ...]:
    """Where each strategy stands in full."""
    return tuple(f"{run.source}: see {run.run_id}" for run in state.library.runs.values())


def screening(state: ReviewState) -> tuple[str, ...]:
    """How many voted, and when they saw each other's votes."""
    first, second = (state.rule(stage).n_votes for stage in ("title_abstract", "full_text"))
    return (f"{first} independent votes a record by title and abstract, {second} by full text; conflicts were settled",)


def selected(state: ReviewState) -> tuple[str, ...]:
    """How many records were screened, and how many studies are included."""
    return (f"{flow(state).n('records_screened')} records screened, {len(state.studies())} studies included",)


def excluded(state: ReviewState) -> tuple[str, ...]:
    """How many reports full text excluded, by reason."""
    made = flow(state)
    counts = [f"{part.label} {len(part.members)}" for key in ("dbr_excluded", "other_excluded")
              for part in made.parts.get(key, ())]  # fmt: skip
    return (f"reports excluded at full text: {'; '.join(counts)}",) if counts else ()


def characteristics(state: ReviewState) -> tuple[str, ...]:
    """A line for each study whose extraction stands."""
    lines = []
    for one in extractions(state):
        values = [value for value in one.values() if value.key in _BRIEF]
        if values:
            lines.append(f"{one.label}: {'; '.join(f'{value.key} {value.value}' for value in values)}")
    return tuple(lines)


def tool(state: ReviewState) -> tuple[str, ...]:
    """The tool of appraisal and its questions."""
    made = chosen(state)
    if made is None:
        return ()
    return (made.tool.name, *(f"{question.key}: {question.text}" for question in made.tool.questions))


def appraisers(state: ReviewState) -> tuple[str, ...]:
    """How many appraised a study, and how many answers they settled."""
    made = chosen(state)
    if made is None:
        return ()
    n_settled = sum(len(one.agreed) for one in appraisals(state))
    return (f"{made.n_people} a study, blind to each other until all were done; {n_settled} answers settled",)


def appraised(state: ReviewState) -> tuple[str, ...]:
    """The answers that stand, counted by question."""
    made = appraisals(state)
    lines = []
    for question in made[0].tool.questions if made else ():
        answers = [answer for one in made if (answer := one.standing(question)) is not None]
        if answers and not question.is_open:
            counts = Counter(answer.value for answer in answers)
            lines.append(f"{question.key}: {', '.join(f'{label} {n}' for label, n in counts.items())}")
    return tuple(lines)


def extractors(state: ReviewState) -> tuple[str, ...]:
    """How many extracted a study."""
    form = form_in_force(state)
    return (f"{form.n_people} a study, blind to each other until all were done",) if form is not None else ()


def fields(state: ReviewState) -> tuple[str, ...]:
    """The fields of the form."""
    form = form_in_force(state)
    return (", ".join(one.label for section in form.sections for one in section.fields),) if form is not None else ()


def themes(state: ReviewState) -> tuple[str, ...]:
    """The themes with their statements."""
    return tuple(
        f"{theme.label}: {theme.statement}" if theme.statement else theme.label
        for _, theme in web_of(state).ordered()
    )  # fmt: skip


def quoted(state: ReviewState) -> tuple[str, ...]:
    """How many findings stand, and how many come with words of participants."""
    found = web_of(state).findings.values()
    n_quoted = sum(bool(one.quotation) for one in found)
    return (f"{len(found)} findings, {n_quoted} with words of participants",) if found else ()


def confidence(state: ReviewState) -> tuple[str, ...]:
    """The confidence in each review finding that was judged."""
    web = web_of(state)
    return tuple(
        f"{web.themes[one].label}: {made.overall.replace('_', ' ')} confidence" for one, made in web.confidence.items()
    )


def registration(state: ReviewState) -> tuple[str, ...]:
    """Where the protocol is registered."""
    return tuple(f"{one.register} {one.number} {one.url}".strip() for one in state.protocol.registrations)
