"""Searches over HTTP: recorded, corrected, filled from export files, taken from the graph; overlap and PRISMA-S."""

from __future__ import annotations

import re

import pytest

from evigraph.portal.review import desk
from portal.review.conftest import ANNA, CLARA, LEAD, Served

RIS = "".join(
    f"TY  - JOUR\nTI  - {title}\nAU  - Writer{n}, A\nPY  - 2020\nDO  - 10.5555/made.{n}\nER  - \n\n"
    for n, title in enumerate(("Peer workers at night", "Lived experience on wards", "Hope and its measures"))
)

FIELDS = {
    "source": "CINAHL",
    "source_kind": "database",
    "platform": "EBSCOhost",
    "searched_on": "2024-03-05",
    "n_reported": "1,204",
    "strategy": 'S1  peer support  5,120\nS2  (MH "Mental Health")\t300\nS3  S1 AND S2  1,204',
    "press_reviewer": "R. Librarian (made up)",
    "press_outcome": "no revisions",
}


def test_a_search_is_recorded_with_its_lines_and_corrected(served: Served) -> None:
    assert "Planned, not searched yet" in served.get(ANNA, "search") and "Scopus" in served.get(ANNA, "search")
    assert 'value="Scopus"' in served.get(ANNA, "search/new?source=Scopus")
    where = served.post(ANNA, "search", **FIELDS)
    assert where.startswith(served.path("search/S2?done="))
    page = served.client(ANNA).get(where).text
    assert "Done: search S2 of CINAHL was put on record, 1,204 records reported." in page
    assert re.search(r"S1 AND S2\s*</td><td class=\"num\">1,204", page)
    run = served.state.library.runs["S2"]
    assert [(line.n, line.hits) for line in run.strategy] == [(1, 5120), (2, 300), (3, 1204)]
    assert run.peer_review.outcome == "no revisions" and run.searched_by == "Anna (made up)"
    assert "none imported yet" in page
    assert served.post(ANNA, "search/S2", **FIELDS).endswith("note=nothing")
    served.post(LEAD, "search/S2", **FIELDS | {"n_reported": "3", "limits": "English, for want of translators"})
    corrected = served.state.library.runs["S2"]
    assert (corrected.n_reported, corrected.searched_by, corrected.strategy) == (3, "Anna (made up)", run.strategy)
    assert "English, for want of translators" in served.get(ANNA, "search/prisma-s")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_reported": "many"}, "is no number of records"),
        ({"source": " "}, "names no source"),
        ({"source_kind": "x"}, "no kind"),
    ],
)
def test_what_cannot_be_told_is_refused_and_what_was_typed_stays(
    served: Served, change: dict[str, str], says: str
) -> None:
    page = served.post(ANNA, "search", 400, **FIELDS | change)
    assert says in page and "(MH &#34;Mental Health&#34;)" in page
    assert list(served.state.library.runs) == ["S1"]


def send(served: Served, who: str, run: str, *files: tuple[str, str], status: int = 303, **fields: str) -> str:
    fields = {"token": served.app.state.form_token, **fields}
    sent = [("files", (name, content.encode(), "application/octet-stream")) for name, content in files]
    answer = served.client(who).post(served.path(f"search/{run}/import"), data=fields, files=sent)
    assert answer.status_code == status, answer.text
    return answer.headers["location"] if status == 303 else answer.text


