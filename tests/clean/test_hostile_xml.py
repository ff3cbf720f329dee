"""Every reader of XML on documents that are made to harm: nothing is fetched, opened or expanded, and it ends soon.

The attacks are those of "XML Schema, DTD, and Entity Attacks" (Morgan and Al Ibrahim, 2014) and of the OWASP XXE
prevention cheat sheet. All records are synthetic.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from clean.measured import Measure, Reader, reading

#: What a document may take: the processor's seconds, and memory beyond what the imports take. Each takes a second or
#: two on a quiet machine; what grows with the square of the size takes minutes, on any.
MOST_SECONDS, MOST_GROWTH = 20.0, 256 * 2**20

CANARY = "canary-that-no-record-may-hold"


class Form(NamedTuple):
    """What a source's XML looks like: its root, and a record with a place for a title."""

    root: str
    opening: str
    record: str
    closing: str


OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
FORMS = {
    "pubmed": Form(
        "PubmedArticleSet",
        "<PubmedArticleSet>",
        '<PubmedArticle><MedlineCitation><PMID Version="1">{n}</PMID><Article><ArticleTitle>{title}</ArticleTitle>'
        "</Article></MedlineCitation></PubmedArticle>",
        "</PubmedArticleSet>",
    ),
    "jats": Form(
        "articles",
        "<articles>",
        '<article><front><article-meta><article-id pub-id-type="doi">10.5555/{n}</article-id><title-group>'
        "<article-title>{title}</article-title></title-group></article-meta></front></article>",
        "</articles>",
    ),
    "oai_pmh": Form(
        "OAI-PMH",
        f"<OAI-PMH {OAI}><responseDate>2020-05-01T12:00:00Z</responseDate><ListRecords>",
        "<record><header><identifier>oai:synthetic.example:{n}</identifier><datestamp>2020-05-01</datestamp></header>"
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></oai_dc:dc></metadata></record>',
        "</ListRecords></OAI-PMH>",
    ),
    "exports": Form(
        "xml",
        "<xml><records>",
        '<record><ref-type name="Book">6</ref-type><rec-number>{n}</rec-number><titles><title>{title}</title></titles>'
        "</record>",
        "</records></xml>",
    ),
    "funders": Form(
        "rdf:RDF",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:skos="http://www.w3.org/2004/02/skos/core#" xmlns:skosxl="http://www.w3.org/2008/05/skos-xl#">',
        '<skos:Concept rdf:about="http://dx.doi.org/10.13039/{n}"><skosxl:prefLabel><skosxl:Label '
        'rdf:about="http://data.crossref.org/l{n}"><skosxl:literalForm>{title}</skosxl:literalForm></skosxl:Label>'
        "</skosxl:prefLabel></skos:Concept>",
        "</rdf:RDF>",
    ),
}
FORMS["harvest"] = FORMS["oai_pmh"]

#: Numbers that every source takes for an identifier.
FIRST, EVIL, LAST = "100000001", "100000002", "100000003"


class Place(NamedTuple):
    """What a test gives to an attack: the source's form, a folder, and the port of a server that nobody may ask."""

    form: Form
    folder: Path
    port: int

    def document(self, title: str, doctype: str = "", declaration: str = '<?xml version="1.0"?>') -> str:
        """Three records, the second of them with this title."""
        form = self.form
        titles = [(FIRST, "A good one before"), (EVIL, title), (LAST, "A good one after")]
        records = (form.record.replace("{n}", n).replace("{title}", text) for n, text in titles)
        return f"{declaration}\n{doctype}\n{form.opening}\n" + "\n".join(records) + f"\n{form.closing}\n"

    def doctype(self, declarations: str) -> str:
        """A document type with these declarations."""
        return f"<!DOCTYPE {self.form.root} [{declarations}]>"

    @property
    def url(self) -> str:
        """Where nobody may ask."""
        return f"http://127.0.0.1:{self.port}/x"

    @property
    def file(self) -> str:
        """A file that nobody may read, as an address."""
        return (self.folder / "canary.txt").as_uri()

    @property
    def pipe(self) -> str:
        """A file that nobody may open: whoever does waits for ever."""
        return (self.folder / "pipe").as_uri()


ATTACKS: dict[str, Callable[[Place], bytes]] = {}


def attack(function: Callable[[Place], str | bytes]) -> Callable[[Place], str | bytes]:
    """Adds an attack under its function's name."""

    def made(place: Place) -> bytes:
        content = function(place)
        return content if isinstance(content, bytes) else content.encode()

    ATTACKS[function.__name__] = made
    return function


def laughs(n: int = 10) -> str:
    return '<!ENTITY l0 "ha">' + "".join('<!ENTITY l{} "{}">'.format(k + 1, f"&l{k};" * 10) for k in range(n))


@attack
def billion_laughs(place: Place) -> str:
    return place.document("&l10;", place.doctype(laughs()))


