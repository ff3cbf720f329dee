"""Screening over HTTP: votes, undo, conflicts, batches, stopping, agreement; and that nobody sees anything early."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from evigraph.portal.review.reservations import Reservations
from evigraph.review.allotment import tasks
from evigraph.review.kinds import StageRule
from portal.review.conftest import ANNA, BEN, CLARA, LEAD, NAMES, Served
from review import conftest as method


def form_of(text: str) -> dict[str, str]:
    """The hidden fields of the form of a vote."""
    form = text[text.index('id="vote"') :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


def test_a_record_is_shown_with_the_words_of_the_protocol_marked_and_its_criteria(served: Served) -> None:
    text = served.get(ANNA, "screen/title")
    assert "<mark>peer workers</mark>" in text
    assert "about peer support workers" in text
    assert 'id="include"' in text
    assert "8 left for you" in text


def test_a_vote_leads_to_the_next_record_and_can_be_undone_from_there(served: Served) -> None:
    first, second, *_ = served.heads
    fields = form_of(served.get(ANNA, "screen/title"))
    assert fields["record"] == first
    to = served.post(
        ANNA,
        "screen/title",
        decision="include",
        note="clearly",
        milliseconds="2100",
        **{name: fields[name] for name in ("record", "once", "place")},
    )
    assert to.startswith(served.path("screen/title?done="))
    [said] = served.state.slots.every("review.vote")
    assert (said.actor, said.payload.decision, said.payload.note, said.payload.milliseconds) == (
        ANNA,
        "include",
        "clearly",
        2100,
    )
    shown = served.client(ANNA).get(to).text
    assert form_of(shown)["record"] == second
    assert 'id="undo"' in shown
    served.post(ANNA, "undo", event_id=said.event_id, back=served.path(f"screen/title?record={quote(first)}"))
    assert not list(served.state.slots.every("review.vote"))


def test_a_vote_sent_twice_is_kept_once_and_an_odd_one_is_refused(served: Served) -> None:
    head = served.heads[0]
    assert "press one of the buttons" in served.post(ANNA, "screen/title", 400, decision="perhaps", record=head)
    assert "no record" in served.post(ANNA, "screen/title", 400, decision="include", record="S9:none")
    assert "role" in served.post(CLARA, "screen/title", 400, decision="include", record=head)
    served.get("Stranger", "screen/title", 403)


def test_each_reader_gets_records_that_still_want_their_vote(served: Served) -> None:
    state = served.state
    held = Reservations(clock=lambda: 0.0)

    def take(account: str) -> str:
        task = held.take(state, "title_abstract", account, tasks(state, "title_abstract", account))
        assert task is not None
        return task.head

    first, second, *_ = served.heads
    assert [take(ANNA), take(BEN), take(LEAD)] == [first, first, second]
    held.release(state, "title_abstract", ANNA)
    assert take(LEAD) == first


def everything(served: Served, account: str) -> str:
    """All pages and files that somebody can get, together."""
    head = served.heads[0]
    parts = [
        "",
        "protocol",
        "search",
        "duplicates",
        "citations",
        "history",
        "updates",
        "full-texts",
        "flow",
        "flow.csv",
        "flow.svg",
        "conflicts",
        "agreement",
        "screen/title",
        "screen/full-text",
        f"screen/title?record={quote(head)}",
        f"records/{quote(head)}",
        "stopping/title",
        "batches/title",
        *(f"flow/{key}" for key in ("records_screened", "records_excluded", "dbr_sought_reports")),
        *(f"export/{name}" for name in ("ris", "bibtex", "csv", "endnote", "nbib")),
    ]
    told = []
    for part in parts:
        answer = served.client(account).get(served.path(part))
        assert answer.status_code in (200, 404), (part, answer.status_code)
        told.append(answer.text)
    return "\n".join(told)


def test_nobody_is_told_anything_of_a_vote_before_their_own(served: Served, voted: Callable[..., str]) -> None:
    head = served.heads[0]
    before = {account: everything(served, account) for account in (ANNA, CLARA, LEAD)}
    voted(BEN, head, "exclude", note="zebra crossing")
    for account in (ANNA, CLARA, LEAD):
        after = everything(served, account)
        assert "zebra" not in after
        assert after.count("Excluded") == before[account].count("Excluded")
        for decision in ("exclude", "include"):
            assert after.count(f"<b>{decision}</b>") == before[account].count(f"<b>{decision}</b>")
    voted(ANNA, head, "include", note="of interest")
    for account in (ANNA, BEN, CLARA):
        assert "zebra" in served.get(account, "conflicts")
    assert "zebra" not in everything(served, LEAD)


def test_an_adjudicator_settles_a_conflict_and_nobody_else_does(served: Served, voted: Callable[..., str]) -> None:
    head = served.heads[0]
    voted(ANNA, head, "include")
    voted(BEN, head, "exclude")
    fields = {"stage": "title_abstract", "record": head, "decision": "exclude", "reason": "no data"}
    assert "role adjudicator" in served.post(ANNA, "conflicts", 400, **fields)
    served.post(CLARA, "conflicts", 303, **fields)
    status = served.state.statuses("title_abstract")[head]
    assert (status.standing, status.is_resolved) == ("excluded", True)
    assert "No record is in conflict" in served.get(CLARA, "conflicts")


def test_full_text_asks_for_one_reason(served: Served, voted: Callable[..., str]) -> None:
    head = served.heads[0]
    for account in (ANNA, BEN):
        voted(account, head, "include")
    text = served.get(ANNA, "screen/full-text")
    assert 'value="exclude:design"' in text
    assert 'id="exclude"' not in text
    assert "one reason" in served.post(ANNA, "screen/full-text", 400, decision="exclude", record=head)
    served.post(ANNA, "screen/full-text", 303, decision="exclude:design", record=head)
    served.post(BEN, "screen/full-text", 303, decision="exclude:language", record=head)
    assert "wrong design" in served.get(CLARA, "conflicts")
    served.post(CLARA, "conflicts", 303, stage="full_text", record=head, decision="exclude:language")
    assert "language" in served.get(LEAD, "flow/dbr_excluded")


def test_a_calibration_round_is_drawn_by_seed_read_first_and_closed(served: Served) -> None:
    fields = {"action": "batch", "name": "Pilot", "n": "3", "seed": "a", "purpose": "calibration"}
    assert "role" in served.post(ANNA, "batches/title", 400, **fields)
    served.post(LEAD, "batches/title", 303, **fields)
    [(batch_id, batch)] = served.state.batches.items()
    assert len(batch.records) == 3
    assert "Calibration: Pilot" in served.get(ANNA, "screen/title")
    assert form_of(served.get(BEN, "screen/title"))["record"] == batch.records[0]
    served.post(LEAD, "batches/title", 303, action="close", batch=batch_id)
    assert "Calibration: Pilot" not in served.get(ANNA, "screen/title")
    served.post(LEAD, "batches/title", 303, action="rule", n_votes="1", rule="agree")
    rule = served.state.rule("title_abstract")
    assert (rule.n_votes, rule.is_ranked) == (1, False)


def test_the_panel_tells_what_the_rules_say_and_keeps_the_decision(served: Served, voted: Callable[..., str]) -> None:
    assert "Nothing is decided" in served.get(ANNA, "stopping/title")
    for place, head in enumerate(served.heads[:5]):
        for account in (ANNA, BEN):
            voted(account, head, "include" if place == 0 else "exclude")
    text = served.get(ANNA, "stopping/title")
    assert "1 relevant among 5" in text
    assert 'name="action" value="stop"' not in text
    served.post(LEAD, "stopping/title", 303, action="audit", n="2", seed="x")
    served.post(LEAD, "stopping/title", 303, action="stop", reason="few left")
    said = served.state.stop("title_abstract")
    assert said.payload.values["n_irrelevant_in_a_row"] == "4"
    assert "few left" in served.get(BEN, "stopping/title")
    audit = next(iter(served.state.batches.values()))
    assert [task.head for task in tasks(served.state, "title_abstract", ANNA)] == list(audit.records)
    assert served.get(LEAD, "flow/excluded_automatic").count("<li>") >= 3


def test_agreement_counts_only_records_with_all_votes(served: Served, voted: Callable[..., str]) -> None:
    for place, head in enumerate(served.heads[:4]):
        voted(ANNA, head, "include" if place < 2 else "exclude")
        voted(BEN, head, "include" if place != 1 else "exclude")
    voted(ANNA, served.heads[5], "include")
    text = served.get(LEAD, "agreement")
    assert f"{NAMES[method.ANNA]} and {NAMES[method.BEN]}" in text or f"{NAMES[method.BEN]} and" in text
    assert ">4<" in re.sub(r"\s", "", text)
    assert "n/a" in served.get(LEAD, "agreement") or "0.5" in text


def test_the_flow_page_links_every_number_and_gives_files(served: Served, voted: Callable[..., str]) -> None:
    for account in (ANNA, BEN):
        voted(account, served.heads[0], "include")
    text = served.get(ANNA, "flow")
    for key in ("database_results", "records_screened", "dbr_assessed", "new_studies"):
        assert f'href="{served.path(f"flow/{key}")}"' in text
        served.get(ANNA, f"flow/{key}")
    assert "<style" not in text
    assert "not yet decided" in text
    assert served.get(ANNA, "flow.csv").startswith("data,node,box")
    assert "<style" in served.get(ANNA, "flow.svg")
    for name in ("ris", "bibtex", "csv", "endnote", "nbib"):
        assert served.get(ANNA, f"export/{name}")
    served.get(ANNA, "export/docx", 404)
    served.get(ANNA, "flow/nothing", 404)


@pytest.mark.parametrize("part", ["screen/title", "conflicts", "batches/title", "stopping/title"])
def test_every_form_needs_the_token_of_this_server(served: Served, part: str) -> None:
    served.post(ANNA, part, 403, token="wrong", decision="include", record=served.heads[0])


def test_the_queue_learns_from_the_votes_in_the_background(served: Served, voted: Callable[..., str]) -> None:
    served.workspace.say(
        served.review_id, LEAD, "title_abstract", StageRule(n_votes=2, is_ranked=True, shows_score=True)
    )
    orders = served.app.state.reviews.orders
    first, second, third, *rest = served.heads
    for account in (ANNA, BEN):
        voted(account, first, "include")
        voted(account, third, "exclude")
    served.get(ANNA, "screen/title")
    orders.wait(served.state, "title_abstract")
    order = orders.order(served.state, "title_abstract")
    assert set(order) == {second, *rest}
    assert form_of(served.get(ANNA, "screen/title"))["record"] == order[0]
    assert "Why this one?" not in served.get(ANNA, "screen/title")
    assert "Why this one?" in served.get(ANNA, f"screen/title?record={quote(first)}")
    assert "Why this one?" not in served.get(LEAD, f"screen/title?record={quote(first)}")
    served.workspace.say(served.review_id, LEAD, "title_abstract", StageRule(n_votes=2, is_ranked=False))
    assert orders.order(served.state, "title_abstract") is None
