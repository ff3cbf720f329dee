"""A thousand selections in real articles leave in a REFI-QDA project and come back to articles extracted anew."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

from evigraph.review.coding.book import book_of
from evigraph.review.coding.kinds import Code, Coding
from evigraph.review.exchange.reading import read_refi
from evigraph.review.exchange.taking_in import take_in
from evigraph.review.kinds import Pair, Report
from evigraph.review.retrieval import JATS
from evigraph.review.searches import SearchRun
from evigraph.review.texts.kept import text_of
from review.exchange.test_taking_in import BEN, LEAD, OPEN, Home, new_home

N_ARTICLES, N_SELECTIONS = 12, 1_000


def with_articles(home: Home, articles: list[tuple[str, bytes]]) -> dict[str, str]:
    """The record of each article, by its name, in a review that has attached them all."""
    run = home.workspace.search(home.review, LEAD, SearchRun("", "Made up", n_reported=len(articles)))
    rows = [
        {
            "record_id": f"x:{name}",
            "source": "x",
            "source_key": name,
            "payload": "x",
            "position": n,
            "is_deleted": False,
        }
        | {"title": f"The article {name}"}
        for n, (name, _) in enumerate(articles)
    ]
    home.workspace.import_rows(home.review, LEAD, run, rows)
    records = {record.title.split()[-1]: record.record_id for record in home.state.library.records.values()}
    for name, content in articles:
        for other in (records[one] for one, _ in articles if one != name):
            if home.state.library.head_of[records[name]] == other:
                home.workspace.decide_pair(home.review, LEAD, Pair(other, records[name], "different"), "two articles")
        report = Report("retrieved", home.workspace.files(home.review).keep(content), "a.xml", JATS, OPEN)
        home.workspace.say(home.review, LEAD, records[name], report)
    return records


def test_a_thousand_selections_come_back_exactly(tmp_path_factory: Any, shared_data: Path) -> None:
    files = sorted((shared_data / "jats").glob("*.xml.gz"))[:N_ARTICLES]
    assert len(files) == N_ARTICLES
    articles = [(path.name.removesuffix(".xml.gz"), gzip.decompress(path.read_bytes())) for path in files]
    home = new_home(tmp_path_factory.mktemp("from"))
    records = with_articles(home, articles)
    home.workspace.say(home.review, LEAD, "k", Code("All"))
    chance, said, wanted = random.Random(4), [], set()
    for n in range(N_SELECTIONS):
        name, _ = articles[n % N_ARTICLES]
        text = text_of(home.workspace.files(home.review), home.state.report(records[name]))
        start = chance.randrange(len(text.text) - 1)
        end = min(len(text.text), start + chance.randint(1, 400))
        said.append((f"c{n}", Coding("k", text.anchor(records[name], start, end))))
        wanted.add((name, start, end, text.text[start:end]))
    home.workspace.say_all(home.review, BEN, said, "coded")
    project = read_refi(home.export())
    other = new_home(tmp_path_factory.mktemp("to"))
    there = {record_id: name for name, record_id in with_articles(other, articles).items()}
    made = take_in(other.workspace, other.review, BEN, project)
    assert made.taken["coding"] == N_SELECTIONS and not made.left_out
    anchors = [one.anchor for one in book_of(other.state).codings()]
    assert {(there[one.record_id], one.start, one.end, one.exact) for one in anchors} == wanted
    for one in anchors:
        text = text_of(other.workspace.files(other.review), other.state.report(one.record_id))
        assert text.sha256 == one.text_sha256 and text.text[one.start : one.end] == one.exact
