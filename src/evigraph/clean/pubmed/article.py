"""A PubMed article or book chapter as a row of the table record.

Source: NLM's PubMed DTD (pubmed_190101.dtd and later) and "MEDLINE/PubMed Data Element (Field) Descriptions".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree

from evigraph.clean.batches import Row
from evigraph.clean.languages import UNDETERMINED, language_code
from evigraph.clean.pubmed.fields import (
    Mesh,
    Parts,
    Tell,
    abstract_of,
    authors_of,
    children,
    date_of,
    first,
    first_text,
    funding_of,
    keywords_of,
    markup_of,
    mesh_of,
    pages_of,
    pids_of,
    term_of,
)
from evigraph.clean.pubmed.references import RETRACTED
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import ResourceType, pubmed_resource_type, resource_type
from evigraph.model.pid import Pid, normalise_issn

#: The MeSH id of the publication type "Retracted Publication".
_RETRACTED_PUBLICATION = "D016441"

_issn = lru_cache(maxsize=65_536)(normalise_issn)

#: What PubMed writes where there is no title in English.
_NO_TITLES = frozenset({"not available", "in process citation"})

#: What PubMed writes where it has no text of an abstract.
_NO_ABSTRACT = "Abstract available from the publisher."


def key_of(pmid: etree._Element | None) -> tuple[str, str] | None:
    """The record's key in PubMed and its PMID: `1` for the first version, `1.2` for the second; or None."""
    text = (pmid.text or "").strip() if pmid is not None else ""
    if not (text.isascii() and text.isdecimal()) or not text.lstrip("0"):
        return None
    number = text.lstrip("0")
    version = pmid.get("Version", "1").strip() if pmid is not None else "1"
    return (number if version in ("1", "") else f"{number}.{version}"), number


def article_row(
    citation: etree._Element, data: etree._Element | None, pmid: str, tell: Tell, cut_mesh: Mesh | None
) -> Row:
    """The record of a MedlineCitation and its PubmedData, without key and position.

    `cut_mesh` is what the list of MeSH headings said, if that was cut out before.

    The publication date is that of the journal's issue, as OpenAIRE takes it, or where there is none the date
    of the article's electronic publication; both are kept, the latter as the extra `ArticleDate`.
    """
    parts = children(citation)
    article = children(first(parts, "Article"))
    data_parts = children(data)
    journal = children(first(article, "Journal"))
    issue = children(first(journal, "JournalIssue"))
    medline_journal = children(first(parts, "MedlineJournalInfo"))
    types = [(part.text or "", part.get("UI")) for part in _each(article, "PublicationTypeList")]
    languages = [language_code(part.text) for part in article.get("Language", ())]
    title, alternative_titles = _titles(article)
    mesh_list = first(parts, "MeshHeadingList")
    is_cut = cut_mesh is not None and mesh_list is not None and len(mesh_list) == 0
    mesh, headings = cut_mesh if cut_mesh is not None and is_cut else mesh_of(mesh_list)
    pids, extras = pids_of(first(data_parts, "ArticleIdList"), article.get("ELocationID", ()), pmid)
    issue_date = date_of(first(issue, "PubDate"), tell)
    article_dates = [date for part in article.get("ArticleDate", ()) if (date := date_of(part, tell))]
    published_on = issue_date or next(iter(article_dates), None)
    kind = _kind(tuple(name for name, _ in types))
    extras += _article_extras(parts, article, data_parts, medline_journal)
    extras += _extras("ArticleDate", article_dates)
    extras += _extras("Language", languages[1:])
    extras += _extras("MeshHeadingList", (headings,))
    extras += _extras("PublicationType", (name for name, _ in types))
    return {
        "datestamp": _datestamp(parts, tell),
        "type": kind.type,
        "title": title,
        "alternative_titles": alternative_titles,
        "authors": authors_of(first(article, "AuthorList")),
        "descriptions": _descriptions(first(article, "Abstract"), parts.get("OtherAbstract", [])),
        "published_on": published_on,
        "language": languages[0] if languages else UNDETERMINED,
        "subjects": mesh + keywords_of(parts.get("KeywordList", ())),
        "container": _journal(journal, issue, medline_journal, first(article, "Pagination")),
        "pids": pids,
        "instances": [_instance(kind, pmid, pids, published_on)],
        "funding": funding_of(first(article, "GrantList")),
        "is_retracted": any(ui == _RETRACTED_PUBLICATION for _, ui in types)
        or any(part.get("RefType") in RETRACTED for part in _each(parts, "CommentsCorrectionsList")),
        "extras": extras,
    }


