"""Appraisal: tools as data, two people's answers, what they settle, and tables worked by hand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from evigraph.errors import InputError
from evigraph.review.appraisal.kinds import Answer, AnswerAgreed, Appraised, Option, Question, Tool, ToolChosen
from evigraph.review.appraisal.reading import read_tool, written_tool
from evigraph.review.appraisal.standing import appraisals
from evigraph.review.appraisal.tables import draw_lights, write_answers, write_robvis
from evigraph.review.appraisal.tools import TOOLS
from evigraph.review.workspace import Workspace
from review.conftest import ANNA, BEN, CLARA, LEAD, include

TOOL = Tool(
    "two",
    "Two questions (made up)",
    "made up",
    (Option("Yes", "met"), Option("Can't tell", "unclear"), Option("No", "unmet")),
    (Question("Q1", "Aims?"), Question("Q2", "Ethics?"), Question("Q3", "Worth?", is_open=True)),
)


@pytest.fixture
def studies(workspace: Workspace, review_id: str) -> list[str]:
    """Two included studies, appraised by `TOOL`."""
    heads = list(workspace.state(review_id).library.groups)[:2]
    include(workspace, review_id, heads, (ANNA, BEN))
    workspace.say(review_id, LEAD, review_id, ToolChosen(TOOL))
    assert list(workspace.state(review_id).studies()) == heads
    return heads


def sheet(*values: str, is_complete: bool = True) -> Appraised:
    answers = tuple(Answer(f"Q{n}", value, f"reason {n}") for n, value in enumerate(values, start=1))
    return Appraised("two", is_complete, answers)


def test_tools_that_are_shipped_have_the_shapes_of_the_known_ones_and_no_score() -> None:
    counts = {name: len(tool.questions) for name, tool in TOOLS.items()}
    assert counts == {
        "qualitative-ten": 10,
        "qualitative-congruity": 10,
        "mixed-qualitative": 7,
        "mixed-randomised": 7,
        "mixed-not-randomised": 7,
        "mixed-descriptive": 7,
        "mixed-methods": 7,
    }
    assert TOOLS["qualitative-ten"].questions[9].is_open
    assert [one.key for one in TOOLS["mixed-descriptive"].questions] == ["S1", "S2", *(f"4.{n}" for n in range(1, 6))]
    assert [option.label for option in TOOLS["qualitative-ten"].options] == ["Yes", "Can't tell", "No"]


def test_what_all_say_stands_and_what_differs_waits_until_it_is_settled(
    workspace: Workspace, review_id: str, studies: list[str]
) -> None:
    workspace.say(review_id, ANNA, studies[0], sheet("Yes", "No", "much"))
    workspace.say(review_id, BEN, studies[0], sheet("Yes", "Can't tell", "little"))
    one = appraisals(workspace.state(review_id))[0]
    assert [question.key for question in one.conflicts()] == ["Q2"]
    settled = AnswerAgreed("two", Answer("Q2", "No", "no approval is told"))
    event_id = workspace.say(review_id, CLARA, studies[0], settled)
    made = appraisals(workspace.state(review_id))
    assert not made[0].conflicts()
    assert write_robvis(made, TOOL).splitlines() == [
        "Study,D1,D2,Overall,Weight",
        f"{made[0].label},Low,High,,",
        f"{made[1].label},,,,",
    ]
    assert [line.split(",")[2:6] for line in write_answers(made, TOOL).splitlines()[1:]] == [
        ["Q1", "Aims?", "Yes", "reason 1"],
        ["Q2", "Ethics?", "No", "no approval is told"],
        ["Q3", "Worth?", "much", "reason 3"],
    ]
    workspace.undo(review_id, CLARA, event_id)
    assert appraisals(workspace.state(review_id))[0].conflicts()


def test_complete_sheets_are_shut_once_they_are_open_to_each_other(
    workspace: Workspace, review_id: str, studies: list[str]
) -> None:
    first = workspace.say(review_id, ANNA, studies[0], sheet("Yes", "No", "much"))
    with pytest.raises(InputError, match="not all who judge this study are done"):
        workspace.say(review_id, CLARA, studies[0], AnswerAgreed("two", Answer("Q2", "No", "why")))
    workspace.say(review_id, BEN, studies[0], sheet("Yes", "Yes", "much"))
    with pytest.raises(InputError, match="settle what differs"):
        workspace.say(review_id, ANNA, studies[0], sheet("Yes", "Yes", "much"))
    with pytest.raises(InputError, match="settle what differs"):
        workspace.undo(review_id, ANNA, first)
    with pytest.raises(InputError, match="a name of its own"):
        workspace.say(review_id, LEAD, review_id, ToolChosen(TOOL, 1))
    with pytest.raises(InputError, match="2 others have begun"):
        workspace.say(review_id, LEAD, studies[0], sheet("Yes", "Yes", "much"))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (sheet("Yes"), "Q2 lacks an answer"),
        (sheet("Perhaps", is_complete=False), "choose one of the answers"),
        (Appraised("two", True, (Answer("Q1", "Yes"), Answer("Q2", "No"), Answer("Q3", "x"))), "Q1 lacks an answer"),
        (Appraised("two", False, (Answer("Q9", "Yes"),)), "no question 'Q9'"),
        (Appraised("two", False, (Answer("Q1", "Yes"), Answer("Q1", "No"))), "answered twice"),
        (Appraised("other", False), "not the review's tool"),
    ],
)
def test_a_sheet_that_does_not_answer_the_tool_is_refused(
    workspace: Workspace, review_id: str, studies: list[str], made: Appraised, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        workspace.say(review_id, ANNA, studies[0], made)


def test_a_tool_is_read_from_csv_json_and_lines_and_odd_ones_are_refused() -> None:
    table = b"\xef\xbb\xbfkey,text,hint,is_open\nA,Aims?,look,\nB,Worth?,,yes\n"
    assert read_tool(table, "My tool").questions == (Question("A", "Aims?", "look"), Question("B", "Worth?", "", True))
    lines = written_tool("Ours", "Aims?\n\n* Worth?\n")
    assert [(one.key, one.text, one.is_open) for one in lines.questions] == [
        ("Q1", "Aims?", False),
        ("Q2", "Worth?", True),
    ]
    for content in (b"\xff", b"{", b'{"a":1}', b"a,b\n1,2\n", b"key,text\nA,x\nA,y\n", b"", b'{"a":' * 9000):
        with pytest.raises(InputError):
            read_tool(content, "x")


def test_the_picture_tells_each_light_by_symbol_and_words_and_holds_no_markup_of_names(
    workspace: Workspace, review_id: str, studies: list[str]
) -> None:
    workspace.say(review_id, ANNA, studies[0], sheet("Yes", "No", "<script>"))
    workspace.say(review_id, BEN, studies[0], sheet("Yes", "No", "much"))
    drawn = draw_lights(appraisals(workspace.state(review_id)), TOOL)
    ET.fromstring(drawn)
    assert "<script" not in drawn
    assert re.findall(r'text-anchor="middle">([^<]*)</text></g>', drawn) == ["+", "x", "w", "", "", ""]
