"""Synthesis and confidence by forms: the web of support by a hand-worked table, what is refused, undoing, who may."""

from __future__ import annotations

import csv
import html
import io
import zipfile
from fractions import Fraction
from typing import Any

import pytest

from evigraph.review.synthesis.statement import is_sentence
from evigraph.review.synthesis.web import Web, frequency, intensity, web_of
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served

SENTENCE = "Peer support workers keep having to justify why they are there."
WHY = {f"{part}-why": "a reason" for part in ("methodological", "coherence", "adequacy", "relevance")}
JUDGED = {"methodological": "minor", "coherence": "none", "adequacy": "moderate", "relevance": "none", **WHY}
JUDGED |= {"overall": "low", "why": "because of the whole"}


def link(source: str, source_id: str, bearing: str) -> dict[str, str]:
    return {"action": "bears", "subject": "a", "source": source, "source_id": source_id, "bearing": bearing}


def write(served: Served, action: str, subject: str, **fields: str) -> str:
    led: str = served.post(ANNA, "synthesis", 303, action=action, subject=subject, **fields)
    return led.rpartition("done=")[2]


@pytest.fixture
def studies(served: Served) -> list[str]:
    """Two studies; three findings f1 to f3, the last of the second; themes a and b below c, c below top."""
    heads = served.include(2)
    for finding, study in (("f1", heads[0]), ("f2", heads[0]), ("f3", heads[1])):
        said = {"exact": f"=finding {finding} <b>", "quotation": "they said so", "page": "7", "credibility": "credible"}
        write(served, "finding", finding, study=study, **said)
    for theme, level in (("a", "descriptive"), ("b", "descriptive"), ("c", "analytical"), ("top", "overarching")):
        write(
            served, "theme", theme, level=level, label=f"Theme {theme} <i>", statement=SENTENCE if theme == "c" else ""
        )
    links = [("a", "f1", "supports"), ("a", "f3", "contradicts"), ("b", "f2", "supports"), ("b", "f1", "nuances")]
    for theme, source, bearing in links:
        write(served, "bears", theme, source="finding", source_id=source, bearing=bearing)
    for theme, source in (("c", "a"), ("c", "b"), ("top", "c")):
        write(served, "bears", theme, source="theme", source_id=source, bearing="supports")
    return heads


def test_the_web_and_its_effect_sizes_are_those_of_the_table(served: Served, studies: list[str]) -> None:
    web = Web(served.state)
    assert web.evidence("a") == {"f1": False, "f3": True}
    assert web.evidence("b") == {"f1": False, "f2": False}
    assert web.evidence("top") == web.evidence("c") == {"f1": False, "f2": False, "f3": True}
    assert web.studies("top") == {studies[0]: False, studies[1]: True}
    # Of two studies the first bears out a, b, c and top; the second speaks only against a.
    assert {theme: frequency(web, theme, 2) for theme in web.themes} == dict.fromkeys(web.themes, Fraction(1, 2))
    assert [intensity(web, study) for study in studies] == [Fraction(1), Fraction(1, 2)]
    assert frequency(web, "a", 0) == 0
    assert [theme for theme, _ in web.ordered()] == ["top", "c", "a", "b"]


def test_pages_show_what_contradicts_and_everything_is_undone(served: Served, studies: list[str]) -> None:
    page = served.get(BEN, "synthesis")
    assert "<b>contradicts</b>" in page and "<td>contradicts</td>" in page
    assert "Theme a &lt;i&gt;" in page and "<i>" not in page.partition("<h1>")[2]
    gone = write(served, "bears", "a", source="finding", source_id="f3", bearing="none")
    assert "<td>contradicts</td>" not in served.get(BEN, "synthesis")
    served.post(ANNA, "undo", 303, event_id=gone, back="")
    assert "<td>contradicts</td>" in served.get(BEN, "synthesis")
    rows = list(csv.DictReader(io.StringIO(served.get(BEN, "synthesis/themes.csv"))))
    assert [row["bearing"] for row in rows if row["theme"] == "Theme a <i>"] == ["supports", "contradicts"]
    assert rows[0]["quotation"] == "they said so" and rows[0]["page"] == "7"
    assert rows[0]["finding"].startswith("'=finding")
    assert "justify" in served.get(BEN, "history") or "Theme c" in served.get(BEN, "history")


