"""Coding as people do it by forms: codes, passages, what is refused, who sees what, undoing."""

from __future__ import annotations

import html
import re

import pytest

from evigraph.review.kinds import Report
from evigraph.review.retrieval import JATS
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served

ARTICLE = b"<article><body><title>Findings</title><p>Peers said they belong. <b>x</b></p><p>Nobody asked.</p></body>"
ARTICLE += b"</article>"


@pytest.fixture
def head(served: Served) -> str:
    """A report with a text and a code to code it with."""
    head = next(iter(served.workspace.state(served.review_id).library.groups))
    sha256 = served.workspace.files(served.review_id).keep(ARTICLE)
    served.workspace.say(served.review_id, LEAD, head, Report("retrieved", sha256, "a.xml", JATS))
    served.post(ANNA, "coding", 303, action="code", subject="role", name="Role <i>", color="#336699")
    return head


def test_a_passage_is_coded_by_quote_or_lines_searched_and_undone(served: Served, head: str) -> None:
    led = served.post(ANNA, "coding", 303, action="coding", record=head, code="role", quote="they belong")
    served.post(ANNA, "coding", 303, action="coding", record=head, code="role", first="2", last="3")
    page = html.unescape(served.get(ANNA, f"coding/{head}"))
    assert "“they belong”" in page and "“Peers said they belong. x Nobody asked.”" in re.sub(r"\s+", " ", page)
    assert "Role <i>" not in served.get(ANNA, "coding")
    found = served.get(ANNA, "coding?q=BELONG&code=role")
    assert "2 passages" in found
    served.post(ANNA, "undo", 303, event_id=led.rpartition("done=")[2], back="")
    assert "1 passage" in served.get(ANNA, "coding?q=belong")


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"quote": "never written"}, 400, "not in the text"),
        ({"first": "9"}, 400, "from 1 to 3"),
        ({"first": "3", "last": "2"}, 400, "from 1 to 3"),
        ({"first": "²"}, 400, "from 1 to 3"),
        ({}, 400, "no passage|No passage"),
        ({"quote": "they", "code": "none"}, 400, "no code"),
        ({"quote": "they", "record": "none"}, 404, "no such report"),
    ],
)
def test_a_passage_that_is_none_is_refused(
    served: Served, head: str, fields: dict[str, str], status: int, says: str
) -> None:
    sent = {"action": "coding", "record": head, "code": "role", **fields}
    assert re.search(says, html.unescape(served.post(ANNA, "coding", status, **sent)))


def test_who_may_not_code_is_told_and_independent_coders_see_their_own(served: Served, head: str) -> None:
    assert "role" in served.post(CLARA, "coding", 400, action="coding", record=head, code="role", quote="they")
    served.post(BEN, "coding", 400, action="independent", on="1")
    served.post(LEAD, "coding", 303, action="independent", on="1")
    served.post(ANNA, "coding", 303, action="coding", record=head, code="role", quote="they belong")
    for part in (f"coding/{head}", "coding?q=belong", "history"):
        assert "“they belong”" in html.unescape(served.get(ANNA, part))
        assert "“they belong”" not in html.unescape(served.get(BEN, part))
    served.post(LEAD, "coding", 303, action="independent")
    assert "“they belong”" in html.unescape(served.get(BEN, f"coding/{head}"))


def test_the_project_and_codebook_are_served_to_members(served: Served, head: str) -> None:
    served.post(ANNA, "coding", 303, action="coding", record=head, code="role", quote="they belong")
    answer = served.client(ANNA).get(served.path("coding/export.qdpx"))
    assert answer.status_code == 200 and answer.content.startswith(b"PK")
    assert "CodeBook" in served.get(ANNA, "coding/export.qdc")
    served.get(ANNA, "coding/export.doc", 404)
    assert served.client("a-stranger").get(served.path("coding/export.qdpx")).status_code != 200


def attach(served: Served, head: str, content: bytes) -> None:
    sha256 = served.workspace.files(served.review_id).keep(content)
    served.workspace.say(served.review_id, LEAD, head, Report("retrieved", sha256, "b.xml", JATS))


def test_a_coding_goes_with_its_words_into_another_text_and_is_listed_where_they_are_gone(
    served: Served, head: str
) -> None:
    for words in ("they belong", "Nobody asked."):
        served.post(ANNA, "coding", 303, action="coding", record=head, code="role", quote=words)
    attach(
        served, head, ARTICLE.replace(b"<p>Peers", b"<p>Before all else.</p><p>Peers").replace(b"Nobody asked.", b"")
    )
    page = html.unescape(served.get(ANNA, f"coding/{head}"))
    assert "1 coding not found in this text" in page and "“Nobody asked.”" in page.partition('id="line-1"')[0]
    line = re.search(r'id="line-(\d+)">(?:(?!</div>).)*“they belong”', page, re.DOTALL)
    assert line is not None and line[1] == "3"
    attach(served, head, ARTICLE)
    assert "not found in this text" not in served.get(ANNA, f"coding/{head}")