def test_export_files_of_a_search_are_brought_in_and_a_difference_is_shown(served: Served) -> None:
    served.post(ANNA, "search", **FIELDS | {"n_reported": "5"})
    csv = 'title,authors,year\nA row of a table,"Writer9, A",2019\n'
    where = send(served, ANNA, "S2", ("../../etc/one.ris", RIS), ("two.csv", csv))
    page = served.client(ANNA).get(where).text
    assert "4 records came in for search S2 from one.ris and two.csv" in page
    assert "1 fewer than reported" in page and "one.ris" in page
    assert "1 fewer" in served.get(LEAD, "search")
    assert len(served.state.library.records) == 12
    assert "Peer workers at night" in served.get(ANNA, "records?run=S2")
    event = re.search(r"done=(\w+)", where)
    assert event is not None
    served.post(ANNA, "undo", event_id=event[1], back=served.path("search/S2"))
    assert len(served.state.library.records) == 8
    served.post(ANNA, "undo", event_id=event[1], back=served.path("search/S2"))
    assert len(served.state.library.records) == 12


def test_the_same_work_in_two_searches_is_counted_as_overlap(served: Served) -> None:
    served.post(ANNA, "search", **FIELDS)
    served.post(ANNA, "search", **FIELDS | {"source": "PsycINFO"})
    send(served, ANNA, "S2", ("a.ris", RIS))
    send(
        served,
        ANNA,
        "S3",
        (
            "b.ris",
            RIS.replace("Hope and its measures", "Knitting in winter")
            .replace("Writer2", "Zimmer")
            .replace("made.2", "made.9"),
        ),
    )
    page = served.get(ANNA, "search")
    both = re.search(r"<td>CINAHL</td><td>PsycINFO</td>.*?>(\d+)</a>", page)
    assert both is not None and both[1] == "2"
    assert "Knitting in winter" in served.get(ANNA, "records?source=PsycINFO&only=yes")
    assert "Peer workers at night" not in served.get(ANNA, "records?source=PsycINFO&only=yes")
    assert "2 records" in served.get(ANNA, "records?source=PsycINFO&and=CINAHL")


def test_what_is_no_upload_of_a_page_here_is_refused(served: Served) -> None:
    assert "older than your session" in send(served, ANNA, "S1", ("a.ris", RIS), status=403, token="x")
    assert "No file was chosen" in send(served, ANNA, "S1", ("", ""), status=400)
    assert "no records in" in send(served, ANNA, "S1", ("a.ris", "nothing here"), status=400).lower()
    assert "needs the role" in send(served, CLARA, "S1", ("a.ris", RIS), status=400)
    plain = served.client(ANNA).post(served.path("search/S1/import"), data={"token": served.app.state.form_token})
    assert plain.status_code == 400
    headers = {"origin": "http://evil.example"}
    answer = served.client(ANNA).post(served.path("search/S1/import"), files={"files": ("a", b"x")}, headers=headers)
    assert answer.status_code == 403
    assert len(served.state.library.records) == 8


def test_an_upload_that_is_too_large_stops(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.upload.__wrapped__, "__defaults__", (2048,))
    answer = served.client(ANNA).post(
        served.path("search/S1/import"),
        data={"token": served.app.state.form_token},
        files={"files": ("a.ris", b"x" * 10_000)},
    )
    assert answer.status_code == 413


def test_the_graph_is_searched_and_its_hits_become_a_search(served: Served) -> None:
    looked = served.get(ANNA, "search/graph?q=peer")
    n = re.search(r"<h2>(\d+) hits?</h2>", looked)
    assert n is not None and int(n[1]) > 0
    where = served.post(ANNA, "search/graph", q="peer", **{"from": "", "until": ""})
    run = served.state.library.runs["S2"]
    assert (run.source, run.n_reported, run.strategy[0].text) == ("This research graph", int(n[1]), "peer")
    assert served.state.library.imports["S2"].n_records == int(n[1])
    assert "They agree." in served.client(ANNA).get(where).text
    assert "is no number" in served.get(ANNA, "search/graph?q=peer&from=abc", 400)
    assert "Nothing in this graph answers it" in served.get(ANNA, "search/graph?q=zzzzqqqq")


def test_a_search_that_is_not_there(served: Served) -> None:
    for part in ("search/S9", "search/S9/edit", "records?run=S9", "records/S9:none"):
        served.get(ANNA, part, 404)
