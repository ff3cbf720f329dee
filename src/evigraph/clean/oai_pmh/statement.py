"""What a metadata format states of a record, and the identifiers in it, sorted by what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from evigraph.clean.licences import UNSTATED, License, license_of
from evigraph.clean.vocabularies import OPEN, access_right, identifying_pid
from evigraph.model.pid import Pid, make_pid, normalise_issn

Json = dict[str, Any]


@dataclass
class Statement:
    """The columns of a record, its references and links, and what was wrong: names of defects and messages.

    `key` is the metadata's own identifier, for documents that come without a header.
    """

    row: Json
    references: list[Json] = field(default_factory=list)
    links: list[Json] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    key: str | None = None


@dataclass(frozen=True)
class Origin:
    """Where a record comes from: the repository's name and the host of its address, where they are known."""

    repository: str | None
    host: str | None

    @property
    def collected_from(self) -> str | None:
        """The name, else the host."""
        return self.repository or self.host


#: How identifiers begin whose scheme is certain, in lower case.
_BEGINNINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (scheme, re.compile(pattern, re.IGNORECASE))
    for scheme, pattern in (
        ("doi", r"(?:doi:?\s*|info:doi/|urn:doi:|https?://(?:(?:dx|www)\.)?doi\.org/)*(?=10\.\d{4,9}[./])"),
        ("handle", r"(?:hdl:\s*|info:hdl/|https?://hdl\.handle\.net/)"),
        ("arxiv", r"(?:arxiv:\s*|info:arxiv/|https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/)"),
        ("pmid", r"(?:pmid:?\s*|info:pmid/|https?://(?:www\.)?ncbi\.nlm\.nih\.gov/(?:m/)?pubmed/"
         r"|https?://pubmed\.ncbi\.nlm\.nih\.gov/)(?=\d)"),
        ("pmc", r"(?:pmcid:?\s*|info:pmcid/|https?://(?:www\.)?ncbi\.nlm\.nih\.gov/pmc/articles/"
         r"|https?://pmc\.ncbi\.nlm\.nih\.gov/articles/)?(?=PMC\d)"),
        ("issn", r"(?:e-?|p-?)?(?:urn:)?issn[:\s]\s*|info:eu-repo/semantics/altidentifier/issn/"),
        ("isbn", r"(?:urn:)?isbn(?:-1[03])?[:\s]\s*"),
    )
)  # fmt: skip
_ALTERNATIVE = re.compile(r"info:eu-repo/semantics/altIdentifier/([a-z]+)/(.+)", re.IGNORECASE)
#: The vocabulary of info:eu-repo and of others for schemes, as ours.
_SCHEMES: dict[str, str] = {"hdl": "handle", "pmcid": "pmc", "eissn": "issn", "lissn": "issn", "pissn": "issn"}
_ISSN = re.compile(r"\d{4}-\d{3}[\dXx]$")


def stated_identifier(text: str | None, scheme: str | None = None) -> tuple[str, str] | None:
    """The scheme and normalised value of an identifier, or None where the text states none that is known.

    `scheme` is the source's own word for it, in any letter case; without one only what begins like an identifier is
    taken for it. Schemes: doi, handle, arxiv, pmid, pmc, issn, isbn, urn, url.
    """
    value = (text or "").strip()
    if not value:
        return None
    if match := _ALTERNATIVE.match(value):
        scheme, value = match[1], unquote(match[2]) if "%" in match[2] else match[2]
    named = re.sub(r"[^a-z0-9]", "", scheme.lower()) if scheme else ""
    named = _SCHEMES.get(named, named)
    for known, beginning in _BEGINNINGS:
        match = beginning.match(value)
        is_named = named == known and not (known == "pmid" and value.upper().startswith("PMC"))
        if (match is not None and (known in ("doi", "pmc") or match.end())) or is_named:
            rest = value[match.end() :] if match is not None else value
            if known == "issn":
                found = normalise_issn(rest)
            elif known == "isbn":
                found = _isbn(rest)
            else:
                pid = make_pid(known, unquote(rest) if known == "doi" and "%" in rest else rest)
                found = pid.value if pid and " " not in rest.strip() else None
            if found:
                return known, found
    if value.lower().startswith("urn:"):
        return "urn", value
    if re.match(r"https?://[^\s<>\"]+$", value, re.IGNORECASE):
        return "url", value
    if _ISSN.match(value) and (issn := normalise_issn(value)):
        return "issn", issn
    if re.match(r"97[89][\d-]{10,14}$", value) and (isbn := _isbn(value)):
        return "isbn", isbn
    return None


