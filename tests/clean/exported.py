from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.exports.crosswalk import crosswalk

CORPUS = Path(__file__).parents[1] / "corpus" / "exports"


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of an exported file by table."""
    found: dict[str, list[dict[str, Any]]] = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        found[name] += batch.to_pylist()
    return found


def written(tmp_path: Path, text: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a file with that text."""
    path = tmp_path / "export.txt"
    path.write_text(text, encoding="utf-8", newline="")
    return read(path)


def extras(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and value of the extras in their order."""
    return [(extra["name"], extra["value"]) for extra in record["extras"]]
