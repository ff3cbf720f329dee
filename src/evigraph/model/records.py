"""What payloads say: records, their references and links, and what could not be used."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import AUTHOR, CONTAINER, EXTRA, FUNDING, INSTANCE, PIDS, SUBJECT, TEXT, TEXTS

#: The bibliographic columns that a record and a product have alike.
BIBLIOGRAPHIC: tuple[Column, ...] = (
    Column("type", TEXT, "publication, dataset, software or other"),
    Column("title", TEXT, "main title, plain text"),
    Column("subtitle", TEXT, "subtitle, plain text"),
    Column("alternative_titles", TEXTS, "further titles: translated, original-language, short"),
    Column("authors", pa.list_(AUTHOR), "authors in the order of the byline"),
    Column("descriptions", TEXTS, "abstracts, plain text, sections on lines of their own"),
    Column("published_on", TEXT, "publication date in ISO 8601, as precise as stated: 2021, 2021-03, 2021-03-09"),
    Column("year", pa.int32(), "publication year"),
    Column("publisher", TEXT, "publisher as stated"),
    Column("language", TEXT, "ISO 639-3 code; und where not known"),
    Column("subjects", pa.list_(SUBJECT), "keywords and controlled terms"),
    Column("container", CONTAINER, "journal, book or conference"),
    Column("pids", PIDS, "authoritative identifiers, normalised; those that make identity"),
    Column("alternate_ids", PIDS, "identifiers that are kept but do not make identity"),
    Column("instances", pa.list_(INSTANCE), "hosted copies"),
    Column("funding", pa.list_(FUNDING), "funders and awards"),
    Column("is_retracted", pa.bool_(), "whether a source says that the work was retracted"),
)

RECORD = Table(
    "record",
    "What one source says of one work, after cleaning.",
    ("record_id",),
    (
        Column("record_id", TEXT, "source:source_key, for example pubmed:39252191"),
        Column("source", TEXT, "the source's name", nullable=False),
        Column("source_key", TEXT, "the record's own identifier in its source", nullable=False),
        Column("payload", TEXT, "name of the payload file it was read from", nullable=False),
        Column("position", pa.int64(), "its place in the payload, from 0", nullable=False),
        Column("datestamp", TEXT, "when the source last changed it, ISO 8601; null if it does not say"),
        Column("is_deleted", pa.bool_(), "the source has withdrawn the record", nullable=False),
        *BIBLIOGRAPHIC,
        Column("extras", pa.list_(EXTRA), "fields of the source that have no column here"),
    ),
)

REFERENCE = Table(
    "reference",
    "One entry of a record's reference list, as the source gives it.",
    ("record_id", "payload", "position"),
    (
        Column("record_id", TEXT, "the citing record"),
        Column("payload", TEXT, "name of the payload file it was read from"),
        Column("position", pa.int32(), "place in the reference list, from 0"),
        Column("pids", PIDS, "identifiers of the cited work, normalised; may be empty"),
        Column("text", TEXT, "the reference as text, where the source gives one"),
    ),
)

LINK = Table(
    "link",
    "A statement of a record about another work: erratum, retraction, preprint, supplement.",
    ("record_id", "payload", "relation", "scheme", "value"),
    (
        Column("record_id", TEXT, "the record that says it"),
        Column("payload", TEXT, "name of the payload file it was read from"),
        Column("relation", TEXT, "DataCite relation type, read from the record to the target"),
        Column("scheme", TEXT, "scheme of the target's identifier"),
        Column("value", TEXT, "normalised identifier of the target"),
        Column("note", TEXT, "the source's own word for the link, for example RetractionIn"),
    ),
)

DEFECT = Table(
    "defect",
    "Something in a payload that could not be used, and what it cost.",
    ("source", "payload", "position", "code", "ordinal"),
    (
        Column("source", TEXT, "the source's name"),
        Column("payload", TEXT, "name of the payload file"),
        Column("position", pa.int64(), "place of the record in the payload, from 0; -1: the file as a whole"),
        Column("code", TEXT, "the defect's name, for example json_syntax, gzip_truncated, no_title"),
        Column("ordinal", pa.int32(), "counts equal defects of one record, from 0"),
        Column("message", TEXT, "one line for people: what was wrong and what was done"),
        Column("is_record_lost", pa.bool_(), "whether a record was lost by it", nullable=False),
    ),
)

PAYLOAD = Table(
    "payload",
    "A payload file of this run, in the order of harvest: what was harvested later is newer.",
    ("source", "payload"),
    (
        Column("source", TEXT, "the source's name"),
        Column("payload", TEXT, "name of the payload file"),
        Column("ordinal", pa.int32(), "place in the order of harvest, from 0", nullable=False),
        Column("sha256", TEXT, "of the file's bytes", nullable=False),
    ),
)

#: What payloads say before it is settled which version of a record counts; a record may be there many times.
RECORD_TOLD = replace(RECORD, name="record_told", key=("record_id", "payload"))

REFERENCE_TOLD = replace(REFERENCE, name="reference_told")

LINK_TOLD = replace(LINK, name="link_told")

DEFECT_TOLD = replace(DEFECT, name="defect_told")

STATED_CITATION = Table(
    "stated_citation",
    "A citation that a source states between two identifiers, as an index of citations does.",
    ("source", "payload", "position"),
    (
        Column("source", TEXT, "the source's name"),
        Column("payload", TEXT, "name of the payload file"),
        Column("position", pa.int64(), "place of the statement in the payload, from 0"),
        Column("citing", PIDS, "identifiers of the citing work, normalised"),
        Column("cited", PIDS, "identifiers of the cited work, normalised"),
        Column("statement_id", TEXT, "the statement's own identifier, for example an OCI"),
        Column("note", TEXT, "what else the source says of it, name=value"),
    ),
)
