"""The contracts of all tables that steps exchange and releases hold."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from evigraph.model.entities import ENTITY_TABLES, RELEASED_ENTITY_TABLES
from evigraph.model.table import Column, Table
from evigraph.model.types import (
    AUTHOR,
    CONTAINER,
    EXTRA,
    FUNDING,
    INSTANCE,
    PIDS,
    PROVENANCE,
    SUBJECT,
    TEXT,
    TEXTS,
)

#: The bibliographic columns that a record and a product have alike.
_BIBLIOGRAPHIC: tuple[Column, ...] = (
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
        *_BIBLIOGRAPHIC,
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

IDENTIFIER = Table(
    "identifier",
    "An identifier and the product that it identifies.",
    ("scheme", "value"),
    (
        Column("scheme", TEXT, "scheme of the identifier"),
        Column("value", TEXT, "normalised value"),
        Column("product_id", TEXT, "the product", nullable=False),
    ),
)

DECISION = Table(
    "decision",
    "A decision of a person that is in force at the head of this run.",
    ("decision_id",),
    (
        Column("decision_id", TEXT, "id of the event in the ledger"),
        Column("kind", TEXT, "same or different", nullable=False),
        Column("subject_l", TEXT, "a record id, or an identifier as scheme:value", nullable=False),
        Column("subject_r", TEXT, "the other one", nullable=False),
        Column("actor", TEXT, "who decided"),
        Column("reason", TEXT, "why"),
        Column("decided_at", TEXT, "when, ISO 8601 in UTC"),
    ),
)

COMPARABLE = Table(
    "comparable",
    "A record in the form in which records are compared.",
    ("record_id",),
    (
        Column("record_id", TEXT, "the record"),
        Column("type", TEXT, "publication, dataset, software or other"),
        Column("title_key", TEXT, "title after cleaning, at most 250 characters; null: not comparable"),
        Column("title_numbers", TEXT, "digits and roman numerals of the title, in order"),
        Column("author_names", TEXTS, "the first 200 authors, folded: family, given; or the name as one"),
        Column("n_authors", pa.int32(), "number of named authors", nullable=False),
        Column("pids", PIDS, "identifiers that can make identity, without placeholders, sorted"),
        Column("urls", TEXTS, "of software: addresses of its copies, without scheme and closing slash, sorted"),
    ),
)

STATED_PID = Table(
    "stated_pid",
    "An identifier that a record states, with the first record that states it.",
    ("scheme", "value", "record_id"),
    (
        Column("scheme", TEXT, "scheme of the identifier"),
        Column("value", TEXT, "its normalised value"),
        Column("record_id", TEXT, "a record that states it"),
        Column("leader_id", TEXT, "the smallest record that states it", nullable=False),
        Column(
            "makes_identity",
            pa.bool_(),
            "false where one source gives it to many differently titled records, as a supplement's DOI",
            nullable=False,
        ),
    ),
)

BLOCK_KEY = Table(
    "block_key",
    "A key under which a record is compared with the records that share it.",
    ("key", "record_id"),
    (
        Column("key", TEXT, "the key"),
        Column("record_id", TEXT, "the record"),
        Column("title_key", TEXT, "order of comparison inside a block"),
    ),
)

PAIR = Table(
    "pair",
    "Two records that some block brings together, left id below right id.",
    ("record_id_l", "record_id_r"),
    (
        Column("record_id_l", TEXT, "the record with the smaller id"),
        Column("record_id_r", TEXT, "the record with the larger id"),
    ),
)

_EVIDENCE_COLUMNS: tuple[Column, ...] = (
    Column("record_id_l", TEXT, "the record with the smaller id"),
    Column("record_id_r", TEXT, "the record with the larger id"),
    Column("rule", TEXT, "identifier, openaire or decision"),
    Column("is_match", pa.bool_(), "whether the rule finds them the same", nullable=False),
    Column("title_similarity", pa.float64(), "1 - Levenshtein distance / longer length; null where not compared"),
    Column("author_similarity", pa.float64(), "share of authors in common; null where not compared"),
    Column("explanation", TEXT, "the finding in words"),
)

COMPARISON = Table(
    "comparison",
    "What comparing two records found: all matches, and the misses whose titles are alike.",
    ("record_id_l", "record_id_r", "rule"),
    _EVIDENCE_COLUMNS,
)

EVIDENCE = Table(
    "evidence",
    "Why two records are, or are not, the same work.",
    ("record_id_l", "record_id_r", "rule"),
    _EVIDENCE_COLUMNS,
)

MEMBER = Table(
    "member",
    "Which product a record belongs to.",
    ("record_id",),
    (
        Column("record_id", TEXT, "the record"),
        Column("product_id", TEXT, "its product", nullable=False),
    ),
)

ALIAS = Table(
    "alias",
    "Another id or identifier under which a product answers.",
    ("alias",),
    (
        Column("alias", TEXT, "a superseded id, scheme:value of an identifier, or a record id"),
        Column("product_id", TEXT, "the product that answers", nullable=False),
    ),
)

PRODUCT = Table(
    "product",
    "A research product: all records of one work, merged.",
    ("product_id",),
    (
        Column("product_id", TEXT, "best identifier's type, padded to 12, and md5 of its value"),
        *_BIBLIOGRAPHIC,
        Column("access_right", TEXT, "best COAR access right of the instances; null = not known"),
        Column("is_peer_reviewed", pa.bool_(), "whether an instance is peer-reviewed; null = not known"),
        Column("sources", TEXTS, "the sources of its records, sorted"),
        Column("record_ids", TEXTS, "its records, the one that leads first"),
        Column(
            "provenance",
            pa.list_(PROVENANCE),
            "which records said each value; empty where one record said everything",
        ),
    ),
)

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

RESOLVED_CITATION = Table(
    "resolved_citation",
    "A citation between identifiers, with the products that they stand for.",
    ("source", "payload", "position"),
    (
        Column("source", TEXT, "the source's name"),
        Column("payload", TEXT, "name of the payload file"),
        Column("position", pa.int64(), "place of the statement in the payload, from 0"),
        Column("source_id", TEXT, "the citing product; null where this graph does not hold it"),
        Column("target_id", TEXT, "the cited product; null where this graph does not hold it"),
    ),
)

CITED_REFERENCE = Table(
    "cited_reference",
    "A product's reference list with the products it resolves to.",
    ("product_id", "record_id", "payload", "position"),
    (
        Column("product_id", TEXT, "the citing product"),
        Column("record_id", TEXT, "the record that lists the reference"),
        Column("payload", TEXT, "the payload it was read from"),
        Column("position", pa.int32(), "place in that record's list, from 0"),
        Column("pids", PIDS, "identifiers of the cited work"),
        Column("text", TEXT, "the reference as text"),
        Column("target_id", TEXT, "the product it resolves to; null where this graph does not hold it"),
    ),
)

RELATION = Table(
    "relation",
    "A link between two products; every link is held in both directions.",
    ("source_id", "relation", "target_id"),
    (
        Column("source_id", TEXT, "the product the relation is read from"),
        Column("relation", TEXT, "DataCite relation type: Cites, IsCitedBy, …"),
        Column("target_id", TEXT, "the product it points to"),
        Column("sources", TEXTS, "the sources that say so, sorted"),
    ),
)

NODE = Table(
    "node",
    "A product as a node of the citation graph, numbered newest first.",
    ("node",),
    (
        Column("node", pa.int32(), "number from 0, in order of year (newest first), then product_id"),
        Column("product_id", TEXT, "the product", nullable=False),
        Column("year", pa.int32(), "publication year", nullable=False),
    ),
)

EDGE = Table(
    "edge",
    "A distinct citation between two nodes, without self-citations of a node.",
    ("citing", "cited"),
    (
        Column("citing", pa.int32(), "node of the citing publication"),
        Column("cited", pa.int32(), "node of the cited product"),
    ),
)

SCORE = Table(
    "score",
    "The indicators of a node.",
    ("node",),
    (
        Column("node", pa.int32(), "the node"),
        Column("citation_count", pa.int64(), "in-degree", nullable=False),
        Column("impulse", pa.int64(), "citations up to three years after publication", nullable=False),
        Column("influence", pa.float64(), "PageRank", nullable=False),
        Column("popularity", pa.float64(), "AttRank", nullable=False),
        Column("citation_count_class", TEXT, "C1 to C5", nullable=False),
        Column("impulse_class", TEXT, "C1 to C5", nullable=False),
        Column("influence_class", TEXT, "C1 to C5", nullable=False),
        Column("popularity_class", TEXT, "C1 to C5", nullable=False),
    ),
)

INDICATOR = Table(
    "indicator",
    "The four BIP! indicators of a product, raw and as a class.",
    ("product_id",),
    (
        Column("product_id", TEXT, "the product"),
        Column("citation_count", pa.int64(), "distinct products of this graph that cite it", nullable=False),
        Column("impulse", pa.int64(), "citations up to three years after publication", nullable=False),
        Column("influence", pa.float64(), "PageRank, sums to 1 over the graph", nullable=False),
        Column("popularity", pa.float64(), "AttRank", nullable=False),
        Column("citation_count_class", TEXT, "C1 (top 0.01 %) to C5", nullable=False),
        Column("impulse_class", TEXT, "C1 to C5", nullable=False),
        Column("influence_class", TEXT, "C1 to C5", nullable=False),
        Column("popularity_class", TEXT, "C1 to C5", nullable=False),
    ),
)

#: Every table, by name.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        RECORD,
        REFERENCE,
        LINK,
        DEFECT,
        PAYLOAD,
        RECORD_TOLD,
        REFERENCE_TOLD,
        LINK_TOLD,
        DEFECT_TOLD,
        IDENTIFIER,
        DECISION,
        COMPARABLE,
        BLOCK_KEY,
        PAIR,
        STATED_PID,
        COMPARISON,
        EVIDENCE,
        MEMBER,
        ALIAS,
        PRODUCT,
        STATED_CITATION,
        RESOLVED_CITATION,
        CITED_REFERENCE,
        RELATION,
        NODE,
        EDGE,
        SCORE,
        INDICATOR,
        *ENTITY_TABLES,
    )
}

#: The tables of a release, in the order in which the manifest lists them.
RELEASE_TABLES: tuple[Table, ...] = (
    PRODUCT,
    INDICATOR,
    RELATION,
    CITED_REFERENCE,
    RECORD,
    MEMBER,
    ALIAS,
    EVIDENCE,
    DEFECT,
    *RELEASED_ENTITY_TABLES,
)
