"""RECORD rows from exported references: one mapping for all formats of reference managers and databases.

What a record has no column for, and what was not understood, is kept in `extras` under its own tag, in the order of
the file. A value that was used is left out of `extras` only if the column says all that the value said. So a writer
that puts the columns first and the extras after them gives back what was read
(`evigraph.publish.formats`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from evigraph.clean.dates import date_from_text
from evigraph.clean.exports.reference import Field, Reference, Role
from evigraph.clean.exports.types import export_type, kind_says_retracted
from evigraph.clean.exports.values import dates, pages, person, says_only_date, serials, settled_name
from evigraph.clean.languages import UNDETERMINED, language_code
from evigraph.clean.names import author
from evigraph.clean.text import clean_line, clean_text, clean_title
from evigraph.clean.vocabularies import identifying_pid, peer_reviewed, says_retracted
from evigraph.model.pid import Pid, normalise_issn

#: Name of the extra that says which dialect the reference was exported in.
DIALECT = "export_dialect"

#: Roles that a column repeats only in other words; their values are kept as they are too.
_ALWAYS_KEPT = frozenset({Role.TYPE, Role.KIND, Role.GRANT, Role.DATESTAMP})

#: Roles of terms, which may have marks (`*Stress`). With them they stand first in extras, so that writers can put
#: them in the place of the bare terms and the order of the extras stays the same.
_TERMS = (Role.KEYWORD, Role.MESH)

#: Roles of which a record has one value, with the column of the record or of its container.
_SINGLE = {Role.SUBTITLE: "subtitle", Role.PUBLISHER: "publisher"}
_OF_CONTAINER = {
    Role.CONTAINER: "name",
    Role.ABBREVIATED_CONTAINER: "abbreviated_name",
    Role.VOLUME: "volume",
    Role.ISSUE: "issue",
    Role.EDITION: "edition",
}
_ISSNS = {Role.ISSN_PRINT: "print", Role.ISSN_ONLINE: "online", Role.ISSN_LINKING: "linking"}
_PIDS = {Role.DOI: "doi", Role.PMID: "pmid", Role.PMCID: "pmc", Role.ARXIV: "arxiv"}

_RESOLVER = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(10\.\S+)$", re.IGNORECASE)
_PUBMED_URL = re.compile(r"https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/(\d+)/?$")
_PMC_URL = re.compile(r"https?://(?:pmc\.ncbi|(?:www\.)?ncbi)\.nlm\.nih\.gov/(?:pmc/)?articles/(PMC\d+)/?$")
_SEVERAL_URLS = re.compile(r"\s*[;,]\s*(?=https?://)|\s+(?=https?://)")
_SEVERAL_TERMS = re.compile(r"\s*(?:;|\n)\s*")
_DOI_LABEL = re.compile(r"^\s*(?:https?://)?(?:(?:dx\.|www\.)?doi\.org/|doi:?\s*)", re.IGNORECASE)


class Mapped(NamedTuple):
    """A RECORD row without its payload, and the defects found on the way: code and message; none costs the record."""

    row: dict[str, Any]
    problems: list[tuple[str, str]]


def record_row(reference: Reference, position: int) -> Mapped:
    """The RECORD row of an exported reference.

    `source_key` is the database's accession number after its database (`embase:L2005…`, `pubmed:1`), else the md5 of
    what the record says. A reference without a title is a record without one, for the database counted it; the
    defect `no_title` says so. Others: `bad_date`, `doi_invalid`.
    """
    return _Mapping(reference).row(position)


def author_of(entry: Field) -> dict[str, Any] | None:
    """The AUTHOR that a field of the role author or group_author states, or None where it is junk."""
    parts = dict(entry.parts or {})
    if entry.role is Role.GROUP_AUTHOR:
        return author(full_name=entry.value, is_group=True, **parts)
    if "family_name" in parts or "given_name" in parts:
        return settled_name(author(**parts))
    found = person(entry.value)
    if found and parts:
        stated = {key: found[key] for key in ("given_name", "family_name", "full_name", "is_group")}
        found = author(**stated, **parts)
    return found


class _Mapping:
    """One reference on its way to a row. `kept` has the fields that go to extras, by identity of their place."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.problems = list(reference.problems)
        self.kept: set[int] = {
            id(entry) for entry in reference.fields if entry.role is None or entry.role in _ALWAYS_KEPT
        }

    def row(self, position: int) -> Mapped:
        """The row; every step marks what it could not use up."""
        title, alternatives = self._titles()
        published_on = self._published_on()
        container = self._container()
        issns, isbns = self._serials()
        container |= {f"issn_{kind}": issn for kind, issn in issns.items()}
        urls = self._urls()
        pids = self._pids(urls)
        kinds = [entry.value for entry in self.reference.of(Role.KIND)]
        words = [entry.value for entry in self.reference.of(Role.TYPE)]
        kind = self.reference.resource_type or export_type(words, kinds)
        database = self._first(Role.DATABASE) or self.reference.database
        single = {column: self._first(role) for role, column in _SINGLE.items()}
        alternate_ids = [{"scheme": "isbn", "value": isbn} for isbn in isbns]
        accession = self.reference.accession
        if accession and accession.database not in ("pubmed", "doi"):
            alternate_ids.insert(0, {"scheme": accession.database, "value": accession.number})
        row: dict[str, Any] = {
            "position": position,
            "datestamp": next(
                (date for entry in self._of(Role.DATESTAMP) if (date := date_from_text(entry.value))), None
            ),
            "type": kind.type,
            "title": title,
            "subtitle": single["subtitle"],
            "alternative_titles": alternatives,
            "authors": self._authors(),
            "descriptions": self._descriptions(),
            "published_on": published_on,
            "publisher": single["publisher"],
            "language": self._language(),
            "subjects": self._subjects(),
            "container": container if any(container.values()) else None,
            "pids": pids,
            "alternate_ids": alternate_ids,
            "instances": [
                {
                    "resource_type": kind.label,
                    "resource_type_id": kind.coar_uri,
                    "urls": urls,
                    "pids": pids,
                    "alternate_ids": [],
                    "refereed": peer_reviewed(kind.label, is_from_crossref=False, has_doi=bool(pids)),
                    "published_on": published_on,
                    "hosted_by": container.get("name") or single["publisher"],
                    "collected_from": database,
                }
            ],
            "funding": self._funding(),
            "is_retracted": self.reference.is_retracted
            or kind_says_retracted(kinds)
            or bool(title and says_retracted(title)),
        }
        row["extras"] = self._extras()
        row["source_key"] = self._key(row, database)
        return Mapped(row, self.problems)

    def _of(self, role: Role) -> list[Field]:
        return self.reference.of(role)

    def _keep(self, entry: Field) -> None:
        self.kept.add(id(entry))

    def _tell(self, code: str, message: str) -> None:
        self.problems.append((code, message))

    def _first(self, role: Role) -> str | None:
        """The value of a role that has one; another value of it is kept as it is, an equal one says nothing new."""
        return self._one((entry, clean_line(entry.value)) for entry in self._of(role))

    def _one(self, stated: Iterable[tuple[Field, str | None]]) -> str | None:
        found: str | None = None
        for entry, value in stated:
            if value is None:
                self._keep(entry)
            elif found is None:
                found = value
            elif value.casefold() != found.casefold():
                self._keep(entry)
        return found

    def _titles(self) -> tuple[str | None, list[str]]:
        distinct: dict[str, str] = {}
        for entry in (*self._of(Role.TITLE), *self._of(Role.ALTERNATIVE_TITLE)):
            if title := clean_title(entry.value):
                distinct.setdefault(title.casefold(), title)
            else:
                self._keep(entry)
        titles = list(distinct.values())
        if not titles:
            self._tell("no_title", "the reference has no title; it was kept without one")
            return None, []
        return titles[0], titles[1:]

    def _authors(self) -> list[dict[str, Any]]:
        people: list[dict[str, Any]] = []
        for entry in self.reference.fields:
            if entry.role in (Role.AUTHOR, Role.GROUP_AUTHOR):
                if found := author_of(entry):
                    people.append(found)
                else:
                    self._keep(entry)
        return people

    def _published_on(self) -> str | None:
        years, others = self._of(Role.YEAR), self._of(Role.DATE)
        found = dates((entry.value for entry in years), (entry.value for entry in others))
        for entry in (*years, *others):
            if not says_only_date(entry.value, found):
                self._keep(entry)
        if found is None and (stated := next(iter((*years, *others)), None)):
            self._tell("bad_date", f'"{stated.value[:80]}" in {stated.tag} is no date of 1400 to 2100; it was kept')
        return found

    def _container(self) -> dict[str, str | None]:
        container = {column: self._first(role) for role, column in _OF_CONTAINER.items()}
        first: str | None = None
        last: str | None = None
        for entry in (*self._of(Role.PAGES), *self._of(Role.FIRST_PAGE)):
            start, end, is_all = pages(entry.value)
            has_end = entry.role is Role.FIRST_PAGE and self._of(Role.LAST_PAGE)
            if (
                has_end
                and end is not None
                and not any(pages(other.value)[0] == end for other in self._of(Role.LAST_PAGE))
            ):
                # "12-1" to "12-9": the first page of an article whose pages have numbers of two parts.
                start, end = clean_line(entry.value), None
            if start is None or first not in (None, start):
                self._keep(entry)
                continue
            first, last = start, last or end
            if not is_all or (end is not None and end != last):
                self._keep(entry)
        for entry in self._of(Role.LAST_PAGE):
            end = clean_line(entry.value)
            if end is None or re.search(r"[\s,;]", end) or last not in (None, end) or pages(end)[0] is None:
                self._keep(entry)
            else:
                last = end
        return container | {"first_page": first, "last_page": last}

    def _serials(self) -> tuple[dict[str, str], list[str]]:
        issns: dict[str, str] = {}
        isbns: list[str] = []
        for entry in self.reference.fields:
            if kind := _ISSNS.get(entry.role) if entry.role else None:
                issn = normalise_issn(entry.value)
                if issn is None or issns.setdefault(kind, issn) != issn:
                    self._keep(entry)
            elif entry.role in (Role.SERIAL, Role.ISSN, Role.ISBN):
                is_isbn = None if entry.role is Role.SERIAL else entry.role is Role.ISBN
                found = serials(entry.value, is_isbn)
                is_all = found.is_all
                for kind, issn in found.issns.items():
                    is_all = issns.setdefault(kind, issn) == issn and is_all
                isbns += [isbn for isbn in found.isbns if isbn not in isbns]
                if not is_all or not (found.issns or found.isbns):
                    self._keep(entry)
        return issns, isbns

    def _urls(self) -> list[str]:
        urls: dict[str, None] = {}
        for entry in self._of(Role.URL):
            for url in _SEVERAL_URLS.split(entry.value.strip()):
                if re.match(r"https?://[^\s/]", url, re.IGNORECASE) and not re.search(r"\s", url):
                    urls[url] = None
                else:
                    self._keep(entry)
        return list(urls)

    def _pids(self, urls: list[str]) -> list[Pid]:
        found: dict[str, Pid] = {}
        for role, scheme in _PIDS.items():
            for entry in self._of(role):
                words = (
                    _DOI_LABEL.sub("", entry.value.removesuffix("[doi]")).split() if scheme == "doi" else [entry.value]
                )
                pid = identifying_pid(scheme, words[0]) if words else None
                if pid is None or found.setdefault(scheme, pid) != pid:
                    self._keep(entry)
                    if pid is None and scheme == "doi":
                        self._tell("doi_invalid", f'"{entry.value[:80]}" is no DOI that identifies a work; it was kept')
                elif len(words) > 1:
                    self._keep(entry)
        for url in urls:
            for scheme, pattern in (("doi", _RESOLVER), ("pmid", _PUBMED_URL), ("pmc", _PMC_URL)):
                if scheme not in found and (match := pattern.match(url)) and (pid := identifying_pid(scheme, match[1])):
                    found[scheme] = pid
        return [found[scheme] for scheme in _PIDS.values() if scheme in found]

    def _descriptions(self) -> list[str]:
        distinct: dict[str, None] = {}
        for entry in self._of(Role.ABSTRACT):
            if text := clean_text(entry.value):
                distinct[text] = None
            else:
                self._keep(entry)
        return list(distinct)

    def _language(self) -> str:
        found = UNDETERMINED
        for entry in self._of(Role.LANGUAGE):
            code = language_code(entry.value)
            if code == UNDETERMINED:
                first = re.split(r"[,;/]| and ", entry.value)[0]
                code, is_all = language_code(first), False
            else:
                is_all = True
            if found == UNDETERMINED:
                found = code
            if not is_all or code != found:
                self._keep(entry)
        return found

    def _subjects(self) -> list[dict[str, str | None]]:
        distinct: dict[tuple[str, str], dict[str, str | None]] = {}
        for entry in self.reference.fields:
            if entry.role not in (Role.KEYWORD, Role.MESH):
                continue
            scheme = "mesh" if entry.role is Role.MESH else "keyword"
            for term in _SEVERAL_TERMS.split(entry.value) if scheme == "keyword" else [entry.value]:
                value = clean_line(term)
                # A star marks a major topic, what follows a slash qualifies a MeSH heading; people search neither.
                heading = (value or "").partition("/")[0] if scheme == "mesh" else value or ""
                heading = heading.lstrip("*").strip()
                if heading != (value or "") or not heading:
                    self._keep(entry)
                if heading:
                    row = {"scheme": scheme, "value": heading, "term_id": None}
                    distinct.setdefault((scheme, heading.casefold()), row)
        return list(distinct.values())

    def _funding(self) -> list[dict[str, str | None]]:
        distinct: dict[tuple[str | None, str | None], dict[str, str | None]] = {}
        for entry in self._of(Role.GRANT):
            parts = entry.parts or {}
            funder, award = clean_line(parts.get("funder_name")), clean_line(parts.get("award"))
            if funder or award:
                distinct.setdefault((funder, award), {"funder_name": funder, "funder_id": None, "award": award})
        return list(distinct.values())

    def _extras(self) -> list[dict[str, str]]:
        """The dialect, then the fields that were kept, terms first.

        Of equal ones that were also used the last stays, for a writer puts the column before it: no new field.
        """
        kept = [entry for entry in self.reference.fields if id(entry) in self.kept]
        kept.sort(key=lambda entry: entry.role not in _TERMS)
        last = {(entry.tag, entry.value): place for place, entry in enumerate(kept)}
        return [{"name": DIALECT, "value": self.reference.dialect}] + [
            {"name": entry.tag, "value": entry.value}
            for place, entry in enumerate(kept)
            if entry.role is None or entry.role in _ALWAYS_KEPT or last[entry.tag, entry.value] == place
        ]

    def _key(self, row: dict[str, Any], database: str | None) -> str:
        if accession := self.reference.accession:
            return f"{accession.database}:{accession.number}"
        pmid = next((pid.value for pid in row["pids"] if pid.scheme == "pmid"), None)
        if pmid and (database or "").casefold() == "pubmed":
            return f"pubmed:{pmid}"
        container = row["container"] or {}
        said: list[Any] = [
            (row["title"] or "").casefold(),
            [person["full_name"].casefold() for person in row["authors"]],
            row["published_on"],
            *((container.get(part) or "").casefold() for part in ("name", "volume", "issue", "first_page")),
            [str(pid) for pid in row["pids"]],
        ]
        if not row["title"] and not row["pids"]:
            said.append([(extra["name"], extra["value"]) for extra in row["extras"]])
            said.append(row["descriptions"])
        text = json.dumps(said, ensure_ascii=False)
        return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
