"""Blinding holds when tools change, and what was judged goes with its reports when these are grouped and parted."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import quote

from evigraph.review.appraisal.kinds import ToolChosen
from evigraph.review.appraisal.standing import appraisals
from evigraph.review.appraisal.tools import TOOLS
from evigraph.review.extraction.forms import read_form
from evigraph.review.extraction.kinds import FormSet
from evigraph.review.extraction.standing import extractions
from evigraph.review.kinds import Study
from evigraph.review.synthesis.kinds import Bears, Finding, Theme
from evigraph.review.synthesis.web import frequency, web_of
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served
from portal.review.test_appraisal import SECRET, fields


def appraise(served: Served, account: str, study: str, value: str = "Yes", reason: str = "so it is") -> None:
    served.post(account, f"appraisal/{quote(study)}", action="complete", **fields(value, reason))


def choose(served: Served, tool: str) -> str:
    """The event by which the lead chose a tool."""
    return served.workspace.say(served.review_id, LEAD, served.review_id, ToolChosen(TOOLS[tool]))


def the_only_sheet_of(served: Served, account: str) -> str:
    (event,) = [one.event_id for one in served.state.slots.every("review.appraisal") if one.actor == account]
    return event


def group(served: Served, heads: list[str]) -> str:
    return served.workspace.say(served.review_id, ANNA, "together", Study("Together (made up)", tuple(heads)))


def test_a_complete_sheet_stays_while_another_tool_is_chosen(served: Served) -> None:
    (study,) = served.include(1)
    choose(served, "qualitative-ten")
    appraise(served, ANNA, study, reason=SECRET)
    appraise(served, BEN, study)
    assert SECRET in served.get(BEN, f"appraisal/{quote(study)}")
    other = choose(served, "qualitative-congruity")
    # Ben has read Anna's answers: he may neither take his back nor give others, whatever tool is chosen meanwhile.
    refused = served.post(BEN, "undo", 409, event_id=the_only_sheet_of(served, BEN))
    assert "complete and open to each other" in refused
    served.post(BEN, f"appraisal/{quote(study)}", action="draft", **{"answer-Q1": "No"})
    served.post(BEN, "undo", event_id=[one.event_id for one in served.state.slots.every("review.appraisal")][-1])
    served.workspace.undo(served.review_id, LEAD, other)
    refused = served.post(BEN, f"appraisal/{quote(study)}", 400, action="complete", **fields("No", "after all"))
    assert "complete and open to each other" in refused
    (one,) = appraisals(served.state)
    assert {author: answer.value for author, answer in one.answers("Q1").items()} == {ANNA: "Yes", BEN: "Yes"}


def test_the_first_tool_is_chosen_again_and_its_sheets_stand_shut(served: Served) -> None:
    (study,) = served.include(1)
    choose(served, "qualitative-ten")
    appraise(served, ANNA, study, reason=SECRET)
    appraise(served, BEN, study)
    choose(served, "qualitative-congruity")
    # By a sheet of the other tool, its choice can no longer be undone: the first is chosen again, as it was.
    served.post(BEN, f"appraisal/{quote(study)}", action="draft", **{"answer-Q1": "No"})
    refused = served.post(LEAD, "appraisal", 400, tool="qualitative-ten", n_people="3")
    assert "a name of its own" in refused
    choose(served, "qualitative-ten")
    assert SECRET in served.get(BEN, f"appraisal/{quote(study)}")
    refused = served.post(BEN, f"appraisal/{quote(study)}", 400, action="complete", **fields("No", "after all"))
    assert "complete and open to each other" in refused
    (one,) = appraisals(served.state)
    assert {author: answer.value for author, answer in one.answers("Q1").items()} == {ANNA: "Yes", BEN: "Yes"}


def test_a_draft_by_another_tool_takes_no_place(served: Served) -> None:
    (study,) = served.include(1)
    choose(served, "qualitative-ten")
    appraise(served, ANNA, study)
    choose(served, "qualitative-congruity")
    served.post(ANNA, f"appraisal/{quote(study)}", action="draft", **{"answer-Q1": "No"})
    held = {one.payload.basis: one.payload.is_complete for one in served.state.slots.all_in_force("review.appraisal")}
    assert held == {"qualitative-ten": True, "qualitative-congruity": False}


def test_sheets_and_findings_go_with_the_reports_into_a_study_and_out_again(served: Served) -> None:
    first, second = served.include(2)
    choose(served, "qualitative-ten")
    form = FormSet(read_form("# Study\nyear | date | Year | required\n"))
    served.workspace.say(served.review_id, LEAD, served.review_id, form)
    for account, year in ((ANNA, "2020"), (BEN, "2021")):
        appraise(served, account, first, "Yes" if account == ANNA else "No")
        served.post(account, f"extraction/{quote(first)}", action="complete", **{"v-year-0": year})
    served.post(CLARA, f"appraisal/{quote(first)}", action="settle", question="Q1", value="No", reason="agreed on")
    say = served.workspace.say
    say(served.review_id, ANNA, "theme", Theme("descriptive", "A theme"))
    for name, study in (("f1", first), ("f2", second)):
        say(served.review_id, ANNA, name, Finding(study, "They say so."))
        say(served.review_id, ANNA, "theme", Bears("finding", name, "supports"))
    before = web_of(served.state)
    assert before.studies("theme") == {first: False, second: False}

    event = group(served, [first, second])
    (one,) = appraisals(served.state)
    assert one.study == "together" and one.is_open
    assert set(one.held) == {ANNA, BEN} and set(one.agreed) == {"Q1"}
    (extracted,) = extractions(served.state)
    assert extracted.is_open and len(extracted.conflicts()) == 1
    served.post(CLARA, "extraction/together", action="settle", key="year", place="0", value="2020", reason="as printed")
    assert not extractions(served.state)[0].conflicts()
    web = web_of(served.state)
    assert web.studies("theme") == {"together": False}
    assert frequency(web, "theme", len(served.state.studies())) == 1
    assert "Together (made up)" in served.get(ANNA, "synthesis")

    served.workspace.undo(served.review_id, ANNA, event)
    by_study = {one.study: set(one.held) for one in appraisals(served.state)}
    assert by_study == {first: {ANNA, BEN}, second: set()}
    assert web_of(served.state).studies("theme") == {first: False, second: False}


def test_of_two_judged_studies_that_are_one_the_complete_sheets_count_and_the_others_stay_blind(served: Served) -> None:
    first, second = served.include(2)
    choose(served, "qualitative-ten")
    appraise(served, ANNA, first, "No", SECRET)
    for account in (ANNA, BEN):
        appraise(served, account, second)
    event = group(served, [first, second])
    (one,) = appraisals(served.state)
    assert {author: answer.value for author, answer in one.answers("Q1").items()} == {ANNA: "Yes", BEN: "Yes"}
    # What Anna said of the first report is set aside; were it shown, Ben could judge that report after having read it.
    for part in ("history", "history?kind=review.appraisal", "appraisal/together"):
        assert SECRET not in served.get(BEN, part)
    archive = zipfile.ZipFile(io.BytesIO(served.client(BEN).get(served.path("archive.zip")).content))
    assert all(SECRET.encode() not in archive.read(name) for name in archive.namelist())
    served.workspace.undo(served.review_id, ANNA, event)
    assert SECRET not in served.get(BEN, f"appraisal/{quote(first)}")
    appraise(served, BEN, first)
    assert SECRET in served.get(BEN, f"appraisal/{quote(first)}")


def test_a_pilot_goes_with_its_report(served: Served) -> None:
    first, second = served.include(2)
    form = FormSet(read_form("# Study\nyear | date | Year\n"), pilot=(first,))
    served.workspace.say(served.review_id, LEAD, served.review_id, form)
    assert [one.study for one in extractions(served.state)] == [first]
    group(served, [first])
    assert [one.study for one in extractions(served.state)] == ["together"]
    served.post(ANNA, "extraction/together", action="draft", **{"v-year-0": "2020"})
    served.get(ANNA, f"extraction/{quote(second)}", 404)
