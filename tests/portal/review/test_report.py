"""The report over HTTP: ENTREQ with its sources, the team's words, and an archive that gives nothing away."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import quote

from portal.review.conftest import ANNA, BEN, CLARA, LEAD, Served

SECRET = "a reason that only Anna wrote"


def archive(served: Served, account: str) -> dict[str, str]:
    answer = served.client(account).get(served.path("archive.zip"))
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_entreq_is_filled_and_words_are_kept_and_undone(served: Served) -> None:
    text = served.get(LEAD, "report")
    assert "How do peer support workers experience their work?" in text
    assert text.count('id="item-') == 21
    served.post(ANNA, "report", number="10", text="<b>because</b>")
    assert "&lt;b&gt;because" in served.get(LEAD, "report")
    assert "no such item" in served.post(ANNA, "report", 400, number="22", text="x")
    assert "role" in served.post(CLARA, "report", 400, number="10", text="x")
    [said] = served.state.slots.every("review.report_words")
    served.post(ANNA, "undo", event_id=said.event_id)
    assert "because" not in served.get(LEAD, "report")


def test_the_archive_holds_what_its_reader_may_read_and_no_more(served: Served) -> None:
    [head] = served.include(1)
    served.post(LEAD, "appraisal", tool="qualitative-ten", n_people="2")
    long = "word " * 200
    fields = {"answer-Q1": "Yes", "reason-Q1": SECRET, "quote-Q1": long}
    served.post(ANNA, f"appraisal/{quote(head)}", action="draft", **fields)
    for reader, is_seen in ((ANNA, True), (BEN, False), (LEAD, False)):
        files = archive(served, reader)
        assert any(SECRET in content for content in files.values()) is is_seen
        assert not any(long.strip() in content for content in files.values())
        crate = json.loads(files["ro-crate-metadata.json"])
        [root] = [one for one in crate["@graph"] if one["@id"] == "./"]
        assert {part["@id"] for part in root["hasPart"]} == set(files) - {"ro-crate-metadata.json"}
        assert "TI  - " in files["included.ris"]
        for line in files["decisions.jsonl"].splitlines():
            json.loads(line)
    fields = {f"answer-Q{n}": "Yes" for n in range(1, 11)} | {f"reason-Q{n}": "said" for n in range(1, 11)}
    for account in (ANNA, BEN):
        served.post(account, f"appraisal/{quote(head)}", action="complete", **fields, **{"quote-Q1": long})
    answers = archive(served, LEAD)["appraisal.csv"]
    assert "word word" in answers and long.strip() not in answers and f"{long[:300]}…" in answers
    assert served.client("Stranger").get(served.path("archive.zip")).status_code == 403
