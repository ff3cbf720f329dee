"""The contracts of what stands around products: organizations, projects, data sources, journals, registries.

Each row is what one source says of one thing; the things of several sources are not merged. They meet in their
identifiers (`pids`), and products meet them in `product_entity`.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import CONTAINER, EXTRA, PIDS, TEXT, TEXTS

#: A funder of a project and the stream of money, as OpenAIRE gives them.
PROJECT_FUNDING = pa.struct(
    [
        pa.field("name", TEXT),
        pa.field("short_name", TEXT),
        pa.field("jurisdiction", TEXT),
        pa.field("stream_id", TEXT),
        pa.field("stream_description", TEXT),
    ]
)

#: A programme: code and description.
PROGRAMME = pa.struct([pa.field("code", TEXT), pa.field("description", TEXT)])

#: An amount of money in a currency (ISO 4217).
AMOUNT = pa.struct([pa.field("amount", pa.float64()), pa.field("currency", TEXT)])


def _told(name: str) -> tuple[Column, ...]:
    """The columns that say who tells a row, and where."""
    return (
        Column(name, TEXT, "source:source_key"),
        Column("source", TEXT, "the source's name", nullable=False),
        Column("source_key", TEXT, "its own identifier in its source", nullable=False),
        Column("payload", TEXT, "name of the payload file it was read from", nullable=False),
        Column("position", pa.int64(), "its place in the payload, from 0", nullable=False),
    )


_IS_MENTION = Column(
    "is_mention", pa.bool_(), "told in passing by a record that names it; false: described for its own sake"
)
_PIDS = Column("pids", PIDS, "identifiers in other registries, by lower-case scheme")
_ORIGINAL_IDS = Column("original_ids", TEXTS, "ids under which the source itself collected it")
_EXTRAS = Column("extras", pa.list_(EXTRA), "fields of the source that have no column here")

ORGANIZATION = Table(
    "organization",
    "An organization or funder as one source describes it.",
    ("organization_id",),
    (
        *_told("organization_id"),
        _IS_MENTION,
        Column("datestamp", TEXT, "when the source last changed it, ISO 8601"),
        Column("legal_name", TEXT, "the name by which the source shows it"),
        Column("short_name", TEXT, "acronym or short name"),
        Column("alternative_names", TEXTS, "further names: aliases, acronyms, other languages"),
        Column("types", TEXTS, "kinds, in the source's words: education, funder, facility, …"),
        Column("country_code", TEXT, "ISO 3166-1 alpha-2, or EU and the like as stated"),
        Column("country_name", TEXT, "country as stated"),
        Column("city", TEXT, "city as stated"),
        Column("website_url", TEXT, "home page"),
        Column("established", pa.int32(), "year of foundation"),
        Column("status", TEXT, "active, inactive or withdrawn, where the source says"),
        _PIDS,
        _ORIGINAL_IDS,
        _EXTRAS,
    ),
)

PROJECT = Table(
    "project",
    "A funded project as one source describes it.",
    ("project_id",),
    (
        *_told("project_id"),
        _IS_MENTION,
        Column("code", TEXT, "the funder's number of the grant"),
        Column("acronym", TEXT, "acronym"),
        Column("title", TEXT, "title; unidentified stands for: funded, project not known"),
        Column("call_identifier", TEXT, "the call it answered"),
        Column("keywords", TEXT, "keywords as one text"),
        Column("subjects", TEXTS, "subjects"),
        Column("summary", TEXT, "abstract, plain text"),
        Column("started_on", TEXT, "ISO 8601"),
        Column("ended_on", TEXT, "ISO 8601"),
        Column("website_url", TEXT, "home page"),
        Column("publications_must_be_open", pa.bool_(), "whether the grant asks for open access to publications"),
        Column("datasets_must_be_open", pa.bool_(), "whether the grant asks for open access to data"),
        Column("fundings", pa.list_(PROJECT_FUNDING), "funders and streams"),
        Column("currency", TEXT, "currency of the amounts, ISO 4217"),
        Column("funded_amount", pa.float64(), "what the funder gave; 0 often stands for not known"),
        Column("total_cost", pa.float64(), "what it cost; 0 often stands for not known"),
        Column("programmes", pa.list_(PROGRAMME), "Horizon 2020 programmes"),
        _PIDS,
        _ORIGINAL_IDS,
        _EXTRAS,
    ),
)

DATA_SOURCE = Table(
    "data_source",
    "A repository, journal, aggregator or other data source as OpenAIRE describes it.",
    ("data_source_id",),
    (
        *_told("data_source_id"),
        _IS_MENTION,
        Column("type", TEXT, "kind in the source's vocabulary"),
        Column("type_scheme", TEXT, "the vocabulary's id of the kind"),
        Column("compatibility", TEXT, "with which of OpenAIRE's guidelines it complies, free text"),
        Column("official_name", TEXT, "name"),
        Column("english_name", TEXT, "name in English"),
        Column("website_url", TEXT, "home page"),
        Column("logo_url", TEXT, "address of its logo"),
        Column("validated_on", TEXT, "when its compatibility was validated, ISO 8601"),
        Column("description", TEXT, "description, plain text"),
        Column("subjects", TEXTS, "subjects"),
        Column("languages", TEXTS, "languages as stated"),
        Column("content_types", TEXTS, "what it holds"),
        Column("release_started_on", TEXT, "ISO 8601"),
        Column("release_ended_on", TEXT, "ISO 8601"),
        Column("mission_statement_url", TEXT, "address"),
        Column("access_rights", TEXT, "open, restricted or closed"),
        Column("upload_rights", TEXT, "open, restricted or closed"),
        Column("database_access_restriction", TEXT, "what restricts access"),
        Column("data_upload_restriction", TEXT, "what restricts deposits"),
        Column("versioning", pa.bool_(), "whether it keeps versions"),
        Column("citation_guideline_url", TEXT, "address"),
        Column("pid_systems", TEXT, "persistent identifiers it assigns"),
        Column("certificates", TEXT, "certificates"),
        Column("policies", TEXTS, "policies"),
        Column("journal", CONTAINER, "of a journal: its name and ISSNs"),
        _PIDS,
        _ORIGINAL_IDS,
        _EXTRAS,
    ),
)

COMMUNITY = Table(
    "community",
    "A research community or infrastructure as OpenAIRE describes it.",
    ("community_id",),
    (
        *_told("community_id"),
        _IS_MENTION,
        Column("acronym", TEXT, "its code, by which products name it"),
        Column("name", TEXT, "name"),
        Column("description", TEXT, "description, plain text"),
        Column("type", TEXT, "community or research infrastructure"),
        Column("subjects", TEXTS, "subjects"),
        Column("zenodo_community", TEXT, "its community on Zenodo"),
        _ORIGINAL_IDS,
        _EXTRAS,
    ),
)

JOURNAL = Table(
    "journal",
    "An open access journal as a registry of journals (DOAJ) describes it.",
    ("journal_id",),
    (
        *_told("journal_id"),
        Column("datestamp", TEXT, "when the registry last changed it, ISO 8601"),
        Column("title", TEXT, "title"),
        Column("alternative_titles", TEXTS, "further titles"),
        Column("issn_print", TEXT, "ISSN of the print edition"),
        Column("issn_online", TEXT, "ISSN of the online edition"),
        Column("publisher", TEXT, "publisher"),
        Column("country", TEXT, "country of the publisher as stated"),
        Column("languages", TEXTS, "languages of the articles as stated"),
        Column("subjects", TEXTS, "subjects"),
        Column("licenses", TEXTS, "licences its articles may have, labels as elsewhere"),
        Column("has_apc", pa.bool_(), "whether it asks a charge for publishing"),
        Column("apc", pa.list_(AMOUNT), "the greatest charge, in each currency stated"),
        Column("open_since", pa.int32(), "first year from which all its articles are open access"),
        Column("added_on", TEXT, "when the registry took it in, ISO 8601"),
        Column("website_url", TEXT, "home page"),
        _EXTRAS,
    ),
)

ISSN_LINK = Table(
    "issn_link",
    "An ISSN and the linking ISSN that all media of its serial share (ISO 3297).",
    ("issn",),
    (
        Column("issn", TEXT, "ISSN"),
        Column("issn_linking", TEXT, "its ISSN-L", nullable=False),
        Column("source", TEXT, "the source's name", nullable=False),
        Column("payload", TEXT, "name of the payload file it was read from", nullable=False),
    ),
)

RETRACTION = Table(
    "retraction",
    "A retraction, expression of concern, correction or reinstatement as a registry reports it.",
    ("retraction_id",),
    (
        *_told("retraction_id"),
        Column("nature", TEXT, "Retraction, Expression of concern, Correction or Reinstatement, as stated"),
        Column("title", TEXT, "title of the work it is about"),
        Column("original_pids", PIDS, "identifiers of the work it is about"),
        Column("notice_pids", PIDS, "identifiers of the notice"),
        Column("noticed_on", TEXT, "date of the notice, ISO 8601"),
        Column("published_on", TEXT, "date of the work it is about, ISO 8601"),
        Column("reasons", TEXTS, "reasons in the registry's words"),
        Column("authors", TEXTS, "authors of the work"),
        Column("institutions", TEXTS, "their institutions"),
        Column("countries", TEXTS, "their countries"),
        Column("journal", TEXT, "journal"),
        Column("publisher", TEXT, "publisher"),
        Column("subjects", TEXTS, "subjects"),
        Column("article_types", TEXTS, "kinds of article in the registry's words"),
        Column("urls", TEXTS, "addresses of accounts of the case"),
        Column("is_paywalled", pa.bool_(), "whether the notice has to be paid for"),
        Column("notes", TEXT, "the registry's notes"),
        _EXTRAS,
    ),
)

VOCABULARY_TERM = Table(
    "vocabulary_term",
    "A label of a concept of a controlled vocabulary.",
    ("concept", "kind", "language", "label"),
    (
        Column("concept", TEXT, "URI of the concept"),
        Column("kind", TEXT, "preferred, alternative or definition"),
        Column("language", TEXT, "language tag (BCP 47); empty where none is stated"),
        Column("label", TEXT, "the text"),
        Column("scheme", TEXT, "URI of the vocabulary, where it is stated"),
        Column("source", TEXT, "the source's name", nullable=False),
        Column("payload", TEXT, "name of the payload file it was read from", nullable=False),
    ),
)

_LINK_ENDS: tuple[Column, ...] = (
    Column("left_id", TEXT, "the record or entity it is read from, source:source_key"),
    Column("relation", TEXT, "isProducedBy, hasAuthorInstitution, hasParticipant, IsParentOf, …"),
    Column("right_id", TEXT, "the entity it points to, source:source_key; of a community perhaps its code"),
    Column("left_kind", TEXT, "product, project, data_source, organization or community", nullable=False),
    Column("right_kind", TEXT, "the same, of the other end", nullable=False),
)

ENTITY_LINK_TOLD = Table(
    "entity_link_told",
    "A link of a record or entity to an entity, as a payload states it.",
    ("left_id", "relation", "right_id", "payload"),
    (
        *_LINK_ENDS,
        Column("source", TEXT, "the source's name", nullable=False),
        Column("payload", TEXT, "name of the payload file it was read from"),
        Column("teller_id", TEXT, "the record or entity that says it of itself; null in a file of relations"),
        Column("provenance", TEXT, "how the source came to it: Harvested, Inferred by OpenAIRE, Linked by user"),
    ),
)

ENTITY_LINK = Table(
    "entity_link",
    "A link of a record or entity to an entity, held in one direction: products before projects before others.",
    ("left_id", "relation", "right_id"),
    (
        *_LINK_ENDS,
        Column("sources", TEXTS, "the sources that say so, sorted"),
        Column("provenance", TEXTS, "how they came to it, sorted"),
    ),
)

RECORD_MARK = Table(
    "record_mark",
    "What registries and curators add to a record, by its identifiers; nothing where they add nothing.",
    ("record_id",),
    (
        Column("record_id", TEXT, "the record"),
        Column("retracted_by", TEXTS, "ids in `retraction` that say the work was retracted, sorted"),
        Column("issn_linking", TEXT, "the ISSN-L of the record's container, where the record has none"),
        Column("issn_linking_by", TEXT, "the entry that says so, as issn_l:ISSN"),
        Column("amended_type", TEXT, "the type that a curator set"),
        Column("amended_type_by", TEXT, "the event that says so, as people:ID"),
        Column("dead_links", TEXTS, "addresses of its copies that a curator found to lead nowhere, sorted"),
        Column("amended_authors", TEXTS, "authors that a curator set right: event, name, new name|ORCID, by line"),
    ),
)

PRODUCT_ENTITY = Table(
    "product_entity",
    "What a product belongs to: projects, organizations, data sources, communities, journals, retraction reports.",
    ("product_id", "kind", "relation", "entity_id"),
    (
        Column("product_id", TEXT, "the product"),
        Column("kind", TEXT, "table of the entity: project, organization, data_source, community, journal, retraction"),
        Column("relation", TEXT, "read from the product: isProducedBy, hasAuthorInstitution, IsPublishedIn, …"),
        Column("entity_id", TEXT, "its id in that table; the row need not be in this graph"),
        Column("sources", TEXTS, "the sources that say so, sorted"),
    ),
)


def _as_told(table: Table) -> Table:
    mention = ("is_mention",) if "is_mention" in table.names else ()
    return replace(table, name=f"{table.name}_told", key=(*table.key, *mention, "payload"))


#: The entities that payloads tell many times over, and the table of what is told; the newest payload's word counts.
TOLD_ENTITIES: dict[Table, Table] = {
    table: _as_told(table)
    for table in (
        ORGANIZATION,
        PROJECT,
        DATA_SOURCE,
        COMMUNITY,
        JOURNAL,
        RETRACTION,
        ISSN_LINK,
        VOCABULARY_TERM,
    )
}

#: Every table of this module.
ENTITY_TABLES: tuple[Table, ...] = (
    *TOLD_ENTITIES,
    *TOLD_ENTITIES.values(),
    ENTITY_LINK_TOLD,
    ENTITY_LINK,
    RECORD_MARK,
    PRODUCT_ENTITY,
)

#: Those that a release holds.
RELEASED_ENTITY_TABLES: tuple[Table, ...] = (*TOLD_ENTITIES, ENTITY_LINK, PRODUCT_ENTITY)
