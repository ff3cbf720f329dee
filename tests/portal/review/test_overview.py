"""The list of reviews, names, the overview and the team, over HTTP."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served


def test_a_name_is_asked_for_first_and_several_people_share_a_machine(served: Served) -> None:
    client = served.client(LEAD)
    client.cookies.clear()
    asked = client.get(served.path())
    assert (asked.status_code, asked.headers["location"]) == (303, f"/reviews/as?next={quote(served.path())}")
    page = client.get(asked.headers["location"]).text
    assert 'value="Anna (made up)"' in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    for name in ("Anna (made up)", "Ben (made up)"):
        fields = {"token": token[1], "known": name, "next": served.path()}
        answer = client.post("/reviews/as", data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, served.path())
        assert name in client.get(served.path()).text


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example/reviews", "/product/x", "/reviewsx"])
def test_a_name_leads_to_pages_of_reviews_alone(served: Served, asked: str) -> None:
    fields = {"token": served.app.state.form_token, "name": "Dora", "next": asked}
    assert served.client(LEAD).post("/reviews/as", data=fields).headers["location"] == "/reviews"


def test_a_review_is_opened_and_its_opener_leads_it(served: Served) -> None:
    client = served.client("Dora")
    fields = {"token": served.app.state.form_token, "title": "A <b>new</b> one", "is_illustration": "on"}
    answer = client.post("/reviews", data=fields)
    assert answer.status_code == 303
    text = client.get(answer.headers["location"]).text
    assert "A &lt;b&gt;new&lt;/b&gt; one" in text and "illustration, no evidence" in text
    assert "Write the protocol" in text
    listed = client.get("/reviews").text
    assert f'href="{served.path()}"' not in listed and "its lead can add you" in listed
    assert client.post("/reviews", data={**fields, "title": " "}).status_code == 400
    assert client.post("/reviews", data={**fields, "token": "x"}).status_code == 403


def test_only_the_team_sees_a_review(served: Served) -> None:
    assert "ask its lead to add you" in served.get("Dora", status=403)
    assert served.client(LEAD).get("/reviews/none").status_code == 404


def test_the_overview_says_what_is_next_for_each(served: Served) -> None:
    assert "Read 8 works by title and abstract" in served.get(ANNA)
    assert "Nothing waits for you now" in served.get(CLARA)
    assert "version 1" in served.get(ANNA)


def test_the_lead_adds_changes_and_lets_go_and_each_is_undone_where_it_was_done(served: Served) -> None:
    where = served.post(LEAD, "team", **{"name": "Dora", "role-reviewer": "on"})
    page = served.client(LEAD).get(where.partition("#")[0]).text
    assert "Done: Dora works as reviewer." in page
    undo = re.search(r'name="event_id" value="([^"]+)"', page)
    assert undo is not None and "Dora" in served.get("Dora")
    back = served.post(LEAD, "undo", event_id=undo[1], back=served.path())
    assert back == f"{served.path()}?undone={undo[1]}"
    served.get("Dora", status=403)
    again = served.client(LEAD).get(back).text
    assert "Undone: Dora works as reviewer." in again and "Do it again" in again
    served.post(LEAD, "undo", event_id=undo[1], back=served.path())
    served.get("Dora")
    served.post(LEAD, "team", account=BEN, leave="with_votes")
    assert not served.state.members[BEN].roles and not served.state.members[BEN].keeps_votes
    served.get(BEN, status=403)
    assert "needs a lead" in served.post(LEAD, "team", 400, account=LEAD, **{"role-reviewer": "on"})
    assert "needs the role lead" in served.post(ANNA, "team", 400, **{"name": "Eve", "role-lead": "on"})
    assert "of the team already" in served.post(LEAD, "team", 400, **{"name": "anna  (made UP)", "role-lead": "on"})


def test_what_was_done_is_told_to_the_one_who_did_it(served: Served) -> None:
    where = served.post(LEAD, "team", **{"name": "Dora", "role-reviewer": "on"})
    assert "Done: Dora" not in served.client(ANNA).get(where.partition("#")[0]).text
    event_id = where.partition("done=")[2].partition("#")[0]
    assert "somebody else" in served.post(ANNA, "undo", 409, event_id=event_id, back=served.path())
    for back in ("//evil.example", "https://evil.example", "/reviews/other/x", served.path() + "x"):
        assert served.post(LEAD, "undo", event_id=event_id, back=back).startswith(served.path() + "?")


def test_what_a_review_needs_is_not_undone(served: Served) -> None:
    opened = served.state.slots.in_force("review.opened").event_id
    lead = served.state.slots.in_force("review.member", (LEAD,)).event_id
    assert "stays open" in served.post(LEAD, "undo", 409, event_id=opened)
    assert "needs a lead" in served.post(LEAD, "undo", 409, event_id=lead)


def test_the_overview_tells_of_the_second_half_and_what_waits_in_it(served: Served) -> None:
    assert "Appraisal</a>" not in served.get(LEAD).partition("<h2>Stages")[2]
    [head] = served.include(1)
    lead = served.get(LEAD)
    assert "Choose the tool of appraisal" in lead and "no tool is chosen yet" in lead
    served.post(LEAD, "appraisal", tool="qualitative-ten", n_people="2")
    assert "Appraise 1 study" in served.get(ANNA)
    fields = {f"answer-Q{n}": "Yes" for n in range(1, 11)} | {f"reason-Q{n}": "so it is" for n in range(1, 10)}
    served.post(ANNA, f"appraisal/{quote(head)}", action="complete", **fields)
    assert "Appraise 1 study" not in served.get(ANNA) and "Appraise 1 study" in served.get(BEN)
    served.post(BEN, f"appraisal/{quote(head)}", action="complete", **fields | {"answer-Q6": "No"})
    assert "1 of 1 study complete, 1 to settle" in served.get(LEAD)
    assert "Settle what appraisers say differently: 1" in served.get(CLARA)
