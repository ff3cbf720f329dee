"""Tools that are ready to choose. The questions are our own words in the shape of known tools; a team that holds a
licence to an original text loads it from a file."""

from __future__ import annotations

from evigraph.review.appraisal.kinds import Level, Option, Question, Tool


def _options(*options: tuple[str, Level]) -> tuple[Option, ...]:
    return tuple(Option(label, level) for label, level in options)


def _asked(prefix: str, *texts: str) -> tuple[Question, ...]:
    return tuple(Question(f"{prefix}{n}", text) for n, text in enumerate(texts, start=1))


_CASP = Tool(
    "qualitative-ten",
    "Ten questions for qualitative studies (shape of CASP)",
    "evigraph's own words in the shape of the CASP qualitative checklist; no text of CASP",
    _options(("Yes", "met"), ("Can't tell", "unclear"), ("No", "unmet")),
    (
        *_asked(
            "Q",
            "Are the aims plainly stated?",
            "Does the question call for a qualitative approach?",
            "Does the design suit the aims?",
            "Were participants recruited in a fitting way?",
            "Was the data gathered in a way that answers the question?",
            "Did the researchers reflect on their own role and on their relation to participants?",
            "Were ethical matters dealt with?",
            "Was the analysis rigorous enough?",
            "Are the findings set out clearly?",
        ),
        Question("Q10", "How much does the research add?", "Answered in words.", is_open=True),
    ),
)

_JBI = Tool(
    "qualitative-congruity",
    "Ten questions of congruity (shape of JBI)",
    "evigraph's own words in the shape of the JBI checklist for qualitative research; no text of JBI",
    _options(("Yes", "met"), ("Unclear", "unclear"), ("No", "unmet"), ("Not applicable", "none")),
    _asked(
        "Q",
        "Does the method fit the philosophical position that the authors state?",
        "Does the method fit the question or aims?",
        "Does the way in which data was gathered fit the method?",
        "Does the way in which data is shown and analysed fit the method?",
        "Does the reading of the results fit the method?",
        "Do the researchers say where they stand, in culture or in theory?",
        "Is it told how researcher and research acted on each other?",
        "Are the voices of participants heard?",
        "Is the research ethical by present criteria, with an approval told?",
        "Do the conclusions follow from the analysis?",
    ),
)

_MMAT_OPTIONS = _options(("Yes", "met"), ("Can't tell", "unclear"), ("No", "unmet"))
_MMAT_SCREEN = _asked("S", "Are the research questions clear?", "Can the data that was gathered answer them?")


def _mmat(tool_id: str, part: str, prefix: str, *texts: str) -> Tool:
    """A part of the MMAT: the two screening questions, and five on one kind of design."""
    return Tool(
        tool_id,
        f"Two screening and five questions for {part} (shape of MMAT)",
        f"evigraph's own words in the shape of the MMAT's part on {part}; no text of the MMAT",
        _MMAT_OPTIONS,
        (*_MMAT_SCREEN, *_asked(prefix, *texts)),
    )


_MMAT_QUALITATIVE = _mmat(
    "mixed-qualitative",
    "qualitative studies",
    "1.",
    "Does a qualitative approach suit the question?",
    "Do the ways of gathering data serve the question?",
    "Do the findings come from the data?",
    "Is what is read into the results borne out by data?",
    "Do sources, gathering, analysis and interpretation hang together?",
)

_MMAT_RANDOMISED = _mmat(
    "mixed-randomised",
    "randomised trials",
    "2.",
    "Was chance alone let decide who came into which group?",
    "Were the groups alike when the trial began?",
    "Is the outcome known for nearly everybody?",
    "Were those who judged the outcome kept from knowing the group?",
    "Did participants keep to what their group was to receive?",
)

_MMAT_NOT_RANDOMISED = _mmat(
    "mixed-not-randomised",
    "quantitative studies without randomisation",
    "3.",
    "Do the participants stand for those whom the study is about?",
    "Are exposure and outcome measured in a fitting way?",
    "Is the outcome known for nearly everybody?",
    "Are other causes taken into account, in design or analysis?",
    "Did exposure or intervention happen as it was meant to?",
)

_MMAT_DESCRIPTIVE = _mmat(
    "mixed-descriptive",
    "descriptive quantitative studies",
    "4.",
    "Does the way of sampling serve the question?",
    "Does the sample stand for those whom the study is about?",
    "Are the measures fitting?",
    "Is it unlikely that those who did not answer would change the result?",
    "Do the statistics serve the question?",
)

_MMAT_MIXED = _mmat(
    "mixed-methods",
    "mixed-methods studies",
    "5.",
    "Is it told why methods were mixed?",
    "Are the parts brought together to answer the question?",
    "Is what follows from them together interpreted?",
    "Is it dealt with where the parts disagree?",
    "Does each part hold to the standards of its own tradition?",
)

#: By id, in the order in which they are offered.
TOOLS = {
    tool.tool_id: tool
    for tool in (
        _CASP,
        _JBI,
        _MMAT_QUALITATIVE,
        _MMAT_RANDOMISED,
        _MMAT_NOT_RANDOMISED,
        _MMAT_DESCRIPTIVE,
        _MMAT_MIXED,
    )
}
