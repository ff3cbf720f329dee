"""Files of registries about synthetic works, in the form in which each registry publishes them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

from graphs import write_lines

CORPUS = Path(__file__).parent / "corpus"

#: The ISSN that works in the registries' journal state, and the ISSN-L that only the table knows.
ISSN, ISSN_LINKING = "2434-561X", "0317-8471"


def openaire_id(prefix: str, number: int) -> str:
    return f"{prefix.ljust(12, '_')}::{number:032x}"


def retraction_rows(works: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Reports: the first work retracted, the second retracted and reinstated, the third of concern."""
    first, second, third = (work["DOI"] for work in works[:3])
    return [
        {"Record ID": key, "OriginalPaperDOI": doi, "RetractionNature": nature, "RetractionDate": on}
        for key, doi, nature, on in (
            ("1", first, "Retraction", "9/3/2021 0:00"),
            ("2", second, "Retraction", "1/1/2020 0:00"),
            ("3", second, "Reinstatement", "1/1/2021 0:00"),
            ("4", third, "Expression of concern", "1/1/2020 0:00"),
        )
    ]


def write_registries(folder: Path, works: list[dict[str, Any]]) -> list[tuple[str, Path]]:
    """Payloads of every registry about these Crossref works, each with the source it belongs to."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = retraction_rows(works)
    with (folder / "retraction_watch.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "issn.txt").write_text(f"ISSN\tISSN-L\n{ISSN}\t{ISSN_LINKING}\n{ISSN_LINKING}\t{ISSN_LINKING}\n")
    known = [
        ("ror", CORPUS / "ror" / "schema-2.json"),
        ("funders", CORPUS / "funders" / "registry.rdf"),
        ("doaj", CORPUS / "doaj" / "journal-list.csv"),
        ("coar", CORPUS / "coar" / "access-rights.nt"),
        ("openaire", CORPUS / "openaire" / "entities-of-version-10.jsonl"),
    ]
    found = [("retractions", folder / "retraction_watch.csv"), ("issn_l", folder / "issn.txt")]
    for source, path in known:
        found.append((source, Path(shutil.copy(path, folder / f"{source}-{path.name}"))))
    return [*found, ("openaire", _products_with_projects(folder / "projects.jsonl"))]


def _products_with_projects(path: Path) -> Path:
    """A product that names its project and organization, and a relation that says the same of another."""
    project, organization = openaire_id("corda_____he", 11), openaire_id("openorgs", 10)
    products = [
        {
            "id": openaire_id("funded", number),
            "type": "publication",
            "mainTitle": f"A synthetic product {number} of a project",
            "pids": [{"scheme": "doi", "value": f"10.5555/funded.{number}"}],
            **({"projects": [{"id": project, "code": "999"}]} if number == 1 else {}),
            **({"organizations": [{"id": organization, "legalName": "In passing"}]} if number == 1 else {}),
        }
        for number in (1, 2)
    ]
    relation = {
        **{"source": project, "sourceType": "project", "target": openaire_id("funded", 2), "targetType": "product"},
        **{"relType": {"name": "produces", "type": "outcome"}, "provenance": {"provenance": "Harvested"}},
    }
    write_lines(path, products)
    relations = json.dumps(relation) + "\n"
    path.write_text(path.read_text(encoding="utf-8") + relations, encoding="utf-8")
    return path
