"""Everything that pages say in a language: numbers, dates, plurals, and names for codes. English.

The one place to look at for a translation, together with the templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

#: COAR access rights: the word for each code, and the name of its sign.
ACCESS = {
    "c_abf2": "Open access",
    "c_f1cf": "Embargoed access",
    "c_16ec": "Restricted access",
    "c_14cb": "Closed access",
}
ACCESS_UNKNOWN = "Access not known"

#: What addresses call the access rights.
ACCESS_NAMES = {"open": "c_abf2", "embargo": "c_f1cf", "restricted": "c_16ec", "closed": "c_14cb", "unknown": "unknown"}

TYPES = {"publication": "Publication", "dataset": "Dataset", "software": "Software", "other": "Other product"}

CLASSES = {"C1": "Top 0.01%", "C2": "Top 0.1%", "C3": "Top 1%", "C4": "Top 10%", "C5": "Average"}

INDICATOR_NAMES = {
    "citation_count": "Selected citations",
    "popularity": "Popularity",
    "influence": "Influence",
    "impulse": "Impulse",
}

#: One sentence for each indicator, shown beside it.
INDICATOR_SENTENCES = {
    "citation_count": "Works in this graph that cite it, counted from the sources chosen here; plainer than influence.",
    "popularity": "The attention it gets now: its place in the citation network, recent citations weighing most.",
    "influence": "Its weight in the citation network over all years: citations from works that count, count more.",
    "impulse": "Its momentum: how often it was cited directly after publication.",
}

#: What a product is compared with, by the kind of group: before the group's name.
VIEWS = {
    "all": "all products",
    "type": "of this type:",
    "year": "published in",
    "journal": "in",
    "field": "on",
}

#: The parts that a score is the sum of, for people.
PARTS = {
    "citations": "citations",
    "attention": "recent citations",
    "recency": "its year",
    "base": "what every work has",
}

SORTS = {
    "relevance": "relevance",
    "date": "newest",
    "citation_count": "citations",
    "influence": "influence",
    "popularity": "popularity",
    "impulse": "impulse",
    "relevance_popularity": "relevance with popularity",
    "relevance_influence": "relevance with influence",
    "relevance_citation_count": "relevance with citations",
    "relevance_impulse": "relevance with impulse",
}

#: What puts results in their order, in one sentence for each sort.
ORDERED_BY = {
    "relevance": "Ordered by how well the words fit: rare words and words in the title weigh most.",
    "date": "Ordered by publication date, the newest first.",
    "citation_count": "Ordered by selected citations, the most cited first.",
    "influence": "Ordered by influence over all years.",
    "popularity": "Ordered by the attention works get now (popularity).",
    "impulse": "Ordered by citations directly after publication (impulse).",
    "relevance_popularity": "First what is both relevant and popular: a work counts by the weaker of the two.",
    "relevance_influence": "First what is both relevant and influential: a work counts by the weaker of the two.",
    "relevance_citation_count": "First what is both relevant and cited: a work counts by the weaker of the two.",
    "relevance_impulse": "First what is both relevant and of high impulse: a work counts by the weaker of the two.",
}

#: Schemes of identifiers, and where one of them leads.
SCHEMES = {
    "doi": ("DOI", "https://doi.org/"),
    "pmid": ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/"),
    "pmc": ("PubMed Central", "https://www.ncbi.nlm.nih.gov/pmc/articles/"),
    "arxiv": ("arXiv", "https://arxiv.org/abs/"),
    "openalex": ("OpenAlex", "https://openalex.org/"),
    "handle": ("Handle", "https://hdl.handle.net/"),
    "openaire": ("OpenAIRE", ""),
    "nct": ("ClinicalTrials.gov", "https://clinicaltrials.gov/study/"),
    "pdb": ("PDB", ""),
    "w3id": ("w3id", ""),
}

#: Relations of DataCite as headings, read from the product whose page it is.
RELATIONS = {
    "IsSupplementTo": "Supplement to",
    "IsSupplementedBy": "Supplements",
    "IsVersionOf": "Version of",
    "HasVersion": "Other versions",
    "IsNewVersionOf": "New version of",
    "IsPreviousVersionOf": "Newer version",
    "IsPartOf": "Part of",
    "HasPart": "Parts",
    "IsReviewedBy": "Reviewed by",
    "Reviews": "Review of",
    "IsDerivedFrom": "Derived from",
    "IsSourceOf": "Source of",
    "IsTranslationOf": "Translation of",
    "HasTranslation": "Translations",
    "IsObsoletedBy": "Replaced or withdrawn by",
    "Obsoletes": "Replaces or withdraws",
    "IsDocumentedBy": "Documented by",
    "Documents": "Documentation of",
    "IsPublishedIn": "Published in",
    "IsVariantFormOf": "Variant form of",
    "IsOriginalFormOf": "Original form of",
    "IsIdenticalTo": "Identical to",
    "IsRelatedTo": "Related to",
}

FACETS = {
    "year": "Year",
    "type": "Type",
    "resource_type": "Kind",
    "access": "Access",
    "source": "Source",
    "popularity_class": "Popularity",
    "influence_class": "Influence",
    "impulse_class": "Impulse",
    "citation_class": "Citations",
    "language": "Language",
    "keyword": "Keyword",
    "field": "Field",
    "peer_review": "Peer review",
    "route": "Open access by",
    "license": "Licence",
    "host": "Hosted by",
    "funder": "Funder",
    "project": "Project",
    "organization": "Organisation",
    "country": "Country of an organisation",
}

PEER_REVIEW = {"yes": "Peer-reviewed", "no": "Not peer-reviewed"}

LANGUAGES = {
    "ara": "Arabic",
    "bul": "Bulgarian",
    "cat": "Catalan",
    "ces": "Czech",
    "dan": "Danish",
    "deu": "German",
    "ell": "Greek",
    "eng": "English",
    "est": "Estonian",
    "eus": "Basque",
    "fas": "Persian",
    "fin": "Finnish",
    "fra": "French",
    "glg": "Galician",
    "heb": "Hebrew",
    "hin": "Hindi",
    "hrv": "Croatian",
    "hun": "Hungarian",
    "ind": "Indonesian",
    "isl": "Icelandic",
    "ita": "Italian",
    "jpn": "Japanese",
    "kor": "Korean",
    "lat": "Latin",
    "lav": "Latvian",
    "lit": "Lithuanian",
    "mul": "Several languages",
    "nld": "Dutch",
    "nor": "Norwegian",
    "pol": "Polish",
    "por": "Portuguese",
    "ron": "Romanian",
    "rus": "Russian",
    "slk": "Slovak",
    "slv": "Slovenian",
    "spa": "Spanish",
    "srp": "Serbian",
    "swe": "Swedish",
    "tha": "Thai",
    "tur": "Turkish",
    "ukr": "Ukrainian",
    "und": "Not stated",
    "vie": "Vietnamese",
    "zho": "Chinese",
}

#: Two-letter codes of languages for the `lang` attribute, where one exists.
LANGUAGE_TAGS = {
    "ara": "ar",
    "deu": "de",
    "ell": "el",
    "eng": "en",
    "fra": "fr",
    "heb": "he",
    "ita": "it",
    "jpn": "ja",
    "kor": "ko",
    "nld": "nl",
    "pol": "pl",
    "por": "pt",
    "rus": "ru",
    "spa": "es",
    "tur": "tr",
    "zho": "zh",
}

FIELD_NAMES = {
    "type": "Type",
    "title": "Title",
    "subtitle": "Subtitle",
    "alternative_titles": "Other titles",
    "authors": "Authors",
    "descriptions": "Abstract",
    "published_on": "Published",
    "year": "Year",
    "publisher": "Publisher",
    "language": "Language",
    "subjects": "Keywords",
    "container": "Appeared in",
    "pids": "Identifiers",
    "alternate_ids": "Further identifiers",
    "instances": "Versions",
    "funding": "Funding",
    "is_retracted": "Retracted",
}

REVIEWS = {"peerReviewed": "peer-reviewed", "nonPeerReviewed": "not peer-reviewed"}

RULES = {
    "identifier": "The same identifier",
    "comparison": "Title, authors and publication facts compared",
    "decision": "A person decided",
}

#: What clustering reports of itself, as the page about the graph names it.
CLUSTER_FACTS = {
    "n_contradictions": "Pairs inside a product that something speaks against",
    "n_dissolved_groups": "Groups of a recurring title that were dissolved",
    "n_large_blocks": "Blocks too large to be compared wholly",
    "n_shared_identifiers": "Identifiers that too many works share",
    "n_decisions": "Decisions of people in force",
    "n_refused_links": "Matches refused because of what speaks against them",
    "n_decisions_without_record": "Decisions about records that are not here",
}


def number(value: float | None) -> str:
    """A number with its thousands apart: 51,404."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def score(value: float | None) -> str:
    """A score in three significant digits: 4.52e-05, 0.0123."""
    return "" if value is None else f"{value:.3g}"