@dataclass
class Identifiers:
    """A work's identifiers by what they are good for."""

    pids: list[Pid] = field(default_factory=list)
    alternate_ids: list[Pid] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    issns: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def add(self, text: str | None, scheme: str | None = None, is_own: bool = True) -> None:
        """Sorts in what a source states; `is_own` is false for another copy's identifier, which makes no identity."""
        found = stated_identifier(text, scheme)
        if found is None:
            if text and text.strip():
                self.others.append(text.strip())
            return
        known, value = found
        if known == "issn":
            self.issns.append(value)
        elif known == "url":
            if is_own:
                self.urls.append(value)
            else:
                self.alternate_ids.append(Pid("url", value))
        elif known in ("isbn", "urn") or not is_own or identifying_pid(known, value) is None:
            self.alternate_ids.append(Pid(known, value))
        else:
            self.pids.append(Pid(known, value))
            if (text or "").strip().startswith("http"):
                self.urls.append((text or "").strip())

    def addresses(self) -> list[str]:
        """The addresses, each once; where none is stated, those that resolve the identifiers."""
        if self.urls:
            return list(dict.fromkeys(self.urls))
        resolvers = {"doi": "https://doi.org/", "handle": "https://hdl.handle.net/", "arxiv": "https://arxiv.org/abs/"}
        return [resolvers[pid.scheme] + pid.value for pid in self.pids if pid.scheme in resolvers]


@dataclass(frozen=True)
class Rights:
    """The access and the licence of a copy, and the statements that are neither."""

    access_right: str | None
    license: License
    others: tuple[str, ...]


def rights_of(statements: Iterable[str | None]) -> Rights:
    """What statements of rights say: codes and addresses of COAR, info:eu-repo, names and addresses of licences.

    Access follows from an open licence where nothing else states it.
    """
    access, license_, others = None, UNSTATED, []
    for stated in statements:
        if not stated:
            continue
        if found := access_right(stated):
            access = access or found
            continue
        known = license_of(stated) if len(stated) <= 250 else UNSTATED
        is_known = known.is_open is not None or (known.url is not None and re.match(r"https?://\S+$", stated))
        if is_known and (license_ is UNSTATED or (license_.url is None and known.url)):
            license_ = known
        elif not is_known:
            others.append(stated)
    if access is None and license_.is_open:
        access = OPEN
    return Rights(access, license_, tuple(others))


_GRANT = re.compile(r"info:eu-repo/grantAgreement/([^/]*)/([^/]*)/([^/]+)(?:/(.*))?$", re.IGNORECASE)


def grant_of(text: str | None) -> Json | None:
    """The FUNDING that an `info:eu-repo/grantAgreement/funder/programme/number` states, or None."""
    match = _GRANT.match(text.strip()) if text else None
    if match is None:
        return None
    funder, award = (unquote(part).strip() or None for part in match.group(1, 3))
    return {"funder_name": funder, "funder_id": None, "award": award}


def _isbn(text: str) -> str | None:
    """The digits of an ISBN with a right check digit (ISO 2108), or None."""
    digits = re.sub(r"[\s-]", "", text).upper()
    if re.fullmatch(r"\d{13}", digits):
        return digits if sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10 == 0 else None
    if re.fullmatch(r"\d{9}[\dX]", digits):
        return (
            digits if sum((10 - at) * (10 if d == "X" else int(d)) for at, d in enumerate(digits)) % 11 == 0 else None
        )
    return None
