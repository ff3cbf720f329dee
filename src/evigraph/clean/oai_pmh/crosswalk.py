"""Saved OAI-PMH answers as records: every verb, every format that is known, deleted records and protocol errors.

Source of the envelope: OAI-PMH 2.0. The metadata's own namespace decides how it is read, its root's name where the
namespace is missing or wrong. A file with one metadata document and no envelope is read too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
from lxml import etree

from evigraph.clean.batches import Rows
from evigraph.clean.oai_pmh.element import (
    Json,
    attribute,
    children,
    descendants,
    extras_of,
    first,
    local_name,
    namespace,
    text_of,
    value_of,
)
from evigraph.clean.oai_pmh.oai_datacite import datacite
from evigraph.clean.oai_pmh.oai_dc import dublin_core
from evigraph.clean.oai_pmh.oai_openaire import openaire
from evigraph.clean.oai_pmh.statement import Origin, Statement
from evigraph.clean.oai_pmh.stream import (
    MAX_RECORD_BYTES,
    Piece,
    PieceParser,
    Problem,
    Utf8Reader,
    cut,
    first_record_at,
    is_list,
    namespaces,
)
from evigraph.clean.oai_pmh.unixref import unixref
from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, open_bytes, sniff_bytes
from evigraph.clean.pubmed.stream import Readable, read_prolog
from evigraph.model.repository import repository_of

#: The name of the source.
SOURCE = "oai_pmh"

Reader = Callable[[etree._Element, Origin, str | None], Statement]


def _openaire(metadata: etree._Element, origin: Origin, key: str | None) -> Statement:
    return openaire(metadata, origin)


def _datacite(metadata: etree._Element, origin: Origin, key: str | None) -> Statement:
    return datacite(metadata, origin)


def _dublin_core(metadata: etree._Element, origin: Origin, key: str | None) -> Statement:
    return dublin_core(metadata, origin)


#: How metadata is read, by what its namespace begins with.
_BY_NAMESPACE: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"https?://namespace\.openaire\.eu/schema/oaire", _openaire),
        (r"https?://(?:schema\.)?datacite\.org/", _datacite),
        (r"https?://www\.crossref\.org/", unixref),
        (r"https?://www\.openarchives\.org/OAI/(?:2\.0/)?(?:oai_)?dc", _dublin_core),
        (r"https?://purl\.org/dc/", _dublin_core),
    )
)

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s>/]")
_ERROR = re.compile(rb"<(?:[\w.-]+:)?error(?=[\s/>])([^<>]*)>([^<]*)")
_CODE = re.compile(rb"""\bcode\s*=\s*["']([^"'<]*)["']""")
_REQUEST = re.compile(rb"<(?:[\w.-]+:)?request\b[^<>]*>([^<]*)<")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>(?:\s*<!DOCTYPE[^>\[]*>)?")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_ERROR_CODES = frozenset(
    {
        *("badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat", "idDoesNotExist"),
        *("noMetadataFormats", "noRecordsMatch", "noSetHierarchy"),
    }
)
_UNEXPECTED = (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError, etree.LxmlError)


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that a saved OAI-PMH answer gives.

    `source_key` is the OAI identifier; a deleted record is a row with `is_deleted`. An error of the protocol is a
    defect of the file under its own name (`noRecordsMatch`), by which no record is lost. Defects of a record:
    `no_identifier`, `no_metadata`, `unknown_format`, `no_title`, and those of `evigraph.clean.oai_pmh.stream`.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    with open_bytes(path, rows.defect) as stream:
        head = stream.read(HEAD_BYTES)
        kind = sniff_bytes(head, len(head) < HEAD_BYTES)
        if kind == "empty":
            if stream.damage is None:
                rows.defect(-1, "empty_file", f"{name} is empty. Harvest it again.", True)
        elif kind != "xml":
            message = f"{name} is no OAI-PMH answer but looks like {CONTENT_NAMES[kind]}. Harvest it again, or add it"
            rows.defect(-1, "wrong_file_type", f"{message} under the source it belongs to.", True)
        else:
            yield from _xml(head, stream, rows)
    yield from rows.rest()


def _xml(head: bytes, stream: Readable, rows: Rows) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Puts in what an XML file holds."""
    prolog = read_prolog(head)
    if prolog.declares_entities:
        message = "declares entities of its own, which are never expanded; records that use them are left out"
        rows.defect(-1, "xml_entities", f"{rows.payload} {message}.", False)
    reader = Utf8Reader(head[prolog.n_skipped :], stream, prolog.encoding)
    head = reader.read()
    root = _root_name(head)
    if root != "OAI-PMH" and not is_list(head):
        _document(head, reader, root, rows)
        return
    _errors(head, rows)
    parser = PieceParser(namespaces(head))
    origin = _origin(head, rows.payload)
    n_headers = position = 0
    for piece in cut(head, reader):
        if piece.code:
            if piece.is_lost:
                rows.defect(position, piece.code, f"{rows.payload}, record {position}: {piece.message}.", True)
                position += 1
            else:
                rows.defect(-1, piece.code, f"{rows.payload}: {piece.message}. Harvest it again.", False)
            continue
        n_headers += _read(piece, position, parser, origin, rows)
        position += 1
        yield from rows.full()
    if n_headers:
        message = f"lists {n_headers:,} identifiers of records without the records themselves: harvest ListRecords"
        rows.defect(-1, "identifiers_only", f"{rows.payload} {message}.", False)


