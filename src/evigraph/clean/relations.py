"""How works are related: the sources' own words as DataCite relation types.

The names (`evigraph.model.relation`) are read from the record to the target.
"""

from __future__ import annotations

import re

from evigraph.model.relation import INVERSE, RELATIONS

_BY_FOLDED = {name.lower(): name for name in RELATIONS}

#: Crossref's relations (relations.xsd) and OpenAIRE's that DataCite has under another name.
_RENAMED: dict[str, str] = {
    "basedondata": "IsDerivedFrom",
    "hascomment": "IsReferencedBy",
    "hasderivation": "IsSourceOf",
    "hasexpression": "HasVersion",
    "hasformat": "IsOriginalFormOf",
    "hasmanifestation": "IsOriginalFormOf",
    "hasmanuscript": "IsNewVersionOf",
    "haspreprint": "IsNewVersionOf",
    "hasreply": "IsReferencedBy",
    "hasreview": "IsReviewedBy",
    "isbasedon": "IsDerivedFrom",
    "isbasisfor": "IsSourceOf",
    "iscommenton": "References",
    "iscomponentof": "IsPartOf",
    "isdatabasisfor": "IsSourceOf",
    "isexpressionof": "IsVersionOf",
    "isformatof": "IsVariantFormOf",
    "ismanifestationof": "IsVariantFormOf",
    "ismanuscriptof": "IsPreviousVersionOf",
    "ismetadataof": "IsMetadataFor",
    "ispreprintof": "IsPreviousVersionOf",
    "isreplacedby": "IsObsoletedBy",
    "isreplyto": "References",
    "isreviewof": "Reviews",
    "replaces": "Obsoletes",
}


def relation_type(name: str | None) -> str:
    """The DataCite relation type for a source's name in any spelling (`is-preprint-of`, `isPreprintOf`)."""
    folded = re.sub(r"[^a-z]", "", name.lower()) if name else ""
    return _BY_FOLDED.get(folded) or _RENAMED.get(folded) or "IsRelatedTo"


#: Crossref's update types (Crossmark) that end the validity of the work they update.
RETRACTIONS: frozenset[str] = frozenset({"retraction", "withdrawal", "removal"})

#: The relation of a notice to the work it updates; a notice of any other kind supplements the work.
_UPDATES: dict[str, str] = {
    "retraction": "Obsoletes",
    "withdrawal": "Obsoletes",
    "removal": "Obsoletes",
    "new_version": "IsNewVersionOf",
    "new_edition": "IsNewVersionOf",
}


def update_type(name: str | None) -> str:
    """Crossref's update type in its modern spelling: lower case, underscores; empty where there is none."""
    return re.sub(r"[\s-]+", "_", name.strip().lower()) if name else ""


def update_relation(name: str | None, *, is_updated: bool) -> str:
    """The relation of a notice to the work it updates, or where `is_updated` of that work to the notice."""
    relation = _UPDATES.get(update_type(name), "IsSupplementTo")
    return INVERSE[relation] if is_updated else relation
