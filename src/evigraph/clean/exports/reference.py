"""One reference of an export as its reader understood it: every field under its own tag, with what it means.

A reader of a format (RIS, NBIB, BibTeX, …) gives `Reference`s; `evigraph.clean.exports.record` makes RECORD rows of
them. The reader says of every value which `Role` it plays and decides nothing about its content; whether the value
is a usable date, name or identifier is decided there, once for all formats. What is not used ends in `extras` under
the tag that it came with, in the order of the file, so that nothing of an export is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from evigraph.clean.resource_types import ResourceType


class Role(StrEnum):
    """What a field of an export says, in the terms of a record. A field without a role is kept as it is."""

    TYPE = "type"  # the format's own type: TY, %0, BibTeX's entry type, the PT of Web of Science
    KIND = "kind"  # the database's document type: M3, DT, PT of MEDLINE; refines the type
    TITLE = "title"
    SUBTITLE = "subtitle"
    ALTERNATIVE_TITLE = "alternative_title"  # translated, original, short
    AUTHOR = "author"  # one person, or a group where nothing tells; parts: see `Field`
    GROUP_AUTHOR = "group_author"
    YEAR = "year"  # decides the year; may hold a whole date
    DATE = "date"  # a date of publication; makes the year more precise
    CONTAINER = "container"  # journal, book, proceedings, website
    ABBREVIATED_CONTAINER = "abbreviated_container"
    VOLUME = "volume"
    ISSUE = "issue"
    PAGES = "pages"  # a range or a single page
    FIRST_PAGE = "first_page"  # may hold a range
    LAST_PAGE = "last_page"
    EDITION = "edition"
    ISSN = "issn"  # of unknown kind, unless the value itself says "(Print)", "(Electronic)", "(Linking)"
    ISSN_PRINT = "issn_print"
    ISSN_ONLINE = "issn_online"
    ISSN_LINKING = "issn_linking"
    ISBN = "isbn"
    SERIAL = "serial"  # ISSN or ISBN, as RIS's SN
    DOI = "doi"
    PMID = "pmid"
    PMCID = "pmcid"
    ARXIV = "arxiv"
    ABSTRACT = "abstract"
    KEYWORD = "keyword"
    MESH = "mesh"  # a MeSH heading in MEDLINE's notation, `Descriptor/*qualifier`
    LANGUAGE = "language"
    PUBLISHER = "publisher"
    URL = "url"
    DATABASE = "database"  # the name of the database that the reference was exported from
    GRANT = "grant"  # parts: funder_name, award
    DATESTAMP = "datestamp"  # when the database last changed it


class Field(NamedTuple):
    """One value of an export: its own tag, the text as read, its role, and what the reader took apart already.

    `parts` of an author: any of family_name, given_name, suffix, orcid, affiliations (names); of a grant:
    funder_name, award. The text counts where there are no parts.
    """

    tag: str
    value: str
    role: Role | None = None
    parts: Mapping[str, Any] | None = None


class Accession(NamedTuple):
    """A number under which a database knows the reference: `embase`, `L2005…`."""

    database: str
    number: str


@dataclass
class Reference:
    """One exported reference: what was read, in the order of the file, and where it comes from.

    `dialect` names who wrote the file and in which format ("Ovid RIS", "Scopus CSV"; the bare format, "RIS", where
    nothing tells). `precedence` lists, for a role of which a record holds one, the tags in the order in which their
    value is taken (in RIS AB before N2); else the first in the file counts. `resource_type` is set where the reader
    knows better than the table of words. `database` is the database's name where the content makes it sure though no
    field says it. `references` and `links` are REFERENCE and LINK rows; `problems` are defects that cost no record,
    each a code and a line for people. `size` is about how many bytes it took in the file.
    """

    dialect: str
    fields: list[Field] = field(default_factory=list)
    precedence: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    resource_type: ResourceType | None = None
    database: str | None = None
    accession: Accession | None = None
    references: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    is_retracted: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0

    def add(self, tag: str, value: str, role: Role | None = None, parts: Mapping[str, Any] | None = None) -> None:
        """Takes a field; one without text is left out, for it says nothing."""
        if value:
            self.fields.append(Field(tag, value, role, parts))

    def first(self, role: Role) -> str | None:
        """The text of the first field of that role."""
        return next((found.value for found in self.fields if found.role is role), None)

    def of(self, role: Role) -> list[Field]:
        """The fields of that role, those whose tag has precedence first."""
        tags = self.precedence.get(role, ())
        found = [entry for entry in self.fields if entry.role is role]
        return sorted(found, key=lambda entry: tags.index(entry.tag) if entry.tag in tags else len(tags))

    def said(self, tag: str) -> list[str]:
        """The texts of all fields with that tag, in their order."""
        return [found.value for found in self.fields if found.tag == tag]
