"""The second half of the illustration: appraised, extracted, coded, synthesised, judged and published, all made up.

What they say follows from words in the abstracts that the graph holds; the abstracts stand for the texts, which nobody
read. The themes are the illustration's own, and not those of any published review.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from evigraph.review.appraisal.kinds import Answer, AnswerAgreed, Appraised, ToolChosen
from evigraph.review.appraisal.tools import TOOLS
from evigraph.review.coding.kinds import Code, CodeMerge, Coding, Memo
from evigraph.review.extraction.forms import read_form
from evigraph.review.extraction.kinds import BASIS, Extracted, FormSet, Value, ValueAgreed
from evigraph.review.kinds import Report
from evigraph.review.publication.draft import Words, draft
from evigraph.review.publication.kinds import PublishedAuthor
from evigraph.review.records import Found, abstract_of
from evigraph.review.retrieval import JATS
from evigraph.review.sheet import Evidence
from evigraph.review.synthesis.kinds import Bears, Component, Confidence, Finding, Theme
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.kept import text_of
from evigraph.review.workspace import Workspace


@dataclass(frozen=True)
class _Code:
    """A code of the illustration: name, the words that it is given to, the theme that its findings bear on."""

    code_id: str
    name: str
    words: re.Pattern[str]
    theme: str = ""
    color: str = ""


def _code(code_id: str, name: str, words: str, theme: str, color: str) -> _Code:
    return _Code(code_id, name, re.compile(rf"\b(?:{words})", re.IGNORECASE), theme, color)


_CODES = (
    _code(
        "own-experience", "Drawing on one's own experience", r"lived experience|own experience|recover", "t1", "#1b6ca8"
    ),
    _code("hope", "Hope and meaning", r"hope|meaning|empower|identit", "t1", "#1b6ca8"),
    _code("trust", "Trust and closeness", r"trust|relationship|connect|belong|peer", "t2", "#2e7d4f"),
    _code("stigma", "Stigma and distance", r"stigma|discriminat|isolat|alone|lonel", "t2", "#2e7d4f"),
    _code("role", "What the role is", r"role|boundar|responsib|professional", "t3", "#8a5a00"),
    _code("load", "Strain of the work", r"stress|burden|burnout|distress|challeng|difficult|barrier", "t3", "#8a5a00"),
    _code("training", "Training and supervision", r"train|supervis|education|skill", "t4", "#8e3b6f"),
    _code("service", "What the service gives", r"service|organi[sz]ation|support|resource|staff", "t4", "#8e3b6f"),
)

#: A code that two people began apart, and that was merged.
_TWIN = _code("education", "Education", r"education", "", "#8e3b6f")

_TOP = ("top", "Turning experience into work", "Giving support from one's own experience is work that needs a place.")
_THEMES = (
    ("t1", "Experience as a resource", "People use what they went through to give others hope and words for it."),
    ("t2", "Near and far", "Support grows from being near, and stigma keeps those who give it and receive it apart."),
    ("t3", "A role without edges", "Those who give support are asked for more than a role that nobody has described."),
    ("t4", "What a service must give", "Support lasts where the service gives training, supervision and time for it."),
)

#: What speaks against a theme rather than for it.
_AGAINST = re.compile(
    r"\bno (?:significant )?(?:difference|effect|association)|\bnot (?:significant|associated|differ)", re.I
)

#: The questions of the tool, by the words of an abstract that answer them.
_ANSWERED = {
    "Q1": r"aim|objective|purpose|explor|examin|investigat",
    "Q2": r"qualitative|experience|perception|perspective|view",
    "Q3": r"design|phenomenolog|grounded theory|ethnograph|descriptive|mixed",
    "Q4": r"sampl|recruit|participant",
    "Q5": r"interview|focus group|questionnaire|survey|observ",
    "Q6": r"reflexiv|our own role",
    "Q7": r"ethic|consent",
    "Q8": r"thematic|content analysis|grounded theory|framework analysis|analy[sz]ed",
    "Q9": r"finding|result|theme|conclu",
}

_FORM = """\
# Study
year | date | Year | required
design | text | Design
data | multi | How data was gathered | choices: interviews; focus groups; questionnaires; not told | required
# Findings (repeated)
finding | longtext | Finding in the authors' words | required
code | text | Code nearest to it
"""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?")

#: Sentences that are coded, and findings that are kept, of one text.
_MOST_CODED, _MOST_FINDINGS = 8, 3

_WHY = "Judged of abstracts alone, since this is an illustration (made up)."


@dataclass(frozen=True)
class _Read:
    """An included report as the made-up people read it: study, record, text and the places of its sentences."""

    study: str
    head: str
    record: Found
    text: CanonicalText
    sentences: tuple[tuple[int, int, str], ...]

    def first(self, words: str) -> str:
        """The first sentence with one of these words; empty where there is none."""
        return next((said for _, _, said in self.sentences if re.search(words, said, re.IGNORECASE)), "")


def carry_through(workspace: Workspace, review: str, lead: str, people: tuple[str, str, str], today: str) -> None:
    """Carries the illustration from its included studies to a published synthesis.

    Args:
        workspace: that it is in.
        review: its id.
        lead, people: accounts of the lead, of both reviewers and of the adjudicator.
        today: the day of its publication, ISO 8601.
    """
    read = _attach(workspace, review, people[0])
    if not read:
        return
    _appraise(workspace, review, lead, people, read)
    _extract(workspace, review, lead, people, read)
    _code_texts(workspace, review, lead, people, read)
    _synthesise(workspace, review, people, read)
    words = Words(
        workspace.state(review).protocol.title,
        "An illustration of how a review is made here, from protocol to synthesis. Made-up people judged abstracts by "
        "the words in them; nothing in it is evidence.",
        tuple(PublishedAuthor(member.name) for member in workspace.state(review).members.values() if member.roles),
        today,
        ("illustration",),
        "eng",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    )
    workspace.say(review, lead, review, draft(workspace.state(review), words))


def _attach(workspace: Workspace, review: str, account: str) -> list[_Read]:
    """Title and abstract of each included report as its text."""
    files, read = workspace.files(review), []
    for study, heads in workspace.state(review).studies().items():
        for head in heads:
            records = workspace.state(review).library.of(head)
            if not (abstract := abstract_of(records)):
                continue
            sha256 = files.keep(_jats(records[0].title, abstract))
            report = Report("retrieved", sha256, "abstract.xml", JATS)
            workspace.say(
                review, account, head, report, "the abstract stands for the text, since this is an illustration"
            )
            text = text_of(files, report)
            read.append(_Read(study, head, records[0], text, tuple(_sentences(text))))
    return read


def _jats(title: str, abstract: str) -> bytes:
    article = etree.Element("article")
    meta = etree.SubElement(etree.SubElement(article, "front"), "article-meta")
    etree.SubElement(etree.SubElement(meta, "title-group"), "article-title").text = _plain(title)
    section = etree.SubElement(etree.SubElement(article, "body"), "sec")
    etree.SubElement(section, "title").text = "Abstract, in place of the text"
    for line in abstract.splitlines():
        if line.strip():
            etree.SubElement(section, "p").text = _plain(line)
    return bytes(etree.tostring(article, xml_declaration=True, encoding="UTF-8"))


def _plain(text: str) -> str:
    """The text without the control characters that XML has no place for."""
    return "".join(sign for sign in text if sign >= " " and sign not in "\ufffe\uffff")


def _sentences(text: CanonicalText) -> Iterator[tuple[int, int, str]]:
    for block in text.blocks:
        if block.kind == "paragraph":
            for found in _SENTENCE.finditer(text.text, block.start, block.end):
                start = found.start() + len(found[0]) - len(found[0].lstrip())
                if found.end() - start > 30:
                    yield start, found.end(), text.text[start : found.end()]


def _appraise(workspace: Workspace, review: str, lead: str, people: tuple[str, str, str], read: list[_Read]) -> None:
    """Ten questions, two people; of the first study they differ on one, which the adjudicator settles."""
    ada, ben, cleo = people
    tool = TOOLS["qualitative-ten"]
    workspace.say(review, lead, review, ToolChosen(tool))
    for number, one in enumerate({one.study: one for one in read}.values()):
        for account in (ada, ben):
            answers = [_answer(one, question.key, is_open=question.is_open) for question in tool.questions]
            if number == 0 and account == ben:
                answers[5] = Answer("Q6", "No", "nothing in the abstract speaks of it (made up)")
            workspace.say(review, account, one.study, Appraised(tool.tool_id, True, tuple(answers)))
        if number == 0:
            settled = Answer("Q6", "Can't tell", "an abstract has no room for it (made up)")
            workspace.say(review, cleo, one.study, AnswerAgreed(tool.tool_id, settled), "an abstract says too little")


def _answer(one: _Read, key: str, *, is_open: bool) -> Answer:
    if is_open:
        return Answer(key, "Not to be said of an abstract.", "this is an illustration (made up)")
    if said := one.first(_ANSWERED[key]):
        return Answer(key, "Yes", "the abstract has words for it (made up)", (Evidence(one.head, said[:300]),))
    return Answer(key, "Can't tell", "the abstract has no words for it (made up)")


def _extract(workspace: Workspace, review: str, lead: str, people: tuple[str, str, str], read: list[_Read]) -> None:
    """A form with a repeated section; in the first study two people differ on a field, which is settled."""
    ada, ben, cleo = people
    workspace.say(review, lead, review, FormSet(read_form(_FORM)))
    for number, one in enumerate({one.study: one for one in read}.values()):
        values = tuple(_values(one))
        workspace.say(review, ada, one.study, Extracted(BASIS, True, values))
        if number == 0:
            values = tuple(Value("data", "not told") if value.key == "data" else value for value in values)
        workspace.say(review, ben, one.study, Extracted(BASIS, True, values))
        if number == 0:
            settled = next(value for value in _values(one) if value.key == "data")
            if settled.value != "not told":
                workspace.say(review, cleo, one.study, ValueAgreed(settled), "it is told after all (made up)")


def _values(one: _Read) -> Iterator[Value]:
    yield Value("year", str(one.record.year or "1900"))
    if design := one.first(_ANSWERED["Q3"]):
        yield Value("design", design[:200], evidence=(Evidence(one.head, design[:300]),))
    whole = " ".join(said for _, _, said in one.sentences).lower()
    ways = (("interviews", "interview"), ("focus groups", "focus group"), ("questionnaires", "questionnaire"))
    yield Value("data", "; ".join(name for name, word in ways if word in whole) or "not told")
    for place, (code, _, _, said) in enumerate(_findings(one)):
        yield Value("finding", said, place, (Evidence(one.head, said[:300]),))
        yield Value("code", code.name, place)


def _coded(one: _Read) -> Iterator[tuple[_Code, int, int, str]]:
    """The sentences of a text with the code that the first of its words asks for."""
    n = 0
    for start, end, said in one.sentences:
        if n < _MOST_CODED and (code := next((one for one in _CODES if one.words.search(said)), None)) is not None:
            n += 1
            yield code, start, end, said


def _findings(one: _Read) -> list[tuple[_Code, int, int, str]]:
    """The last coded sentences: abstracts end in what was found."""
    return list(_coded(one))[-_MOST_FINDINGS:]


def _when(code: _Code) -> str:
    """When a code is given, in words."""
    words = code.words.pattern.removeprefix(r"\b(?:").removesuffix(")").replace("[sz]", "s")
    return f"Given where one of these words begins: {words.replace('|', ', ')} (made up)."


def _code_texts(workspace: Workspace, review: str, lead: str, people: tuple[str, str, str], read: list[_Read]) -> None:
    """A tree of codes below the themes, two coders who mostly agree, and a code that went up in another."""
    ada, ben, _ = people
    for theme_id, label, _ in _THEMES:
        workspace.say(review, lead, f"above-{theme_id}", Code(label, description="Holds the codes of a theme."))
    for code in (*_CODES, _TWIN):
        above = f"above-{code.theme or 't4'}"
        workspace.say(review, ada, code.code_id, Code(code.name, above, code.color, _when(code)))
    workspace.say(review, ada, _TWIN.code_id, CodeMerge("training"), "it says the same (made up)")
    for number, one in enumerate(read):
        for place, (code, start, end, _) in enumerate(_coded(one)):
            for account, who in ((ada, "a"), (ben, "b")):
                if who == "b" and place % 4 == 3:
                    continue
                coding = Coding(code.code_id, one.text.anchor(one.head, start, end))
                workspace.say(review, account, f"c{number}-{place}-{who}", coding)
    memo = Memo(
        "code", "role", "Descriptions of the role are scarce in abstracts; what is asked of people is not (made up)."
    )
    workspace.say(review, ben, "memo-role", memo)


def _synthesise(workspace: Workspace, review: str, people: tuple[str, str, str], read: list[_Read]) -> None:
    """Findings in the authors' words, four themes under one, what contradicts kept in sight, and confidence."""
    ada, ben, cleo = people
    top, label, statement = _TOP
    workspace.say(review, ada, top, Theme("overarching", label, statement))
    for theme_id, name, sentence in _THEMES:
        workspace.say(review, ada, theme_id, Theme("analytical", name, sentence))
        workspace.say(review, ada, top, Bears("theme", theme_id, "supports"))
    borne: dict[str, set[str]] = {}
    is_against_told = False
    for number, one in enumerate(read):
        for place, (code, _, _, said) in enumerate(_findings(one)):
            finding = f"f{number}-{place}"
            workspace.say(review, (ada, ben)[number % 2], finding, Finding(one.study, said, "credible"))
            is_against = bool(_AGAINST.search(said))
            is_against_told |= is_against
            bearing = Bears("finding", finding, "contradicts" if is_against else "supports")
            workspace.say(review, ada, code.theme, bearing)
            borne.setdefault(code.theme, set()).add(one.study)
    last = next(
        ((code.theme, f"f{len(read) - 1}-{place}") for place, (code, _, _, _) in enumerate(_findings(read[-1]))), None
    )
    if not is_against_told and last is not None:
        # So that a newcomer sees what a contradiction looks like.
        reason = "read as speaking against it, so that the illustration shows how that looks (made up)"
        workspace.say(review, ben, last[0], Bears("finding", last[1], "contradicts"), reason)
    for theme_id, studies in borne.items():
        component, few = Component("serious", _WHY), Component("minor" if len(studies) > 2 else "serious", _WHY)
        judged = Confidence(component, Component("moderate", _WHY), few, Component("minor", _WHY), "very_low", _WHY)
        workspace.say(review, cleo, theme_id, judged)