@attack
def billion_laughs_in_an_attribute(place: Place) -> str:
    return place.document('<i a="&l10;">x</i>', place.doctype(laughs()))


@attack
def billion_laughs_as_default_of_an_attribute(place: Place) -> str:
    return place.document("<i>x</i>", place.doctype(laughs() + '<!ATTLIST i a CDATA "&l10;">'))


@attack
def quadratic_blow_up(place: Place) -> str:
    return place.document("&a;" * 50_000, place.doctype(f'<!ENTITY a "{"a" * 100_000}">'))


@attack
def entities_in_a_circle(place: Place) -> str:
    return place.document("&a;", place.doctype('<!ENTITY a "&b;"><!ENTITY b "&a;">'))


@attack
def hundred_thousand_entities(place: Place) -> str:
    return place.document("&e7;", place.doctype("".join(f'<!ENTITY e{n} "x">' for n in range(100_000))))


@attack
def external_entity_of_a_file(place: Place) -> str:
    return place.document("&a;", place.doctype(f'<!ENTITY a SYSTEM "{place.file}">'))


@attack
def external_entity_of_a_pipe(place: Place) -> str:
    return place.document("&a;", place.doctype(f'<!ENTITY a SYSTEM "{place.pipe}">'))


@attack
def external_entity_from_the_web(place: Place) -> str:
    return place.document("&a;", place.doctype(f'<!ENTITY a PUBLIC "-//x//y" "{place.url}">'))


@attack
def external_entity_that_is_not_parsed(place: Place) -> str:
    declared = f'<!NOTATION n SYSTEM "{place.url}"><!ENTITY a SYSTEM "{place.file}" NDATA n>'
    declared += "<!ATTLIST i a ENTITY #IMPLIED>"
    return place.document('<i a="a">x</i>', place.doctype(declared))


@attack
def parameter_entity_of_a_file(place: Place) -> str:
    return place.document("&a;", place.doctype(f'<!ENTITY % p SYSTEM "{place.pipe}"> %p;'))


@attack
def parameter_entity_from_the_web(place: Place) -> str:
    return place.document("&a;", place.doctype(f'<!ENTITY % p SYSTEM "{place.url}"> %p;'))


@attack
def parameter_entities_that_expand(place: Place) -> str:
    grown = "".join('<!ENTITY % q{} "{}">'.format(k + 1, f"&#37;q{k};" * 10) for k in range(10))
    return place.document("&a;", place.doctype(f'<!ENTITY % q0 "<!--x-->">{grown}%q10;<!ENTITY a "b">'))


@attack
def document_type_from_the_web(place: Place) -> str:
    return place.document("x", f'<!DOCTYPE {place.form.root} SYSTEM "{place.url}">')


@attack
def document_type_of_a_pipe(place: Place) -> str:
    return place.document("x", f'<!DOCTYPE {place.form.root} PUBLIC "-//x//y" "{place.pipe}" [<!ENTITY a "b">]>')


@attack
def document_type_that_never_ends(place: Place) -> str:
    return place.document("x", "<!DOCTYPE a [" * 100_000)


@attack
def xinclude(place: Place) -> str:
    return place.document(
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{place.file}" parse="text"><xi:fallback/>'
        f'</xi:include><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{place.url}"/>'
    )


@attack
def style_sheet_and_schema(place: Place) -> str:
    return place.document(
        '<i xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{place.url} {place.pipe}" xsi:noNamespaceSchemaLocation="{place.pipe}">x</i>',
        f'<?xml-stylesheet type="text/xsl" href="{place.pipe}"?>',
    )


@attack
def a_million_levels(place: Place) -> str:
    return place.document("<b>" * 1_000_000 + "x" + "</b>" * 1_000_000)


@attack
def a_million_levels_never_closed(place: Place) -> str:
    return place.document("<b>" * 1_000_000)


@attack
def a_million_roots(place: Place) -> str:
    return f"<{place.form.root}>" * 1_000_000


@attack
def a_million_records_inside_each_other(place: Place) -> str:
    opening = place.form.record.split(">")[0] + ">"
    return place.form.opening + opening.replace("{n}", EVIL) * 100_000


@attack
def huge_text(place: Place) -> str:
    return place.document("x" * (32 << 20))


@attack
def huge_text_outside_of_records(place: Place) -> str:
    return place.document("x", f"<!--{'y' * (16 << 20)}-->").replace(place.form.closing, "z" * (16 << 20))


@attack
def huge_comment_and_instruction(place: Place) -> str:
    return place.document(f"<!--{'x' * (16 << 20)}--><?x {'y' * (16 << 20)}?>x")


@attack
def cdata_that_never_ends(place: Place) -> str:
    return place.document("<![CDATA[" + "<b>" * 300_000)


@attack
def comment_openings(place: Place) -> str:
    return place.document("<!--" * 300_000)


