"""The nested Arrow types that records and products share."""

from __future__ import annotations

import pyarrow as pa


def _struct(**fields: pa.DataType) -> pa.StructType:
    return pa.struct([pa.field(name, type_) for name, type_ in fields.items()])


TEXT = pa.string()
TEXTS = pa.list_(TEXT)

#: An identifier: a lower-case scheme of `evigraph.model.pid.SCHEMES` and its normalised value.
PID = _struct(scheme=TEXT, value=TEXT)
PIDS = pa.list_(PID)

#: What a record says of one author's affiliation.
AFFILIATION = _struct(name=TEXT, ror_id=TEXT)

#: An author in the order of the byline; `rank` starts at 1. A group author has only a full name.
AUTHOR = _struct(
    rank=pa.int32(),
    full_name=TEXT,
    given_name=TEXT,
    family_name=TEXT,
    orcid=TEXT,
    is_group=pa.bool_(),
    affiliations=pa.list_(AFFILIATION),
)

#: A subject: scheme (`mesh`, `keyword`, `openalex_topic`, …), the term as shown, its id in the scheme.
SUBJECT = _struct(scheme=TEXT, value=TEXT, term_id=TEXT)

#: Where the work appeared.
CONTAINER = _struct(
    name=TEXT,
    abbreviated_name=TEXT,
    issn_print=TEXT,
    issn_online=TEXT,
    issn_linking=TEXT,
    volume=TEXT,
    issue=TEXT,
    first_page=TEXT,
    last_page=TEXT,
    edition=TEXT,
    conference_place=TEXT,
    conference_on=TEXT,
)

#: One hosted copy of the work ("version" on the page).
INSTANCE = _struct(
    resource_type=TEXT,  # OpenAIRE's label: Article, Preprint, Thesis, …
    resource_type_id=TEXT,  # COAR resource type URI
    version_type=TEXT,  # COAR version URI
    urls=TEXTS,
    pids=PIDS,
    alternate_ids=PIDS,
    access_right=TEXT,  # COAR access right code: c_abf2, c_f1cf, c_16ec, c_14cb; null = not known
    access_route=TEXT,  # gold, green, hybrid, bronze, diamond
    license=TEXT,  # label
    license_url=TEXT,
    refereed=TEXT,  # peerReviewed, nonPeerReviewed; null = not known
    published_on=TEXT,
    hosted_by=TEXT,
    hosted_by_id=TEXT,
    collected_from=TEXT,
)

FUNDING = _struct(funder_name=TEXT, funder_id=TEXT, award=TEXT)

#: A field of the source that has no column of its own, kept under its own name.
EXTRA = _struct(name=TEXT, value=TEXT)

#: Which records said a value: the field, the place in the list (null for a single value), the records.
PROVENANCE = _struct(field=TEXT, position=pa.int32(), record_ids=TEXTS)
