"""Every format of products, read by parsers that are not ours."""

from __future__ import annotations

import importlib.util
import io
import json
import re
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rdflib
import rdflib.compare
import rispy
from lxml import etree

from evigraph.publish.api import FORMATS, highwire_tags, json_ld
from evigraph.publish.formats import oai_dc, oai_openaire

_SPEC = importlib.util.spec_from_file_location("format_products", Path(__file__).with_name("products.py"))
assert _SPEC is not None and _SPEC.loader is not None
made = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(made)

SCHEMA = rdflib.Namespace("https://schema.org/")
ROWS = {"full": made.full(), "bare": made.bare(), "hostile": made.hostile()}
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())


def written(name: str, row: dict[str, Any]) -> str:
    return FORMATS[name].one(row, made.ADDRESS)


def graph_of(text: str, form: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    graph.parse(data=text, format=form)
    return graph


def json_ld_graph(row: dict[str, Any]) -> rdflib.Graph:
    document = json.loads(written("jsonld", row))
    assert document["@context"] == "https://schema.org"
    # The context lies on another host; for what is used here it says as much.
    links = {name: {"@type": "@id"} for name in ("url", "sameAs", "license", "contentUrl")}
    document["@context"] = {"@vocab": "https://schema.org/", **links}
    return graph_of(json.dumps(document), "json-ld")


@each_row
def test_csl(row: dict[str, Any]) -> None:
    item = json.loads(written("csl", row))
    assert item["id"] == row["product_id"] and item["type"] in {"article-journal", "document"}
    if row is ROWS["full"]:
        assert item["issued"] == {"date-parts": [[2021, 3, 9]]} and item["page"] == "10-19"
        assert item["author"] == [{"family": "Invented", "given": "Ada"}, {"literal": "Synthetic Owl Consortium"}]
        assert item["DOI"] == "10.5555/owl<1>" and item["title"] == "Synthetic owls & their peers: a <invented> study"


@each_row
def test_bibtex(row: dict[str, Any]) -> None:
    library = bibtexparser.parse_string(written("bibtex", row))
    assert not library.failed_blocks and len(library.entries) == 1
    if row is ROWS["full"]:
        fields = {field.key: field.value for field in library.entries[0].fields}
        assert fields["doi"] == "10.5555/owl<1>" and fields["author"] == "Invented, Ada and {Synthetic Owl Consortium}"
        assert library.entries[0].entry_type == "article" and fields["pages"] == "10--19"


@each_row
def test_ris(row: dict[str, Any]) -> None:
    references = rispy.load(io.StringIO(written("ris", row)))
    assert len(references) == 1
    if row is ROWS["full"]:
        assert references[0]["type_of_reference"] == "JOUR" and references[0]["doi"] == "10.5555/owl<1>"
        assert references[0]["authors"][0] == "Invented, Ada"
        assert references[0]["keywords"] == ["Strigiformes", "peer support"]


@each_row
def test_json_ld_and_turtle_state_the_same(row: dict[str, Any]) -> None:
    stated = json_ld_graph(row)
    told = graph_of(written("turtle", row), "turtle")
    page = rdflib.URIRef(made.ADDRESS)
    kinds = {"full": SCHEMA.ScholarlyArticle, "hostile": SCHEMA.ScholarlyArticle, "bare": SCHEMA.CreativeWork}
    name = next(name for name, one in ROWS.items() if one is row)
    for graph in (stated, told):
        assert graph.value(page, rdflib.RDF.type) == kinds[name]
    # Control characters become spaces in Turtle; everything else is the same.
    if name != "hostile":
        assert rdflib.compare.isomorphic(_plain(stated), _plain(told))
    if name == "full":
        author = rdflib.URIRef("https://orcid.org/0000-0002-1825-0097")
        assert told.value(author, SCHEMA.familyName) == rdflib.Literal("Invented")
        journal = rdflib.Literal("Annals of Made-Up Results")
        assert (None, SCHEMA.name, journal) in told
        assert told.value(page, SCHEMA.license) == rdflib.URIRef("https://creativecommons.org/licenses/by/4.0/")
        assert not any("javascript" in str(node) for node in told.all_nodes())


def _plain(graph: rdflib.Graph) -> rdflib.Graph:
    """The graph with booleans as text and addresses as they are written, which the two forms type differently."""
    plain = rdflib.Graph()
    for subject, name, value in graph:
        plain.add((subject, name, rdflib.Literal(str(value)) if isinstance(value, rdflib.Literal) else value))
    return plain


@each_row
def test_datacite(row: dict[str, Any]) -> None:
    root = etree.fromstring(written("datacite", row).encode())
    space = {"d": "http://datacite.org/schema/kernel-4"}
    # What the schema makes mandatory.
    for path in (
        "d:identifier",
        "d:creators/d:creator/d:creatorName",
        "d:titles/d:title",
        "d:publisher",
        "d:publicationYear",
        "d:resourceType",
    ):
        found = root.findall(path, space)
        assert found and all(one.text or path == "d:resourceType" for one in found), path
    assert re.fullmatch(r"\d{4}", root.findtext("d:publicationYear", "", space))
    if row is ROWS["full"]:
        assert root.find("d:identifier", space).get("identifierType") == "DOI"
        assert root.find("d:resourceType", space).get("resourceTypeGeneral") == "JournalArticle"
        known = root.find("d:creators/d:creator/d:nameIdentifier", space)
        assert known.text == "https://orcid.org/0000-0002-1825-0097"
        assert root.findtext("d:fundingReferences/d:fundingReference/d:awardNumber", "", space) == "OWL-1"


def _schema(shared_data: Path) -> etree.XMLSchema:
    """The guidelines' schema; what its files import from other hosts is given here."""
    folder = shared_data / "oai_pmh" / "schemas" / "4.0"
    xml = (
        b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        b'targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:string"/>'
        b"</xs:schema>"
    )

    class Local(etree.Resolver):
        def resolve(self, url: str, _id: str, context: Any) -> Any:
            if url.endswith("xml.xsd"):
                return self.resolve_string(xml, context)
            name = folder / url.rsplit("/", 1)[-1]
            return self.resolve_filename(str(name), context) if name.is_file() else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    return etree.XMLSchema(etree.parse(str(folder / "openaire.xsd"), parser))


@each_row
def test_oai_openaire_fits_the_schema_of_the_guidelines(row: dict[str, Any], shared_data: Path) -> None:
    schema = _schema(shared_data)
    document = etree.fromstring(etree.tostring(oai_openaire.record(row, made.ADDRESS)))
    assert schema.validate(document), schema.error_log


@each_row
def test_oai_dc(row: dict[str, Any]) -> None:
    root = etree.fromstring(etree.tostring(oai_dc.record(row, made.ADDRESS)))
    told = [(etree.QName(one).localname, one.text) for one in root]
    fifteen = {
        *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type"),
        *("format", "identifier", "source", "language", "relation", "coverage", "rights"),
    }
    assert {name for name, _ in told} <= fifteen and ("identifier", made.ADDRESS) in told
    if row is ROWS["full"]:
        assert ("creator", "Invented, Ada") in told and ("date", "2021-03-09") in told


def test_highwire_tags_as_google_scholar_wants_them() -> None:
    tags = highwire_tags(made.full(), made.ADDRESS)
    assert [value for name, value in tags if name == "citation_author"] == [
        "Invented, Ada",
        "Synthetic Owl Consortium",
    ]
    values = dict(tags)
    assert values["citation_publication_date"] == "2021/03/09"
    assert values["citation_pdf_url"] == "https://press.example.org/owl.pdf"
    assert (values["citation_firstpage"], values["citation_lastpage"]) == ("10", "19")
    assert all(value for _, value in tags)


def test_json_ld_names_only_addresses_of_the_web() -> None:
    assert "javascript:" not in json.dumps(json_ld(made.full(), made.ADDRESS))


@pytest.mark.parametrize("form", [one for one in FORMATS.values() if one.is_list], ids=lambda one: one.name)
def test_a_file_of_several_products(form: Any) -> None:
    rows = [made.full(), {**made.full(), "product_id": "doi_________::" + "1" * 32}, made.bare()]
    text = "".join(form.write((row, f"{made.ADDRESS}{n}") for n, row in enumerate(rows)))
    match form.name:
        case "bibtex":
            library = bibtexparser.parse_string(text)
            assert not library.failed_blocks and len(library.entries) == 3
        case "ris":
            assert len(rispy.load(io.StringIO(text))) == 3
        case "turtle":
            graph = graph_of(text, "turtle")
            assert {str(subject) for subject in graph.subjects(SCHEMA.url)} == {f"{made.ADDRESS}{n}" for n in range(3)}
        case _:
            assert len(json.loads(text)) == 3
