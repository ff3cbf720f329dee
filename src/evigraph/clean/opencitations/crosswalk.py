"""OpenCitations as records and citations: the CSV of Meta (bibliographic data) and of the Index (citations).

The columns of Meta are those that OpenCitations documents (opencitations.net/meta): identifiers stand as
`scheme:value` after each other, those of a person, venue or publisher in brackets behind the name. Files are plain
or gzipped; a zip is opened by `evigraph.clean.archive`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.crossref.crosswalk import doi_address
from evigraph.clean.csv_lines import csv_rows, read_header
from evigraph.clean.dates import date_from_text
from evigraph.clean.names import author
from evigraph.clean.opencitations.index import Citations, identifiers, is_index
from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, open_bytes, sniff_bytes
from evigraph.clean.resource_types import ResourceType, resource_type
from evigraph.clean.text import clean_line, clean_title, is_usable_title
from evigraph.clean.vocabularies import peer_reviewed, says_retracted
from evigraph.model.pid import IDENTITY_SCHEMES, Pid, identity_order

Json = dict[str, Any]

SOURCE = "opencitations"
_COLLECTED_FROM = "OpenCitations Meta"

#: Columns of Meta that have a column of their own in the record.
_HOMED = frozenset(
    {"id", "title", "author", "pub_date", "venue", "volume", "issue", "page", "type", "publisher", "editor"}
)

#: Meta's types (those of FaBiO) that Crossref has under another name.
_TYPES: dict[str, str] = {
    "computer program": "software",
    "data file": "dataset",
    "web content": "posted-content",
    "archival document": "other",
    "journal editorial": "editorial",
    "proceedings series": "proceedings-series",
}

_NAMED = re.compile(r"(?P<name>.*?)\s*\[(?P<ids>[a-z]+:[^\[\]]*)\]\s*$", re.DOTALL)
_BETWEEN_PEOPLE = re.compile(r";\s+(?![^\[\]]*\])")


class Named(NamedTuple):
    """A name and the identifiers in the brackets behind it."""

    name: str | None
    ids: list[tuple[str, str]]


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, stated_citation and defect that a CSV of OpenCitations gives.

    Which of the two a file is shows in its header. In Meta a row without a usable title is lost as `no_title`, one
    without an identifier as `no_identifier`; in the Index one without both ends as `citation_incomplete`.
    """
    rows = Rows(SOURCE, Path(path).name)
    with open_bytes(path, rows.defect) as stream:
        head = stream.read(HEAD_BYTES)
        kind = sniff_bytes(head, len(head) < HEAD_BYTES)
        header = read_header(head)
        if kind == "empty":
            if stream.damage is None:
                rows.defect(-1, "empty_file", f"{rows.payload} is empty. Fetch it again.", True)
        elif is_index(header):
            citations = Citations(rows, header)
            for row in csv_rows(head, stream, len(header), rows.defect):
                citations.take(row)
                yield from citations.full()
                yield from rows.full()
            yield from citations.rest()
        elif "id" in header and "title" in header:
            for position, cells, size in csv_rows(head, stream, len(header), rows.defect):
                stated = {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()}
                _take(stated, position, size, rows)
                yield from rows.full()
        elif stream.damage is None or head:
            what = CONTENT_NAMES[kind]
            message = f"{rows.payload} looks like {what}, not like OpenCitations' Meta or Index CSV"
            rows.defect(-1, "wrong_file_type", f"{message}. Fetch it again, or add it under its own source.", True)
    yield from rows.rest()


def named(text: str | None) -> Named:
    """The parts of "Journal of Examples [issn:1234-5679 omid:br/0601]"."""
    match = _NAMED.match(text) if text else None
    if match is None:
        return Named(clean_line(text), [])
    words = (word.partition(":") for word in match["ids"].replace(";", " ").split())
    return Named(clean_line(match["name"]), [(scheme.lower(), value) for scheme, _, value in words if value])


