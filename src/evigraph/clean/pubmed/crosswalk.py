"""The crosswalk from PubMed's XML: baseline files, daily updates, and what E-utilities deliver.

Source of the format: NLM's PubMed DTD. A file is a set of PubmedArticle, PubmedBookArticle and, in updates,
DeleteCitation elements; older MEDLINE files hold bare MedlineCitations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from lxml import etree

from evigraph.clean.batches import Rows
from evigraph.clean.payload import CONTENT_NAMES, HEAD_BYTES, Report, open_bytes, sniff_bytes
from evigraph.clean.pubmed.article import article_row, book_row, key_of
from evigraph.clean.pubmed.fields import children, first
from evigraph.clean.pubmed.plain import Plain, without_lists
from evigraph.clean.pubmed.references import corrections, references
from evigraph.clean.pubmed.stream import Fragment, FragmentParser, cut, read_prolog

#: The name of the source.
SOURCE = "pubmed"

_PMID = re.compile(rb"<PMID(?:\s+Version\s*=\s*[\"'](?P<version>\d+)[\"'])?\s*>\s*0*(?P<number>[1-9]\d*)\s*</PMID>")
_DELETED = ("DeleteCitation", "DeleteDocument")


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The records, references, links and defects of one PubMed file, plain or gzip.

    `source_key` is the PMID, with `.2` and so on for a later version; a citation that PubMed withdrew is a record
    with `is_deleted`. Of a record that the file holds twice the last counts, as NLM tells users of the update
    files. Nothing in the file makes this raise: what cannot be used is a defect of the file (`empty_file`,
    `wrong_file_type`, `gzip_truncated`, `xml_entities`, `xml_truncated`) or of one record (`xml_syntax`,
    `xml_entities`, `record_too_large`, `no_pmid`, `repeated_record`, `invalid_characters`, `bad_date`, `no_title`,
    `contract`).

    Raises:
        OSError: the file itself cannot be opened or read.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    last_places = _last_places_of_repeated(path)
    parser = FragmentParser()
    position = 0
    for fragment in _fragments(path, rows.defect):
        if not fragment.name:
            rows.defect(-1, fragment.code, f"{name}: {fragment.message}", False)
        elif fragment.code:
            rows.defect(position, fragment.code, f"{name}, record {position}: {fragment.message}", True)
            position += 1
        elif fragment.name in _DELETED:
            position = _deleted(fragment, position, rows, last_places)
        else:
            _article(fragment, position, rows, parser, last_places)
            position += 1
        yield from rows.full()
    yield from rows.rest()


def _fragments(path: str, report: Report) -> Iterator[Fragment]:
    """The pieces of the file, after its defects as a whole were told."""
    with open_bytes(path, report) as stream:
        head = stream.read(HEAD_BYTES)
        kind = sniff_bytes(head, len(head) < HEAD_BYTES)
        if kind == "empty":
            if stream.damage is None:
                report(-1, "empty_file", f"{stream.name} is empty. Fetch it again.", True)
            return
        if kind != "pubmed-xml":
            message = f"{stream.name} is not PubMed XML but looks like {CONTENT_NAMES[kind]}. Fetch it again, or add it"
            report(-1, "wrong_file_type", f"{message} under the source it belongs to.", True)
            return
        prolog = read_prolog(head)
        if prolog.declares_entities:
            message = "declares entities of its own, which are never expanded; records that use them are left out"
            report(-1, "xml_entities", f"{stream.name} {message}. Fetch it from PubMed again.", False)
        for fragment in cut(head[prolog.n_skipped :], stream, prolog.encoding):
            # The damage of the gzip already accounts for the record that it cut in two.
            if fragment.code != "xml_truncated" or stream.damage is None:
                yield fragment


class _Told(NamedTuple):
    """The places at which a key stands in the file."""

    last: int
    n: int


def _last_places_of_repeated(path: str) -> dict[str, int]:
    """For every key that the file holds more than once, its last position.

    Found in a pass of its own, for a record that has left in a batch cannot be taken back, and the update files
    name withdrawn citations at their end.
    """
    told: dict[str, _Told] = {}
    position = 0
    for fragment in _fragments(path, _silent):
        if not fragment.name:
            continue
        is_deletion = fragment.name in _DELETED
        for match in _PMID.finditer(fragment.data):
            key = _key(match)
            told[key] = _Told(position, told[key].n + 1 if key in told else 1)
            position += is_deletion
            if not is_deletion:
                break
        position += not is_deletion
    return {key: places.last for key, places in told.items() if places.n > 1}


def _silent(position: int, code: str, message: str, is_record_lost: bool) -> None:
    """Takes a defect that the main pass tells."""


def _key(match: re.Match[bytes]) -> str:
    number, version = match["number"].decode(), (match["version"] or b"1").decode()
    return number if version == "1" else f"{number}.{version}"


def _is_superseded(key: str, position: int, rows: Rows, last_places: dict[str, int]) -> bool:
    if last_places.get(key, position) == position:
        return False
    message = f"{rows.payload} tells {SOURCE}:{key} again later; the last statement was kept"
    rows.defect(position, "repeated_record", message, True)
    return True


def _deleted(fragment: Fragment, position: int, rows: Rows, last_places: dict[str, int]) -> int:
    """Puts in the withdrawn citations; returns the position after them."""
    for match in _PMID.finditer(fragment.data):
        key = _key(match)
        if not _is_superseded(key, position, rows, last_places):
            pid = {"scheme": "pmid", "value": match["number"].decode()}
            rows.record({"source_key": key, "position": position, "is_deleted": True, "pids": [pid]})
        position += 1
    return position


def _article(
    fragment: Fragment, position: int, rows: Rows, parser: FragmentParser, last_places: dict[str, int]
) -> None:
    """Puts in one record with its references and links, or the defect that cost it."""
    place = f"{rows.payload}, record {position}"

    def problem(code: str, message: str, is_record_lost: bool = False) -> None:
        rows.defect(position, code, f"{place}: {message}", is_record_lost)

    is_book = fragment.name == "PubmedBookArticle"
    plain = without_lists(fragment.data) if fragment.name == "PubmedArticle" else Plain(fragment.data)
    element = parser.parse(plain.xml, problem)
    if element is None:
        return
    parts = children(element)
    main: etree._Element | None
    if fragment.name == "MedlineCitation":
        main, data = element, None
    else:
        main = first(parts, "BookDocument" if is_book else "MedlineCitation")
        data = first(parts, "PubmedBookData" if is_book else "PubmedData")
    main_parts = children(main)
    key = key_of(first(main_parts, "PMID"))
    if main is None or key is None:
        problem("no_pmid", "the record has no PMID; it was left out. Fetch it from PubMed again", True)
        return
    source_key, pmid = key
    if _is_superseded(source_key, position, rows, last_places):
        return
    place = f"{rows.payload}, PMID {pmid}"
    row = book_row(main, data, pmid, problem) if is_book else article_row(main, data, pmid, problem, plain.mesh)
    if row["title"] is None:
        problem("no_title", "it has no usable title, and a product without one is not shown; it was left out", True)
        return
    links, cited, others = corrections(first(main_parts, "CommentsCorrectionsList"))
    row["source_key"] = source_key
    row["position"] = position
    row["extras"] += [{"name": "CommentsCorrections", "value": text} for text in others]
    if not rows.record(row, len(fragment.data)):
        return
    listed = plain.references or references(main if is_book else data)
    if listed.texts:
        rows.reference_list(*listed)
    else:
        for reference in cited:
            rows.reference(reference)
    for link in links:
        rows.link(link)
