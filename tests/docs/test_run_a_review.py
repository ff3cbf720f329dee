"""What docs/how-to/run-a-review.md says, done as it stands there, in a graph without a release."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from evigraph.portal.app import create_app

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "run-a-review.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    client = TestClient(create_app(tmp_path), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_000))
    client.cookies.set("works_as", quote("A. Reviewer (made up)"), domain="127.0.0.1", path="/reviews")
    return client


def test_the_page_is_done_as_it_stands(client: TestClient) -> None:
    token = {"token": client.app.state.form_token}  # type: ignore[attr-defined]

    def post(path: str, **fields: str) -> str:
        answer = client.post(path, data=token | fields)
        assert answer.status_code == 200, answer.text
        return answer.url.path

    review = post("/reviews", title="Peer support (made up)")
    numbers = {}
    for source, language in (("PsycINFO", "ris"), ("PubMed", "nbib")):
        name, _, content = BLOCKS[language].partition("\n")
        run = post(
            f"{review}/search",
            source=source,
            source_kind="database",
            n_reported="3",
            strategy=BLOCKS["strategy"],
        )
        assert "103,400" in client.get(run).text
        files = {"files": (name.removeprefix("# "), content.encode())}
        numbers[source] = client.post(f"{run}/import", data=token, files=files).text
    assert "1 fewer than reported" in numbers["PsycINFO"] and "**1 fewer than reported**" in PAGE
    says = re.search(r"\*\*(4 records are .*?)\*\*", PAGE)
    assert says is not None and says[1] in client.get(f"{review}/duplicates").text
    addresses = set(re.findall(r"`/reviews/ID(/?[a-z/-]*)`", PAGE))
    assert {"/protocol", "/history", "/updates"} <= addresses
    # The search of the graph needs one.
    for part in addresses - {"/search/graph"}:
        assert client.get(review + part).status_code == 200, part
