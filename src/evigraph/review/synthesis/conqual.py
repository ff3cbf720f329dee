"""ConQual: how dependable and how credible a synthesised finding of a meta-aggregation is (Munn et al. 2014).

doi:10.1186/1471-2288-14-108. Unlike GRADE-CERQual, ConQual has rules: a finding begins as high, and is downgraded for
dependability by five questions of the JBI checklist, and for credibility by how participants' words bear findings out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evigraph.review.appraisal.standing import StudyAppraisal
from evigraph.review.synthesis.kinds import Credibility, Overall
from evigraph.review.synthesis.web import Web
from evigraph.review.tables import write_table

#: The tool whose questions dependability is judged by, and those of its questions that count: fit of the method with
#: question, data and analysis, where the researchers stand, and how they and the research acted on each other.
TOOL_ID = "qualitative-congruity"
QUESTIONS = ("Q2", "Q3", "Q4", "Q6", "Q7")

_SCALE: tuple[Overall, ...] = ("very_low", "low", "moderate", "high")


@dataclass(frozen=True)
class ConQual:
    """The score of a synthesised finding and what it follows from.

    Attributes:
        met: for each contributing study how many of the five questions it meets; null while an answer is open.
        dependability: levels down, 0 to 2; null while any study is not appraised.
        credibilities: how many findings are unequivocal, credible, not supported.
        credibility: levels down, 0 to 4.
        overall: high to very low; null while dependability is not known.
    """

    met: Mapping[str, int | None]
    dependability: int | None
    credibilities: Mapping[Credibility, int]
    credibility: int
    overall: Overall | None


def dependability_of(n_met: int) -> int:
    """Levels down for a study that meets so many of the five questions: 4 to 5 none, 2 to 3 one, 0 to 1 two."""
    return 0 if n_met >= 4 else 1 if n_met >= 2 else 2


def credibility_of(given: Sequence[Credibility]) -> int:
    """Levels down for findings of such credibility.

    All unequivocal: none; unequivocal and credible: one; all credible: two; any not supported: three; all of them so:
    four.
    """
    kinds = set(given)
    if "not_supported" in kinds:
        return 4 if kinds == {"not_supported"} else 3
    return 2 if kinds == {"credible"} else 1 if "credible" in kinds else 0


def conqual(web: Web, theme_id: str, appraised: Mapping[str, StudyAppraisal]) -> ConQual:
    """The score of a theme from the findings that bear it out and the appraisals of just their studies.

    Where studies differ, dependability goes down as that of most of them does, of as many each way the lower counts.
    Findings that contradict the theme bear nothing out and are left aside.

    Args:
        web: of findings and themes.
        theme_id: of a theme.
        appraised: the appraisal of each study by the tool `TOOL_ID`.
    """
    findings = [web.findings[one] for one, bearing in web.bearings(theme_id).items() if bearing != "contradicts"]
    studies = dict.fromkeys(one.study for one in findings)
    met = {study: _met(appraised.get(study)) for study in studies}
    known = [dependability_of(n) for n in met.values() if n is not None]
    counts = Counter(known)
    most = max(counts, key=lambda down: (counts[down], down), default=None)
    dependability = most if len(known) == len(met) else None
    credibilities: Counter[Credibility] = Counter(one.credibility for one in findings)
    credibility = credibility_of([one.credibility for one in findings])
    overall = None if dependability is None else _SCALE[max(0, len(_SCALE) - 1 - dependability - credibility)]
    return ConQual(met, dependability, credibilities, credibility, overall)


def _met(one: StudyAppraisal | None) -> int | None:
    if one is None:
        return None
    levels = [one.level(question) for question in one.tool.questions if question.key in QUESTIONS]
    return None if None in levels or len(levels) != len(QUESTIONS) else levels.count("met")


def write_conqual(web: Web, labels: Mapping[str, str], appraised: Mapping[str, StudyAppraisal]) -> str:
    """CSV of the summary of findings: a row for each theme on which findings bear."""
    head = ["theme", "statement", "studies", "questions met", "dependability", "credibility", "conqual"]
    rows = []
    for theme_id, theme in web.ordered():
        if not web.evidence(theme_id):
            continue
        made = conqual(web, theme_id, appraised)
        studies = "; ".join(labels.get(study, study) for study in made.met)
        met = "; ".join("open" if n is None else f"{n} of {len(QUESTIONS)}" for n in made.met.values())
        down = "open" if made.dependability is None else _words(made.dependability)
        overall = "open" if made.overall is None else made.overall.replace("_", " ")
        rows.append([theme.label, theme.statement, studies, met, down, _words(made.credibility), overall])
    return write_table(head, rows)


def _words(down: int) -> str:
    return f"down {down}" if down else "unchanged"
