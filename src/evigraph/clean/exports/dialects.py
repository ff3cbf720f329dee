"""Who wrote an export, from what only they write; and the number under which their database knows a reference.

A dialect is told by marks that a format's other writers do not leave: an address of the database in the reference
itself, an accession number of unmistakable form, a tag of its own. Where there are none the dialect is the bare
format and the database is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from evigraph.clean.exports.reference import Accession

#: The texts of a reference by tag, each list in the order of the file.
Said = Mapping[str, list[str]]


class Dialect(NamedTuple):
    """The writer of an export, and the database it came from where that is sure."""

    writer: str | None
    database: str | None


#: Databases by the codes that Ovid has in its addresses (`D=psyc16`) and EBSCO in its own (`db=c8h`).
_OVID = {"psy": "PsycINFO", "eme": "Embase", "oem": "Embase", "med": "MEDLINE", "pre": "MEDLINE", "cct": "CENTRAL"}
_EBSCO = {
    **dict.fromkeys(("rzh", "c8h", "ccm", "cin20", "cul", "ccl"), "CINAHL"),
    **dict.fromkeys(("cmedm", "mnh", "mdc"), "MEDLINE"),
    **dict.fromkeys(("psyh", "psycinfo"), "PsycINFO"),
    **{"eric": "ERIC", "sih": "SocINDEX", "ecn": "EconLit", "a9h": "Academic Search Complete"},
}

#: Names of databases as keys, where they have a shorter one.
_KEYS = {
    "apa psycinfo": "psycinfo",
    "cochrane central register of controlled trials": "central",
    "ieee xplore": "ieee",
    "web of science core collection": "wos",
    "web of science": "wos",
}

_ADDRESS_TAGS = ("UR", "L2", "L1", "L3", "LK", "WP", "%U")
_EID = re.compile(r"\b2-s2\.0-\d{5,}\b")
_WOS = re.compile(r"\bWOS:([A-Z0-9]{12,20})\b")
_APA = re.compile(r"\d{4}-\d{5}-\d{3}$")
_STABLE = re.compile(r"https?://www\.jstor\.org/stable/([^\s?#]+)")
_LENS = re.compile(r"(?:https?://(?:www\.|link\.)?lens\.org/)?(\d{3}(?:-\d{3}){3}-\d{2}[\dXx])$")
_PROVIDERS = {"american psychological association": "APA PsycNet", "jstor": "JSTOR", "proquest": "ProQuest"}

#: Writers by the host of an address that stands in the reference.
_HOSTS: tuple[tuple[str, Dialect], ...] = (
    ("embase.com", Dialect("Embase", "Embase")),
    ("scopus.com", Dialect("Scopus", "Scopus")),
    ("jstor.org", Dialect("JSTOR", "JSTOR")),
    ("trid.trb.org", Dialect("TRID", "TRID")),
    ("proquest.com", Dialect("ProQuest", None)),
    ("app.dimensions.ai", Dialect("Dimensions", "Dimensions")),
    ("cochranelibrary.com", Dialect("Cochrane", None)),
    ("ieeexplore.ieee.org", Dialect("IEEE", "IEEE Xplore")),
    ("webofscience.com", Dialect("Web of Science", "Web of Science")),
)


def dialect_of(said: Said, headers: Mapping[str, str], writer: str | None = None) -> Dialect:
    """Who wrote a RIS reference, from its fields and from the lines before it (Provider, Database).

    `writer` is the one that the lines name outright, as evigraph's own export does.
    """
    if writer == "EndNote":
        return Dialect(writer, "PubMed" if "NLM" in said.get("DP", ()) else None)
    found = _recognised(said, headers)
    return found._replace(writer=writer) if writer else found


def _recognised(said: Said, headers: Mapping[str, str]) -> Dialect:
    if "Citavi" in said.get("M4", ()):
        return Dialect("Citavi", None)
    numbers = said.get("AN", ())
    if any(number.startswith("rayyan-") for number in numbers):
        return Dialect("Rayyan", None)
    provider = headers.get("Provider", "").casefold()
    if known_provider := next((name for mark, name in _PROVIDERS.items() if mark in provider), None):
        return Dialect(known_provider, headers.get("Database"))
    addresses = [address for tag in _ADDRESS_TAGS for address in said.get(tag, ())]
    if any(_LENS.match(number) for number in said.get("ID", ())):
        return Dialect("Lens", "The Lens")
    for address in addresses:
        host = _host(address)
        if _is_of(host, "ovid.com"):
            return Dialect("Ovid", _by_code(_OVID, _parameter(address, "D")[:3]))
        if _is_of(host, "ebscohost.com") or _is_of(host, "ebsco.com"):
            return Dialect("EBSCO", _by_code(_EBSCO, _parameter(address, "db")))
    for database in said.get("DB", ()):
        for _, known in _HOSTS:
            if known.database and known.database.casefold() == database.casefold() and known.writer != "Embase":
                return known
    if any(number.startswith("WOS:") for number in numbers):
        return Dialect("Web of Science", "Web of Science")
    for address in addresses:
        for host, known in _HOSTS:
            if _is_of(_host(address), host):
                return known
    if any("\n" in words for words in said.get("KW", ())) and "ID" in said:
        return Dialect("EndNote", "PubMed" if "NLM" in said.get("DP", ()) else None)
    return Dialect(None, None)


def accession_of(said: Said, dialect: Dialect) -> Accession | None:
    """The number under which the database knows a RIS reference; None where none is stated or whose it is is unsure."""
    addresses = [address for tag in _ADDRESS_TAGS for address in said.get(tag, ())]
    numbers = said.get("AN", [])
    database = next(iter(said.get("DB", ())), None) or dialect.database
    ids = [*numbers, *said.get("ID", ())]
    if lens := next((match for text in (*said.get("ID", ()), *addresses) if (match := _LENS.match(text))), None):
        return Accession("lens", lens[1].upper())
    for number in said.get("U2", ()):
        if dialect.writer == "Embase" and re.fullmatch(r"L\d+", number):
            return Accession("embase", number)
    if wos := next((match for text in (*numbers, *addresses) if (match := _WOS.search(text))), None):
        return Accession("wos", wos[1])
    if eid := next((match for text in addresses if (match := _EID.search(text))), None):
        return Accession("scopus", eid.group())
    if cochrane := next((number for number in numbers if re.fullmatch(r"CN-\d{8}", number)), None):
        return Accession("cochrane", cochrane)
    if dialect.writer == "EBSCO" and (ebsco := next(filter(None, (_parameter(a, "AN") for a in addresses)), None)):
        return Accession(database_key(database or "EBSCO"), ebsco)
    if dialect.writer == "Rayyan":
        return Accession("rayyan", numbers[0].removeprefix("rayyan-"))
    if dialect.writer == "EndNote" and dialect.database == "PubMed":
        return next((Accession("pubmed", number) for number in numbers if re.fullmatch(r"[1-9]\d{0,7}", number)), None)
    if dialect.writer == "ProQuest" and numbers and (first := re.match(r"\d+", numbers[0])):
        return Accession("proquest", first.group())
    if dialect.writer == "JSTOR" and (stable := next((m for text in addresses if (m := _STABLE.match(text))), None)):
        return Accession("jstor", stable[1])
    apa = next((text for text in ids if _APA.match(text)), None)
    if apa and (database or "").casefold() in ("psycinfo", "apa psycinfo"):
        return Accession("psycinfo", apa)
    if dialect.writer == "Ovid" and (database or "").casefold() == "embase":
        # Ovid leaves out the L with which Embase's own numbers begin.
        pui = next((text for text in ids if re.fullmatch(r"\d{6,12}", text)), None)
        return Accession("embase", f"L{pui}") if pui else None
    if database and len(numbers) == 1 and re.fullmatch(r"[^\s;,]{2,60}", numbers[0]):
        return Accession(database_key(database), numbers[0].split(":", 1)[-1])
    return None


def database_key(name: str) -> str:
    """A database's name as the first part of a key: small letters, digits and hyphens."""
    folded = " ".join(name.casefold().split())
    return _KEYS.get(folded) or re.sub(r"[^a-z0-9]+", "-", folded).strip("-") or "database"


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _is_of(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _parameter(address: str, name: str) -> str:
    try:
        values = parse_qs(urlsplit(address).query).get(name)
    except ValueError:
        return ""
    return str(values[0]).lower() if values else ""


def _by_code(names: Mapping[str, str], code: str) -> str | None:
    return names.get(code)
