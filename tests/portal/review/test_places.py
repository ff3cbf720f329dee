"""What a sheet quotes is found in the attached text, or said not to be there; a page that searches the text."""

from __future__ import annotations

import csv
import html
import io
from urllib.parse import quote

import pytest

from evigraph.review.extraction.forms import USUAL, write_form
from portal.review.conftest import ANNA, BEN, LEAD, Served
from portal.review.test_coding import attach

TEXT = (
    "<article><body><title>Findings</title><p>First words.</p><p>They said \u201cwe are\nneither\u201d of both.</p>"
    "<p>They said it twice: we are neither.</p></body></article>"
).encode()

ANSWERS = {f"answer-Q{n}": "Yes" for n in range(1, 11)} | {f"reason-Q{n}": "said so" for n in range(1, 11)}


@pytest.fixture
def study(served: Served) -> str:
    """An included study with a text, a tool and a form."""
    [head] = served.include(1)
    attach(served, head, TEXT)
    served.post(LEAD, "appraisal", tool="qualitative-ten", n_people="2")
    served.post(LEAD, "extraction", form=write_form(USUAL), n_people="2")
    return head


def rows(served: Served, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(served.get(LEAD, name))))


def test_an_answer_points_to_its_place_or_says_that_the_words_are_not_there(served: Served, study: str) -> None:
    path = f"appraisal/{quote(study)}"
    quoted = {"quote-Q1": 'said "we  ARE neither"', "quote-Q2": "we are both of them"}
    served.post(ANNA, path, action="draft", **ANSWERS, **quoted)
    page = served.get(ANNA, path)
    assert f'/coding/{quote(study)}#line-3">line 3' in page
    assert page.count("these words are not in the attached text") == 1
    assert 'id="line-3"' in served.get(ANNA, f"coding/{quote(study)}")
    served.post(ANNA, path, action="complete", **ANSWERS, **quoted)
    assert "#line-3" not in served.get(BEN, path)
    served.post(BEN, path, action="complete", **ANSWERS | {"answer-Q1": "No"})
    assert "#line-3" in served.get(LEAD, path)
    # Settled as Anna answered: her place stays with the answer, in the table and in the report.
    served.post(ANNA, path, action="settle", question="Q1", value="Yes", reason="both think so now")
    first, second = rows(served, "appraisal.csv")[:2]
    start, end = map(int, first["position"].split("-"))
    assert first["quote"] == quoted["quote-Q1"] and end - start == len("said \u201cwe are neither\u201d")
    assert second["quote"] == quoted["quote-Q2"] and second["position"] == ""
    assert f"at character {start} of the text" in html.unescape(served.get(LEAD, "report/print"))


def test_a_place_follows_its_words_into_a_replaced_text_or_is_said_to_be_gone(served: Served, study: str) -> None:
    path = f"appraisal/{quote(study)}"
    served.post(ANNA, path, action="draft", **{"answer-Q1": "Yes", "quote-Q1": "twice: we are neither"})
    assert "#line-4" in served.get(ANNA, path)
    attach(served, study, TEXT.replace(b"<p>First words.</p>", b"<p>First words.</p><p>More.</p>"))
    assert "#line-5" in served.get(ANNA, path)
    attach(served, study, TEXT.replace(b"twice", b"once"))
    assert "these words are not in the attached text" in served.get(ANNA, path)


def test_a_value_points_to_its_place_and_a_quotation_is_sought_itself(served: Served, study: str) -> None:
    path = f"extraction/{quote(study)}"
    values = {"v-authors-0": "Writer", "v-year-0": "2020", "v-aim-0": "to know", "v-finding-0": "a finding"}
    places = {"v-illustration-0": "it twice", "q-aim-0": "First words", "q-year-0": "in 2020"}
    served.post(ANNA, path, action="complete", **values, **places)
    page = served.get(ANNA, path)
    assert "#line-2" in page and "#line-4" in page
    assert page.count("these words are not in the attached text") == 1
    served.post(BEN, path, action="complete", **values, **places)
    found = {row["field"]: row["position"] for row in rows(served, "extraction.csv")}
    assert found["aim"] and found["illustration"] and not found["year"] and not found["authors"]


def test_the_text_is_searched_from_a_sheet(served: Served, study: str) -> None:
    assert f'action="{served.path(f"places/{quote(study)}")}"' in served.get(ANNA, f"appraisal/{quote(study)}")
    page = served.get(ANNA, f"places/{quote(study)}?words=we+are+neither")
    assert "2 places" in page and "#line-3" in page and "#line-4" in page
    assert "not in the attached text" in served.get(ANNA, f"places/{quote(study)}?words=.*")
    served.get(ANNA, "places/nothing?words=a", 404)
    assert served.client("Stranger").get(served.path(f"places/{quote(study)}")).status_code == 403
