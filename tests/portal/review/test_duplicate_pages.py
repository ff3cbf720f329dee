"""Duplicates over HTTP: pairs side by side, decided, undone; groups parted."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from evigraph.review.searches import SearchRun
from portal.review.conftest import ANNA, LEAD, Served
from review.conftest import TOPICS, record


def merged(served: Served) -> tuple[str, str]:
    """Two records of one work, found by two searches."""
    run = served.workspace.search(served.review_id, ANNA, SearchRun("", "Scopus", "database"))
    again = record(50, TOPICS[0], pids=[{"scheme": "pmid", "value": "900"}])
    served.workspace.import_rows(served.review_id, ANNA, run, [again, record(51, "Music therapy <i>for carers</i>")])
    group = next(members for members in served.state.library.groups.values() if len(members) == 2)
    return group[0], group[1]


def test_a_merge_is_undone_from_the_list_and_the_undoing_too(served: Served) -> None:
    left, right = merged(served)
    page = served.get(ANNA, "duplicates")
    assert "10 records are 9 works: 1 duplicate found" in page and "1 group made one" in page
    where = served.post(ANNA, "duplicates/pair", left=left, right=right, verdict="different", reason="an erratum")
    assert len(served.state.library.groups) == 10
    page = served.client(ANNA).get(where).text
    assert "are different works" in page and "an erratum" in page and "Decided by people" in page
    event = re.search(r"done=(\w+)", where)
    assert event is not None
    served.post(ANNA, "undo", event_id=event[1], back=served.path("duplicates"))
    assert len(served.state.library.groups) == 9


def test_two_records_stand_side_by_side_with_the_reason(served: Served) -> None:
    left, right = merged(served)
    page = served.get(ANNA, f"duplicates/pair?{urlencode({'left': left, 'right': right})}")
    assert "They are one work in this review now" in page
    assert 'id="same"' in page and 'id="decide"' in page and "PubMed" in page and "Scopus" in page
    music = next(one for one in served.state.library.records if one.startswith("S2:") and one != right)
    page = served.get(ANNA, f"duplicates/pair?{urlencode({'left': left, 'right': music})}")
    assert "two works in this review now" in page and "differs" in page and "<i>for" not in page
    where = served.post(LEAD, "duplicates/pair", left=left, right=music, verdict="same")
    assert len(served.state.library.groups) == 8
    assert "are the same work" in served.client(LEAD).get(where).text


def test_what_is_no_pair_is_refused(served: Served) -> None:
    left = served.heads[0]
    for query in ({"left": left, "right": left}, {"left": left, "right": "S1:none"}, {}):
        served.get(ANNA, f"duplicates/pair?{urlencode(query)}", 404)
    assert "compared with itself" in served.post(ANNA, "duplicates/pair", 400, left=left, right=left, verdict="same")
    assert "no record x" in served.post(ANNA, "duplicates/pair", 400, left=left, right="x", verdict="same")
    assert "Say whether" in served.post(ANNA, "duplicates/pair", 400, left=left, right="x", verdict="perhaps")


def test_a_record_tells_where_it_was_found_and_takes_remarks(served: Served) -> None:
    left, right = merged(served)
    page = served.get(ANNA, f"records/{left}")
    assert "S1 · PubMed" in page and "S2 · Scopus" in page and right in page
    served.post(ANNA, f"records/{left}", text="is there a <b>second</b> report?")
    served.post(LEAD, f"records/{right}", text="asked the authors")
    page = served.get(LEAD, f"records/{right}")
    assert "is there a &lt;b&gt;second&lt;/b&gt; report?" in page and "asked the authors" in page
    assert "says nothing" in served.post(ANNA, f"records/{left}", 400, text=" ")
    served.post(ANNA, "records/S1:none", 404, text="x")