def percent(share: float) -> str:
    """A share of 0 to 1 in percent: `12%`, `0.4%`, `<0.1%`."""
    value = 100 * share
    if 0 < value < 0.1:
        return "<0.1%"
    is_fine = 0 < value < 10 or 99 < value < 100
    return f"{value:.1f}%" if is_fine and round(value, 1) % 1 else f"{value:.0f}%"


def percentile(value: float) -> str:
    """A percentile, rounded down so that nothing claims more than it has: `92%`, `99.9%`."""
    return f"{int(value * 10) / 10:.1f}%" if value >= 99 else f"{int(value)}%"


def times(value: float) -> str:
    """A ratio in two digits: `1.9`, `12`, `0.25`."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.95 else f"{value:.2f}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 version`, `2,000 versions`."""
    return f"{number(n)} {one if n == 1 else many or f'{one}s'}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """The noun alone in the number that `n` asks for."""
    return one if n == 1 else many or f"{one}s"


def date(text: str | None) -> str:
    """A date as precise as stated: `2024`, `September 2024`, `11 September 2024`; other text as it is."""
    parts = (text or "").split("T")[0].split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3 or len(parts[0]) != 4:
        return text or ""
    if len(parts) == 1 or not 1 <= int(parts[1]) <= 12:
        return parts[0]
    named = f"{MONTHS[int(parts[1]) - 1]} {parts[0]}"
    return named if len(parts) == 2 else f"{int(parts[2])} {named}"


def instant(text: str | None) -> str:
    """A moment to the minute: `1 January 2026, 09:30 UTC`; other text as it is."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return text or ""
    zone = moment.strftime("%Z") if moment.tzinfo else ""
    return f"{date(moment.date().isoformat())}, {moment:%H:%M}{f' {zone}' if zone else ''}"