def _root_name(head: bytes) -> str:
    root = _ROOT.search(_COMMENT.sub(b"", head))
    return root[1].decode() if root else ""


def _origin(head: bytes, payload: str) -> Origin:
    """The repository's name from the payload's name, and its host from the `request` of the answer."""
    request = _REQUEST.search(head)
    try:
        host = urlsplit(request[1].decode("utf-8", "replace").strip()).hostname if request else None
    except ValueError:
        host = None
    return Origin(repository_of(payload), host)


def _errors(head: bytes, rows: Rows) -> None:
    """Puts in the errors of the protocol, each under its own name; they cost no record."""
    start = first_record_at(head)
    for found in _ERROR.finditer(head, 0, start):
        stated = _CODE.search(found[1])
        code = stated[1].decode("utf-8", "replace").strip() if stated else ""
        said = " ".join((found[2] or b"").decode("utf-8", "replace").split())[:300]
        if code in _ERROR_CODES:
            rows.defect(-1, code, f"{rows.payload}: the repository answered {code}: {said or 'no reason given'}", False)
        else:
            message = f"{rows.payload}: the repository answered an error that the protocol does not know"
            rows.defect(-1, "undefinedError", f"{message} ({code or 'no code'}): {said or 'no reason given'}", False)


def _read(piece: Piece, position: int, parser: PieceParser, origin: Origin, rows: Rows) -> int:
    """Puts in one record, or the defect that cost it; 1 where the piece is only the header of a living record."""
    place = f"{rows.payload}, record {position}"

    def problem(code: str, message: str, is_record_lost: bool) -> None:
        rows.defect(position, code, f"{place}: {message}", is_record_lost)

    element = parser.parse(piece.data, problem)
    if element is None:
        return 0
    try:
        return _take(element, position, len(piece.data), origin, rows, problem)
    except _UNEXPECTED as error:
        problem("unexpected_form", f"the record was left out: {error!r}", True)
        return 0


def _take(element: etree._Element, position: int, size: int, origin: Origin, rows: Rows, problem: Problem) -> int:
    header = element if local_name(element) == "header" else first(element, "header")
    key = value_of(header, "identifier")
    if key is None:
        problem("no_identifier", "the record has no identifier; it was left out", True)
        return 0
    stated = {"source_key": key, "position": position, "datestamp": value_of(header, "datestamp")}
    if attribute(header, "status") == "deleted":
        rows.record(stated | {"is_deleted": True}, size)
        return 0
    if element is header:
        return 1
    metadata = next(iter(children(first(element, "metadata"))), None)
    if metadata is None:
        problem("no_metadata", f"{key} has no metadata and is not marked as deleted; it was left out", True)
        return 0
    extras = [{"name": "setSpec", "value": spec} for entry in children(header, "setSpec") if (spec := text_of(entry))]
    extras += extras_of(children(element, "about"))
    _put(metadata, key, stated, extras, size, origin, rows, problem)
    return 0