def book_row(document: etree._Element, data: etree._Element | None, pmid: str, tell: Tell) -> Row:
    """The record of a BookDocument and its PubmedBookData, without key and position.

    A document with an ArticleTitle is a part of the book, one without is the book itself.
    """
    parts = children(document)
    book = children(first(parts, "Book"))
    data_parts = children(data)
    book_title = clean_title(markup_of(first(book, "BookTitle")), strip_full_stop=True)
    title, alternative_titles = _titles(parts)
    types = [part.text or "" for part in parts.get("PublicationType", ())]
    kind = resource_type("book chapter" if title else "book", "pubmed")
    if any(name.strip().lower() == "preprint" for name in types):
        kind = pubmed_resource_type(types)
    languages = [language_code(part.text) for part in parts.get("Language", ())]
    id_list = first(parts, "ArticleIdList")
    if id_list is None:
        id_list = first(data_parts, "ArticleIdList")
    pids, extras = pids_of(id_list, book.get("ELocationID", ()), pmid)
    published_on = date_of(first(book, "PubDate"), tell) or date_of(first(parts, "ContributionDate"), tell)
    authors = [author for part in parts.get("AuthorList", book.get("AuthorList", ())) for author in _byline(part)]
    editors = [
        author for part in book.get("AuthorList", ()) if part.get("Type") == "editors" for author in authors_of(part)
    ]
    publisher = children(first(book, "Publisher"))
    first_page, last_page = pages_of(first(parts, "Pagination"))
    extras += _extras("Editor", (editor["full_name"] for editor in editors))
    extras += _extras("Isbn", (part.text for part in book.get("Isbn", ())))
    extras += _extras("Language", languages[1:])
    extras += _extras("PublicationType", types)
    extras += _extras("PublisherLocation", (first_text(publisher, "PublisherLocation"),))
    extras += _extras("CollectionTitle", (markup_of(first(book, "CollectionTitle")),))
    extras += _extras("ReportNumber", (part.text for part in book.get("ReportNumber", ())))
    extras += _extras("SectionTitle", (markup_of(part) for part in document.iter("SectionTitle")))
    return {
        "datestamp": _datestamp(parts, tell),
        "type": kind.type,
        "title": title or book_title,
        "alternative_titles": alternative_titles,
        "authors": authors or editors,
        "descriptions": _descriptions(first(parts, "Abstract"), parts.get("OtherAbstract", [])),
        "published_on": published_on,
        "publisher": clean_line(markup_of(first(publisher, "PublisherName"))),
        "language": languages[0] if languages else UNDETERMINED,
        "subjects": keywords_of(parts.get("KeywordList", ())),
        "container": {
            "name": book_title if title else clean_line(markup_of(first(book, "CollectionTitle"))),
            "volume": clean_line(first_text(book, "Volume")),
            "edition": clean_line(first_text(book, "Edition")),
            "first_page": first_page,
            "last_page": last_page,
        },
        "pids": pids,
        "instances": [_instance(kind, pmid, pids, published_on)],
        "funding": funding_of(first(parts, "GrantList")),
        "extras": extras,
    }


@lru_cache(maxsize=4096)
def _kind(types: tuple[str, ...]) -> ResourceType:
    return pubmed_resource_type(types)


def _each(parts: Parts, name: str) -> list[etree._Element]:
    """The children of the first child of that name."""
    element = first(parts, name)
    return [] if element is None else list(element)


def _byline(element: etree._Element) -> list[dict[str, Any]]:
    return [] if element.get("Type") == "editors" else authors_of(element)


def _datestamp(parts: Parts, tell: Tell) -> str | None:
    for name in ("DateRevised", "DateCompleted", "DateCreated"):
        if name in parts and (date := date_of(parts[name][0], tell)):
            return date
    return None


def _titles(parts: Parts) -> tuple[str | None, list[str]]:
    """The title and the alternative ones; the original-language title leads where no English one is known."""
    title = clean_title(markup_of(first(parts, "ArticleTitle")), strip_full_stop=True, strip_brackets=True)
    vernacular = clean_title(markup_of(first(parts, "VernacularTitle")), strip_full_stop=True, strip_brackets=True)
    if title and title.lower() in _NO_TITLES:
        title = None
    if not is_usable_title(title):
        title, vernacular = vernacular or title, None
    if not is_usable_title(title):
        title = None
    return title, [vernacular] if vernacular and vernacular != title else []


