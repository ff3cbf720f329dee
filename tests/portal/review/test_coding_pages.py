"""A code's page, coders compared and blind until both are done, memos, and coded passages searched and exported."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest

from evigraph.review.coding.book import book_of
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served
from portal.review.test_coding import attach

TEXT = b"<article><body><p>Peers said that they belong to the team.</p><p>Nobody asked why.</p></body></article>"


@pytest.fixture
def head(served: Served) -> str:
    [head] = served.include(1)
    attach(served, head, TEXT)
    for code_id, name in (("role", "Role"), ("fear", "Fear"), ("old", "Old")):
        served.post(ANNA, "coding", action="code", subject=code_id, name=name)
    return head


def code(served: Served, head: str, account: str, code_id: str, words: str, status: int = 303) -> str:
    return served.post(account, "coding", status, action="coding", record=head, code=code_id, quote=words)


def seen(served: Served, account: str) -> list[tuple[str, str]]:
    return [(one.code_id, one.anchor.exact) for one in book_of(served.state).codings(account)]


def test_a_merge_is_undone_on_the_codes_page_and_moving_keeps_the_rest(served: Served, head: str) -> None:
    code(served, head, ANNA, "old", "they belong")
    served.post(ANNA, "coding", action="merge", subject="old", into="role")
    assert seen(served, ANNA) == [("role", "they belong")]
    page = served.get(BEN, "coding/codes/old")
    assert "was merged into" in page and "Undo" not in page.partition("History")[2]
    page = served.get(ANNA, "coding/codes/old").partition("History")[2]
    event_id = re.search(r'name="event_id" value="([^"]+)"', page)
    assert event_id
    back = served.path("coding/codes/old")
    assert served.post(ANNA, "undo", event_id=event_id[1], back=back).startswith(back)
    assert seen(served, ANNA) == [("old", "they belong")]
    served.post(ANNA, "coding", action="code", subject="old", name="Old", parent="fear", color="#1b6ca8")
    assert "› <a" in served.get(ANNA, "coding/codes/old")
    served.get(ANNA, "coding/codes/none", 404)


def test_a_code_is_split_by_ticking_what_moves(served: Served, head: str) -> None:
    for words in ("they belong", "Nobody asked"):
        code(served, head, ANNA, "old", words)
    page = served.get(ANNA, "coding/codes/old")
    boxes = dict(re.findall(r'name="(coding-[^"]+)"> <span>“([^”]+)”', page))
    box = next(name for name, words in boxes.items() if words == "Nobody asked")
    served.post(ANNA, "coding", action="split", subject="old", name="Unasked", **{box: "on"})
    names = book_of(served.state).codes
    assert [(names[code_id].name, words) for code_id, words in seen(served, ANNA)] == [
        ("Old", "they belong"),
        ("Unasked", "Nobody asked"),
    ]
    assert "choose codings" in served.post(ANNA, "coding", 400, action="split", subject="old", into="role").lower()


def test_coders_are_compared_by_characters_with_their_differences_side_by_side(served: Served, head: str) -> None:
    code(served, head, ANNA, "role", "they belong")
    code(served, head, BEN, "role", "they belong to the team")
    code(served, head, ANNA, "fear", "Nobody asked why.")
    code(served, head, BEN, "fear", "Nobody asked why.")
    page = html.unescape(served.get(CLARA, "coding/compare"))
    row = re.search(r">Role</a></th>(.*?)</tr>", page, re.DOTALL)
    assert row
    # 59 characters, 11 by both, 12 more by Ben: 47 alike.
    cells = re.findall(r">([^<]*)</td>", row[1])
    assert cells[0] == f"{100 * 47 / 59:.1f} %" and sorted(cells[3:]) == ["0", "11", "12"]
    differences = page.partition("Where they differ")[2]
    assert "“they belong”" in differences and "“they belong to the team”" in differences
    assert "Nobody asked" not in differences and "1 passage" in differences


def test_while_coding_is_independent_both_have_to_be_done_before_either_sees(served: Served, head: str) -> None:
    served.post(LEAD, "coding", action="independent", on="1")
    code(served, head, ANNA, "role", "they belong")
    code(served, head, BEN, "role", "Nobody asked")
    parts = (
        f"coding/{head}",
        "coding?q=belong",
        "coding/codes/role",
        "coding/compare",
        "history",
    )

    def sees(account: str) -> dict[str, bool]:
        """Whether the words that Anna coded stand, as a quotation, on each page."""
        return {part: "“they belong”" in html.unescape(served.get(account, part)) for part in parts}

    nothing, everything = dict.fromkeys(parts, False), dict.fromkeys(parts, True)
    assert sees(BEN) == nothing
    served.post(ANNA, "coding", action="done", record=head, on="1")
    assert sees(BEN) == nothing
    done = served.post(BEN, "coding", action="done", record=head, on="1")
    assert sees(BEN) == everything
    assert len(served.get(BEN, "coding/passages.csv").splitlines()) == 3
    # A third who is not done sees nothing of theirs, and a lead neither.
    assert sees(LEAD) == nothing
    # Nobody goes on coding, or takes back, what was opened.
    assert "done with this report" in code(served, head, BEN, "role", "they", 400)
    assert "open to each other" in served.post(BEN, "coding", 400, action="done", record=head)
    served.post(BEN, "undo", 409, event_id=done.rpartition("done=")[2], back="")
    assert sees(BEN) == everything


def test_who_is_done_alone_may_go_on(served: Served, head: str) -> None:
    served.post(LEAD, "coding", action="independent", on="1")
    served.post(ANNA, "coding", action="done", record=head, on="1")
    code(served, head, ANNA, "role", "they", 400)
    served.post(ANNA, "coding", action="done", record=head)
    code(served, head, ANNA, "role", "they")


def test_passages_are_found_by_two_codes_on_the_same_words_by_study_and_coder(served: Served, head: str) -> None:
    code(served, head, ANNA, "role", "they belong to the team")
    code(served, head, BEN, "fear", "the team")
    code(served, head, ANNA, "role", "Nobody asked")
    for query, n in (
        ("code=role", 2),
        ("code=role&and=fear", 1),
        ("code=fear&and=role", 1),
        ("code=role&and=old", 0),
        (f"study={head}", 3),
        ("study=none", 0),
        (f"coder={BEN}", 1),
        ("q=NOBODY asked", 1),
    ):
        assert f"{n} passage" in served.get(ANNA, f"coding?{query}"), query
    rows = list(csv.DictReader(io.StringIO(served.get(ANNA, "coding/passages.csv?code=role&and=fear"))))
    # A tenth of a text of 59 characters whose licence is not open may leave.
    assert [(row["code"], row["passage"]) for row in rows] == [("Role", "they …")]


def test_memos_stand_with_what_they_are_about_and_are_their_authors(served: Served, head: str) -> None:
    code(served, head, ANNA, "role", "they belong")
    coding_id = book_of(served.state).codings()[0].coding_id
    served.post(ANNA, "synthesis", action="theme", subject="t1", level="descriptive", label="Belonging")
    things = (f"review:{served.review_id}", "code:role", f"coding:{coding_id}", f"report:{head}", f"study:{head}")
    for thing in (*things, "theme:t1"):
        served.post(ANNA, "coding", action="memo", thing=thing, text=f"on {thing} <b>")
    page = served.get(BEN, "coding/memos")
    for thing in (*things, "theme:t1"):
        assert html.escape(f"on {thing} <b>") in page
    assert "on code:role" in served.get(BEN, "coding/codes/role")
    assert f"on coding:{coding_id}" in served.get(BEN, f"coding/{head}")
    assert "on code:role" not in served.get(BEN, "coding/memos?about=theme")
    assert f'value="coding:{coding_id}" selected' in served.get(ANNA, f"coding/memos?thing=coding:{coding_id}")
    memo_id = re.search(r'name="subject" value="([^"]+)"', served.get(ANNA, "coding/memos?about=code"))
    assert memo_id
    served.post(BEN, "coding", 400, action="memo", subject=memo_id[1], thing="code:role", text="mine")
    served.post(ANNA, "coding", action="memo", subject=memo_id[1], thing="code:role", text="")
    assert "on code:role" not in served.get(BEN, "coding/memos")
    served.post(ANNA, "coding", 400, action="memo", thing="code:none", text="x")
