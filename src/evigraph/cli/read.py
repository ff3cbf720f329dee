"""The verbs that read a graph, and the two that people answer it with: search, show, why, serve, decide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape

from evigraph.cli.options import Home, Json, existing, shown
from evigraph.cli.standing import print_impact, show_entity
from evigraph.cli.terminal import err, grid, number, out, print_json
from evigraph.errors import InputError
from evigraph.model.impact import ENTITY_KINDS

if TYPE_CHECKING:
    from evigraph.store.event import Event
    from evigraph.store.release import Release

app = typer.Typer()

INDICATORS = ("citation_count", "popularity", "influence", "impulse")
CLASS_LABELS = {"C1": "Top 0.01%", "C2": "Top 0.1%", "C3": "Top 1%", "C4": "Top 10%", "C5": "Average"}


def _release(home: Path) -> Release:
    from evigraph.store.release import Release

    return Release.open(existing(home))


def _standing(home: Path) -> list[Event]:
    """The decisions in force; reading makes no ledger where there is none."""
    from evigraph.settings import load_settings
    from evigraph.store.ledger import Ledger

    address = load_settings(home).ledger.url or home / "ledger.db"
    if isinstance(address, Path) and not address.exists():
        return []
    with Ledger.open(address) as ledger:
        return ledger.decisions()


def _resolved(release: Release, text: str) -> str:
    from evigraph.model.pid import is_product_id
    from evigraph.store.release import Superseded

    answer = release.resolve(text)
    if answer is None:
        raise InputError(
            f"this graph holds nothing under {text!r}: give a product id, a DOI or a PMID, or `evigraph search` for it"
        )
    if isinstance(answer, Superseded):
        if is_product_id(answer.asked):
            err.print(f"evigraph: {answer.asked} is now {answer.product_id}", markup=False)
        return answer.product_id
    return answer


@app.command()
@shown
def search(
    query: Annotated[str, typer.Argument(help="Words, phrases, field:word, a DOI, …")],
    home: Home = Path(),
    sort: Annotated[
        Literal["relevance", "date", "citation_count", "influence", "popularity", "impulse"],
        typer.Option(help="What comes first."),
    ] = "relevance",
    limit: Annotated[int, typer.Option(help="How many to show.", min=1, max=1000)] = 20,
    offset: Annotated[int, typer.Option(help="How many to pass over.", min=0)] = 0,
    json: Json = False,
) -> None:
    """Search the served release."""
    found = _release(home).search.search(query, sort=sort, offset=offset, limit=limit)
    if json:
        print_json({"query": query, "sort": found.sort, "total": found.total, "results": found.hits})
        return
    for card in found.hits:
        cited = number((card["counts"] or {}).get("citation_count", 0))
        out.print(card["title"], style="bold", markup=False)
        stated = [", ".join(card["authors"][:3]), card["venue"], card["year"], f"cited by {cited}"]
        out.print(f"  {' · '.join(str(part) for part in stated if part)}", markup=False)
        out.print(f"  {card['product_id']}", markup=False)
    out.print(f"{number(found.total)} products")


@app.command()
@shown
def show(
    identifier: Annotated[
        str, typer.Argument(metavar="ID|DOI|PMID", help="A product id, DOI, PMID, …; author:orcid:…, journal:issn:…, …")
    ],
    home: Home = Path(),
    json: Json = False,
) -> None:
    """Show one product, or the indicators of an author, journal, organization, project or community."""
    release = _release(home)
    kind, _, entity_id = identifier.partition(":")
    if kind in ENTITY_KINDS:
        show_entity(release, kind, entity_id, json)
        return
    product_id = _resolved(release, identifier)
    product = release.product(product_id) or {}
    indicator = release.indicator(product_id)
    if json:
        from evigraph.store.document import product_document

        print_json(product_document(release, product_id))
    else:
        _print_product(product, indicator)


def _print_product(product: Mapping[str, Any], indicator: Mapping[str, Any] | None) -> None:
    out.print(product["title"], style="bold", markup=False)
    out.print("; ".join(author["full_name"] for author in product["authors"] or []), markup=False)
    container = product["container"] or {}
    place = [product["type"], container.get("name"), product["published_on"], product["publisher"]]
    out.print(" · ".join(str(part) for part in place if part), markup=False)
    table = grid("", "")
    table.add_row("id", product["product_id"])
    for pid in product["pids"] or []:
        table.add_row(pid["scheme"], escape(pid["value"]))
    for instance in product["instances"] or []:
        parts = [
            instance["resource_type"],
            instance["hosted_by"],
            instance["published_on"],
            instance["refereed"],
            instance["license"],
            f"from {instance['collected_from']}",
        ]
        table.add_row("version", escape(" · ".join(part for part in parts if part)))
    if indicator is None:
        table.add_row("indicators", "not ranked: no publication year")
    else:
        for name in INDICATORS:
            class_ = indicator[f"{name}_class"]
            value = indicator[name]
            stated = number(value) if isinstance(value, int) else f"{value:.3e}"
            table.add_row(name.replace("_", " "), f"{stated}  {class_} ({CLASS_LABELS[class_]})")
    out.print(table)


@app.command()
@shown
def explain(
    identifier: Annotated[str, typer.Argument(metavar="ID|DOI|PMID", help="A product id, DOI, PMID, …")],
    home: Home = Path(),
    limit: Annotated[int, typer.Option(help="Citing works to name for a score, the weightiest.", min=0)] = 5,
    json: Json = False,
) -> None:
    """Say what carries a product's indicators, how it compares, what the next class takes, and how it moved."""
    from evigraph.portal.impact import impact_of

    release = _release(home)
    product_id = _resolved(release, identifier)
    found = impact_of(release, product_id, limit)
    if found is None:
        raise InputError(f"{product_id} is not ranked: no source states its publication year")
    if json:
        print_json(found)
    else:
        print_impact(found)


