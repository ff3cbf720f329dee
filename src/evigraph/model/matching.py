"""What deduplication writes between records and products: forms to compare, pairs, evidence, members."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import PIDS, TEXT, TEXTS

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

#: Numbers of which each stands for a word or an identifier.
NUMBERS = pa.list_(pa.int64())

COMPARABLE = Table(
    "comparable",
    "A record in the form in which records are compared.",
    ("record_id",),
    (
        Column("record_id", TEXT, "the record"),
        Column("type", TEXT, "publication, dataset, software or other"),
        Column("title_key", TEXT, "title and subtitle, folded, at most 250 characters; null: none"),
        Column("is_generic", pa.bool_(), "whether the title says nothing of one work, as Editorial", nullable=False),
        Column("note", TEXT, "what kind of note the title announces: erratum, retraction, reply, comment, review"),
        Column("other_titles", TEXTS, "further titles, folded, sorted"),
        Column("author_names", TEXTS, "the first 50 authors, folded: family, given; or the name as one"),
        Column("n_authors", pa.int32(), "number of named authors", nullable=False),
        Column("year", pa.int32(), "publication year"),
        Column("venue", TEXT, "content words of the container's name, folded"),
        Column("venue_short", TEXT, "the same of its abbreviated name"),
        Column("issns", TEXTS, "the container's ISSNs, sorted"),
        Column("volume", TEXT, "volume without zeros in front"),
        Column("issue", TEXT, "issue without zeros in front"),
        Column("first_page", TEXT, "first page, with its letters"),
        Column("last_page", TEXT, "last page, with the digits that the source leaves out"),
        Column("is_preprint", pa.bool_(), "whether all its copies precede publication", nullable=False),
        Column(
            "is_abstract",
            pa.bool_(),
            "whether it is an abstract of a congress: by its type, or one page of a supplement",
            nullable=False,
        ),
        Column("language", TEXT, "ISO 639-3 code; null where not known"),
        Column("pids", PIDS, "identifiers that can make identity, without placeholders, sorted"),
        Column("urls", TEXTS, "of software: addresses of its copies, without scheme and closing slash, sorted"),
        Column("word_codes", NUMBERS, "what each word of title_key is like, as a number"),
        Column("told_codes", NUMBERS, "as word_codes, of the words in the other fields"),
        Column("pid_codes", NUMBERS, "the identifiers as numbers"),
        Column("name_codes", NUMBERS, "as word_codes, of the words of author_names"),
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
        Column("place", TEXT, "order inside a block: title, first author, year"),
        Column("signature", pa.int64(), "the content words of the title as bits", nullable=False),
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
    Column("rule", TEXT, "decision, identifier or comparison"),
    Column("is_match", pa.bool_(), "whether the verdict is match", nullable=False),
    Column("verdict", TEXT, "match, open (a person should decide) or no", nullable=False),
    Column("level", TEXT, "of a match or open pair: duplicate (one publication twice) or version (again)"),
    Column("score", pa.float64(), "how surely they are one work, 0 to 1; null for a decision"),
    Column(
        "level_score",
        pa.float64(),
        "of a match or open pair: how surely they are one publication if one work, 0 to 1; null for a decision",
    ),
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

OPEN_PAIR = Table(
    "open_pair",
    "Two products that a person should decide about: the pair of their records that is most surely one work.",
    ("place",),
    (
        Column("place", pa.int64(), "order of asking, from 1: duplicates before versions, the surest first"),
        Column("record_id_l", TEXT, "the record with the smaller id", nullable=False),
        Column("record_id_r", TEXT, "the record with the larger id", nullable=False),
        Column("product_id_l", TEXT, "the product of the left record", nullable=False),
        Column("product_id_r", TEXT, "the product of the right record", nullable=False),
        Column("level", TEXT, "what they would be: duplicate or version"),
        Column("score", pa.float64(), "how surely they are one work, 0 to 1"),
        Column("explanation", TEXT, "why the comparison could not decide, in words"),
    ),
)

VERSION_LINK = Table(
    "version_link",
    "Two products that are one work published again, in a graph that merges duplicates only; else empty.",
    ("source_id", "target_id"),
    (
        Column("source_id", TEXT, "the product that IsVersionOf the other: the preprint, else that of the larger id"),
        Column("target_id", TEXT, "the other product"),
    ),
)

RECORD_RELATION = Table(
    "record_relation",
    "How two records of one product are related, where one is another version of the other; held in both directions.",
    ("source_record_id", "relation", "target_record_id"),
    (
        Column("source_record_id", TEXT, "the record the relation is read from"),
        Column("relation", TEXT, "DataCite relation type: IsVersionOf, IsPreviousVersionOf, …"),
        Column("target_record_id", TEXT, "the record it points to"),
        Column("product_id", TEXT, "the product of both", nullable=False),
        Column("sources", TEXTS, "the sources that say so, sorted; comparison where deduplication found it"),
    ),
)
