"""Relation types between products, and how each reads from the other end.

Source: DataCite Metadata Schema 4.6, relationType. `IsRelatedTo` is OpenAIRE's addition for a relation of no
stated kind.
"""

from __future__ import annotations

_PAIRS: tuple[tuple[str, str], ...] = (
    ("Cites", "IsCitedBy"),
    ("IsSupplementTo", "IsSupplementedBy"),
    ("IsContinuedBy", "Continues"),
    ("IsDescribedBy", "Describes"),
    ("HasMetadata", "IsMetadataFor"),
    ("HasVersion", "IsVersionOf"),
    ("IsNewVersionOf", "IsPreviousVersionOf"),
    ("IsPartOf", "HasPart"),
    ("IsPublishedIn", "HasPublished"),
    ("IsReferencedBy", "References"),
    ("IsDocumentedBy", "Documents"),
    ("IsCompiledBy", "Compiles"),
    ("IsVariantFormOf", "IsOriginalFormOf"),
    ("IsReviewedBy", "Reviews"),
    ("IsDerivedFrom", "IsSourceOf"),
    ("IsRequiredBy", "Requires"),
    ("IsObsoletedBy", "Obsoletes"),
    ("IsCollectedBy", "Collects"),
    ("IsTranslationOf", "HasTranslation"),
)

#: The relation read from the other end. A name that is not here is its own inverse (IsIdenticalTo, IsRelatedTo).
INVERSE: dict[str, str] = {
    **dict(_PAIRS),
    **{right: left for left, right in _PAIRS},
    "IsIdenticalTo": "IsIdenticalTo",
    "IsRelatedTo": "IsRelatedTo",
}

#: Relation types that a link may have.
RELATIONS: frozenset[str] = frozenset(INVERSE)
