"""The pipeline: every stage in order, from payloads to the served release. The only file that names them all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from evigraph.clean import current
from evigraph.clean.api import SOURCES
from evigraph.clean.registries import current as registry_current
from evigraph.clean.told import TOLD, PayloadFile, clean_payloads
from evigraph.deduplicate import steps as deduplicate
from evigraph.deposit.told import SOURCE as DEPOSITS
from evigraph.deposit.told import deposits_payload
from evigraph.engine.api import Engine
from evigraph.engine.checkpoint import Work, code_hash, fingerprint
from evigraph.engine.duckdb import DuckDBEngine
from evigraph.engine.execute import Execution, StepReport
from evigraph.engine.layout import write_rows
from evigraph.engine.memory import PeakMemory
from evigraph.engine.step import Step
from evigraph.enrich import citations, registries
from evigraph.errors import BusyError, HarvestError
from evigraph.harvest.log import Payload
from evigraph.harvest.payloads import PayloadWriter, payloads
from evigraph.model.said import AMENDMENT, CLAIM
from evigraph.model.table import Table
from evigraph.model.tables import (
    CITED_REFERENCE,
    DECISION,
    DEFECT,
    INDICATOR,
    OPEN_PAIR,
    PAYLOAD,
    PRODUCT,
    RECORD,
    RECORD_TOLD,
    RELATION,
    RELEASE_TABLES,
    RESOLVED_CITATION,
)
from evigraph.publish.freeze import freeze
from evigraph.rank import steps as rank
from evigraph.review.publication.payloads import SOURCE as REVIEWS
from evigraph.review.publication.payloads import due
from evigraph.settings import Settings
from evigraph.store.durable import write_durably
from evigraph.store.ledger import Ledger
from evigraph.store.release import served_id
from evigraph.store.releases import remove_partial
from evigraph.store.said import amendments, claims
from evigraph.store.search import build_index

#: Every step after the payloads have been cleaned, in order.
STEPS: tuple[Step, ...] = (
    *current.STEPS,
    *registry_current.STEPS,
    *registries.MARKS,
    *deduplicate.STEPS,
    *citations.STEPS,
    *registries.STEPS,
    *rank.STEPS,
)

#: Told the name of a stage of work, what is done of it and how much there is (0: not known).
Progress = Callable[[str, int, int], None]


@dataclass
class RunReport:
    """What a run made, for the closing lines of the command and its `--json`."""

    release_id: str
    release_hash: str
    is_new: bool
    engine: str
    seconds: float
    peak_memory_bytes: int
    counts: Mapping[str, int]
    sources: list[dict[str, Any]]
    defects: list[dict[str, Any]]
    ranking: Mapping[str, Any]
    clusters: Mapping[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


def make_engine(settings: Settings, name: str | None = None) -> Engine:
    """The engine that the settings ask for, or the one named."""
    chosen = name or settings.engine.name
    if chosen == "spark":
        from evigraph.engine.spark import SparkEngine

        return SparkEngine(settings.engine.master, settings.engine.memory.removesuffix("B").lower())
    return DuckDBEngine(settings.engine.memory, settings.engine.threads)


def run(
    home: Path, settings: Settings, engine_name: str | None = None, progress: Progress = lambda *_: None
) -> RunReport:
    """Runs every step that is not yet done and serves the release.

    Raises:
        HarvestError: there is nothing to run on.
        BusyError: another run is under way in this folder.
    """
    started = time.monotonic()
    _harvest_reviews(home, settings)
    harvested = payloads(home)
    if not harvested:
        raise HarvestError(
            "this graph has no payloads yet: `evigraph harvest SOURCE FILE… --home DIR` brings some in, "
            "`evigraph demo` shows a graph of real records"
        )
    with run_lock(home), PeakMemory() as memory:
        remove_partial(home)
        harvested += _deposits(home, settings)
        engine = make_engine(settings, engine_name)
        try:
            execution, reports = execute(home, settings, engine, harvested, progress)
            progress("count", 0, 0)
            facts = _facts(settings, execution, harvested, reports)
            served_before = served_id(home)
            tables = {table: execution.folders[table.name] for table in RELEASE_TABLES}
            manifest = freeze(home, tables, facts, build_index, lambda what: progress(what, 0, 0))
        finally:
            engine.close()
    return RunReport(
        release_id=manifest["release_id"],
        release_hash=manifest["release_hash"],
        is_new=manifest["release_id"] != served_before,
        engine=engine.name,
        seconds=round(time.monotonic() - started, 2),
        peak_memory_bytes=memory.peak,
        counts=manifest["counts"],
        sources=manifest["sources"],
        defects=manifest["defects"],
        ranking=manifest["ranking"],
        clusters=facts["clusters"],
        # Not the manifest's: a release that stays was made by an earlier run.
        steps=facts["steps"],
    )


def _harvest_reviews(home: Path, settings: Settings) -> None:
    """Reviews that were published, or withdrawn, since the last run become payloads like those of any source."""
    with Ledger.open(settings.ledger.url or home / "ledger.db") as ledger:
        told = list(due(ledger, [payload.name for payload in payloads(home, REVIEWS)]))
    if told:
        with PayloadWriter(home, REVIEWS) as writer:
            for name, content in told:
                writer.add_content(name, content, "the ledger of this graph", None)


@contextlib.contextmanager
def run_lock(home: Path) -> Iterator[None]:
    """Keeps a second run out of the same folder while one is under way.

    Raises:
        BusyError: one is under way.
    """
    with (home / ".run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(f"another run is under way in {home.name}: wait for it, or stop it") from error
        yield


def execute(
    home: Path, settings: Settings, engine: Engine, harvested: list[Payload], progress: Progress
) -> tuple[Execution, list[StepReport]]:
    """Every table of a run, and the report of each step; nothing is released."""
    work = Work(home / "work")
    parameters = {
        **settings.ranking.model_dump(),
        **settings.deduplication.model_dump(),
        "horizon_year": max(int(payload.harvested_at[:4]) for payload in harvested),
    }
    execution = Execution(engine, work, parameters)
    _provide_payloads(execution, harvested)
    reports = [*_provide_said(execution, home, settings), _clean(execution, harvested, progress)]
    for number, step in enumerate(STEPS):
        progress(step.name, number, len(STEPS))
        reports.append(execution.run(step))
    return execution, reports


def _provide_payloads(execution: Execution, harvested: list[Payload]) -> None:
    rows: list[dict[str, object]] = [
        {"source": payload.source, "payload": payload.name, "ordinal": ordinal, "sha256": payload.sha256}
        for ordinal, payload in enumerate(harvested)
    ]
    folder = execution.work.table("harvest.payload", PAYLOAD)
    write_rows(PAYLOAD, PAYLOAD.from_rows(rows), folder)
    execution.provide(PAYLOAD, folder, fingerprint("harvest.payload", [], {"rows": rows}))


def _deposits(home: Path, settings: Settings) -> list[Payload]:
    """What people deposited, as the payload of one more source: derived from the ledger, so no harvest logs it."""
    with Ledger.open(settings.ledger.url or home / "ledger.db") as ledger:
        told = deposits_payload(ledger)
    if told is None:
        return []
    content, last = told
    path = home / "work" / f"{DEPOSITS}.jsonl"
    path.parent.mkdir(exist_ok=True)
    write_durably(path, content.decode())
    sha256 = hashlib.sha256(content).hexdigest()
    return [Payload(DEPOSITS, path.name, path, "the ledger of this graph", last, sha256, len(content))]


def _provide_said(execution: Execution, home: Path, settings: Settings) -> list[StepReport]:
    """What people decided, as tables at the head of the run."""
    with Ledger.open(settings.ledger.url or home / "ledger.db") as ledger:
        # The end is read first: an event that comes between is then told as not yet known, never the other way.
        ordinal, hash_ = ledger.head()
        said = {DECISION: ledger.as_table(), CLAIM: claims(ledger), AMENDMENT: amendments(ledger)}
    facts = {"ordinal": ordinal, "hash": hash_}
    return [_provide_rows(execution, table, rows, facts if table is DECISION else {}) for table, rows in said.items()]


def _provide_rows(execution: Execution, table: Table, rows: pa.Table, facts: Mapping[str, Any]) -> StepReport:
    name = f"store.{table.name}"
    folder = execution.work.table(name, table)
    mark = fingerprint(name, [], {"rows": rows.to_pylist()})
    is_new = execution.work.finished(name, mark) is None
    if is_new:
        execution.work.begin(name)
        write_rows(table, rows, folder)
        execution.work.finish(name, mark, {})
    execution.provide(table, folder, mark)
    return StepReport(name, {table.name: len(rows)}, facts, 0.0, is_new)


def _clean(execution: Execution, harvested: list[Payload], progress: Progress) -> StepReport:
    files = [PayloadFile(payload.source, payload.path, payload.sha256) for payload in harvested]
    folder = execution.work.folder / "clean.told"
    started = time.monotonic()
    n_now = 0
    progress("clean", 0, len(files))
    for number, (_, was_cleaned) in enumerate(clean_payloads(execution.engine, files, folder)):
        n_now += was_cleaned
        progress("clean", number + 1, len(files))
    mark = fingerprint("clean.told", [file.sha256 for file in files], {"code": code_hash("clean")})
    for table in TOLD.values():
        execution.provide(table, folder / table.name, mark)
    facts = {"payloads": len(files), "payloads_cleaned_now": n_now}
    return StepReport("clean.told", {}, facts, round(time.monotonic() - started, 3), n_now > 0)


def _facts(
    settings: Settings, execution: Execution, harvested: list[Payload], reports: list[StepReport]
) -> dict[str, Any]:
    ranking: dict[str, Any] = {}
    for report in reports:
        if report.name.startswith("rank."):
            ranking.update(report.facts)
    of_step = {report.name: dict(report.facts) for report in reports}
    return {
        "graph": settings.graph.model_dump(),
        "engine": execution.engine.name,
        "ledger": of_step["store.decision"],
        "clusters": of_step["deduplicate.member"],
        "ranking": ranking,
        "counts": _counts(execution),
        "sources": _sources(execution, harvested),
        "defects": _defects(execution),
        "steps": [
            {"name": r.name, "rows": dict(r.rows), "facts": dict(r.facts), "seconds": r.seconds, "was_run": r.was_run}
            for r in reports
        ],
    }


def _counts(execution: Execution) -> dict[str, int]:
    engine = execution.engine
    told, record = execution.read(RECORD_TOLD), execution.read(RECORD)
    product, relation = execution.read(PRODUCT), execution.read(RELATION)
    reference, stated = execution.read(CITED_REFERENCE), execution.read(RESOLVED_CITATION)
    n_told = int(engine.scalar(told.count()))
    n_withdrawn = int(engine.scalar(told.filter(told.is_deleted).count()))
    n_records = int(engine.scalar(record.count()))
    return {
        "records_told": n_told,
        "records_withdrawn": n_withdrawn,
        "records_superseded": n_told - n_withdrawn - n_records,
        "records": n_records,
        "products": int(engine.scalar(product.count())),
        "open_pairs": int(engine.scalar(execution.read(OPEN_PAIR).count())),
        "merged_products": int(engine.scalar(product.filter(product.record_ids.length() > 1).count())),
        "references": int(engine.scalar(reference.count())),
        "references_resolved": int(engine.scalar(reference.filter(reference.target_id.notnull()).count())),
        "stated_citations": int(engine.scalar(stated.count())),
        "stated_citations_resolved": int(
            engine.scalar(stated.filter(stated.source_id.notnull(), stated.target_id.notnull()).count())
        ),
        "citations": int(engine.scalar(relation.filter(relation.relation == "Cites").count())),
        "ranked_products": int(engine.scalar(execution.read(INDICATOR).count())),
    }


def _rows(execution: Execution, expression: ir.Table) -> list[dict[str, Any]]:
    answer: pa.Table = execution.engine.arrow(expression)
    rows: list[dict[str, Any]] = answer.to_pylist()
    return rows


def _sources(execution: Execution, harvested: list[Payload]) -> list[dict[str, Any]]:
    record = execution.read(RECORD)
    stated = record.group_by("source").agg(n_records=record.count(), cut_off=record.datestamp.max())
    by_name = {row["source"]: row for row in _rows(execution, stated)}
    listed = []
    for name in sorted({payload.source for payload in harvested}):
        told = [payload for payload in harvested if payload.source == name]
        row = by_name.get(name, {"n_records": 0, "cut_off": None})
        listed.append(
            {
                "name": name,
                **(asdict(SOURCES[name]) if name in SOURCES else {"label": name}),
                "n_records": row["n_records"],
                "cut_off": row["cut_off"],
                "payloads": [
                    {
                        "name": payload.name,
                        "sha256": payload.sha256,
                        "bytes": payload.size,
                        "origin": payload.origin,
                        "harvested_at": payload.harvested_at,
                    }
                    for payload in told
                ],
            }
        )
    return listed


def _defects(execution: Execution) -> list[dict[str, Any]]:
    defect = execution.read(DEFECT)
    counted = defect.group_by(["source", "code"]).agg(
        n=defect.count(),
        n_records_lost=defect.is_record_lost.cast("int64").sum(),
        example=defect.message.min(),
    )
    return _rows(execution, counted.order_by(["source", "code"]))
