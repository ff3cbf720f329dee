"""What the columns of tables mean: the headings that databases, reference managers and people give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from evigraph.clean.exports.reference import Accession, Role

#: Roles by heading, folded by `fold`. A heading that is not here is kept under its own name.
_HEADINGS: dict[Role, str] = {
    Role.TITLE: "title|article title|item title|document title|primary title|ti|publication title of item|paper title|"
    "title of article|titles|article name|titel|titre|titulo",
    Role.ALTERNATIVE_TITLE: "original title|translated title|alternate title|short title|title original|foreign title|"
    "alternative title",
    Role.ABSTRACT: "abstract|abstracts|ab|abstract note|abstract text|summary|original abstract|n2|resumen|resume",
    Role.AUTHOR: "authors|author|author s|author names|authors raw|au|author full names|af|first authors|author list|"
    "full authors|author full name|autores|auteurs|autoren",
    Role.GROUP_AUTHOR: "group authors|ca|group author|corporate author|book group authors",
    Role.YEAR: "year|publication year|pubyear|published year|pub year|py|year published|year of publication|date|"
    "publication date year|jahr|annee|ano",
    Role.DATE: "publication date|date published|pd|cover date|date of publication|publication month|published month|"
    "month|date added to journal|issue date|online publication date|publicationdate|entrydate",
    Role.CONTAINER: "source title|journal|journal name|publication title|publication|journal book|jour|journal title|"
    "so|secondary title|book title|booktitle|source publication|container title|t2|jf|pubtitle|journaltitle|"
    "periodical|name of journal|source title anthology title|anthology title|journal full title|proceedings title",
    Role.ABBREVIATED_CONTAINER: "abbreviated source title|journal abbreviation|journal iso abbreviation|ji|"
    "journal iso|iso source abbreviation|abbreviated journal",
    Role.VOLUME: "volume|vl|journal volume|vol",
    Role.ISSUE: "issue|is|issue number|journal issue|number|no|issue no",
    Role.PAGES: "pages|page range|pagination|page numbers|page|pages from to|pg",
    Role.FIRST_PAGE: "page start|start page|bp|first page|sp|beginning page|startpage|page from",
    Role.LAST_PAGE: "page end|end page|ep|last page|ending page|endpage|page to",
    Role.EDITION: "edition",
    Role.ISSN: "issn|issns|sn|issn s",
    Role.ISSN_PRINT: "print issn|pissn|p issn|issn print",
    Role.ISSN_ONLINE: "electronic issn|eissn|e issn|ei|online issn|issn online|issn electronic",
    Role.ISBN: "isbn|isbns|bn|isbn s|pisbn|eisbn",
    Role.DOI: "doi|di|item doi|article doi|dois|doi number|digital object identifier|doi link|document doi",
    Role.PMID: "pmid|pubmed id|pm|medline pmid|pmids|pubmedid|medline id|pubmed",
    Role.PMCID: "pmcid|pmc id|pmc|pubmed central id",
    Role.ARXIV: "arxiv|arxiv id|arxivid",
    Role.KEYWORD: "keywords|author keywords|index keywords|keyword|de|id keywords|keywords plus|"
    "author supplied keywords|"
    "ieee terms|inspec controlled terms|inspec non controlled terms|manual tags|subject terms|subjects|"
    "emtree drug index terms|emtree medical index terms|emtree drug index terms major focus|identifier keywords|"
    "emtree medical index terms major focus|kw|tags|schlagworte|mots cles|palabras clave|mh",
    Role.MESH: "mesh terms|mesh headings|mesh|mesh heading",
    Role.LANGUAGE: "language|language of original document|la|languages|article language|sprache|langue|idioma",
    Role.PUBLISHER: "publisher|pu|publisher name",
    Role.URL: "url|link|urls|pdf link|source url|source urls|document url|fulltext url|full text url|ur|article url|"
    "external url|dimensions url|web url|plink",
    Role.DATABASE: "database|source database|db|databases",
    Role.KIND: "document type|publication type|dt|doc type|content type|document types|doctype|publication types|"
    "item type|category|pubtype|documenttype|document identifier|source type",
    Role.TYPE: "type of reference|pt|type|reference type|ref type|ty|itemtype|entry type",
    Role.DATESTAMP: "last modified|date modified|revised date",
}

#: Headings that mean so only in the dialect named; in others they are kept.
_DIALECT_HEADINGS: dict[str, dict[str, Role | None]] = {
    "Web of Science table": {"id": Role.KEYWORD, "j9": None, "ab": Role.ABSTRACT, "so": Role.CONTAINER},
    "Zotero CSV": {"date": Role.DATE, "publication year": Role.YEAR, "type": None},
    "Scopus CSV": {"source": None},
    "Cochrane CSV": {"source": Role.CONTAINER},
    "IEEE CSV": {"date added to xplore": None},
    "Embase CSV": {"date of publication": Role.DATE, "publication type": Role.KIND},
    "Ovid text": {
        **dict.fromkeys(("subject headings", "medical subject headings", "keyword heading"), Role.KEYWORD),
        **{"mesh subject headings": Role.MESH, "date of publication": Role.DATE},
    },
    "ProQuest text": {"subject": Role.KEYWORD, "identifier keyword": Role.KEYWORD, "source type": None}
    | {"language of publication": Role.LANGUAGE},
    "CSA text": {"descriptors": Role.KEYWORD, "database name": Role.DATABASE},
}

#: Columns whose cells list cited works.
REFERENCE_HEADINGS = frozenset({"references", "cited references", "cr", "cited reference"})

#: Dialects by headings that stand together in no other.
_DIALECTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Scopus CSV", frozenset({"eid", "source title"})),
    ("Scopus CSV", frozenset({"author s id", "source title"})),
    ("Web of Science table", frozenset({"pt", "au", "ti", "so"})),
    ("Web of Science Excel", frozenset({"ut unique wos id", "article title"})),
    ("Embase CSV", frozenset({"author names", "emtree medical index terms"})),
    ("Embase CSV", frozenset({"embase accession id"})),
    ("PubMed CSV", frozenset({"pmid", "nihms id", "journal book"})),
    ("Cochrane CSV", frozenset({"cochrane id"})),
    ("Cochrane CSV", frozenset({"cochrane review group code"})),
    ("Lens CSV", frozenset({"lens id", "title"})),
    ("Dimensions CSV", frozenset({"publication id", "dimensions url"})),
    ("IEEE CSV", frozenset({"document title", "ieee terms"})),
    ("IEEE CSV", frozenset({"document title", "date added to xplore"})),
    ("Springer CSV", frozenset({"item title", "item doi"})),
    ("ProQuest CSV", frozenset({"storeid", "title"})),
    ("ProQuest CSV", frozenset({"accessionnumber", "pubtitle"})),
    ("ProQuest CSV", frozenset({"documenturl", "title"})),
    ("EBSCO CSV", frozenset({"accession number", "article title", "journal title"})),
    ("EBSCO CSV", frozenset({"an", "plink"})),
    ("Zotero CSV", frozenset({"key", "item type", "publication title", "manual tags"})),
    ("Rayyan CSV", frozenset({"key", "title", "authors", "pubmed id", "notes"})),
    ("Covidence CSV", frozenset({"covidence", "title"})),
    ("Mendeley CSV", frozenset({"mendeley id", "title"})),
)
_DATABASES = {
    "Scopus CSV": "Scopus",
    "Web of Science table": "Web of Science",
    "Web of Science Excel": "Web of Science",
    "Embase CSV": "Embase",
    "PubMed CSV": "PubMed",
    "Lens CSV": "The Lens",
    "Dimensions CSV": "Dimensions",
    "IEEE CSV": "IEEE Xplore",
    "Cochrane text": "CENTRAL",
}
#: The column that has a database's own number of a record, with the key of the database.
_ACCESSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Scopus CSV": ("scopus", ("eid",)),
    "Web of Science table": ("wos", ("ut",)),
    "Web of Science Excel": ("wos", ("ut unique wos id",)),
    "Embase CSV": ("embase", ("embase accession id", "pui")),
    "PubMed CSV": ("pubmed", ("pmid",)),
    "Cochrane CSV": ("cochrane", ("cochrane id", "cochrane review id")),
    "EBSCO CSV": ("ebsco", ("accession number", "an")),
    "Lens CSV": ("lens", ("lens id",)),
    "Dimensions CSV": ("dimensions", ("publication id",)),
    "ProQuest CSV": ("proquest", ("storeid",)),
    "ProQuest text": ("proquest", ("proquest document id",)),
    "Cochrane text": ("cochrane", ("cochrane id",)),
}
_NOISE = re.compile(r"[^\w]+|_+")
_NUMBERED = re.compile(r"^(.+?)\s?\d$")


def fold(heading: str) -> str:
    """A heading in the form in which headings are compared: lower-case words with single spaces."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading) if re.match(r"[a-z]+(?:[A-Z][a-z]+)+$", heading) else heading
    return " ".join(_NOISE.sub(" ", words).split()).casefold()


