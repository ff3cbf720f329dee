"""What a work is: the sources' own type names as OpenAIRE instance types and COAR resource types.

The tables are ours, made from the standards: COAR Resource Types 3 (vocabularies.coar-repositories.org), the
instance type names of the OpenAIRE Graph, and the type lists that Crossref, OpenAlex and PubMed document.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_COAR = "http://purl.org/coar/resource_type/"


class ResourceType(NamedTuple):
    """What a work is: the product type, OpenAIRE's instance type name, and COAR's resource type."""

    type: str
    label: str
    coar_uri: str


def _publication(label: str, coar: str) -> ResourceType:
    return ResourceType("publication", label, _COAR + coar)


def _other(label: str, coar: str) -> ResourceType:
    return ResourceType("other", label, _COAR + coar)


ARTICLE = _publication("Article", "c_6501")
_CHAPTER = _publication("Part of book or chapter of book", "c_3248")
_BOOK = _publication("Book", "c_2f33")
_PROCEEDINGS = _publication("Conference object", "c_f744")
CONFERENCE_PAPER = _publication("Conference object", "c_5794")
_PREPRINT = _publication("Preprint", "c_816b")
_REPORT = _publication("Report", "c_93fc")
_THESIS = _publication("Thesis", "c_46ec")
_REVIEW = _publication("Review", "c_efa0")
_REVIEW_ARTICLE = _publication("Review", "c_dcae04bc")
_PEER_REVIEW = _publication("Review", "H9BQ-739P/")
_JOURNAL = _publication("Journal", "c_0640")
_EDITORIAL = _publication("Article", "c_b239")
_LETTER = _publication("Article", "c_545b")
_RESEARCH = _publication("Article", "c_2df8fbb1")
_CONTRIBUTION = _publication("Article", "c_3e5a")
_CORRIGENDUM = _publication("Article", "c_7acd")
OTHER_LITERATURE = _publication("Other literature type", "c_1843")
_DATASET = ResourceType("dataset", "Dataset", _COAR + "c_ddb1")
_SOFTWARE = ResourceType("software", "Software", _COAR + "c_5ce6")
_OTHER_PRODUCT = _other("Other ORP type", "c_1843")

_CROSSREF: dict[str, ResourceType] = {
    "book": _BOOK,
    "book-chapter": _CHAPTER,
    "book-part": _CHAPTER,
    "book-section": _CHAPTER,
    "book-series": _BOOK,
    "book-set": _BOOK,
    "book-track": _CHAPTER,
    "component": _OTHER_PRODUCT,
    "database": _DATASET,
    "dataset": _DATASET,
    "dissertation": _THESIS,
    "edited-book": _BOOK,
    "journal": _JOURNAL,
    "journal-article": ARTICLE,
    "journal-issue": _JOURNAL,
    "journal-volume": _JOURNAL,
    "monograph": _BOOK,
    "other": OTHER_LITERATURE,
    "peer-review": _PEER_REVIEW,
    "posted-content": _PREPRINT,
    "proceedings": _PROCEEDINGS,
    "proceedings-article": CONFERENCE_PAPER,
    "proceedings-series": _PROCEEDINGS,
    "reference-book": _BOOK,
    "reference-entry": _CHAPTER,
    "report": _REPORT,
    "report-component": _publication("Report", "c_ba1f"),
    "report-series": _REPORT,
    "standard": OTHER_LITERATURE,
    "standard-series": OTHER_LITERATURE,
    # The subtypes of posted content.
    "letter": _LETTER,
    "preprint": _PREPRINT,
    "working_paper": _publication("Preprint", "c_8042"),
}

_OPENALEX: dict[str, ResourceType] = {
    "article": ARTICLE,
    "book-review": _publication("Review", "c_ba08"),
    "conference-abstract": _publication("Conference object", "c_c94f"),
    "conference-paper": CONFERENCE_PAPER,
    "data-paper": _publication("Data Paper", "c_beb9"),
    "editorial": _EDITORIAL,
    "erratum": _CORRIGENDUM,
    "libguides": OTHER_LITERATURE,
    "paratext": OTHER_LITERATURE,
    "retraction": _CONTRIBUTION,
    "review": _REVIEW_ARTICLE,
    "software": _SOFTWARE,
    "software-paper": _publication("Software Paper", "c_7bab"),
    "supplementary-materials": _OTHER_PRODUCT,
    # Types of Microsoft Academic, which some exports of older works still carry.
    "bookchapter": _CHAPTER,
    "conference": CONFERENCE_PAPER,
    "patent": _publication("Patent", "c_15cd"),
    "repository": _PREPRINT,
    "thesis": _THESIS,
}

_PUBMED: dict[str, ResourceType] = {
    "academic dissertation": _THESIS,
    "address": _publication("Lecture", "c_8544"),
    "bibliography": _publication("Other literature type", "c_86bc"),
    "book": _BOOK,
    "book chapter": _CHAPTER,
    "case reports": _RESEARCH,
    "clinical trial": _RESEARCH,
    "clinical trial protocol": _publication("Article", "YZ1N-ZFT9/"),
    "comment": _publication("Article", "D97F-VB57/"),
    "comparative study": _RESEARCH,
    "congress": _publication("Conference object", "c_c94f"),
    "corrected and republished article": ARTICLE,
    "editorial": _EDITORIAL,
    "evaluation study": _RESEARCH,
    "expression of concern": _CONTRIBUTION,
    "journal article": ARTICLE,
    "lecture": _publication("Lecture", "c_8544"),
    "letter": _LETTER,
    "meta-analysis": _RESEARCH,
    "monograph": _BOOK,
    "news": _CONTRIBUTION,
    "newspaper article": _publication("Contribution for newspaper or weekly magazine", "c_998f"),
    "observational study": _RESEARCH,
    "patient education handout": OTHER_LITERATURE,
    "preprint": _PREPRINT,
    "published erratum": _CORRIGENDUM,
    "randomized controlled trial": _RESEARCH,
    "retraction notice": _CONTRIBUTION,
    "retraction of publication": _CONTRIBUTION,
    "review": _REVIEW_ARTICLE,
    "scientific integrity review": _REVIEW,
    "systematic review": _REVIEW_ARTICLE,
    "technical report": _publication("Report", "c_18gh"),
    "validation study": _RESEARCH,
    "video-audio media": _publication("Audiovisual", "c_12ce"),
    "webcast": _publication("Audiovisual", "c_12ce"),
}

#: OpenAIRE's instance types by their names; the product's own type decides where the two differ.
_OPENAIRE: dict[str, ResourceType] = {
    type_.label.lower(): type_
    for type_ in (
        ARTICLE,
        _BOOK,
        CONFERENCE_PAPER._replace(coar_uri=_COAR + "c_c94f"),
        _publication("Contribution for newspaper or weekly magazine", "c_998f"),
        _publication("Doctoral thesis", "c_db06"),
        _publication("Master thesis", "c_bdcc"),
        _publication("Bachelor thesis", "c_7a1f"),
        _THESIS,
        _publication("External research report", "c_18ws"),
        _publication("Internal report", "c_18ww"),
        _REPORT,
        _publication("Lecture", "c_8544"),
        _publication("Newsletter", "c_2659"),
        _CHAPTER,
        _publication("Research", "c_18cf"),
        _REVIEW,
        _PREPRINT,
        _publication("Annotation", "c_1162"),
        _publication("Patent", "c_15cd"),
        OTHER_LITERATURE,
        _publication("Data Paper", "c_beb9"),
        _publication("Software Paper", "c_7bab"),
        _publication("Project deliverable", "c_18op"),
        _publication("Project milestone", "c_18wq"),
        _publication("Project proposal", "c_baaf"),
        _publication("Data Management Plan", "c_ab20"),
        _JOURNAL,
        _DATASET,
        ResourceType("dataset", "Collection", _COAR + "c_ddb1"),
        ResourceType("dataset", "Clinical Trial", _COAR + "c_cb28"),
        ResourceType("dataset", "Other dataset type", _COAR + "c_ddb1"),
        ResourceType("dataset", "Film", _COAR + "c_8a7e"),
        ResourceType("dataset", "Image", _COAR + "c_c513"),
        ResourceType("dataset", "Sound", _COAR + "c_18cc"),
        ResourceType("dataset", "Audiovisual", _COAR + "c_12ce"),
        ResourceType("dataset", "Bioentity", _COAR + "c_ddb1"),
        _SOFTWARE,
        _other("Event", "c_1843"),
        _other("InteractiveResource", "c_e9a0"),
        _other("Model", "c_1843"),
        _other("PhysicalObject", "c_1843"),
        _other("Virtual Appliance", "c_1843"),
        _OTHER_PRODUCT,
    )
}

_TYPES: dict[str, dict[str, ResourceType]] = {
    "crossref": _CROSSREF,
    "openalex": _CROSSREF | _OPENALEX,
    "pubmed": _PUBMED,
    "openaire": _OPENAIRE,
}

#: What a source's product is where its type is missing or not in the table.
_DEFAULTS: dict[str, ResourceType] = {"pubmed": ARTICLE}


def resource_type(source_type: str | None, source: str) -> ResourceType:
    """The resource type that a source's own type name stands for, in any letter case.

    `source` is crossref, openalex, pubmed or openaire. A missing or unknown name gives "Other literature type",
    for PubMed, which indexes journals, "Article".
    """
    known = _TYPES.get(source, _CROSSREF).get((source_type or "").strip().lower())
    return known or _DEFAULTS.get(source, OTHER_LITERATURE)


def coar_uris() -> frozenset[str]:
    """The COAR resource type URIs that a source's type can be given here."""
    kinds = [kind for types in _TYPES.values() for kind in types.values()]
    return frozenset(kind.coar_uri for kind in (*kinds, *_DEFAULTS.values(), OTHER_LITERATURE))


