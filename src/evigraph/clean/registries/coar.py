"""COAR's controlled vocabularies (access rights, resource types, versions) in SKOS: their labels in many languages.

The codes that evigraph itself writes are looked up in the vocabulary: one that is not there is a defect of ours, or
a sign that the vocabulary has moved on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.entity_rows import EntityRows
from evigraph.clean.registries.rdf_statements import subjects
from evigraph.clean.resource_types import coar_uris
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import ACCESS_RIGHTS, version_uris
from evigraph.model.entities import VOCABULARY_TERM

SOURCE = "coar"

#: SKOS properties that hold texts, by what they are called here.
_KINDS: dict[str, str] = {"prefLabel": "preferred", "altLabel": "alternative", "definition": "definition"}

#: The codes that this project writes, by the beginning of their address.
_OWN: dict[str, frozenset[str]] = {
    "http://purl.org/coar/access_right/": frozenset(
        f"http://purl.org/coar/access_right/{code}" for code in ACCESS_RIGHTS
    ),
    "http://purl.org/coar/version/": version_uris(),
    "http://purl.org/coar/resource_type/": coar_uris(),
}


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables vocabulary_term and defect that a vocabulary in SKOS gives.

    Of each vocabulary that the file holds, a code of ours that it does not hold is a defect
    `code_not_in_vocabulary`.
    """
    rows = Rows(SOURCE, Path(path).name)
    entities = EntityRows(rows)
    concepts: set[str] = set()
    told: set[tuple[str, str, str, str]] = set()
    for position, address, values in subjects(path, rows):
        schemes = values.get("inScheme") or values.get("topConceptOf") or []
        scheme = next((value.text for value in schemes if value.is_address), None)
        for name, kind in _KINDS.items():
            for value in values.get(name, []):
                label = clean_line(value.text)
                key = (address, kind, value.language.lower(), label or "")
                if label and not value.is_address and key not in told:
                    told.add(key)
                    concepts.add(address)
                    term = dict(zip(("concept", "kind", "language", "label"), key, strict=True))
                    entities.add(VOCABULARY_TERM, {**term, "scheme": scheme, "position": position})
        yield from entities.full()
        yield from rows.full()
    yield from entities.rest()
    for code in missing_codes(concepts):
        message = f"{code} is written by this project but not in the vocabulary; see whether it has been replaced"
        rows.defect(-1, "code_not_in_vocabulary", message, False)
    yield from rows.rest()


def missing_codes(concepts: set[str]) -> list[str]:
    """The codes of ours that are not among the concepts, of those vocabularies of which there is any concept."""
    stated = {address.replace("https://", "http://", 1) for address in concepts}
    missing: set[str] = set()
    for beginning, codes in _OWN.items():
        if any(address.startswith(beginning) for address in stated):
            missing |= codes - stated
    return sorted(missing)
