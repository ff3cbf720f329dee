"""The contracts of who is who: organizations of several sources that are one, suggestions, authors and persons."""

from __future__ import annotations

import pyarrow as pa

from evigraph.model.table import Column, Table
from evigraph.model.types import TEXT, TEXTS

ORGANIZATION_KEY = Table(
    "organization_key",
    "An organization in the form in which organizations are compared.",
    ("organization_id",),
    (
        Column("organization_id", TEXT, "the organization"),
        Column("ror_id", TEXT, "its ROR id, the smallest where it states several"),
        Column("name_key", TEXT, "legal name, folded"),
        Column("short_key", TEXT, "short name, folded"),
        Column("numbers", TEXT, "numbers in the legal name, in order"),
        Column("country_code", TEXT, "country"),
        Column("domain", TEXT, "host of its home page, without www"),
    ),
)

ORGANIZATION_MEMBER = Table(
    "organization_member",
    "Which organizations of different sources are one: those with one ROR id, and those that people said are the same.",
    ("organization_id",),
    (
        Column("organization_id", TEXT, "the organization as one source describes it"),
        Column("group_id", TEXT, "ror: and the ROR id's last part; without one the smallest id of the group"),
    ),
)

ORGANIZATION_PAIR = Table(
    "organization_pair",
    "Two organizations that are compared: one country, and one web domain or one name.",
    ("organization_id_l", "organization_id_r"),
    (
        Column("organization_id_l", TEXT, "the organization with the smaller id"),
        Column("organization_id_r", TEXT, "the organization with the larger id"),
    ),
)

ORGANIZATION_SUGGESTION = Table(
    "organization_suggestion",
    "Two organizations that may be one; nothing follows from it until a person says so.",
    ("organization_id_l", "organization_id_r"),
    (
        Column("organization_id_l", TEXT, "the organization with the smaller id"),
        Column("organization_id_r", TEXT, "the organization with the larger id"),
        Column("score", pa.float64(), "0.9 of the similarity of legal names and 0.1 of that of short names"),
        Column("explanation", TEXT, "why, in words"),
    ),
)

AUTHORSHIP = Table(
    "authorship",
    "An author of a product, and what may tell later who that is.",
    ("product_id", "position"),
    (
        Column("product_id", TEXT, "the product"),
        Column("position", pa.int32(), "place in the byline, from 0"),
        Column("person_id", TEXT, "the person, by ORCID iD; null: not known who, and left apart"),
        Column("orcid", TEXT, "ORCID iD"),
        Column("full_name", TEXT, "the name as the product shows it"),
        Column("name_key", TEXT, "family name and first initial, folded; null for a group"),
        Column("ror_ids", TEXTS, "ROR ids of affiliations, sorted"),
        Column("affiliations", TEXTS, "names of affiliations as stated"),
    ),
)

PERSON = Table(
    "person",
    "A person by ORCID iD; authors without one are in authorship alone.",
    ("person_id",),
    (
        Column("person_id", TEXT, "orcid, padded to 12, and md5 of the iD"),
        Column("orcid", TEXT, "ORCID iD", nullable=False),
        Column("names", TEXTS, "the names under which works state it, sorted"),
        Column("n_products", pa.int64(), "number of products", nullable=False),
        Column("n_name_keys", pa.int64(), "number of different family names with initial; many: look", nullable=False),
        Column("ror_ids", TEXTS, "ROR ids of affiliations, sorted"),
    ),
)

#: Every table of this module.
IDENTITY_TABLES: tuple[Table, ...] = (
    ORGANIZATION_KEY,
    ORGANIZATION_MEMBER,
    ORGANIZATION_PAIR,
    ORGANIZATION_SUGGESTION,
    AUTHORSHIP,
    PERSON,
)

#: Those that a release holds.
RELEASED_IDENTITY_TABLES: tuple[Table, ...] = (ORGANIZATION_MEMBER, ORGANIZATION_SUGGESTION, AUTHORSHIP, PERSON)
