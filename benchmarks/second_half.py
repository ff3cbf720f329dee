"""How quick the second half of a large review is: each page, and everything exported.

    python benchmarks/second_half.py [--studies 60] [--codings 5000] [--codes 400] [--findings 800] [--themes 93]

The review is made up: texts of synthetic words in JATS, appraised by two people, extracted, coded, synthesised and
judged. Each page is asked for as its user asks for it, ten times after a first one that is told apart: what is asked
for first after something was said folds the review anew. Aimed at: each page ready in 500 ms, all exports in 20 s.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

from evigraph.portal.app import create_app
from evigraph.portal.review.desk import account_of
from evigraph.review.appraisal.kinds import Answer, Appraised, ToolChosen
from evigraph.review.appraisal.tools import TOOLS
from evigraph.review.coding.kinds import Code, Coding
from evigraph.review.extraction.forms import read_form
from evigraph.review.extraction.kinds import BASIS, Extracted, FormSet, Value
from evigraph.review.journal import LedgerJournal
from evigraph.review.kind import Payload
from evigraph.review.kinds import Member, ProtocolSet, Report, StageRule, Vote, name_of, to_json
from evigraph.review.protocol import STAGES, Criterion, Protocol
from evigraph.review.retrieval import JATS
from evigraph.review.searches import SearchRun
from evigraph.review.synthesis.kinds import Bears, Component, Confidence, Finding, Theme
from evigraph.review.texts.kept import text_of
from evigraph.review.workspace import SCOPE, Workspace
from evigraph.store.ledger import Ledger

TITLE = "Synthetic review"
LEAD, ANNA, BEN = (f"{name} (made up)" for name in ("Lea", "Anna", "Ben"))
FORM = "# Study\nyear | date | Year\naim | longtext | Aim\n# Findings (repeated)\nfinding | longtext | Finding\n"


def words(source: random.Random, n: int) -> str:
    """A sentence of synthetic words."""
    return (
        " ".join("".join(source.choice("aeioubdfgklmnprst") for _ in range(source.randint(2, 9))) for _ in range(n))
        + "."
    )


def jats(source: random.Random, number: int) -> bytes:
    """A synthetic article of about 40,000 characters."""
    sections = "".join(
        f"<sec><title>Part {part}</title>" + "".join(f"<p>{words(source, 110)}</p>" for _ in range(15)) + "</sec>"
        for part in range(4)
    )
    title = f"<front><article-meta><title-group><article-title>Synthetic {number}</article-title></title-group>"
    return f"<article>{title}</article-meta></front><body>{sections}</body></article>".encode()


def make(home: Path, given: argparse.Namespace) -> tuple[str, str]:
    """The id of the review, and of its first study."""
    source = random.Random(1)  # noqa: S311 - made-up words, the same in every run
    ledger = Ledger.open(home / "ledger.db")
    journal = LedgerJournal(ledger)
    workspace = Workspace(journal, home / "reviews")
    lead, anna, ben = map(account_of, (LEAD, ANNA, BEN))
    review = workspace.open_review(TITLE, lead, LEAD)

    def say(subject: str, actor: str, payload: Payload) -> None:
        # Straight into the ledger: making the review is not what is timed.
        journal.append(name_of(payload), subject, actor, "", to_json(payload), SCOPE + review)

    say(review, lead, ProtocolSet(Protocol(TITLE, criteria=(Criterion("all", "include", "anything"),))))
    for name, account in ((ANNA, anna), (BEN, ben)):
        say(account, lead, Member(name, ("reviewer",)))
    for stage in STAGES:
        say(stage, lead, StageRule(n_votes=1, is_ranked=False))
    rows: list[dict[str, Any]] = [
        {
            "record_id": f"made:{n}",
            "source": "made",
            "source_key": str(n),
            "payload": "made",
            "position": n,
            "is_deleted": False,
            "title": f"Synthetic study {n}: {words(source, 8)}",
            "year": 2000 + n % 25,
            "authors": [{"rank": 1, "full_name": f"Writer{n}, A"}],
            "pids": [{"scheme": "doi", "value": f"10.5555/synthetic.{n}"}],
        }
        for n in range(given.studies)
    ]
    run = workspace.search(review, lead, SearchRun("", "Made up", n_reported=len(rows)))
    workspace.import_rows(review, lead, run, rows)
    heads = list(workspace.state(review).library.groups)
    tool = TOOLS["qualitative-ten"]
    say(review, lead, ToolChosen(tool))
    say(review, lead, FormSet(read_form(FORM)))
    texts = {}
    for number, head in enumerate(heads):
        for stage in STAGES:
            say(head, lead, Vote(stage, "include"))
        report = Report("retrieved", workspace.files(review).keep(jats(source, number)), "text.xml", JATS)
        say(head, lead, report)
        texts[head] = text_of(workspace.files(review), report)
        for account in (anna, ben):
            values_of = ((one, "in words" if one.is_open else "Yes") for one in tool.questions)
            answers = tuple(Answer(one.key, value, words(source, 8)) for one, value in values_of)
            say(head, account, Appraised(tool.tool_id, True, answers))
            values = [Value("year", "2020"), Value("aim", words(source, 20))]
            values += [Value("finding", words(source, 30), place) for place in range(10)]
            say(head, account, Extracted(BASIS, True, tuple(values)))
    for n in range(given.codes):
        above = f"k{n // 10}" if n >= 40 else ""
        say(f"k{n}", anna, Code(words(source, 3).rstrip("."), above, "#1b6ca8"))
    for n in range(given.codings):
        # A fifth of them in one text, so that one is coded as densely as any.
        head = heads[0] if n % 5 == 0 else heads[n % len(heads)]
        start = source.randrange(len(texts[head].text) - 400)
        anchor = texts[head].anchor(head, start, start + source.randint(20, 300))
        say(f"c{n}", (anna, ben)[n % 2], Coding(f"k{source.randrange(given.codes)}", anchor))
    for n in range(given.themes):
        level = "overarching" if n == 0 else "analytical" if n < 8 else "descriptive"
        say(f"t{n}", anna, Theme(level, words(source, 4).rstrip("."), words(source, 14)))  # type: ignore[arg-type]
        if n:
            say("t0" if n < 8 else f"t{1 + n % 7}", anna, Bears("theme", f"t{n}", "supports"))
    for n in range(given.findings):
        say(f"f{n}", anna, Finding(heads[n % len(heads)], words(source, 25), "credible", words(source, 30)))
        bearing = "contradicts" if n % 40 == 0 else "supports"
        say(f"t{8 + n % max(1, given.themes - 8)}", anna, Bears("finding", f"f{n}", bearing))  # type: ignore[arg-type]
    part = Component("minor", words(source, 12))
    for n in range(min(20, given.themes)):
        say(f"t{n}", lead, Confidence(part, part, part, part, "moderate", words(source, 20)))
    ledger.close()
    return review, heads[0]


PAGES = (
    *("", "flow", "full-texts", "appraisal", "appraisal/STUDY", "extraction", "extraction/STUDY", "coding"),
    *("coding/STUDY", "synthesis", "confidence", "report", "report/print", "publish", "history"),
)
EXPORTS = (
    *("archive.zip", "report.docx", "appraisal.csv", "appraisal.robvis.csv", "appraisal.svg", "extraction.csv"),
    *("synthesis/themes.csv", "synthesis/confidence.csv", "coding/export.qdpx", "coding/export.qdc"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("studies", 60), ("codings", 5000), ("codes", 400), ("findings", 800), ("themes", 93)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        started = time.perf_counter()
        review, study = make(home, given)
        print(f"made in {time.perf_counter() - started:.0f} s: {vars(given)}")
        address: Any = {"base_url": "http://127.0.0.1:8000", "client": ("127.0.0.1", 50_000)}
        client = TestClient(create_app(home), **address)
        client.cookies.set("works_as", quote(LEAD), domain="127.0.0.1", path="/reviews")

        def ask(part: str) -> tuple[float, int]:
            began = time.perf_counter()
            answer = client.get(f"/reviews/{review}/{part.replace('STUDY', quote(study))}".rstrip("/"))
            if answer.status_code != 200:
                raise SystemExit(f"{part}: {answer.status_code} {answer.text[:200]}")
            return time.perf_counter() - began, len(answer.content)

        ask("")
        print(f"{'page':22} {'first ms':>9} {'median':>8} {'most':>8} {'kB':>8}")
        for part in PAGES:
            first, size = ask(part)
            times = [ask(part)[0] for _ in range(given.repeats)]
            told = "".join(f"{value * 1e3:9.0f}" for value in (first, statistics.median(times), max(times)))
            print(f"{part or 'overview':22} {told} {size / 1e3:8.0f}")
        exports = {part: ask(part) for part in EXPORTS}
        for part, (seconds, size) in exports.items():
            print(f"{part:22} {seconds * 1e3:9.0f} {'':8} {'':8} {size / 1e3:8.0f}")
        print(f"all exports: {sum(seconds for seconds, _ in exports.values()):.1f} s")


if __name__ == "__main__":
    main()