@app.command()
@shown
def why(
    left: Annotated[str, typer.Argument(metavar="ID", help="A product id, DOI, PMID or record id.")],
    right: Annotated[str | None, typer.Argument(metavar="ID", help="A second one: why are the two (not) one?")] = None,
    home: Home = Path(),
    json: Json = False,
) -> None:
    """Say why records are one product, or why two are not."""
    from evigraph.cli.reasons import why_one, why_two

    release = _release(home)
    product_id = _resolved(release, left)
    if right is None:
        answer = why_one(release, product_id, _standing(home))
    else:
        answer = why_two(release, left, product_id, right, _resolved(release, right), _standing(home))
    if json:
        print_json(answer)
        return
    for line in answer["explanation"]:
        out.print(line, markup=False)


@app.command()
@shown
def serve(
    home: Home = Path(),
    host: Annotated[str, typer.Option(help="Address to listen on; loopback by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8000,
) -> None:
    """Serve the current release: pages, JSON, OpenAPI."""
    from evigraph.cli.serving import serve_portal

    serve_portal(existing(home), host, port)


@app.command()
@shown
def mcp(
    home: Home = Path(),
    base: Annotated[str, typer.Option(help="Address of the portal, for links to pages.")] = "",
) -> None:
    """Answer the Model Context Protocol on standard input and output, read-only."""
    import sys

    from evigraph.portal.doors.mcp import converse

    converse(existing(home), base.rstrip("/"), sys.stdin.buffer, sys.stdout.buffer)


@app.command()
@shown
def decide(
    kind: Annotated[Literal["same", "different"], typer.Argument(help="What you have found.")],
    left: Annotated[str, typer.Argument(metavar="ID", help="A record id, or an identifier as scheme:value.")],
    right: Annotated[str, typer.Argument(metavar="ID", help="The other one.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the decision.")],
    actor: Annotated[str, typer.Option(help="Who decides.")] = "operator",
    home: Home = Path(),
    json: Json = False,
) -> None:
    """Decide that two records are the same work, or are not; binds every later run."""
    from evigraph.settings import load_settings
    from evigraph.store.ledger import Ledger

    with Ledger.open(load_settings(existing(home)).ledger.url or home / "ledger.db") as ledger:
        event = ledger.decide(kind, left, right, actor, reason)
    if json:
        print_json({"event_id": event.event_id, "kind": kind, "subjects": [left, right]})
    else:
        out.print(f"kept as {event.event_id}; it takes effect at the next run: evigraph run --home {home}")
        out.print(f"to undo it: evigraph withdraw {event.event_id} --reason … --home {home}")


@app.command()
@shown
def withdraw(
    event_id: Annotated[str, typer.Argument(help="The decision's id.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    actor: Annotated[str, typer.Option(help="Who withdraws it.")] = "operator",
    home: Home = Path(),
) -> None:
    """Undo a decision; it stays on record."""
    from evigraph.settings import load_settings
    from evigraph.store.ledger import Ledger

    with Ledger.open(load_settings(existing(home)).ledger.url or home / "ledger.db") as ledger:
        ledger.withdraw(event_id, actor, reason)
    out.print(f"withdrawn; it takes effect at the next run: evigraph run --home {home}")
