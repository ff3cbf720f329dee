"""What the fields of BibTeX and BibLaTeX mean, and whose dialect an entry is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evigraph.clean.exports.reference import Accession, Role

#: The tag under which the type of an entry is kept: `article` of `@article{…}`.
ENTRY_TYPE = "entry_type"

#: The tag under which the key of an entry is kept.
CITATION_KEY = "citation_key"

#: The tag under which a title is kept as LaTeX, where its braces or formulas say more than the plain title.
LATEX_TITLE = "title_latex"

#: What each field says, by its name in lower case. Other fields are kept under their own names.
ROLES: dict[str, Role] = {
    "title": Role.TITLE,
    "subtitle": Role.SUBTITLE,
    "shorttitle": Role.ALTERNATIVE_TITLE,
    "alternative_title": Role.ALTERNATIVE_TITLE,
    "origtitle": Role.ALTERNATIVE_TITLE,
    "translatedtitle": Role.ALTERNATIVE_TITLE,
    "year": Role.YEAR,
    "date": Role.DATE,
    "month": Role.DATE,
    "day": Role.DATE,
    "journal": Role.CONTAINER,
    "journaltitle": Role.CONTAINER,
    "booktitle": Role.CONTAINER,
    "shortjournal": Role.ABBREVIATED_CONTAINER,
    "abbrev_source_title": Role.ABBREVIATED_CONTAINER,
    "journal-iso": Role.ABBREVIATED_CONTAINER,
    "volume": Role.VOLUME,
    "number": Role.ISSUE,
    "issue": Role.ISSUE,
    "pages": Role.PAGES,
    "edition": Role.EDITION,
    "issn": Role.ISSN,
    "eissn": Role.ISSN_ONLINE,
    "pissn": Role.ISSN_PRINT,
    "issnl": Role.ISSN_LINKING,
    "isbn": Role.ISBN,
    "doi": Role.DOI,
    "pmid": Role.PMID,
    "pubmed_id": Role.PMID,
    "pmcid": Role.PMCID,
    "arxivid": Role.ARXIV,
    "abstract": Role.ABSTRACT,
    "keywords": Role.KEYWORD,
    "keyword": Role.KEYWORD,
    "author_keywords": Role.KEYWORD,
    "keywords-plus": Role.KEYWORD,
    "mesh": Role.MESH,
    "language": Role.LANGUAGE,
    "langid": Role.LANGUAGE,
    "publisher": Role.PUBLISHER,
    "url": Role.URL,
    "urls": Role.URL,
    "document_type": Role.KIND,
    "type": Role.KIND,
    "database": Role.DATABASE,
}

#: Fields of addresses, numbers and codes, in which dashes and tildes are themselves.
VERBATIM = frozenset(
    {
        *("url", "doi", "eprint", "pmid", "pmcid", "pubmed_id", "issn", "eissn", "pissn", "issnl", "isbn"),
        *("arxivid", "archiveprefix"),
        *(
            "eprinttype",
            "eprintclass",
            "primaryclass",
            "biburl",
            "unique-id",
            "crossref",
            "xdata",
            "pdf",
            "urls",
            "link",
        ),
        "pages",
    }
)

#: Lists of people who are not the authors; kept as text, with a group's name in braces.
NAME_LISTS = frozenset(
    {"editor", "editora", "translator", "bookauthor", "annotator", "commentator", "book-group-author"}
)

#: Fields that are no LaTeX at all: paths of a reference manager, with escapes of its own.
RAW = frozenset({"file", "bdsk-file-1", "local-url"})

_EID = re.compile(r"[?&]eid=([^&\s]+)")
_ACCESSION_NUMBER = re.compile(r"[?&]AN=([^&\s]+)")


def dialect_of(key: str, fields: Mapping[str, str]) -> str:
    """Who wrote an entry, from its key and its fields by lower-case name; "BibTeX" where nothing tells."""
    url = fields.get("url", "").lower()
    file = fields.get("file", "")
    if fields.get("unique-id", "").startswith(("WOS:", "ISI:")) or key.startswith(("WOS:", "ISI:")):
        return "Web of Science BibTeX"
    if fields.get("source") == "Scopus" or "scopus.com/inward" in url:
        return "Scopus BibTeX"
    if "dblp" in fields.get("bibsource", "") or key.startswith("DBLP:"):
        return "DBLP BibTeX"
    if key.startswith(("PMID:", "PPR:", "PMC:")):
        return "Europe PMC BibTeX"
    for mark, name in (
        ("ebscohost.com", "EBSCO"),
        ("proquest.com", "ProQuest"),
        ("jstor.org", "JSTOR"),
        ("ieeexplore.ieee.org", "IEEE"),
    ):
        if mark in url:
            return f"{name} BibTeX"
    if fields.keys() & {"issue_date", "articleno", "numpages"} and "Computing Machinery" in fields.get("publisher", ""):
        return "ACM BibTeX"
    if fields.get("keywords") is not None and "IEEE" in fields.get("publisher", "") and key.isdecimal():
        return "IEEE BibTeX"
    if fields.keys() & {"mendeley-groups", "mendeley-tags"} or "Mendeley" in file:
        return "Mendeley BibTeX"
    if "zotero" in file.lower() or fields.keys() >= {"urldate", "langid"} or fields.keys() >= {"urldate", "language"}:
        return "Zotero BibTeX"
    if fields.keys() & {"owner", "groups", "__markedentry", "readstatus", "creationdate", "modificationdate"}:
        return "JabRef BibTeX"
    return "BibTeX"


def accession_of(key: str, fields: Mapping[str, str], dialect: str) -> Accession | None:
    """The number under which the database that wrote the entry knows it, where the entry states one."""
    if dialect == "Web of Science BibTeX":
        return Accession("wos", fields.get("unique-id") or key)
    if dialect == "Scopus BibTeX" and (eid := _EID.search(fields.get("url", ""))):
        return Accession("scopus", eid[1])
    if dialect == "DBLP BibTeX" and key.startswith("DBLP:"):
        return Accession("dblp", key.removeprefix("DBLP:"))
    if dialect == "EBSCO BibTeX" and (number := _ACCESSION_NUMBER.search(fields.get("url", ""))):
        return Accession("ebsco", number[1])
    if key.startswith("PMID:") and key[5:].isdecimal():
        return Accession("pubmed", key[5:])
    return None
