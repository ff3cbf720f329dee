"""BibTeX and BibLaTeX, as databases and reference managers export them, as references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from evigraph.clean.exports.bibtex_blocks import LostEntry, ReadEntry, entries
from evigraph.clean.exports.bibtex_fields import (
    CITATION_KEY,
    ENTRY_TYPE,
    LATEX_TITLE,
    NAME_LISTS,
    RAW,
    ROLES,
    VERBATIM,
    accession_of,
    dialect_of,
)
from evigraph.clean.exports.bibtex_latex import decode
from evigraph.clean.exports.bibtex_names import listed_names, stated_orcids
from evigraph.clean.exports.reference import Reference, Role
from evigraph.clean.payload import Report

_ENTRY = re.compile(r"^[ \t]*@[ \t]*(?!comment\b|preamble\b|string\b)[A-Za-z]+[ \t]*[{(]", re.IGNORECASE | re.MULTILINE)
_PREAMBLE = re.compile(r"^[ \t]*@[ \t]*(?:comment|preamble|string)[ \t]*[{(]", re.IGNORECASE | re.MULTILINE)

_LISTED = {"author": Role.AUTHOR, "collaboration": Role.GROUP_AUTHOR}
_PMID_NOTE = re.compile(r"PMID:?\s*\d{1,8}\.?$")
_DAY = re.compile(r"\d{1,2}$")
_PARAGRAPH = re.compile(r"[ \t\r]*\n[ \t\r]*(?:\n[ \t\r]*)+")
_MACRO_WITH_GROUP = re.compile(r"\\(?:[A-Za-z]+|.)\s*\{[^{}]*\}")
_SAYS_MORE = re.compile(r"\{(?![\\}])|(?<!\\)\$")
_COUNTED = re.compile(r"(alternative_title|abstract)_\d+$")

_DATABASES = {
    "Scopus BibTeX": "Scopus",
    "Web of Science BibTeX": "Web of Science",
    "DBLP BibTeX": "DBLP",
    "IEEE BibTeX": "IEEE Xplore",
    "JSTOR BibTeX": "JSTOR",
}


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is BibTeX: a line of it begins an entry or a macro."""
    if head.lstrip()[:1] in ("<", "["):
        return False
    return bool(_ENTRY.search(head) or _PREAMBLE.search(head))


def read(path: str, report: Report) -> Iterator[Reference]:
    """The references of a BibTeX file, one an entry; an entry that cannot be read is the defect `bibtex_syntax`.

    Entries under the same key are references of their own. LaTeX becomes Unicode; a title whose braces or formulas
    say more than that is kept as LaTeX too. `crossref` is kept as it stands, for the entry that it names may lie in
    another file. Defects of an entry that cost nothing: `undefined_macro`, `encoding`.
    """
    name = Path(path).name
    n_given = 0
    for entry in entries(path, report):
        if isinstance(entry, LostEntry):
            message = f"{name}, line {entry.line}: the entry cannot be read ({entry.reason}); it was left out"
            report(n_given, "bibtex_syntax", f"{message}. Close its braces and quotes and export it again.", True)
            continue
        yield reference_of(entry)
        n_given += 1


def reference_of(entry: ReadEntry) -> Reference:
    """The reference that an entry states."""
    plain: dict[str, str] = {}
    for tag, latex in entry.fields:
        plain.setdefault(tag.lower(), plain_text(tag.lower(), latex))
    dialect = dialect_of(entry.key, plain)
    reference = Reference(
        dialect,
        database=_DATABASES.get(dialect),
        accession=accession_of(entry.key, plain, dialect),
        problems=entry.problems,
        size=entry.size,
    )
    reference.add(CITATION_KEY, entry.key)
    reference.add(ENTRY_TYPE, entry.entry_type, Role.TYPE)
    if entry.key.startswith("PMID:") and entry.key[5:].isdecimal():
        reference.add("pmid", entry.key[5:], Role.PMID)
    orcids = stated_orcids("\n".join(latex for tag, latex in entry.fields if tag.lower() == "orcid-numbers"))
    # Groups come after people, wherever they stand: so a byline is written.
    listed = [(tag, latex) for tag, latex in entry.fields if tag.lower() in _LISTED]
    for tag, latex in sorted(listed, key=lambda named: named[0].lower() != "author"):
        _add_names(reference, tag, latex, orcids)
    latex_title = next((latex for tag, latex in entry.fields if tag.lower() == "title"), "")
    if _SAYS_MORE.search(_MACRO_WITH_GROUP.sub("", latex_title)) and LATEX_TITLE not in plain:
        reference.add(LATEX_TITLE, " ".join(latex_title.split()))
    for tag, latex in entry.fields:
        if tag.lower() not in _LISTED:
            _add(reference, entry, tag, latex, plain)
    return reference


def plain_text(tag: str, latex: str) -> str:
    """The text of a field: LaTeX as Unicode, lines joined, paragraphs on lines of their own."""
    if tag in RAW:
        return latex.strip()
    if tag in NAME_LISTS and any(listed.is_group for listed in listed_names(latex)):
        names = listed_names(latex)
        return " and ".join(f"{{{listed.text}}}" if listed.is_group else listed.text for listed in names)
    if tag in VERBATIM:
        return " ".join(decode(latex, is_text=False).split())
    return "\n".join(" ".join(decode(part).split()) for part in _PARAGRAPH.split(latex.strip()))


def _add_names(reference: Reference, tag: str, latex: str, orcids: dict[str, str]) -> None:
    for listed in listed_names(latex):
        if listed.is_others:
            reference.add(tag, listed.text)
            continue
        parts = dict(listed.parts or {})
        if orcid := orcids.get(listed.text.casefold()):
            parts["orcid"] = orcid
        role = Role.GROUP_AUTHOR if listed.is_group else _LISTED[tag.lower()]
        reference.add(tag, listed.text, role, parts or None)


def _add(reference: Reference, entry: ReadEntry, tag: str, latex: str, plain: dict[str, str]) -> None:
    name = tag.lower()
    text = plain_text(name, latex)
    role = _role(name, text, entry.entry_type, plain)
    if role is Role.KEYWORD:
        for term in text.split(";" if ";" in text else ","):
            reference.add(tag, term.strip(), role)
        return
    if role is Role.MESH:
        for term in text.split(";"):
            reference.add(tag, term.strip(), role)
        return
    if name == "day" and role is Role.DATE:
        text = f"{text} {plain['month']}"
    reference.add(tag, text, role)


def _role(name: str, text: str, entry_type: str, plain: dict[str, str]) -> Role | None:
    if name == "note":
        return Role.PMID if _PMID_NOTE.match(text) else None
    if name == "eprint":
        is_arxiv = "arxiv" in (plain.get("archiveprefix", "") + plain.get("eprinttype", "")).lower()
        return Role.ARXIV if is_arxiv else None
    if name == "journal" and entry_type in ("inproceedings", "incollection", "inbook") and plain.get("booktitle"):
        return None
    if name == "day":
        return Role.DATE if _DAY.match(text) and "month" in plain else None
    if name == "issue" and "number" in plain and "volume" in plain:
        # BibLaTeX's issue beside a number is a name: "Spring".
        return None
    return ROLES.get(_COUNTED.sub(r"\1", name))
