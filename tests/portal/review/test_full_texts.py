"""Full texts over HTTP: attached, served to members alone and never inline, given up; reports grouped into studies."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from portal.review.conftest import ANNA, BEN, Served

PDF = b"%PDF-1.4 made up"


@pytest.fixture
def sought(served: Served, voted: Callable[..., str]) -> list[str]:
    """Three reports that title and abstract included."""
    heads = served.heads[:3]
    for head in heads:
        for account in (ANNA, BEN):
            voted(account, head, "include")
    return heads


def attach(
    served: Served, account: str, head: str, content: bytes, name: str = "a b.pdf", **fields: str
) -> tuple[int, str]:
    """The status and text of the answer to an attached file."""
    data = {"token": served.app.state.form_token, **fields}
    path = served.path(f"full-texts/{quote(head)}/file")
    answer = served.client(account).post(path, data=data, files={"file": ("a b.pdf", content)})
    return answer.status_code, answer.text


def test_a_text_is_attached_and_only_members_get_it_as_a_file(served: Served, sought: list[str]) -> None:
    head = sought[0]
    licence = "https://creativecommons.org/licenses/by/4.0/"
    assert attach(served, ANNA, head, PDF, license_url=licence)[0] == 303
    report = served.state.report(head)
    assert (report.status, report.media_type, report.file_name, report.license_url) == (
        "retrieved",
        "application/pdf",
        "a b.pdf",
        licence,
    )
    path = served.path(f"full-texts/{quote(head)}/file")
    answer = served.client(BEN).get(path)
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''a%20b.pdf")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert served.client("Stranger").get(path).status_code == 403
    assert "a b.pdf" in served.get(BEN, "full-texts")
    assert "Open the full text" in served.get(BEN, f"screen/full-text?record={quote(head)}")


@pytest.mark.parametrize("content", [b"<html>Sign in</html>", b"MZ", b""])
def test_what_is_no_text_is_refused_and_nothing_kept(served: Served, sought: list[str], content: bytes) -> None:
    status, text = attach(served, ANNA, sought[0], content)
    assert status in (400, 415)
    assert "PDF" in text or "file" in text
    assert served.state.report(sought[0]).status == "sought"


def test_a_form_without_the_token_of_this_server_is_refused(served: Served, sought: list[str]) -> None:
    assert attach(served, ANNA, sought[0], PDF, token="wrong")[0] == 403
    served.post(ANNA, f"full-texts/{quote(sought[0])}", 403, token="wrong", action="not_retrieved")


def test_a_text_that_cannot_be_had_leaves_the_reading_and_comes_back(served: Served, sought: list[str]) -> None:
    head = sought[1]
    served.post(ANNA, f"full-texts/{quote(head)}", 303, action="not_retrieved", reason="asked twice")
    assert head not in served.state.statuses("full_text")
    assert "1 not to be had" in served.get(ANNA, "full-texts")
    assert served.get(ANNA, "full-texts?only=not_retrieved").count('class="text-row"') == 1
    served.post(ANNA, f"full-texts/{quote(head)}", 303, action="sought")
    assert head in served.state.statuses("full_text")
    assert "no open copy" in served.post(ANNA, f"full-texts/{quote(head)}", 409, action="fetch")


def test_reports_are_grouped_into_a_study(served: Served, sought: list[str], voted: Callable[..., str]) -> None:
    for head in sought:
        for account in (ANNA, BEN):
            voted(account, head, "include", stage="full_text")
    fields = {f"report-{head}": "on" for head in sought[:2]}
    served.post(ANNA, "studies", 303, label="Ward study 2020", **fields)
    assert sorted(map(len, served.state.studies().values())) == [1, 2]
    text = served.get(BEN, "full-texts")
    assert "Ward study 2020" in text
    assert "2 of 3 included reports" in text
