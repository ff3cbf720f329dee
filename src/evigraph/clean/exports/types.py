"""What an exported reference is: the type words of reference managers and databases as resource types.

RIS's codes are those of the RefMan specification and EndNote's additions; the document types are those that Scopus,
Embase, Web of Science, PsycINFO and ProQuest write; entry types are BibTeX's and biblatex's. The words are compared
without case; one word means one thing in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from evigraph.clean.resource_types import ARTICLE, OTHER_LITERATURE, ResourceType, pubmed_resource_type, resource_type

_BOOK = resource_type("book", "crossref")
_CHAPTER = resource_type("book-chapter", "crossref")
_CONFERENCE = resource_type("proceedings-article", "crossref")
_PROCEEDINGS = resource_type("proceedings", "crossref")
_DATASET = resource_type("dataset", "crossref")
_DATA_PAPER = resource_type("data-paper", "openalex")
_REPORT = resource_type("report", "crossref")
_THESIS = resource_type("dissertation", "crossref")
_PREPRINT = resource_type("preprint", "crossref")
_JOURNAL = resource_type("journal", "crossref")
_SOFTWARE = resource_type("software", "openalex")
_PATENT = resource_type("patent", "openalex")
_ABSTRACT = resource_type("conference-abstract", "openalex")
_BOOK_REVIEW = resource_type("book-review", "openalex")
_EDITORIAL = resource_type("editorial", "openalex")
_CORRECTION = resource_type("erratum", "openalex")
_LETTER = resource_type("letter", "crossref")
_RETRACTION = resource_type("retraction", "openalex")
_NEWSPAPER = resource_type("newspaper article", "pubmed")
_AUDIOVISUAL = resource_type("audiovisual", "openaire")
_IMAGE = resource_type("image", "openaire")
_FILM = resource_type("film", "openaire")
_SOUND = resource_type("sound", "openaire")
_MANUSCRIPT = OTHER_LITERATURE
_TRIAL = resource_type("clinical trial", "openaire")
_DOCTORAL = resource_type("doctoral thesis", "openaire")
_MASTER = resource_type("master thesis", "openaire")
_REVIEW_ARTICLE = ARTICLE._replace(coar_uri=resource_type("review", "openalex").coar_uri)

#: Types that say little, which the database's document type may replace.
_VAGUE = (ARTICLE, OTHER_LITERATURE, _JOURNAL, _BOOK)

_WORDS: dict[str, ResourceType] = {
    word: kind
    for kind, words in (
        (ARTICLE, "jour|ejour|mgzn|inpr|j|s|article|article-journal|magazine article|electronic article"),
        (ARTICLE, "journal article|journalarticle|article in press|in press|in-press|journal|periodical"),
        (ARTICLE, "journal articles|peer reviewed journal|early access|magazine|suppperiodical|note|short survey"),
        (ARTICLE, "original research|research article|article; early access|scholarly journals"),
        (_REVIEW_ARTICLE, "review|review; early access|systematic review|literature review"),
        (_BOOK, "book|edbook|ebook|b|edited book|electronic book|whole book|authored book|mvbook|collection|booklet"),
        (_BOOK, "clswk|classical work|ancient|ancient text|serial|ser|serial (book, monograph)|mvcollection"),
        (_BOOK, "reference|mvreference|manual|dict|dictionary|encyc|encyclopedia"),
        (_CHAPTER, "chap|echap|inbook|incollection|inreference|bookinbook|suppbook|suppcollection|book section"),
        (_CHAPTER, "book chapter|article; book chapter|review; book chapter|electronic book section|booksection"),
        (_CONFERENCE, "cpaper|conf|inproceedings|conference|conference paper|proceedings paper|p|conferencepaper"),
        (_CONFERENCE, "article; proceedings paper|conference proceeding|conference proceedings"),
        (_PROCEEDINGS, "proceedings|mvproceedings|conference review|conference volume"),
        (_ABSTRACT, "abst|conference abstract|meeting abstract|poster"),
        (_THESIS, "thes|thesis|dissertation|dissertation abstract|ph.d.|ed.d.|dissertations & theses"),
        (_DOCTORAL, "phdthesis|doctoral dissertation|phd thesis|doctoral thesis"),
        (_MASTER, "mastersthesis|master's thesis|masters thesis|m.a.|m.s.|m.sc."),
        (_REPORT, "rprt|report|techreport|govdoc|government document|reports - research|technical report"),
        (_DATASET, "data|dataset|dbase|aggr|online database|aggregated database|database"),
        (_DATA_PAPER, "data paper|article; data paper"),
        (_SOFTWARE, "comp|computer program|software|computerprogram"),
        (_PATENT, "pat|patent"),
        (_PREPRINT, "unpb|unpd|preprint|unpublished work|unpublished|posted content"),
        (_MANUSCRIPT, "manscpt|manuscript|pamp|pamphlet|standard|stand|bill|unbill|case|stat|statute|hear|hearing"),
        (_MANUSCRIPT, "legal|legal rule|misc|gen|generic|elec|web page|webpage|blog|online|electronic|www"),
        (_MANUSCRIPT, "icomm|pcomm|personal communication|intv|interview|grnt|grant|ctlg|catalog|equa|equation"),
        (_MANUSCRIPT, "electronic resource|internet communication|online multimedia|multi|other"),
        (_NEWSPAPER, "news|newspaper article|newspapers|newspaper"),
        (_AUDIOVISUAL, "advs|audiovisual material|audiovisual|slide"),
        (_FILM, "mpct|video|film or broadcast|movie"),
        (_SOUND, "sound|music|audio"),
        (_IMAGE, "art|artwork|image|figure|chart|map"),
        (_TRIAL, "clinical trial registry record|trial registry record"),
        (_EDITORIAL, "editorial|editorial material|editorial material; early access|editorial material; book chapter"),
        (_LETTER, "letter|letter; early access|comment/reply"),
        (_CORRECTION, "erratum|correction|corrigendum|erratum/correction"),
        (_RETRACTION, "retraction"),
        (_BOOK_REVIEW, "book review|review-book"),
        (_JOURNAL, "jfull|full journal"),
    )
    for word in words.split("|")
}

#: Document types that say that the work itself was retracted.
_RETRACTED = frozenset({"retracted", "retracted publication", "retracted article", "retracted publication; article"})


def export_type(words: Iterable[str], kinds: Iterable[str] = ()) -> ResourceType:
    """The resource type that the format's type words say, made more precise by the database's document types.

    A document type replaces a type that says little: a "journal" item that is a conference paper is one. Where no
    word is known the type is "Other literature type", for what is not said is not guessed.
    """
    kinds = list(kinds)
    stated = next((kind for word in words if (kind := _WORDS.get(word.strip().casefold()))), None)
    if stated is not None and stated not in _VAGUE:
        return stated
    found = [kind for word in kinds if (kind := _WORDS.get(word.strip().casefold()))]
    # An article that is also a review is the review; and so on for every kind that says more than the vague ones.
    telling = next((kind for kind in found if kind not in _VAGUE), None)
    return telling or stated or next(iter(found), None) or OTHER_LITERATURE


def medline_type(kinds: Iterable[str]) -> ResourceType:
    """The resource type of a MEDLINE record from its publication types; see `pubmed_resource_type`."""
    return pubmed_resource_type(kinds)


def is_known_type(word: str) -> bool:
    """Whether a type word stands in the table."""
    return word.strip().casefold() in _WORDS


def kind_says_retracted(kinds: Iterable[str]) -> bool:
    """Whether a document type says that the work was retracted."""
    return any(kind.strip().casefold() in _RETRACTED for kind in kinds)
