"""Extraction over HTTP: a form with a repeated section, its pilot, blind sheets, what is settled, hostile input."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from evigraph.errors import InputError
from evigraph.review.extraction.forms import USUAL, check_value, read_form, write_form
from evigraph.review.extraction.kinds import Field, FieldType
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served

FORM = """\
# Study
n | integer | Participants | required
design | choice | Design | choices: interviews; groups
topics | multi | Topics | choices: role; pay; stigma
# Findings (repeated)
finding | longtext | Finding | required
"""
SECRET = "only Anna read it so"


@pytest.fixture
def studies(served: Served) -> list[str]:
    """Two included studies."""
    heads = served.include(2)
    return heads


def test_a_form_is_piloted_released_and_its_values_settled(served: Served, studies: list[str]) -> None:
    first, second = (f"extraction/{quote(study)}" for study in studies)
    served.post(LEAD, "extraction", form=FORM, n_people="2", **{f"pilot-{studies[0]}": "on"})
    served.get(ANNA, second, 404)
    filled = {"v-n-0": "12", "v-design-0": "groups", "v-finding-0": SECRET, "v-topics-0-role": "on", "p-n-0": "4"}
    served.post(ANNA, first, action="complete", **filled, **{"v-topics-0-stigma": "on"})
    for reader in (BEN, CLARA, LEAD):
        for part in (first, "extraction", "extraction.csv", "history"):
            text = served.get(reader, part)
            assert SECRET not in text
            assert "was extracted" not in text
    served.post(BEN, first, action="complete", **{"v-n-0": "12", "v-design-0": "groups", "v-finding-0": "other"})
    shown = served.get(CLARA, first)
    assert SECRET in shown
    assert "2 values differ" in shown
    served.post(CLARA, first, action="settle", key="finding", place="0", value="=agreed")
    served.post(CLARA, first, action="settle", key="topics", place="0", value="role")
    rows = [line.split(",")[2:] for line in served.get(LEAD, "extraction.csv").splitlines()]
    assert rows == [
        ["field", "entry", "value", "quote", "page", "position"],
        ["n", "1", "12", "", "4", ""],
        ["design", "1", "groups", "", "", ""],
        ["topics", "1", "role", "", "", ""],
        ["finding", "1", "'=agreed", "", "", ""],
    ]
    assert "settle what differs" in served.post(ANNA, first, 400, action="complete", **filled)
    served.post(LEAD, "extraction", form=FORM + "notes | text | Notes\n", n_people="2")
    served.get(ANNA, second)
    assert "another key" in served.post(LEAD, "extraction", 400, form=FORM.replace("integer", "text"))


def test_entries_repeat_and_what_is_required_is_asked_for_in_each(served: Served, studies: list[str]) -> None:
    page = f"extraction/{quote(studies[0])}"
    served.post(LEAD, "extraction", form=FORM.replace("finding |", "who | text | Who\nfinding |"), n_people="2")
    entries = {"v-finding-0": "a", "v-finding-1": "b", "v-n-0": "3"}
    served.post(ANNA, page, action="draft", **entries)
    assert 'name="v-finding-2"' in served.get(ANNA, page)
    assert "Finding is required" in served.post(ANNA, page, 400, action="complete", **entries, **{"v-who-2": "P3"})
    served.post(ANNA, page, action="complete", **entries)


def test_who_may_not_and_what_is_no_value(served: Served, studies: list[str]) -> None:
    page = f"extraction/{quote(studies[0])}"
    served.get(ANNA, page, 409)
    assert "role" in served.post(ANNA, "extraction", 400, form=FORM)
    for lines in ("", "n | integer | N", "# S\nn | float | N", "# S\nN! | text | N", "# S\na | choice | A"):
        served.post(LEAD, "extraction", 400, form=lines)
    served.post(LEAD, "extraction", form=FORM)
    assert "whole number" in served.post(ANNA, page, 400, action="draft", **{"v-n-0": "a dozen"})
    assert "role" in served.post(CLARA, page, 400, action="draft", **{"v-n-0": "1"})
    assert "ot all who judge" in served.post(CLARA, page, 400, action="settle", key="n", place="0", value="1")
    served.post(ANNA, page, 400, action="settle", key="n", place="-1", value="1")
    to = served.post(ANNA, page, action="draft", **{"v-finding-0": "</textarea><script>x</script>"})
    assert "<script>x" not in served.client(ANNA).get(to).text


def test_forms_are_written_as_they_are_read() -> None:
    assert read_form(write_form(USUAL)) == USUAL
    assert read_form(write_form(read_form(FORM))) == read_form(FORM)


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("integer", "-3", "3.0"),
        ("decimal", "12.5", "1e9"),
        ("date", "2020-03", "2020-13"),
        ("bool", "yes", "Yes"),
        ("country", "NO", "Norway"),
        ("integer", "7", "٧"),
    ],
)
def test_values_have_the_type_of_their_field(type_: FieldType, good: str, bad: str) -> None:
    field = Field("k", "K", type_)
    check_value(field, good)
    with pytest.raises(InputError):
        check_value(field, bad)
