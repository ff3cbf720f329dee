"""Appraisal over HTTP: the tool, two sheets that are blind to each other, what is settled, hostile input."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from evigraph.review.appraisal.tools import TOOLS
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served

SECRET = "a reason that only Anna wrote"


@pytest.fixture
def study(served: Served) -> str:
    """An included study whose review has ten questions."""
    [head] = served.include(1)
    served.post(LEAD, "appraisal", tool="qualitative-ten", n_people="2")
    return head


def fields(value: str, reason: str) -> dict[str, str]:
    made = {f"answer-Q{n}": value for n in range(1, 10)} | {f"reason-Q{n}": reason for n in range(1, 10)}
    return made | {"answer-Q10": "adds a little", "quote-Q1": "we aimed to", "page-Q1": "3"}


def test_ten_questions_two_people_one_disagreement(served: Served, study: str) -> None:
    page = f"appraisal/{quote(study)}"
    assert "Are the aims plainly stated?" in served.get(ANNA, page)
    served.post(ANNA, page, action="complete", **fields("Yes", SECRET))
    for reader in (BEN, CLARA, LEAD):
        for part in (page, "appraisal", "history", "appraisal.csv", "appraisal.svg", "history?kind=review.appraisal"):
            text = served.get(reader, part)
            assert SECRET not in text
            assert "was appraised" not in text
    assert SECRET in served.get(ANNA, page)
    other = fields("Yes", "so it is") | {"answer-Q6": "No"}
    served.post(BEN, page, action="complete", **other)
    shown = served.get(CLARA, page)
    assert SECRET in shown
    assert "1 answer differs" in shown
    assert "1 to settle" in served.get(LEAD, "appraisal")
    served.post(CLARA, page, action="settle", question="Q6", value="No", reason="nothing on their role")
    assert "Every answer stands" in served.get(ANNA, page)
    assert ",Low,Low,Low,Low,Low,High,Low,Low,Low,," in served.get(LEAD, "appraisal.robvis.csv")
    assert "was appraised" in served.get(CLARA, "history")


def test_who_may_not_and_what_is_no_answer(served: Served, study: str) -> None:
    page = f"appraisal/{quote(study)}"
    assert "role" in served.post(CLARA, page, 400, action="complete", **fields("Yes", "x"))
    assert "role" in served.post(ANNA, "appraisal", 400, tool="qualitative-ten")
    assert "lacks an answer" in served.post(ANNA, page, 400, action="complete")
    assert "press one of the buttons" in served.post(ANNA, page, 400, action="burn")
    served.post(ANNA, page, 400, action="draft", **{"answer-Q1": "Perhaps"})
    served.get("Stranger", page, 403)
    served.get(ANNA, "appraisal/S9:none", 404)
    served.get(ANNA, "appraisal.exe", 404)


def test_markup_in_answers_is_text_and_a_draft_is_undone(served: Served, study: str) -> None:
    page = f"appraisal/{quote(study)}"
    to = served.post(ANNA, page, action="draft", **{"answer-Q1": "Yes", "reason-Q1": '"><script>alert(1)</script>'})
    shown = served.client(ANNA).get(to).text
    assert "<script>alert" not in shown
    assert 'id="undo"' in shown
    [said] = served.state.slots.every("review.appraisal")
    served.post(LEAD, "undo", 409, event_id=said.event_id)
    served.post(ANNA, "undo", event_id=said.event_id)
    assert not list(served.state.slots.every("review.appraisal"))


def test_a_tool_from_a_file_and_one_written_on_the_page(served: Served) -> None:
    before = list(TOOLS)
    token = served.app.state.form_token
    table = ("ours.csv", b"key,text\nA,Is it so?\n")
    sent = served.client(LEAD).post(
        served.path("appraisal-tool/file"), data={"token": token, "n_people": "1"}, files={"file": table}
    )
    assert sent.status_code == 303, sent.text
    assert served.state.slots.in_force("review.appraisal_tool").payload.tool.name == "ours"
    served.post(LEAD, "appraisal", name="Written", questions="Aims?\n* Worth?", n_people="2")
    assert "Written" in served.get(LEAD, "appraisal")
    assert "name" in served.post(LEAD, "appraisal", 400, questions="Aims?")
    assert list(TOOLS) == before