def _take(stated: dict[str, str], position: int, size: int, rows: Rows) -> None:
    pids = [Pid(*pid) for pid in identifiers(stated.get("id", ""))]
    own = sorted((pid for pid in pids if pid.scheme in IDENTITY_SCHEMES), key=identity_order)
    omid = next((pid for pid in own if pid.scheme == "omid"), None)
    if not pids:
        rows.defect(position, "no_identifier", f"row {position + 1} has no identifier; it was left out", True)
        return
    chosen = omid or (own or pids)[0]
    key = chosen.value if chosen.scheme in ("omid", "doi") else str(chosen)
    title = clean_title(stated.get("title"))
    if title is None or not is_usable_title(title):
        message = f"{chosen} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    kind = _type(stated.get("type"))
    published_on = date_from_text(stated.get("pub_date"))
    publisher, venue = named(stated.get("publisher")), named(stated.get("venue"))
    others = [pid for pid in pids if pid.scheme not in IDENTITY_SCHEMES]
    doi = next((pid.value for pid in own if pid.scheme == "doi"), None)
    instance = {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "urls": [doi_address(doi)] if doi else [],
        "pids": own,
        "refereed": peer_reviewed(kind.label, is_from_crossref=False, has_doi=doi is not None),
        "published_on": published_on,
        "hosted_by": venue.name or publisher.name,
        "collected_from": _COLLECTED_FROM,
    }
    record = {
        "source_key": key,
        "position": position,
        "type": kind.type,
        "title": title,
        "authors": _people(stated.get("author")),
        "published_on": published_on,
        "publisher": publisher.name,
        "container": _container(stated, venue),
        "pids": own,
        "alternate_ids": others,
        "instances": [instance],
        "is_retracted": says_retracted(title),
        "extras": _extras(stated, publisher, venue),
    }
    rows.record(record, size)


def _type(stated: str | None) -> ResourceType:
    name = " ".join((stated or "").lower().split())
    known = _TYPES.get(name, name.replace(" ", "-"))
    # OpenAlex's table holds Crossref's types and those that Crossref has no name for.
    return resource_type(known, "openalex")


def _people(stated: str | None) -> list[Json]:
    """The byline of "Family, Given [orcid:…]; Name of a group": in Meta a person's name has a comma."""
    people: list[Json] = []
    for part in _BETWEEN_PEOPLE.split(stated) if stated else ():
        name, ids = named(part)
        family, comma, given = (name or "").partition(",")
        orcid = next((value for scheme, value in ids if scheme == "orcid"), None)
        if comma:
            found = author(family_name=family, given_name=given, orcid=orcid)
        else:
            found = author(full_name=name, is_group=True)
        if found:
            people.append(found)
    return people


def _container(stated: dict[str, str], venue: Named) -> Json | None:
    first_page, last_page = pages(stated.get("page"))
    container = {
        "name": venue.name,
        "volume": clean_line(stated.get("volume")),
        "issue": clean_line(stated.get("issue")),
        "first_page": first_page,
        "last_page": last_page,
    }
    return container if any(container.values()) else None


def pages(stated: str | None) -> tuple[str | None, str | None]:
    """First and last page of "303-307"; of pages that hold a hyphen themselves ("209-1-209-16") the middle one parts.

    Where the number of hyphens is even the middle cannot be told: the first part is the first page, the rest the last.
    """
    parts = [part for part in (stated or "").strip().split("-") if part]
    if not parts:
        return None, None
    if len(parts) == 1:
        return parts[0], None
    middle = len(parts) // 2 if len(parts) % 2 == 0 else 1
    return "-".join(parts[:middle]), "-".join(parts[middle:])


def _extras(stated: dict[str, str], publisher: Named, venue: Named) -> list[Json]:
    """What has no column; an ISSN among it, for Meta does not say whether it is of print or online."""
    extras = [{"name": f"venue.{scheme}", "value": value} for scheme, value in venue.ids]
    extras += [{"name": f"publisher.{scheme}", "value": value} for scheme, value in publisher.ids]
    extras += [{"name": "editor", "value": person["full_name"]} for person in _people(stated.get("editor"))]
    if kind := stated.get("type"):
        extras.append({"name": "type", "value": kind})
    extras += [{"name": name, "value": cell} for name, cell in stated.items() if name and name not in _HOMED]
    return extras
