"""What commands print of indicators: what carries a product's, and those of authors, journals and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evigraph.cli.terminal import grid, number, out, print_json
from evigraph.errors import InputError

if TYPE_CHECKING:
    from evigraph.store.release import Release

#: Products of an entity that are printed.
_LISTED = 20

_PARTS = {
    "citations": "passed on by works that cite it",
    "attention": "recent citations",
    "recency": "for its year",
    "dangling": "from works that cite nothing, the same for all",
    "teleport": "the same for all",
}


def print_impact(found: Mapping[str, Any]) -> None:
    """What is behind the indicators of a product, as `evigraph.portal.impact.impact_of` answers."""
    out.print(f"{found['product_id']}, release {found['release_id']}", markup=False)
    for name, made in found["explained"].items():
        if made is None:
            out.print(f"\n{name}: this release does not keep what scores are made of; run the graph again")
            continue
        out.print()
        _print_sum(name, made)
        table = grid("", "", "", right=(0, 1))
        for citation in made["citations"]:
            title = f"{citation['title'] or citation['product_id']} ({citation['year'] or 'no year'})"
            table.add_row(f"{citation['value']:.4e}", _percent(citation["share"], 1), title)
        out.print(table, markup=False)
    out.print("\n[bold]compared[/bold]: percent of the group below it")
    table = grid(
        "", "products", "citations", "popularity", "influence", "impulse", "times usual", right=(1, 2, 3, 4, 5, 6)
    )
    for group in found["comparisons"]:
        places = (group["indicators"][name] for name in ("citation_count", "popularity", "influence", "impulse"))
        cells = (f"{place['percentile']:.1f} {place['class']}" for place in places)
        fwci = "" if group["fwci"] is None else f"{group['fwci']:.2f}"
        table.add_row(number(group["n_products"]), *cells, fwci, f"{group['view']}: {group['label']}")
    out.print(table, markup=False)
    out.print("\n[bold]the next class[/bold], all else unchanged")
    for name, step in found["next_class"].items():
        if step is None:
            grade = found["indicators"][f"{name}_class"]
            out.print(f"  {name}: {'in the highest class' if grade == 'C1' else 'not known in this release'}")
            continue
        n = step["n_citations"]
        takes = "" if n is None else f", about {number(n)} more citation{'' if n == 1 else 's'}"
        out.print(f"  {name}: {step['target']} above {step['above']:.6g}{takes}")
    out.print("\n[bold]releases[/bold]")
    table = grid("", "citations", "popularity", "influence", "impulse", right=(1,))
    for entry in found["history"]:
        classes = (entry[f"{name}_class"] for name in ("popularity", "influence", "impulse"))
        table.add_row(entry["release_id"], number(entry["citation_count"]), *classes)
    out.print(table)


def print_taken_apart(found: Mapping[str, Any]) -> None:
    """What the scores of a work are made of, as `evigraph.rank.apart` answers."""
    out.print(f"\n{found['id']} ({found['year'] or 'no year'})", markup=False)
    for name, made in found["explained"].items():
        _print_sum(name, made)
        table = grid("", "", "", right=(0, 1))
        for citation in made["citations"]:
            table.add_row(f"{citation['value']:.4e}", _percent(citation["value"], made["score"]), citation["citing_id"])
        out.print(table, markup=False)
    for name, told in found["next_class"].items():
        step = told["step"]
        if step is None:
            out.print(f"{name}: {told['class']}, and nothing above it to reach")
            continue
        takes = "" if step["n_citations"] is None else f", about {number(step['n_citations'])} more citations"
        out.print(f"{name}: {told['class']}; {step['target']} above {step['above']:.6g}{takes}")


def _print_sum(name: str, made: Mapping[str, Any]) -> None:
    """A score with its parts, and the line that stands above the citations that carry it."""
    out.print(f"[bold]{name}[/bold] {made['score']:.4e}, the sum of")
    table = grid("", "", "", right=(0, 1))
    for part, value in made["parts"].items():
        table.add_row(f"{value:.4e}", _percent(value, made["score"]), _PARTS[part])
    out.print(table)
    if made["citations"]:
        out.print(f"of {number(made['n_citations'])} citations those that carry most:")


def _percent(value: float, whole: float) -> str:
    return f"{100 * value / whole:.1f} %" if whole else ""


def show_entity(release: Release, kind: str, entity_id: str, as_json: bool) -> None:
    """Prints the indicators of an author, journal, organization, project or community.

    Raises:
        InputError: the release holds no such entity.
    """
    from evigraph.store.document import entity_document

    found = entity_document(release, kind, entity_id, 0, None if as_json else _LISTED)
    if found is None:
        raise InputError(
            f"this graph holds no {kind} {entity_id!r}: an author is orcid:… or name:…, a journal issn:… or name:…, "
            "the others go by their id in the tables of the release"
        )
    if as_json:
        print_json(found)
        return
    out.print(found["name"] or entity_id, style="bold", markup=False)
    if found["named_by"] == "name":
        out.print("known by name alone: may be several, or one of several spellings")
    table = grid("", "", right=(1,))
    for label, name in (
        ("products", "n_products"),
        ("  ranked", "n_ranked"),
        ("  influential (above C5)", "n_influential"),
        ("  popular (above C5)", "n_popular"),
        ("citations", "citation_count"),
        ("impulse", "impulse"),
        ("h-index", "h_index"),
        ("g-index", "g_index"),
        ("i10-index", "i10_index"),
    ):
        table.add_row(label, number(found[name]))
    if found["m_index"] is not None:
        table.add_row("m-index", f"{found['m_index']:.2f}")
    out.print(table)
    if found["first_year"]:
        out.print(f"{found['first_year']} to {found['last_year']}; the most cited:")
    table = grid("", "cited", "", right=(0, 1))
    for product in found["products"]:
        cited = "" if product["citation_count"] is None else number(product["citation_count"])
        table.add_row(str(product["place"]), cited, f"{product['title']} ({product['year'] or 'no year'})")
    out.print(table, markup=False)
