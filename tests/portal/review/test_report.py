"""The report over HTTP: guidelines, a page and a Word file of it all, and an archive that gives nothing away."""

from __future__ import annotations

import html
import io
import json
import zipfile
from urllib.parse import quote

from lxml import etree

from evigraph.review.exchange.reading import read_refi
from evigraph.review.kinds import Report
from evigraph.review.retrieval import JATS
from evigraph.review.synthesis.kinds import Bears, Finding, Theme
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


def test_each_guideline_has_its_items_and_keeps_words_of_its_own(served: Served) -> None:
    for name, n in (("entreq", 21), ("prisma", 42), ("emerge", 19)):
        assert served.get(LEAD, f"report/{name}").count('id="item-') == n
    served.post(ANNA, "report", guideline="prisma", number="13f", text="none was made")
    assert "none was made" in served.get(LEAD, "report/prisma")
    assert "none was made" not in served.get(LEAD, "report/emerge")
    assert "PRISMA 2020" in served.get(LEAD, "history")
    served.get(LEAD, "report/amstar", 404)
    assert "no such item" in served.post(ANNA, "report", 400, guideline="emerge", number="20", text="x")


def test_the_whole_report_is_a_page_and_a_word_file_that_another_reader_opens(served: Served) -> None:
    [head] = served.include(1)
    served.post(LEAD, "appraisal", tool="qualitative-ten", n_people="2")
    fields = {f"answer-Q{n}": "Yes" for n in range(1, 11)} | {f"reason-Q{n}": SECRET for n in range(1, 11)}
    closed = "word " * 200
    served.post(ANNA, f"appraisal/{quote(head)}", action="complete", **fields, **{"quote-Q1": closed, "page-Q1": "7"})
    assert SECRET not in served.get(LEAD, "report/print") and SECRET not in word(served, LEAD)
    served.post(BEN, f"appraisal/{quote(head)}", action="complete", **fields, **{"quote-Q1": "\x0bmore"})
    theme = {"level": "descriptive", "label": "Belonging (made up)", "statement": "They belong <b>nowhere</b>."}
    for kind in (Theme(**theme), Finding(head, "We are neither staff nor patient", quotation="I am alone", page="3")):
        served.workspace.say(served.review_id, LEAD, type(kind).__name__, kind)
    served.workspace.say(served.review_id, LEAD, "Theme", Bears("finding", "Finding", "supports"))
    for name in "abcdef":
        served.workspace.say(served.review_id, LEAD, name, Finding(head, f"{name} is long " * 50))
        served.workspace.say(served.review_id, LEAD, "Theme", Bears("finding", name, "supports"))
    for text in (html.unescape(served.get(LEAD, "report/print")), word(served, LEAD)):
        assert SECRET in text and "p. 7" in text and "They belong <b>nowhere</b>." in text
        assert "“I am alone”" in text and "“We are neither staff nor patient”" in text
        assert "word word" in text and closed.strip() not in text
        assert "Checklist: PRISMA 2020" in text and "Checklist: eMERGe" in text
        assert "cut short" in text and "a is long" in text and "f is long" not in text and "“…”" not in text
    assert served.client("Stranger").get(served.path("report.docx")).status_code == 403


def word(served: Served, account: str) -> str:
    """The text of the Word file, read as the standard's XML, not by what wrote it."""
    answer = served.client(account).get(served.path("report.docx"))
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert opened.testzip() is None
        for name in opened.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(opened.read(name))
        body = etree.fromstring(opened.read("word/document.xml"))
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    tables = list(body.iter(f"{w}tbl"))
    assert tables and all(len({len(row.findall(f"{w}tc")) for row in one.findall(f"{w}tr")}) == 1 for one in tables)
    assert all(one.find(f"{w}tr/{w}trPr/{w}tblHeader") is not None for one in tables)
    return "\n".join("".join(run.text or "" for run in line.iter(f"{w}t")) for line in body.iter(f"{w}p"))


def test_the_archive_holds_coding_and_synthesis_and_the_same_review_gives_the_same_bytes(served: Served) -> None:
    [head] = served.include(1)
    article = b"<article><body><p>They said that they belong here, and nobody had asked.</p></body></article>"
    sha256 = served.workspace.files(served.review_id).keep(article)
    served.workspace.say(served.review_id, LEAD, head, Report("retrieved", sha256, "a.xml", JATS))
    served.post(ANNA, "coding", action="code", subject="role", name="Role")
    served.post(ANNA, "coding", action="coding", record=head, code="role", quote="they belong here")
    said = {"action": "finding", "subject": "f", "study": head, "exact": "They belong.", "credibility": "credible"}
    served.post(ANNA, "synthesis", **said)
    served.post(ANNA, "synthesis", action="theme", subject="t", level="descriptive", label="Belonging")
    served.post(ANNA, "synthesis", action="bears", subject="t", source="finding", source_id="f", bearing="supports")
    contents = [served.client(LEAD).get(served.path("archive.zip")).content for _ in range(2)]
    assert contents[0] == contents[1]
    with zipfile.ZipFile(io.BytesIO(contents[0])) as made:
        names = set(made.namelist())
        read = read_refi(made.read("coding.qdpx"))
        themes = made.read("themes.csv").decode()
        codebook = read_refi(made.read("codebook.qdc"))
    checklists = {f"checklist-{name}.csv" for name in ("entreq", "prisma", "emerge")}
    assert names >= {"themes.csv", "themes.svg", "confidence.csv", "codebook.qdc", "coding.qdpx"} | checklists
    [source] = read.sources
    [coding] = source.codings
    # The text is closed: of its 64 characters six may leave.
    assert "they belong here".startswith(source.text.strip()) and len(source.text.strip()) <= 6
    assert coding.end - coding.start == len("they belong here")
    assert [code.name for code in codebook.codes] == ["Role"]
    assert "They belong." in themes and "Belonging" in themes
