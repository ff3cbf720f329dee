"""Updates of a living review over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from portal.review.conftest import ANNA, BEN, LEAD, Served


def test_an_update_begins_with_what_is_included(served: Served, voted: Callable[..., str]) -> None:
    head = served.heads[0]
    for stage in ("title_abstract", "full_text"):
        for account in (ANNA, BEN):
            voted(account, head, "include", stage=stage)
    assert "7 works are not decided yet" in served.get(LEAD, "updates")
    assert "Begin update" not in served.get(ANNA, "updates")
    assert "needs the role lead" in served.post(ANNA, "updates", 400)
    where = served.post(LEAD, "updates", reason="two years later")
    page = served.client(LEAD).get(where).text
    assert "Update 1: 1 study in 1 report included before" in page
    assert f'{served.path("search/new?repeats=S1")}"' in page
    assert "search again before the next begins" in served.post(LEAD, "updates", 400)
    form = served.get(LEAD, "search/new?repeats=S1")
    assert 'value="PubMed"' in form and 'name="repeats" value="S1"' in form
    served.post(LEAD, "search", source="PubMed", source_kind="database", repeats="S1")
    run = served.state.library.runs["S2"]
    assert (run.update, run.repeats) == (1, "S1")
    event = served.state.slots.in_force("review.update", ("1",)).event_id
    assert "holds searches" in served.post(LEAD, "undo", 409, event_id=event)
    assert "repeated" in served.get(LEAD, "updates")
