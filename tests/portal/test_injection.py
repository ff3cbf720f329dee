"""Text from sources stays text: 350 vectors in every field that is shown change no page's elements or attributes."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree, html
from starlette.testclient import TestClient

from evigraph.portal.app import create_app
from injections import VECTORS, harmless, write_graph

_OWN_ATTRIBUTES = {"value", "lang"}

#: An address that a browser would run: white space and control characters in it do not matter to it.
_RUNS = re.compile(r"[\s\x00-\x1f]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)


@pytest.fixture(scope="module")
def twins(small: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[TestClient, list[str], TestClient, list[str]]:
    """A graph whose works hold the vectors, and one whose works hold harmless texts of the same lengths."""
    folder = tmp_path_factory.mktemp("injected")
    made: list[Any] = []
    for name, texts in (("hostile", VECTORS), ("harmless", tuple(map(harmless, VECTORS)))):
        ids = write_graph(small.made, folder / name, texts)
        made += [TestClient(create_app(folder / name), follow_redirects=True), ids]
    return made[0], made[1], made[2], made[3]


def skeleton(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page in order, each with the names of its attributes."""
    tree = html.fromstring(text.encode())
    return [
        (str(element.tag), tuple(sorted(set(element.attrib) - _OWN_ATTRIBUTES)))
        for element in tree.iter()
        if isinstance(element.tag, str)
    ]


def test_there_are_at_least_three_hundred_vectors() -> None:
    assert len(set(VECTORS)) == len(VECTORS) >= 300


@pytest.mark.parametrize("part", ["", "/why", "/cited-by", "/neighbourhood", "/references", "/impact", "/cite"])
def test_every_page_of_a_product_keeps_its_shape_and_its_text(twins: Any, part: str) -> None:
    hostile, ids, plain, plain_ids = twins
    for number, vector in enumerate(VECTORS):
        if part and number % 17:
            continue
        found = hostile.get(f"/product/{ids[number]}{part}")
        wanted = plain.get(f"/product/{plain_ids[number]}{part}")
        assert found.status_code == wanted.status_code == 200
        assert skeleton(found.text) == skeleton(wanted.text), vector
        tree = html.fromstring(found.text.encode())
        addresses = tree.xpath("//@href | //@src | //@action | //@formaction | //@data | //@poster | //@srcdoc")
        assert addresses and not any(_RUNS.match(value) for value in addresses), vector
        if not part:
            assert _reads(tree.xpath("string(//h1)"), f"Vector {number} {vector}")
            assert _reads(tree.xpath("string(//*[@class='abstract'])"), f"Begins {vector} ends")
            assert _reads(tree.xpath("string(//ul[@class='keywords'])"), f"Word {vector}")
            data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', found.text, re.S)[0])
            assert f"Vector {number} {vector}" in json.dumps(data, ensure_ascii=False).replace('\\"', '"').replace(
                "\\\\", "\\"
            ).replace("\\t", "\t").replace("\\u0001", "\x01")


def test_lists_entities_feeds_and_exports_keep_their_shape(twins: Any) -> None:
    hostile, _, plain, _ = twins
    addresses = [f"/search?q=vector&sort=date&per_page=100&page={page}" for page in range(1, 5)]
    # Works of one day stand in the order of their ids, which are not those of their twins.
    found, wanted = (
        Counter(one for address in addresses for one in skeleton(client.get(address).text))
        for client in (hostile, plain)
    )
    assert found == wanted
    shown = " ".join(hostile.get(f"/search?q=vector&sort=date&per_page=100&page={page}").text for page in range(1, 5))
    tree = html.fromstring(f"<div>{shown}</div>".encode())
    titles = {_plain(one.text_content()) for one in tree.xpath("//h2/a[starts-with(@href, '/product/')]")}
    assert {_plain(f"Vector {number} {vector}") for number, vector in enumerate(VECTORS)} <= titles
    for number, vector in enumerate(VECTORS):
        if number % 9:
            continue
        for kind, name in (("author", f"name:Eve {vector}"), ("journal", f"name:Journal {vector}")):
            found = hostile.get(f"/{kind}/{quote(name, safe=':')}")
            wanted = plain.get(f"/{kind}/{quote(name.replace(vector, harmless(vector)), safe=':')}")
            assert found.status_code == wanted.status_code
            assert skeleton(found.text) == skeleton(wanted.text), vector
        asked = {"q": vector}
        answer = hostile.get("/search", params=asked)
        assert answer.status_code == 200
        assert not {tag for tag, _ in skeleton(answer.text)} & {"iframe", "object", "embed", "base", "style", "img"}
    feed = etree.fromstring(hostile.get("/search.atom?q=vector&sort=date").content)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert not {str(one.tag) for one in feed.iter()} & {"{http://www.w3.org/2005/Atom}script", "script", "img"}


def test_xml_forms_are_well_formed_and_say_the_same(twins: Any) -> None:
    hostile, ids, _, _ = twins
    for number, vector in enumerate(VECTORS):
        record = etree.fromstring(hostile.get(f"/product/{ids[number]}/as/datacite").content)
        titles = [" ".join((one.text or "").split()) for one in record.iter("{*}title")]
        assert any(_plain(title).startswith(_plain(f"Vector {number} {vector}")) for title in titles), vector


def _plain(text: str) -> str:
    """The text as a page or XML can show it: white space joined, control characters left out."""
    return " ".join("".join(sign for sign in text if sign >= " " or sign == "\t").split())


def _reads(shown: str, said: str) -> bool:
    return _plain(said) in _plain(shown)
