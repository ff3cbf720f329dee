"""Products as unqualified Dublin Core in the container of OAI-PMH 2.0 (`oai_dc`)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from evigraph.publish.formats.kinds import kind_of
from evigraph.publish.formats.rows import Row, container_of, full_title, inverted_name, resource_type_of
from evigraph.publish.formats.terms import ACCESS_LABELS, language_of, license_of, pid_url, web_urls_of, xml_text

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def record(row: Row, address: str) -> etree._Element:
    """The product's `oai_dc:dc`; `address` is that of its page."""
    root = etree.Element(f"{{{NAMESPACE}}}dc", nsmap={"oai_dc": NAMESPACE, "dc": _DC, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    for name, value in _elements(row, address):
        if value:
            etree.SubElement(root, f"{{{_DC}}}{name}").text = xml_text(value)
    return root


def _elements(row: Row, address: str) -> Iterator[tuple[str, str | None]]:
    yield "title", full_title(row)
    for other in row.get("alternative_titles") or ():
        yield "title", other
    for author in row.get("authors") or ():
        yield "creator", author.get("full_name") if author.get("is_group") else inverted_name(author)
    for one in row.get("subjects") or ():
        yield "subject", one["value"]
    for text in row.get("descriptions") or ():
        yield "description", text
    yield "publisher", row.get("publisher")
    yield "date", row.get("published_on") or (str(row["year"]) if row.get("year") else None)
    yield "type", resource_type_of(row) or kind_of(row).datacite
    yield "identifier", address
    pids = [(pid["scheme"], pid["value"]) for pid in row.get("pids") or ()]
    addresses = [pid_url(scheme, value) or f"{scheme}:{value}" for scheme, value in pids]
    yield from (("identifier", one) for one in dict.fromkeys([*addresses, *web_urls_of(row)]))
    container = container_of(row)
    yield "source", container.get("name")
    yield from (("source", f"ISSN: {container[name]}") for name in ("issn_online", "issn_print") if container.get(name))
    yield "language", language_of(row)
    yield "rights", ACCESS_LABELS.get(row.get("access_right") or "")
    yield "rights", license_of(row)
