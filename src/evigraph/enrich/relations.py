"""Relation names of DataCite and their inverses.

Source: DataCite Metadata Schema 4.6, appendix 3, relationType; the names OpenAIRE adds are its own.
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
    ("IsCorrectedBy", "Corrects"),
    ("IsRetractedBy", "Retracts"),
    ("IsCommentedOnBy", "CommentsOn"),
)

#: The relation read from the other end. A name that is not here is its own inverse (IsIdenticalTo, IsRelatedTo).
INVERSE: dict[str, str] = {
    **dict(_PAIRS),
    **{right: left for left, right in _PAIRS},
    "IsIdenticalTo": "IsIdenticalTo",
    "IsRelatedTo": "IsRelatedTo",
}
