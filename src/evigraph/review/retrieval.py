"""Full texts: what may be attached, told by its content, and where an open copy may be fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from lxml import etree

from evigraph.errors import EvigraphError, InputError
from evigraph.review.on_graph import product_of
from evigraph.store.release import Release

PDF, JATS = "application/pdf", "application/xml"

#: Of a text that came with a coding project; people attach the two above.
PLAIN = "text/plain"

#: COAR's access right of what anybody may read.
_OPEN = "c_abf2"

#: A PDF's header stands in its first kilobyte (ISO 32000-1, annex H.3.4.1).
_HEAD = 1024

#: Licences under which a text may be shown to people outside of the review.
_FREE = re.compile(r"creativecommons\.org/(?:licenses/by(?:-sa)?/|publicdomain/)", re.IGNORECASE)


class Fetches(Protocol):
    """What fetches an address: `evigraph.net.client.Client`, which refuses private ones."""

    def get(self, url: str) -> Fetched:
        """The answer of an address."""


class Fetched(Protocol):
    """An answer: its final address and content."""

    @property
    def url(self) -> str:
        """The address that answered."""

    @property
    def content(self) -> bytes:
        """What it said."""


def media_type_of(content: bytes) -> str:
    """`application/pdf` or `application/xml` (JATS), told by what the bytes are and not by a name.

    Raises:
        InputError: it is neither, or an article that cannot be read.
    """
    if b"%PDF-" in content[:_HEAD]:
        return PDF
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        parser = etree.XMLPullParser(
            events=("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            for place in range(0, min(len(content), 1 << 20), 1 << 14):
                parser.feed(content[place : place + (1 << 14)])
                for _, element in parser.read_events():
                    name = str(getattr(element, "tag", "")).rpartition("}")[2]
                    if name in ("article", "pmc-articleset"):
                        return JATS
                    raise InputError(f"this XML is a {name}, not a JATS article: attach a PDF or JATS")
        except etree.XMLSyntaxError as error:
            raise InputError(f"this XML cannot be read ({error.msg}): attach a PDF or a JATS article") from error
    raise InputError("this file is neither a PDF nor a JATS article: attach one of these")


def is_free(license_url: str) -> bool:
    """Whether a licence lets a text leave the review: CC BY, CC BY-SA, CC0 or the public domain."""
    return bool(_FREE.search(license_url))


def open_copies(release: Release, pids: Iterable[str]) -> list[tuple[str, str]]:
    """Where this graph knows open copies of a work: pairs of address and licence, those of files first."""
    product_id = product_of(release, pids)
    row = release.product(product_id, ("instances",)) if product_id is not None else None
    found: list[tuple[str, str]] = []
    for instance in (row or {}).get("instances") or ():
        if instance.get("access_right") == _OPEN or is_free(instance.get("license_url") or ""):
            found += [(url, instance.get("license_url") or "") for url in instance.get("urls") or ()]
    unique = dict.fromkeys(pair for pair in found if pair[0].startswith(("https://", "http://")))
    return sorted(unique, key=lambda pair: not pair[0].lower().endswith((".pdf", ".xml")))


def fetch_open(client: Fetches, copies: Iterable[tuple[str, str]]) -> tuple[bytes, str, str, str]:
    """The first open copy that answers with a text: content, media type, address, licence.

    Raises:
        InputError: none does; the message says what each answered.
    """
    refused = []
    for url, license_url in copies:
        try:
            answer = client.get(url)
            return answer.content, media_type_of(answer.content), answer.url, license_url
        except EvigraphError as error:
            refused.append(f"{url}: {error}")
    if not refused:
        raise InputError("this graph knows no open copy: attach the text, or say that it could not be had")
    raise InputError(f"no open copy could be fetched ({'; '.join(refused)}): attach the text by hand")
