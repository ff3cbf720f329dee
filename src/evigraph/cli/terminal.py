"""What commands print: progress on standard error, results on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as Grid
from rich.text import Text

from evigraph.portal.wording import CLUSTER_FACTS

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

#: Told what is being done, how much of it is done, and how much there is (0 or None: not known).
Report = Callable[[str, int, int | None], None]


def print_json(document: Any) -> None:
    """One JSON document on standard output, and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


@contextmanager
def progress(is_shown: bool) -> Iterator[Report]:
    """A bar on standard error with rate, elapsed time and time left; nothing where it is not shown or no one looks."""
    if not is_shown or not err.is_terminal:
        yield lambda *_: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("start", total=None)

        def report(what: str, done: int, total: int | None) -> None:
            if bar.tasks[0].description != what:
                # The rate of one stage says nothing of the next.
                bar.reset(task)
            bar.update(task, description=what, completed=done, total=total or None)

        yield report


class _Rate(ProgressColumn):
    """How many a second, as soon as it can be told."""

    def render(self, task: Task) -> Text:
        """The rate of a task."""
        return Text(f"{number(task.speed)}/s" if task.speed else "")


def number(value: float) -> str:
    """A whole number with a thin mark between thousands."""
    return f"{value:,.0f}"


def size(n_bytes: float) -> str:
    """A number of bytes in the unit that suits it."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if n_bytes < 1024 or unit == "GB":
            return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1024
    raise AssertionError


def grid(*titles: str, right: tuple[int, ...] = ()) -> Grid:
    """An empty table without lines; the columns at the places in `right` are set to the right."""
    table = Grid(box=None, pad_edge=False, show_header=any(titles), header_style="bold")
    for place, title in enumerate(titles):
        table.add_column(title, justify="right" if place in right else "left")
    return table


def print_run(report: Any) -> None:
    """The closing lines of a run: what was made, what was lost and why, where to look."""
    counts = report.counts
    state = "release" if report.is_new else "nothing changed: still release"
    out.print(f"[bold]{state} {report.release_id}[/bold]  sha256 {report.release_hash[:16]}…")
    table = grid("", "", right=(1,))
    for label, key in (
        ("records", "records"),
        ("products", "products"),
        ("  of several records", "merged_products"),
        ("references", "references"),
        ("  resolved in this graph", "references_resolved"),
        ("citations", "citations"),
        ("products ranked", "ranked_products"),
    ):
        table.add_row(label, number(counts[key]))
    for label, key in (("withdrawn by their source", "records_withdrawn"), ("superseded", "records_superseded")):
        if counts[key]:
            table.add_row(f"records {label}", number(counts[key]))
    out.print(table)
    print_clusters(report.clusters, counts["open_pairs"])
    n_lost = sum(row["n_records_lost"] for row in report.defects)
    if report.defects:
        out.print(f"\n{number(n_lost)} records lost; every defect, with its first example:")
        for row in report.defects:
            stated = f"  {row['source']} {row['code']}: {number(row['n'])} times"
            lost = f", {number(row['n_records_lost'])} records lost" if row["n_records_lost"] else ""
            out.print(f"{stated}{lost}: {row.get('example') or ''}", markup=False)
    year, memory = report.ranking.get("current_year"), size(report.peak_memory_bytes)
    out.print(f"\nindicators as of {year}; {report.engine}, {report.seconds:.1f} s, peak memory {memory}")


def print_clusters(clusters: Mapping[str, Any], n_open: int) -> None:
    """How large products grew, what spoke against them, and what waits for a person."""
    if largest := clusters.get("largest_products"):
        first = largest[0]
        out.print(f"largest product: {number(first['n_records'])} records, {first['product_id']}", markup=False)
    for name, words in CLUSTER_FACTS.items():
        if clusters.get(name):
            out.print(f"{words[0].lower()}{words[1:]}: {number(clusters[name])}", markup=False)
    if n_open:
        out.print(f"pairs that wait for a person: {number(n_open)} (evigraph serve, then /open-pairs)")


def print_ranking(facts: Mapping[str, Any]) -> None:
    """What a ranking was computed from, how sure it is, and how many works each class holds."""
    for problem in facts["problems"]:
        err.print(f"evigraph: {problem}", markup=False)
    nodes, edges = number(facts["n_nodes"]), number(facts["n_edges"])
    out.print(f"{nodes} works, {edges} citations, seen from {facts['current_year']}")
    for key, what in (("n_self_loops_dropped", "self-citations"), ("n_duplicates_dropped", "repeated citations")):
        if facts[key]:
            out.print(f"{number(facts[key])} {what} left out")
    if facts["is_attention_empty"]:
        out.print(f"no citation since {facts['attention_start_year']}: popularity has no attention to go by")
    certificate = max(facts["influence_certificate"], facts["popularity_certificate"])
    out.print(f"solved by {facts['method']} in {facts['passes']:.2f} passes; error at most {certificate:.1e} in all")
    labels = ("C1", "C2", "C3", "C4", "C5")
    table = grid("works in class", *labels, right=(1, 2, 3, 4, 5))
    for name, sizes in facts["class_sizes"].items():
        table.add_row(name.replace("_", " "), *(number(sizes[label]) for label in labels))
    out.print(table)


def print_plan_of_ranking(plan: Mapping[str, Any]) -> None:
    """What a ranking will need."""
    nodes, edges, threads = (number(plan[name]) for name in ("n_nodes", "n_edges", "n_threads"))
    out.print(f"about {nodes} works, {edges} citations, {threads} threads")
    whole, kernel = (plan[name] / 2**30 for name in ("reading_bytes", "kernel_bytes"))
    out.print(f"memory: {whole:.1f} GiB for graph and kernel, {kernel:.1f} of it the kernel's; identifiers come on top")
    out.print(f"the kernel takes about {plan['kernel_seconds']:.0f} s; reading and writing the tables comes on top")


def print_sensitivity(answer: Mapping[str, Any]) -> None:
    """Who changes class when one parameter moves: how many for each indicator, and from which class to which."""
    out.print(f"\n{answer['parameter']} = {answer['value']:g} instead of {answer['usual']:g}: works that change class")
    table = grid("", "works", "of all", "from → to", right=(1, 2))
    for name, told in answer["indicators"].items():
        share = f"{100 * told['n_changed'] / answer['n_nodes']:.2f} %" if answer["n_nodes"] else ""
        ways = [
            f"C{row + 1}→C{column + 1} {number(n)}"
            for row, line in enumerate(told["matrix"])
            for column, n in enumerate(line)
            if n and row != column
        ]
        table.add_row(name.replace("_", " "), number(told["n_changed"]), share, ", ".join(ways))
    out.print(table)


def duration(seconds: float) -> str:
    """A time in the unit that suits it: 40 s, 12 min, 3.5 h, 2.1 days."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def print_plan(plan: Any) -> None:
    """What a harvest would bring, before it is made."""
    about = "" if plan.is_announced else "about "
    records = "an unknown number of" if plan.n_records is None else f"{about}{number(plan.n_records)}"
    asked = f", {number(plan.n_requests)} requests" if plan.n_requests else ""
    out.print(f"{records} records of {plan.source}, {size(plan.n_bytes)}{asked}")
    out.print(f"harvest: about {duration(plan.harvest_seconds)}")
    if plan.run_seconds is not None:
        out.print(f"run, from payload to release: about {duration(plan.run_seconds)}")
    out.print(f"disk: about {size(plan.disk_bytes)} in all; free: {size(plan.free_bytes)}")
    for note in plan.notes:
        out.print(note, markup=False)
