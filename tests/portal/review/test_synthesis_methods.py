"""Pages of single methods of synthesis: ConQual by a hand-worked table, the theme map, the grid of studies."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Mapping

import pytest
from lxml import etree

from evigraph.review.appraisal.kinds import Answer, Appraised, ToolChosen
from evigraph.review.appraisal.tools import TOOLS
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served

TOOL = TOOLS["qualitative-congruity"]
SENTENCE = "Peer support workers keep having to justify why they are there."


def write(served: Served, action: str, subject: str, **fields: str) -> str:
    return served.post(ANNA, "synthesis", 303, action=action, subject=subject, **fields).rpartition("done=")[2]


def appraise(served: Served, study: str, answers: Mapping[str, str]) -> None:
    """A study appraised by both, alike: Yes where `answers` says nothing else."""
    given = tuple(Answer(one.key, answers.get(one.key, "Yes"), "so it is") for one in TOOL.questions)
    for account in (ANNA, BEN):
        served.workspace.say(served.review_id, account, study, Appraised(TOOL.tool_id, True, given))


@pytest.fixture
def studies(served: Served) -> list[str]:
    """Three studies; a theme with three findings, one with one, one that a finding contradicts; all under one."""
    heads = served.include(3)
    findings = (("f1", 0, "unequivocal"), ("f2", 1, "credible"), ("f3", 2, "not_supported"), ("f4", 0, "credible"))
    for name, place, credibility in findings:
        said = {"exact": f"They say {name}.", "quotation": f"we say {name} <b>", "credibility": credibility}
        write(served, "finding", name, study=heads[place], **said)
    for theme, level in (("mix", "analytical"), ("one", "descriptive"), ("top", "overarching")):
        write(served, "theme", theme, level=level, label=f"Theme {theme} <i>", statement=SENTENCE)
    links = [
        ("mix", "f1", "supports"),
        ("mix", "f2", "supports"),
        ("mix", "f3", "contradicts"),
        ("one", "f4", "nuances"),
    ]
    for theme, finding, bearing in links:
        write(served, "bears", theme, source="finding", source_id=finding, bearing=bearing)
    write(served, "bears", "top", source="theme", source_id="mix", bearing="supports")
    write(served, "bears", "top", source="theme", source_id="one", bearing="contradicts")
    return heads


def scores(served: Served) -> dict[str, tuple[str, str, str]]:
    rows = csv.DictReader(io.StringIO(served.get(BEN, "synthesis/conqual.csv")))
    return {row["theme"].split()[1]: (row["dependability"], row["credibility"], row["conqual"]) for row in rows}


def test_conqual_is_open_until_the_right_questions_are_answered(served: Served, studies: list[str]) -> None:
    assert set(scores(served).values()) == {("open", "down 1", "open"), ("open", "down 2", "open")}
    assert "not appraised by it" in served.get(BEN, "synthesis/conqual")
    served.workspace.say(served.review_id, LEAD, served.review_id, ToolChosen(TOOL))
    appraise(served, studies[0], {})
    assert scores(served)["mix"] == ("open", "down 1", "open")
    assert scores(served)["one"] == ("unchanged", "down 2", "low")


def test_conqual_is_that_of_the_hand_worked_table(served: Served, studies: list[str]) -> None:
    served.workspace.say(served.review_id, LEAD, served.review_id, ToolChosen(TOOL))
    # Of Q2, Q3, Q4, Q6, Q7 the first study meets 5 (none down), the second 3 (one down), the third 1.
    appraise(served, studies[0], {"Q1": "No", "Q8": "No"})
    appraise(served, studies[1], {"Q6": "No", "Q7": "Unclear"})
    appraise(served, studies[2], dict.fromkeys(("Q2", "Q3", "Q4", "Q6"), "No"))
    # mix: f1 and f2 bear it out, of studies 1 and 2 (0 and 1 down: as many, so 1), unequivocal and credible (1 down):
    # high, down 2, is low. f3 contradicts and bears nothing out.
    assert scores(served)["mix"] == ("down 1", "down 1", "low")
    # one: a credible finding of the first study: high, down 0 and 2, is low.
    assert scores(served)["one"] == ("unchanged", "down 2", "low")
    # top: mix supports it, one contradicts it: what is below mix bears it out.
    assert scores(served)["top"] == ("down 1", "down 1", "low")
    page = served.get(BEN, "synthesis/conqual")
    assert "3 of 5" in page and "5 of 5" in page and "1 of 5" not in page
    assert "1 unequivocal, 1 credible: down 1" in " ".join(page.split())


def test_the_map_shows_themes_links_and_what_contradicts(served: Served, studies: list[str]) -> None:
    page = served.get(BEN, "synthesis/map")
    assert f'href="{served.path("synthesis")}#mix"' in page
    picture = served.get(BEN, "synthesis/map.svg")
    svg = etree.fromstring(picture.encode())
    space = {"s": "http://www.w3.org/2000/svg"}
    assert len(svg.findall(".//s:rect", space)) == 3
    drawn = [path.get("class") for path in svg.findall(".//s:path", space)]
    assert sorted(drawn) == ["bears contradicts", "bears supports"]
    assert "Theme mix <i>" in "".join(svg.itertext())
    assert "3 studies, 2 against" in "".join(svg.itertext())
    assert "<script" not in picture and "<a " not in picture


def test_an_empty_map_and_grid_say_what_to_do(served: Served) -> None:
    for part in ("synthesis/map", "synthesis/grid"):
        assert "There is no theme yet" in served.get(BEN, part)
    assert etree.fromstring(served.get(BEN, "synthesis/map.svg").encode()) is not None


def test_the_grid_holds_three_orders_and_how_studies_relate(served: Served, studies: list[str]) -> None:
    page = html.unescape(served.get(BEN, "synthesis/grid?theme=mix"))
    assert "we say f1 <b>" in page and "They say f2." in page and "They say f4." not in page
    led = served.post(ANNA, "synthesis/grid", theme="mix", study=studies[1], text="says <i>likewise</i>")
    served.post(ANNA, "synthesis/grid", theme="mix", how="refutational", text="the third denies it")
    page = served.get(BEN, "synthesis/grid?theme=mix")
    assert "says &lt;i&gt;likewise" in page and "Refutational: they contradict each other" in page
    rows = list(csv.DictReader(io.StringIO(served.get(BEN, "synthesis/grid.csv"))))
    (row,) = [one for one in rows if one["theme"] == "Theme mix <i>" and one["second order"] == "They say f2."]
    assert (row["first order"], row["summary"]) == ("we say f2 <b>", "says <i>likewise</i>")
    assert row["third order"] == SENTENCE and row["relation"].endswith("the third denies it")
    served.post(ANNA, "undo", event_id=led.rpartition("done=")[2])
    assert "likewise" not in served.get(BEN, "synthesis/grid?theme=mix")
    served.post(ANNA, "synthesis/grid", theme="mix", how="none")
    assert "is not said yet" in served.get(BEN, "synthesis/grid?theme=mix")


def test_what_cannot_be_said_in_the_grid_is_refused(served: Served, studies: list[str]) -> None:
    assert "no theme" in served.post(ANNA, "synthesis/grid", 400, theme="none", study=studies[0], text="x")
    assert "no study" in served.post(ANNA, "synthesis/grid", 400, theme="mix", study="none", text="x")
    assert "Choose how" in served.post(ANNA, "synthesis/grid", 400, theme="mix", how="alike")
    assert "role" in served.post(CLARA, "synthesis/grid", 400, theme="mix", how="reciprocal")
    served.get(ANNA, "synthesis/grid?theme=none", 404)
    for part in ("map", "map.svg", "grid", "grid.csv", "conqual", "conqual.csv"):
        assert served.client("Stranger").get(served.path(f"synthesis/{part}")).status_code == 403