def test_confidence_is_in_sentences_alone_and_never_reckoned(served: Served, studies: list[str]) -> None:
    for subject, says in (
        ("a", "is a title"),
        ("f1", "not of a study"),
        (studies[0], "not of a study"),
        ("none", "no theme none"),
    ):
        told = served.post(ANNA, "synthesis", 400, action="confidence", subject=subject, **JUDGED)
        assert says in html.unescape(told)
    lacking = JUDGED | {"adequacy-why": " "}
    assert "lacks its explanation" in served.post(ANNA, "synthesis", 400, action="confidence", subject="c", **lacking)
    # Three components without concern or with a minor one, and low all the same: what people judged stands.
    write(served, "confidence", "c", **JUDGED)
    page = served.get(BEN, "confidence")
    assert "Low confidence" in page and "moderate concerns: a reason" in page
    [row] = csv.DictReader(io.StringIO(served.get(BEN, "synthesis/confidence.csv")))
    assert (row["finding"], row["overall"], row["adequacy"]) == (SENTENCE, "low", "moderate")
    write(served, "theme", "empty", level="analytical", label="Alone", statement=SENTENCE)
    assert "No finding bears" in served.post(ANNA, "synthesis", 400, action="confidence", subject="empty", **JUDGED)


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        (
            {"action": "bears", "subject": "a", "source": "theme", "source_id": "top", "bearing": "supports"},
            400,
            "itself",
        ),
        (
            {"action": "bears", "subject": "a", "source": "theme", "source_id": "a", "bearing": "supports"},
            400,
            "itself",
        ),
        (
            {"action": "bears", "subject": "a", "source": "finding", "source_id": "x", "bearing": "supports"},
            400,
            "no finding",
        ),
        (
            {"action": "bears", "subject": "a", "source": "finding", "source_id": "f1", "bearing": "maybe"},
            400,
            "none that",
        ),
        ({"action": "finding", "study": "x", "exact": "y", "credibility": "credible"}, 400, "no study x"),
        ({"action": "theme", "level": "analytical", "label": " "}, 400, "needs a name"),
        ({"action": "theme", "level": "analytical", "label": "x", "statement": "x" * 8001}, 400, "shorten"),
        ({"action": "else"}, 400, "Write a finding"),
    ],
)
def test_what_cannot_be_is_refused(
    served: Served, studies: list[str], fields: dict[str, Any], status: int, says: str
) -> None:
    assert says in html.unescape(served.post(ANNA, "synthesis", status, **fields))


def test_a_long_finding_leaves_as_a_short_quotation(served: Served, studies: list[str]) -> None:
    long = "word " * 200
    write(served, "finding", "long", study=studies[0], exact=long, quotation=long, credibility="credible")
    content = served.client(ANNA).get(served.path("archive.zip")).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        decisions = archive.read("decisions.jsonl").decode()
    assert f"{long[:300]}…" in decisions and long.strip() not in decisions


def test_readers_read_and_strangers_do_not(served: Served, studies: list[str]) -> None:
    fields = {"action": "theme", "level": "analytical", "label": "x"}
    assert "role" in served.post(CLARA, "synthesis", 400, **fields)
    assert "Write a theme" not in served.get(CLARA, "synthesis")
    assert "Write a theme" in served.get(LEAD, "synthesis")
    for part in ("synthesis", "confidence", "synthesis/themes.csv"):
        assert served.client("Stranger").get(served.path(part)).status_code == 403
    assert served.client(BEN).get(served.path("synthesis/else.csv")).status_code == 404