def size(n_bytes: int | None) -> str:
    """A size of a file: `123 kB`."""
    if not n_bytes:
        return ""
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def access(code: str | None) -> str:
    """The words for a COAR access right."""
    return ACCESS.get(code or "", ACCESS_UNKNOWN)


def language(code: str | None) -> str:
    """The name of a language; its code where it has none here."""
    return LANGUAGES.get(code or "und", code or "")


def language_tag(code: str | None) -> str | None:
    """The code for a `lang` attribute, or None where the language is not known."""
    return None if code in (None, "", "und", "mul") else LANGUAGE_TAGS.get(code, code)


def relation(name: str) -> str:
    """A relation type in words: IsSupplementTo is `is supplement to`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def sentence(text: str) -> str:
    """A finding as a sentence: a capital first, a full stop last."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def joined(values: list[str], last: str = "and") -> str:
    """A list in words: `a, b and c`."""
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} {last} {values[-1]}" if values else ""


def facet_value(name: str, value: str, source_labels: Mapping[str, str]) -> str:
    """What a facet shows for one of its values."""
    if name == "access":
        return access(ACCESS_NAMES.get(value, value))
    if name == "source":
        return source_labels.get(value, value)
    if name == "language":
        return language(value)
    if name == "type":
        return TYPES.get(value, value)
    if name == "peer_review":
        return PEER_REVIEW.get(value, value)
    return CLASSES.get(value, value) if name.endswith("_class") else value
