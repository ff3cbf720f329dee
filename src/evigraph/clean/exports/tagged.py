"""References from two more tagged texts: Web of Science's plain text, and Refer as EndNote writes it.

Web of Science (Clarivate, "Field tags"): two characters, a space, a value; further lines begin with three spaces; PT
begins a reference, ER ends it. Its cited references (CR) become REFERENCE rows. Refer: a percent sign and a
character, a space, a value; a blank line ends the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from evigraph.clean.exports.reference import Accession, Reference, Role
from evigraph.clean.exports.text import text_lines
from evigraph.clean.payload import Report
from evigraph.clean.vocabularies import identifying_pid
from evigraph.model.pid import normalise_orcid

_WOS_TAG = re.compile(r"([A-Z][A-Z0-9])(?: |$)")
_WOS_BEGINNING = re.compile(r"\A\s*(?:FN (?:Clarivate|ISI|Thomson)|(?:VR 1\.0\s+)?PT [A-Z]\s*$)", re.MULTILINE)
_REFER_TAG = re.compile(r"(%[A-Z0-9@!#$&()*+<>?=\[\]^~|])(?:[ \t]|$)")
_REFER_BEGINNING = re.compile(r"\A\s*%[0TAJDBM] \S.*$", re.MULTILINE)
_UT = re.compile(r"(?:WOS|ISI):([A-Z0-9]{10,20})$")
_CITED_DOI = re.compile(r"\bDOI \[?(?:DOI )?(10\.\d{4,9}/[^\s,\]]+)")
_FUNDED = re.compile(r"(?P<funder>[^\[\]]+?)\s*\[(?P<award>[^\[\]]*)\]?$")

_WOS_ROLES: dict[str, Role] = {
    "PT": Role.TYPE,
    "DT": Role.KIND,
    "AF": Role.AUTHOR,
    "AU": Role.AUTHOR,
    "CA": Role.GROUP_AUTHOR,
    "TI": Role.TITLE,
    "SO": Role.CONTAINER,
    "JI": Role.ABBREVIATED_CONTAINER,
    "J9": Role.ABBREVIATED_CONTAINER,
    "LA": Role.LANGUAGE,
    "DE": Role.KEYWORD,
    "AB": Role.ABSTRACT,
    "PY": Role.YEAR,
    "PD": Role.DATE,
    "VL": Role.VOLUME,
    "IS": Role.ISSUE,
    "BP": Role.FIRST_PAGE,
    "EP": Role.LAST_PAGE,
    "DI": Role.DOI,
    "PM": Role.PMID,
    "SN": Role.ISSN,
    "EI": Role.ISSN_ONLINE,
    "BN": Role.ISBN,
    "PU": Role.PUBLISHER,
    "FU": Role.GRANT,
}
#: Tags of which every line is a value of its own.
_WOS_LISTS = frozenset({"AU", "AF", "CA", "BE", "BA", "BF", "CR", "C1", "C3"})
_WOS_PRECEDENCE: dict[Role, tuple[str, ...]] = {Role.ABBREVIATED_CONTAINER: ("JI", "J9")}

_REFER_ROLES: dict[str, Role] = {
    "%0": Role.TYPE,
    "%T": Role.TITLE,
    "%!": Role.ALTERNATIVE_TITLE,
    "%A": Role.AUTHOR,
    "%J": Role.CONTAINER,
    "%B": Role.CONTAINER,
    "%D": Role.YEAR,
    "%8": Role.DATE,
    "%V": Role.VOLUME,
    "%N": Role.ISSUE,
    "%P": Role.PAGES,
    "%7": Role.EDITION,
    "%@": Role.SERIAL,
    "%R": Role.DOI,
    "%U": Role.URL,
    "%X": Role.ABSTRACT,
    "%K": Role.KEYWORD,
    "%G": Role.LANGUAGE,
    "%I": Role.PUBLISHER,
    "%W": Role.DATABASE,
    "%9": Role.KIND,
}
_REFER_PRECEDENCE: dict[Role, tuple[str, ...]] = {Role.CONTAINER: ("%J", "%B")}


@dataclass
class _Raw:
    """The lines of one reference: tag and the lines of its value; what was amiss."""

    entries: list[tuple[str, list[str]]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0

    def has(self, *tags: str) -> bool:
        """Whether one of the tags is there."""
        return any(tag in tags for tag, _ in self.entries)


def looks_like_wos(head: str) -> bool:
    """Whether a file that begins with this text is Web of Science's plain text."""
    return _WOS_BEGINNING.search(head) is not None