def pubmed_resource_type(publication_types: Iterable[str | None]) -> ResourceType:
    """The resource type of a PubMed record from all its publication types.

    PubMed gives several: "Journal Article" beside "Review". What is not an article decides first (a preprint, a
    report), then the most telling kind of article: a correction, an editorial, a letter, a comment, a review, a
    study. A review that is a journal article is an "Article" of COAR's type review article.
    """
    names = [name.strip().lower() for name in publication_types if name]
    known = [_PUBMED[name] for name in names if name in _PUBMED]
    is_article = any(found.label in ("Article", "Review") for found in known)
    for found in known:
        # A film beside an article is its supplement: PubMed marks such articles "Video-Audio Media" too.
        if found.label not in ("Article", "Review") and not (is_article and found.label == "Audiovisual"):
            return found
    if not known:
        return ARTICLE
    articles = [found for found in known if found.label == "Article" and found is not ARTICLE]
    order = (_CORRIGENDUM, _CONTRIBUTION, _EDITORIAL, _LETTER)
    for kind in order:
        if kind in articles:
            return kind
    if reviews := [found for found in known if found.label == "Review"]:
        is_more = len(reviews) < len(known)
        return reviews[0]._replace(label="Article") if is_more else reviews[0]
    return next((found for found in articles if found is not _RESEARCH), articles[0] if articles else ARTICLE)