@attack
def cdata_openings(place: Place) -> str:
    return place.document("<![CDATA[" * 300_000)


@attack
def angle_brackets(place: Place) -> str:
    return place.document("<" * 1_000_000)


@attack
def ampersands(place: Place) -> str:
    return place.document("&" * 1_000_000)


@attack
def undeclared_entities(place: Place) -> str:
    return place.document("&nosuch;" * 200_000)


@attack
def character_references(place: Place) -> str:
    return place.document("&#0;&#x1F4A9;&#x110000;&#xD800;" * 20_000)


@attack
def long_name(place: Place) -> str:
    return place.document(f"<{'n' * 5_000_000}>x</{'n' * 5_000_000}>")


@attack
def many_attributes(place: Place) -> str:
    return place.document("<i " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">x</i>")


@attack
def one_attribute_many_times(place: Place) -> str:
    return place.document("<i " + 'a="x" ' * 100_000 + ">x</i>")


@attack
def many_namespaces(place: Place) -> str:
    return place.document("<i " + " ".join(f'xmlns:a{n}="urn:{n}"' for n in range(20_000)) + ">x</i>")


@attack
def many_empty_elements(place: Place) -> str:
    return place.document("<b/>" * 500_000)


@attack
def utf_7(place: Place) -> bytes:
    evil = place.document("x", f"+ADwAIQ-DOCTYPE a +AFsAPAAh-ENTITY b SYSTEM +ACI-{place.file}+ACIAPgBdAD4-")
    return evil.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-7"?>').encode()


@attack
def utf_16_that_hides_a_document_type(place: Place) -> bytes:
    text = place.document("&l10;&a;", place.doctype(laughs() + f'<!ENTITY a SYSTEM "{place.pipe}">'))
    return text.encode("utf-16")


@attack
def utf_16_without_a_mark(place: Place) -> bytes:
    return place.document("&a;", place.doctype(f'<!ENTITY a SYSTEM "{place.pipe}">')).encode("utf-16-be")


@attack
def utf_16_that_calls_itself_utf_8(place: Place) -> bytes:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return place.document("&l10;", place.doctype(laughs()), declaration).encode("utf-16")


@attack
def utf_8_that_calls_itself_utf_16(place: Place) -> str:
    declaration = '<?xml version="1.0" encoding="UTF-16"?>'
    return place.document("&l10;", place.doctype(laughs()), declaration)


@attack
def utf_32(place: Place) -> bytes:
    return place.document("&l10;", place.doctype(laughs())).encode("utf-32")


@attack
def ebcdic(place: Place) -> bytes:
    declaration = '<?xml version="1.0" encoding="cp037"?>'
    return place.document("&l5;", place.doctype(laughs(5)), declaration).encode("cp037")


@attack
def an_encoding_that_unpacks(place: Place) -> str:
    return place.document("x", declaration='<?xml version="1.0" encoding="zlib_codec"?>')


@attack
def an_encoding_with_a_huge_name(place: Place) -> str:
    return place.document("x", declaration=f'<?xml version="1.0" encoding="{"u" * 1_000_000}"?>')


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with reading() as found:
        yield found


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """A server that keeps connections waiting in its queue."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, listener: socket.socket) -> Place:
    (tmp_path / "canary.txt").write_text(CANARY, encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")
    return Place(FORMS[request.param], tmp_path, listener.getsockname()[1])


def assert_harmless(measure: Measure, listener: socket.socket) -> None:
    assert CANARY not in measure.text
    assert "ha" * 100 not in measure.text and "a" * 100_001 not in measure.text
    assert "crosswalk_failed" not in measure.codes
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert measure.seconds < MOST_SECONDS
    assert measure.growth < MOST_GROWTH


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize(("place", "source"), [(name, name) for name in FORMS], indirect=["place"])
def test_an_attack_costs_little_and_gets_nothing(
    name: str, source: str, place: Place, reader: Reader, listener: socket.socket
) -> None:
    path = place.folder / "payload.xml"
    path.write_bytes(ATTACKS[name](place))
    measure = reader(source, path)
    print(f"\n{source} {name}: {measure.n_records} records, {measure.seconds:.2f} s, {measure.growth >> 20} MiB")
    assert_harmless(measure, listener)
    # What is lost is told; the reader of answers tells by its flags.
    assert measure.n_records >= 3 or measure.codes or source == "harvest"


@pytest.mark.parametrize(("place", "source"), [(name, name) for name in FORMS], indirect=["place"])
def test_a_genuine_document_type_passes(source: str, place: Place, reader: Reader, listener: socket.socket) -> None:
    public = '"-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    public += '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd"'
    path = place.folder / "payload.xml"
    path.write_text(place.document("A title", f"<!DOCTYPE {place.form.root} PUBLIC {public}>"), encoding="utf-8")
    measure = reader(source, path)
    assert (measure.n_records, measure.codes) == (3, [])
    assert_harmless(measure, listener)
