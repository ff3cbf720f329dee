"""Projects of other software taken in by a form: what became of them, who may, what is refused."""

from __future__ import annotations

import html

from portal.review.conftest import ANNA, BEN, CLARA, Served
from review.exchange.test_taking_in import other_project


def send(served: Served, account: str, content: bytes, name: str = "a.qdpx", **fields: str) -> tuple[int, str]:
    files = {"file": (name, content, "application/zip")}
    answer = served.client(account).post(
        served.path("exchange"), data={"token": served.app.state.form_token, **fields}, files=files
    )
    return answer.status_code, html.unescape(answer.text)


def test_a_project_is_taken_in_and_told_of(served: Served) -> None:
    assert "Take it in" in served.get(ANNA, "exchange")
    status, page = send(served, ANNA, other_project(), texts="on")
    assert status == 200
    told = " ".join(page.partition("What became of it")[2].split())
    assert told.partition("<p>")[2].startswith("Taken in: 3 codes, 3 texts, 4 codings, 1 case, 4 memos."), told[:300]
    assert "1 × PictureSource (no text)" in page
    assert "Role" in served.get(BEN, "coding")
    # Taken in once more, the codes are there.
    _, again = send(served, ANNA, other_project(), texts="on")
    assert "codes" not in again.partition("Taken in")[2].partition("</p>")[0]


def test_what_is_no_project_and_who_may_not(served: Served) -> None:
    status, page = send(served, ANNA, b"<html/>")
    assert status == 415 and "no REFI-QDA project or codebook" in page
    status, page = send(served, CLARA, other_project())
    assert status == 400 and "role" in page
    assert "Take it in" not in served.get(CLARA, "exchange")
    assert served.client("Stranger").get(served.path("exchange")).status_code == 403
    assert not list(served.state.slots.every("review.code"))