def _put(
    metadata: etree._Element,
    key: str | None,
    stated: Json,
    extras: list[Json],
    size: int,
    origin: Origin,
    rows: Rows,
    problem: Problem,
) -> None:
    """Puts in what the metadata states, with its references and links, or the defect that cost it."""
    reader = _reader_of(metadata)
    who = key or "the document"
    if reader is None:
        what = f"{local_name(metadata)} of {namespace(metadata) or 'no namespace'}"
        problem("unknown_format", f"{who} is given as {what}, which cannot be read; ask for oai_dc", True)
        return
    statement = reader(metadata, origin, key)
    if statement.problems:
        for code, message in statement.problems:
            problem(code, f"{who}: {message}; it was left out", True)
        return
    if statement.row.get("title") is None:
        problem("no_title", f"{who} has no usable title, and a product without one is not shown; it was left out", True)
        return
    if not (source_key := key or statement.key):
        problem("no_identifier", "the document has no identifier; it was left out", True)
        return
    row = {**stated, **statement.row, "source_key": source_key}
    row["extras"] = [*statement.row.get("extras", []), *extras]
    if rows.record(row, size):
        for reference in statement.references:
            rows.reference(reference)
        for link in statement.links:
            rows.link(link)


def _reader_of(metadata: etree._Element) -> Reader | None:
    """How the metadata is read: by its namespace, by its root's name, by what is in it; None where nobody knows."""
    stated = namespace(metadata).strip()
    for pattern, reader in _BY_NAMESPACE:
        if pattern.match(stated):
            return reader
    name = local_name(metadata)
    inside = {local_name(child) for child in children(metadata)}
    if name in ("crossref", "crossref_result", "doi_records", "doi_record"):
        return unixref
    if name == "resource" and inside & {"titles", "creators", "identifier"}:
        has_profile = bool(inside & {"licenseCondition", "file", "citationTitle"}) or any(
            attribute(child, "uri") for child in children(metadata, "resourceType")
        )
        return _openaire if has_profile else _datacite
    if name == "oai_datacite" or next(descendants(metadata, "resource"), None) is not None:
        return _datacite
    if name in ("dc", "qualifieddc", "qdc", "record") and inside & {"title", "identifier", "creator"}:
        return _dublin_core
    return None


def _document(head: bytes, reader: Readable, root: str, rows: Rows) -> None:
    """Puts in the one record of a metadata document without an envelope."""

    def problem(code: str, message: str, is_record_lost: bool) -> None:
        rows.defect(0, code, f"{rows.payload}: {message}", is_record_lost)

    parts = [head]
    while sum(map(len, parts)) <= MAX_RECORD_BYTES and (more := reader.read()):
        parts.append(more)
    data = b"".join(parts)
    if len(data) > MAX_RECORD_BYTES:
        problem("record_too_large", f"the document takes more than {MAX_RECORD_BYTES // 2**20} MiB", True)
        return
    element = PieceParser({}).parse(_DECLARATION.sub(b"", data.removeprefix(b"\xef\xbb\xbf")), problem)
    if element is None:
        return
    if _reader_of(element) is None:
        message = f"{rows.payload} holds no records but {root or 'nothing that is known'}: harvest ListRecords"
        rows.defect(-1, "wrong_file_type", f"{message}.", True)
        return
    try:
        _put(element, None, {"position": 0}, [], len(data), Origin(None, None), rows, problem)
    except _UNEXPECTED as error:
        problem("unexpected_form", f"the document was left out: {error!r}", True)