def _descriptions(abstract: etree._Element | None, others: list[etree._Element]) -> list[str]:
    texts = (abstract_of(element) for element in (abstract, *others) if element is not None)
    return list(dict.fromkeys(text for text in texts if text and text != _NO_ABSTRACT))


def _journal(
    journal: Parts, issue: Parts, medline_journal: Parts, pagination: etree._Element | None
) -> dict[str, str | None]:
    issns: dict[str, str | None] = {}
    for element in journal.get("ISSN", ()):
        issns[element.get("IssnType", "Print")] = _issn(element.text)
    first_page, last_page = pages_of(pagination)
    short_name = term_of(first_text(medline_journal, "MedlineTA"))
    return {
        "name": term_of(markup_of(first(journal, "Title"))) or short_name,
        "abbreviated_name": term_of(first_text(journal, "ISOAbbreviation")) or short_name,
        "issn_print": issns.get("Print"),
        "issn_online": issns.get("Electronic"),
        "issn_linking": _issn(first_text(medline_journal, "ISSNLinking")),
        "volume": term_of(first_text(issue, "Volume")),
        "issue": term_of(first_text(issue, "Issue")),
        "first_page": clean_line(first_page),
        "last_page": clean_line(last_page),
    }


def _instance(kind: ResourceType, pmid: str, pids: list[Pid], published_on: str | None) -> dict[str, Any]:
    """The copy at PubMed. Access right, licence and peer review are null: PubMed states none of them."""
    return {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "urls": [f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"],
        "pids": pids,
        "published_on": published_on,
        "hosted_by": "PubMed",
        "collected_from": "PubMed",
    }


def _extras(name: str, values: Any) -> list[dict[str, str]]:
    """EXTRA structs of the values that say something."""
    return [{"name": name, "value": value} for text in values if text and (value := term_of(text))]


def _article_extras(parts: Parts, article: Parts, data: Parts, journal: Parts) -> list[dict[str, str]]:
    """What an article has beyond the columns, each under the name of PubMed's element."""
    extras: list[dict[str, str]] = []
    abstract = children(first(article, "Abstract"))
    if (copyright_ := clean_line(markup_of(first(abstract, "CopyrightInformation")))) is not None:
        extras.append({"name": "CopyrightInformation", "value": copyright_})
    if (statement := clean_text(markup_of(first(parts, "CoiStatement")))) is not None:
        extras.append({"name": "CoiStatement", "value": statement})
    extras += _extras("NlmUniqueID", (first_text(journal, "NlmUniqueID"),))
    extras += _extras("Country", (first_text(journal, "Country"),))
    extras += _extras("PublicationStatus", (first_text(data, "PublicationStatus"),))
    for name in ("NumberOfReferences", "CitationSubset", "GeneralNote", "SpaceFlightMission", "OtherID"):
        if name in parts:
            extras += _extras(name, (part.text for part in parts[name]))
    if "ChemicalList" in parts:
        extras += _extras("Chemical", (_chemical(part) for part in parts["ChemicalList"][0]))
    for name in ("SupplMeshList", "GeneSymbolList"):
        if name in parts:
            extras += _extras(name.removesuffix("List"), (part.text for part in parts[name][0]))
    if "DataBankList" in article:
        for bank in article["DataBankList"][0]:
            bank_parts = children(bank)
            bank_name = first_text(bank_parts, "DataBankName")
            extras += _extras(
                "AccessionNumber", (f"{bank_name}/{part.text}" for part in _each(bank_parts, "AccessionNumberList"))
            )
    if "InvestigatorList" in parts:
        people = authors_of(parts["InvestigatorList"][0], "Investigator")
        extras += _extras("Investigator", (person["full_name"] for person in people))
    if "PersonalNameSubjectList" in parts:
        people = authors_of(parts["PersonalNameSubjectList"][0], "PersonalNameSubject")
        extras += _extras("PersonalNameSubject", (person["full_name"] for person in people))
    authors = first(article, "AuthorList")
    if authors is not None and authors.get("CompleteYN") == "N":
        extras.append({"name": "AuthorList.CompleteYN", "value": "N"})
    return extras


def _chemical(element: etree._Element) -> str | None:
    """A substance with its registry number; 0 stands for none."""
    parts = children(element)
    name, number = first_text(parts, "NameOfSubstance"), first_text(parts, "RegistryNumber")
    return f"{name} ({number})" if name and number and number != "0" else name
