"""Words of vocabularies that several formats share: access rights, languages, addresses of identifiers."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from evigraph.publish.formats.rows import Row

COAR_ACCESS = "http://purl.org/coar/access_right/"

#: COAR's labels of its access rights, by code.
ACCESS_LABELS = {
    "c_abf2": "open access",
    "c_f1cf": "embargoed access",
    "c_16ec": "restricted access",
    "c_14cb": "metadata only access",
}

#: Where identifiers lead, by scheme.
RESOLVERS = {
    "doi": "https://doi.org/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
    "pmc": "https://www.ncbi.nlm.nih.gov/pmc/articles/",
    "arxiv": "https://arxiv.org/abs/",
    "handle": "https://hdl.handle.net/",
    "openalex": "https://openalex.org/",
    "nct": "https://clinicaltrials.gov/study/",
}

#: What XML 1.0 cannot hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def pid_url(scheme: str, value: str) -> str | None:
    """The address of an identifier, or None where none is known."""
    base = RESOLVERS.get(scheme)
    return f"{base}{quote(value, safe='/:;().-_~')}" if base else None


def is_web(text: str | None) -> bool:
    """Whether the text is an address of the web that a reader may be sent to."""
    if not text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r'[\s<>"{}|\\^`]', text)


def web_urls_of(row: Row) -> list[str]:
    """The addresses of all copies that are addresses of the web, each once."""
    instances = row.get("instances") or ()
    return list(dict.fromkeys(url for one in instances for url in one.get("urls") or () if is_web(url)))


def license_of(row: Row) -> str | None:
    """The address of the first copy's licence that states one."""
    return next((url for one in row.get("instances") or () if is_web(url := one.get("license_url"))), None)


def xml_text(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold."""
    return _NO_XML.sub("", text)


def language_of(row: Row) -> str | None:
    """The language's ISO 639-3 code, or None where it is not known."""
    language = row.get("language")
    return language if language not in (None, "", "und", "mul") else None