_ROLES: dict[str, Role] = {heading: role for role, headings in _HEADINGS.items() for heading in headings.split("|")}


def dialect_of(header: Iterable[str], is_tab: bool = False) -> str:
    """Who wrote a table, from its headings; "CSV" or "tab-separated" where they do not tell."""
    names = {fold(heading) for heading in header}
    for dialect, marks in _DIALECTS:
        if marks <= names:
            return dialect
    return "tab-separated" if is_tab else "CSV"


def database_of(dialect: str) -> str | None:
    """The database that a dialect is of, where there is only one."""
    return _DATABASES.get(dialect)


def accession_of(dialect: str, row: Mapping[str, str]) -> Accession | None:
    """The database's own number of a row, whose cells are given by folded heading."""
    key, headings = _ACCESSIONS.get(dialect, ("", ()))
    number = next((row[heading].strip() for heading in headings if row.get(heading, "").strip()), None)
    return Accession(key, number) if number else None


def roles_of(header: Sequence[str], dialect: str) -> list[Role | None]:
    """The role of each column, None for one that is kept as it is.

    A number at the end of a heading ("alternate_title2") says that there are several.
    """
    own = _DIALECT_HEADINGS.get(dialect, {})
    folded = [fold(heading) for heading in header]
    roles: list[Role | None] = []
    for name in folded:
        role = own[name] if name in own else _ROLES.get(name)
        if role is None and name not in own and (numbered := _NUMBERED.match(name)):
            role = _ROLES.get(numbered[1].strip())
        roles.append(role)
    return roles


def full_names_column(header: Sequence[str]) -> int | None:
    """The column that has the authors' names in full, beside which the short ones say less; None where none has."""
    names = [fold(heading) for heading in header]
    return next((at for at, name in enumerate(names) if name in ("author full names", "author full name", "af")), None)


def is_heading(cell: str) -> bool:
    """Whether a cell is the heading of a column that is known."""
    name = fold(cell)
    numbered = _NUMBERED.match(name)
    return name in _ROLES or name in REFERENCE_HEADINGS or bool(numbered and numbered[1].strip() in _ROLES)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row is the header of a table of references: all of it is short, and it names a title, an abstract, or
    two other fields."""
    roles = {role for cell in cells if (role := _ROLES.get(fold(cell))) is not None}
    if any(len(cell) > 80 for cell in cells) or not roles:
        return False
    return bool(roles & {Role.TITLE, Role.ABSTRACT}) or len(roles) > 1