def test_a_ring_that_undoing_leaves_ends(served: Served, studies: list[str]) -> None:
    [up] = [one for one in served.state.slots.every("review.bears") if one.subject == "top"]
    served.post(ANNA, "undo", 303, event_id=up.event_id, back="")
    write(served, "bears", "c", source="theme", source_id="top", bearing="contradicts")
    served.post(ANNA, "undo", 303, event_id=up.event_id, back="")
    assert set(Web(served.state).evidence("top")) == {"f1", "f2", "f3"}
    served.get(BEN, "synthesis")


@pytest.mark.parametrize(
    ("statement", "is_one"),
    [
        (SENTENCE, True),
        ("Complex roles of peer support specialists today", False),
        ("Sources of support.", False),
        ("Peer support workers say that they are “there to be used up.”", True),
        ("Workers have to justify why they are there (in most services).", True),
        ("Workers have to justify why they are there. [3, 5-7]", True),
        ("同伴支持工作者必须不断证明自己的角色是合理的。", True),
        ("同伴支持。", False),
        ("同伴支持工作者必须不断证明自己的角色是合理的", False),
    ],
)
def test_what_a_sentence_is(statement: str, is_one: bool) -> None:
    assert is_sentence(statement) is is_one


def test_a_judgement_lapses_with_what_it_was_made_of_and_comes_back_with_it(served: Served, studies: list[str]) -> None:
    write(served, "confidence", "c", **JUDGED)
    changes = (
        (write(served, "theme", "c", level="analytical", label="Theme c", statement=""), "no sentence any more"),
        (write(served, "theme", "c", level="analytical", label="C", statement=f"Now {SENTENCE}"), "was changed since"),
    )
    for event, why in reversed(changes):
        assert "Low confidence" not in served.get(BEN, "confidence")
        assert why in served.get(BEN, "confidence")
        assert list(csv.DictReader(io.StringIO(served.get(BEN, "synthesis/confidence.csv")))) == []
        served.post(ANNA, "undo", 303, event_id=event, back="")
    assert "Low confidence" in served.get(BEN, "confidence")
    # A new name alone changes nothing; a theme on which nothing bears is nothing to be confident of.
    write(served, "theme", "c", level="analytical", label="Another name", statement=SENTENCE)
    assert "Low confidence" in served.get(BEN, "confidence")
    for source in ("a", "b"):
        write(served, "bears", "c", source="theme", source_id=source, bearing="none")
    assert "no finding bears on it any more" in served.get(BEN, "confidence")


def test_what_nuances_is_written_as_such(served: Served, studies: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(served.get(BEN, "synthesis/themes.csv"))))
    told = {(row["theme"], row["finding"].removeprefix("'")): row["bearing"] for row in rows}
    assert told["Theme b <i>", "=finding f1 <b>"] == "nuances"
    # f1 supports a and nuances b, which both bear on c: the word that is not plainly for it holds.
    assert told["Theme c <i>", "=finding f1 <b>"] == "nuances"
    assert told["Theme top <i>", "=finding f3 <b>"] == "contradicts"


def test_a_finding_is_changed_and_taken_away_by_its_form(served: Served, studies: list[str]) -> None:
    assert "take it away" in served.get(ANNA, "synthesis?change=f1")
    kept = {"study": studies[0], "exact": "other words", "credibility": "unequivocal", "quotation": "", "page": ""}
    write(served, "finding", "f1", **kept)
    page = served.get(BEN, "synthesis")
    assert "other words" in page and "=finding f1" not in page
    write(served, "finding", "f1", remove="on", **kept)
    assert "other words" not in served.get(BEN, "synthesis")
    assert "f1" not in web_of(served.state).evidence("b")


def test_an_id_that_is_none_is_refused(served: Served, studies: list[str]) -> None:
    for subject in ("x" * 81, "a b", "<i>"):
        fields = {"action": "theme", "subject": subject, "level": "analytical", "label": "x"}
        assert "no id of a finding or theme" in html.unescape(served.post(ANNA, "synthesis", 400, **fields))