def read_wos(path: str, report: Report) -> Iterator[Reference]:
    """The references of a Web of Science file in their order, one for each PT. Defects: `missing_er`, `encoding`."""
    wrong: list[str] = []
    current: _Raw | None = None
    for line in text_lines(path, report, wrong.append):
        match = _WOS_TAG.match(line)
        tag = match[1] if match else ""
        value = line[3:].strip() if match else line.strip()
        if tag in ("PT", "EF") and current is not None:
            current.problems.append(("missing_er", "it has no ER line; it ends where the next one begins"))
            yield _wos_reference(current)
            current = None
        if tag == "ER":
            if current is not None:
                yield _wos_reference(current)
            current = None
        elif tag and tag not in ("FN", "VR", "EF"):
            current = current or _Raw()
            current.entries.append((tag, [value] if value else []))
        elif value and current is not None and not tag:
            current.entries[-1][1].append(value)
        if current is not None:
            current.size += len(line)
            current.problems += [("encoding", message) for message in wrong[:1]]
            wrong.clear()
    if current is not None:
        current.problems.append(("missing_er", "it has no ER line; it ends with the file"))
        yield _wos_reference(current)
    for message in wrong[:1]:
        report(-1, "encoding", message, False)


def _wos_reference(raw: _Raw) -> Reference:
    reference = Reference(
        "Web of Science text",
        database="Web of Science",
        precedence=_WOS_PRECEDENCE,
        problems=list(dict(reversed(raw.problems)).items()),
        size=raw.size,
    )
    orcids = {
        name.strip().casefold(): orcid
        for tag, lines in raw.entries
        if tag == "OI"
        for name, _, number in (part.rpartition("/") for part in " ".join(lines).split(";"))
        if (orcid := normalise_orcid(number))
    }
    full = [name for tag, lines in raw.entries if tag == "AF" for name in lines]
    for tag, lines in raw.entries:
        role = _WOS_ROLES.get(tag)
        if tag == "CR":
            reference.references += [_cited(text) for text in lines]
        elif tag in ("AU", "AF"):
            for place, name in enumerate(lines):
                if tag == "AF" or not full:
                    orcid = orcids.get(name.casefold())
                    reference.add(tag, name, role, {"orcid": orcid} if orcid else None)
                elif place >= len(full) or full[place] != name:
                    reference.add(tag, name)
        elif tag == "UT" and (stated := _UT.match(" ".join(lines))):
            reference.accession = Accession("wos", stated[1])
            reference.add(tag, " ".join(lines))
        elif tag == "FU":
            for part in re.split(r"\s*;\s*", " ".join(lines)):
                funded = _FUNDED.match(part)
                named = {
                    "funder_name": funded["funder"] if funded else part,
                    "award": funded["award"] if funded else None,
                }
                reference.add(tag, part, role, named)
        elif tag == "AR":
            reference.add(tag, " ".join(lines), None if raw.has("BP") else Role.FIRST_PAGE)
        elif tag in _WOS_LISTS:
            for line in lines:
                reference.add(tag, line, role)
        else:
            reference.add(tag, " ".join(lines), role)
    return reference


def _cited(text: str) -> dict[str, object]:
    """The REFERENCE row of a cited reference: "Adler A, 2001, J SYNTH, V1, P2, DOI 10.5555/1"."""
    match = _CITED_DOI.search(text)
    pid = identifying_pid("doi", match[1]) if match else None
    return {"pids": [pid] if pid else [], "text": text}


def looks_like_refer(head: str) -> bool:
    """Whether a file that begins with this text is Refer: fields with a percent sign in several lines."""
    return bool(_REFER_BEGINNING.search(head)) and len(re.findall(r"^%[0-9A-Z@] ", head, re.MULTILINE)) > 1


def read_refer(path: str, report: Report) -> Iterator[Reference]:
    """The references of a Refer file in their order, one for each title or type that a blank line precedes.

    A blank line inside a value does no harm. Defects: `encoding`.
    """
    wrong: list[str] = []
    current = _Raw()
    is_after_blank = False
    for line in text_lines(path, report, wrong.append):
        match = _REFER_TAG.match(line)
        if match:
            tag = match[1]
            is_next = tag == "%0" and current.has("%0")
            is_next = is_next or (is_after_blank and tag in ("%0", "%T", "%A") and current.has("%0", "%T"))
            if is_next:
                yield _refer_reference(current)
                current = _Raw()
            value = line[match.end() :].strip()
            current.entries.append((tag, [value] if value else []))
        elif line.strip() and current.entries:
            current.entries[-1][1].append(line.strip())
        is_after_blank = not line.strip()
        current.size += len(line)
        if wrong and current.entries:
            current.problems.append(("encoding", wrong[0]))
            wrong.clear()
    if current.entries:
        yield _refer_reference(current)


def _refer_reference(raw: _Raw) -> Reference:
    reference = Reference("Refer", precedence=_REFER_PRECEDENCE, problems=raw.problems[:1], size=raw.size)
    for tag, lines in raw.entries:
        value = "\n".join(lines)
        role = _REFER_ROLES.get(tag)
        if tag == "%R" and "10." not in value:
            role = None
        for part in lines if tag == "%K" else [value]:
            reference.add(tag, part, role)
    return reference
