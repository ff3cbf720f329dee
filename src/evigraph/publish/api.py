"""What those above may use of publishing: products written in the formats that other software reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import orjson
from lxml.etree import _Element as Element

from evigraph.publish.formats import (
    bibtex,
    csl,
    csv_table,
    datacite,
    oai_dc,
    oai_openaire,
    openaire,
    openalex,
    ris,
    schema_org,
    skg_if,
    turtle,
)
from evigraph.publish.formats.citation import sentences
from evigraph.publish.formats.highwire import tags as highwire_tags
from evigraph.publish.formats.release_description import croissant, data_dictionary, ro_crate
from evigraph.publish.formats.rows import Row

__all__ = [
    "FORMATS",
    "LISTS",
    "OAI_FORMATS",
    "Format",
    "ListFormat",
    "OaiFormat",
    "croissant",
    "csl_item",
    "data_dictionary",
    "highwire_tags",
    "json_ld",
    "openaire",
    "openalex",
    "ro_crate",
    "sentences",
    "skg_if",
]

csl_item = csl.item
json_ld = schema_org.document


@dataclass(frozen=True)
class Format:
    """A format of products: its name in addresses, its name for people, media type and ending of file names.

    `one` writes a product's row; its second argument is the address of the product's page. `between` stands between
    products where several are written, `opening` and `closing` around them; formats whose files hold one thing have
    `is_list` false.
    """

    name: str
    label: str
    media_type: str
    extension: str
    one: Callable[[Row, str], str]
    is_list: bool = True
    opening: str = ""
    between: str = ""
    closing: str = ""

    def write(self, rows: Iterable[tuple[Row, str]]) -> Iterator[str]:
        """The text of a file with these products, each with the address of its page, piece by piece."""
        yield self.opening
        for number, (row, address) in enumerate(rows):
            yield (self.between if number else "") + self.one(row, address)
        yield self.closing


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


#: The formats by name, the most asked for first.
FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            "bibtex",
            "BibTeX",
            "application/x-bibtex",
            "bib",
            lambda row, _: "".join(bibtex.write([row], with_extras=False)),
        ),
        Format(
            "ris",
            "RIS",
            "application/x-research-info-systems",
            "ris",
            lambda row, _: ris.reference(row, with_extras=False),
        ),
        Format(
            "csl",
            "CSL-JSON",
            "application/vnd.citationstyles.csl+json",
            "json",
            lambda row, _: _json(csl.item(row)),
            opening="[",
            between=",\n",
            closing="]",
        ),
        Format(
            "jsonld",
            "JSON-LD (schema.org)",
            "application/ld+json",
            "jsonld",
            lambda row, address: _json(schema_org.document(row, address)),
            opening="[",
            between=",\n",
            closing="]",
        ),
        Format(
            "datacite",
            "DataCite XML",
            "application/vnd.datacite.datacite+xml",
            "xml",
            datacite.record,
            is_list=False,
        ),
        Format("turtle", "Turtle", "text/turtle", "ttl", turtle.graph),
    )
}


@dataclass(frozen=True)
class OaiFormat:
    """A format of OAI-PMH: its prefix, schema and namespace; `record` makes the element that stands in `metadata`."""

    prefix: str
    schema: str
    namespace: str
    record: Callable[[Row, str], Element]


#: The formats that harvesters may ask for, by prefix.
OAI_FORMATS: dict[str, OaiFormat] = {
    one.prefix: one
    for one in (
        OaiFormat("oai_dc", oai_dc.SCHEMA, oai_dc.NAMESPACE, oai_dc.record),
        OaiFormat("oai_datacite", datacite.OAI_SCHEMA, datacite.OAI, datacite.oai_record),
        OaiFormat("oai_openaire", oai_openaire.SCHEMA, oai_openaire.NAMESPACE, oai_openaire.record),
    )
}


@dataclass(frozen=True)
class ListFormat:
    """A format of whole lists: its name for people, what to know of it, and what writes the rows of a list."""

    label: str
    note: str
    media_type: str
    extension: str
    write: Callable[[Iterable[Row]], Iterator[str]]


#: The formats in which a list of products can be taken away, by name.
LISTS: dict[str, ListFormat] = {
    "csv": ListFormat(
        "CSV",
        "one product a row; cells that a spreadsheet would run as a formula begin with an apostrophe",
        "text/csv; charset=utf-8",
        "csv",
        lambda rows: csv_table.write(rows, is_guarded=True),
    ),
    "ris": ListFormat(
        "RIS",
        "for reference managers and screening tools",
        "application/x-research-info-systems",
        "ris",
        lambda rows: ris.write(rows, with_extras=False),
    ),
    "bibtex": ListFormat(
        "BibTeX", "for LaTeX", "application/x-bibtex", "bib", lambda rows: bibtex.write(rows, with_extras=False)
    ),
    "jsonl": ListFormat(
        "JSON lines",
        "every field of each product, and its indicators",
        "application/jsonl",
        "jsonl",
        lambda rows: (f"{_json(row)}\n" for row in rows),
    ),
}
