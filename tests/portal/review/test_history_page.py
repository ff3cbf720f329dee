"""The history over HTTP: complete, filtered, undone from there; blind until the reader has voted."""

from __future__ import annotations

import re
from collections.abc import Callable

from evigraph.review.kinds import Resolution
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served


def test_nothing_of_another_vote_is_read_before_ones_own(served: Served, voted: Callable[..., str]) -> None:
    head, other = served.heads[:2]
    voted(ANNA, head, "exclude", note="secret-note")
    title = served.state.library.records[head].title
    assert "secret-note" in served.get(ANNA, "history")
    for account in (BEN, CLARA, LEAD):
        for part in ("history", "history?kind=review.vote", "history?by=" + ANNA, f"records/{head}", "", "updates"):
            text = served.get(account, part)
            assert "secret-note" not in text
            assert "xclude by title" not in text
        assert "0 entries" in served.get(account, "history?kind=review.vote")
        assert title not in served.get(account, "history")
        # That somebody said something at all is not told either.
        options = served.get(account, "history").partition('name="by"')[2].partition("</select>")[0]
        assert "Anna" not in options
    voted(BEN, other, "include")
    assert "secret-note" not in served.get(BEN, "history")
    voted(BEN, head, "include")
    assert "secret-note" in served.get(BEN, "history")
    assert "secret-note" in served.get(CLARA, "history")
    assert "secret-note" not in served.get(LEAD, "history")
    served.workspace.say(served.review_id, CLARA, head, Resolution("title_abstract", "include"), "settled-reason")
    assert "settled-reason" in served.get(ANNA, "history")
    assert "settled-reason" not in served.get(LEAD, "history")


def test_undone_votes_stay_as_blind_as_others(served: Served, voted: Callable[..., str]) -> None:
    head = served.heads[0]
    event = voted(ANNA, head, "exclude", note="secret-note")
    served.post(ANNA, "undo", event_id=event, back=served.path("history"))
    assert "secret-note" in served.get(ANNA, "history") and "undone" in served.get(ANNA, "history")
    assert "secret-note" not in served.get(BEN, "history")
    assert "somebody else" in served.post(LEAD, "undo", 409, event_id=event)
    flash = served.get(BEN, f"history?done={event}") + served.get(BEN, f"history?undone={event}")
    assert "secret-note" not in flash


def test_everything_else_is_there_filtered_and_undone_from_there(served: Served) -> None:
    page = served.get(ANNA, "history")
    assert "Search S1 of PubMed was put on record, 8 records reported." in page
    assert 'class="undo"' not in page
    lead = served.get(LEAD, "history?kind=review.member")
    assert "4 entries" in lead and "Clara (made up) works as adjudicator." in lead
    assert "PubMed" not in lead.partition("<ol")[2]
    event = re.search(r'name="event_id" value="([^"]+)"', lead)
    assert event is not None
    back = served.path("history?kind=review.member")
    where = served.post(LEAD, "undo", event_id=event[1], back=back)
    assert where == f"{back}&undone={event[1]}"
    page = served.client(LEAD).get(where).text
    assert "Undone: Clara" in page and 'class="gone"' in page and "Do it again" in page
    assert not served.state.roles(CLARA)
    assert "0 entries" in served.get(LEAD, "history?kind=nonsense")
