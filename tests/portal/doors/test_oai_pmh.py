"""The OAI-PMH provider, harvested by a library that is not ours, and by our own harvester."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from oaipmh_scythe import NoRecordsMatch, Scythe
from starlette.testclient import TestClient

from evigraph.clean.api import crosswalk_of
from evigraph.harvest.oai_pmh import harvest_oai
from evigraph.harvest.payloads import payloads
from evigraph.net.client import Client, Policy
from evigraph.portal.app import create_app
from evigraph.publish.api import OAI_FORMATS

OAI = {"o": "http://www.openarchives.org/OAI/2.0/"}
FIRST, SECOND = "2026-01-01-0000aaaa", "2026-02-01-0000bbbb"


def ask(client: TestClient, **arguments: str) -> etree._Element:
    answer = client.get("/oai", params={name.rstrip("_"): value for name, value in arguments.items()})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/xml"), answer.text
    return etree.fromstring(answer.content)


def error_of(client: TestClient, **arguments: str) -> str | None:
    error = ask(client, **arguments).find("o:error", OAI)
    return None if error is None else error.get("code")


def walked(client: TestClient, verb: str = "ListIdentifiers", **arguments: str) -> dict[str, tuple[str, bool]]:
    """All headers of a list by product id: datestamp and whether the record is deleted."""
    found: dict[str, tuple[str, bool]] = {}
    asked = {"verb": verb, "metadataPrefix": "oai_dc", **arguments}
    while True:
        root = ask(client, **asked)
        for header in root.iter(f"{{{OAI['o']}}}header"):
            key = header.findtext("o:identifier", "", OAI).split(":", 2)[2]
            assert key not in found
            found[key] = (header.findtext("o:datestamp", "", OAI), header.get("status") == "deleted")
        token = root.find(".//o:resumptionToken", OAI)
        if token is None or not token.text:
            return found
        asked = {"verb": verb, "resumptionToken": token.text}


@pytest.mark.parametrize("prefix", OAI_FORMATS)
def test_a_harvester_walks_the_whole_graph_twice_and_gets_the_same(doors: Any, prefix: str) -> None:
    with Scythe(f"{doors.url}/oai") as scythe:
        assert scythe.identify().protocolVersion == "2.0"
        first, second = (
            [etree.tostring(record.xml) for record in scythe.list_records(metadata_prefix=prefix)] for _ in range(2)
        )
        assert first == second and len(first) == len(doors.ids)
        ids = [header.identifier for header in scythe.list_identifiers(metadata_prefix=prefix)]
    assert [one.split(":", 2)[2] for one in ids] == doors.ids


def test_a_harvester_reads_formats_sets_and_a_record(doors: Any) -> None:
    with Scythe(f"{doors.url}/oai") as scythe:
        assert [one.metadataPrefix for one in scythe.list_metadata_formats()] == list(OAI_FORMATS)
        specs = [one.setSpec for one in scythe.list_sets()]
        assert {"publication", "dataset", "open_access", "source_pubmed"} <= set(specs)
        record = scythe.get_record(identifier=f"oai:127.0.0.1:{doors.article_id}", metadata_prefix="oai_dc")
        assert record.metadata["title"] == [doors.made.ARTICLE_TITLE] and len(record.metadata["creator"]) == 4
        with pytest.raises(NoRecordsMatch):
            list(scythe.list_records(metadata_prefix="oai_dc", from_="2031-01-01"))


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("dataset", lambda row: row["type"] == "dataset"),
        ("open_access", lambda row: row["access_right"] == "c_abf2"),
        ("source_pubmed", lambda row: "pubmed" in row["sources"]),
    ],
)
def test_sets(doors: Any, name: str, holds: Any) -> None:
    assert sorted(walked(doors.client, set=name)) == sorted(r["product_id"] for r in doors.rows["product"] if holds(r))


def test_the_list_says_how_long_it_is_and_ends_with_an_empty_token(doors: Any) -> None:
    asked = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    seen = 0
    while True:
        token = ask(doors.client, **asked).find(".//o:resumptionToken", OAI)
        assert token.get("completeListSize") == str(len(doors.ids)) and token.get("cursor") == str(seen)
        seen += 100
        if not token.text:
            break
        asked = {"verb": "ListRecords", "resumptionToken": token.text}
    assert seen >= len(doors.ids) > 100


def test_a_form_is_answered_as_a_query(doors: Any) -> None:
    form = {"verb": "GetRecord", "identifier": f"oai:x:{doors.article_id}", "metadataPrefix": "oai_openaire"}
    posted, asked = doors.client.post("/oai", data=form), doors.client.get("/oai", params=form)
    date = re.compile(r"<responseDate>.*?</responseDate>")
    assert date.sub("", posted.text) == date.sub("", asked.text)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Dance"}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "Identify", "extra": "1"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "resumptionToken": "x"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "yesterday"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2026-13-01"}, "badArgument"),
        (
            {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2027-01-01", "until": "2026-01-01"},
            "badArgument",
        ),
        (
            {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2026-01-01", "until": "2026-01-01T00:00:00Z"},
            "badArgument",
        ),
        ({"verb": "ListRecords", "metadataPrefix": "marc21"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "nothing"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2099-01-01"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "resumptionToken": "nonsense"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": b"[1,2]".hex()}, "badResumptionToken"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "GetRecord", "identifier": "oai:x:none", "metadataPrefix": "oai_dc"}, "idDoesNotExist"),
        (
            {"verb": "GetRecord", "identifier": f"oai:x:doi_________::{'0' * 32}", "metadataPrefix": "oai_dc"},
            "idDoesNotExist",
        ),
        ({"verb": "ListMetadataFormats", "identifier": "oai:x:none"}, "idDoesNotExist"),
    ],
)
def test_error_conditions(doors: Any, arguments: dict[str, str], code: str) -> None:
    assert error_of(doors.client, **arguments) == code


class Grown:
    """A graph of its own that gets a second release: one product gone, one changed, one new."""

    def __init__(self, doors: Any, home: Path) -> None:
        self.home, self.made = home, doors.made
        self.rows = copy.deepcopy(doors.rows)
        self._write(FIRST, "2026-01-01T09:30:00.000+00:00")
        self.client = TestClient(create_app(home))

    def _write(self, release_id: str, made_at: str) -> None:
        path = self.made.write_release(self.home, self.rows, release_id) / "manifest.json"
        manifest = json.loads(path.read_text()) | {"created_at": made_at}
        manifest["tables"]["product"]["hash"] = release_id
        path.write_text(json.dumps(manifest))

    def grow(self) -> tuple[str, str, str]:
        products = self.rows["product"]
        gone = products.pop(3)["product_id"]
        products[5]["title"] = "Synthetic title that was corrected"
        new = {**copy.deepcopy(products[7]), "product_id": "doi_________::" + "f" * 32}
        products.append(new)
        self._write(SECOND, "2026-02-01T10:00:00.000+00:00")
        return gone, products[5]["product_id"], new["product_id"]


@pytest.fixture
def grown(doors: Any, tmp_path: Path) -> Grown:
    return Grown(doors, tmp_path)


def test_a_new_release_tells_what_is_new_changed_and_gone(grown: Grown) -> None:
    before = walked(grown.client)
    assert set(before.values()) == {("2026-01-01T09:30:00Z", False)}
    gone, changed, new = grown.grow()
    after = walked(grown.client)
    later = "2026-02-01T10:00:00Z"
    assert after == before | {gone: (later, True), changed: (later, False), new: (later, False)}
    assert walked(grown.client, from_="2026-01-15") == {key: after[key] for key in (gone, changed, new)}
    assert walked(grown.client, until="2026-01-15") == {
        key: value for key, value in after.items() if key not in (gone, changed, new)
    }
    record = ask(grown.client, verb="GetRecord", identifier=f"oai:x:{gone}", metadataPrefix="oai_dc")
    assert record.find(".//o:header", OAI).get("status") == "deleted" and record.find(".//o:metadata", OAI) is None
    sets = walked(grown.client, "ListRecords", set="publication", from_="2026-01-15")
    assert gone not in sets


def test_a_token_outlives_a_restart_and_a_new_release(grown: Grown) -> None:
    first = ask(grown.client, verb="ListIdentifiers", metadataPrefix="oai_dc")
    token = first.findtext(".//o:resumptionToken", "", OAI)
    page = {"verb": "ListIdentifiers", "resumptionToken": token}

    def ids(root: etree._Element) -> list[str]:
        return [one.text or "" for one in root.iter(f"{{{OAI['o']}}}identifier")]

    second = ids(ask(grown.client, **page))
    assert ids(ask(grown.client, **page)) == second
    grown.grow()
    assert ids(ask(grown.client, **page)) == second
    assert ids(ask(TestClient(create_app(grown.home)), **page)) == second
    assert not set(ids(first)) & set(second)


def test_our_own_harvester_reads_it_back(doors: Any, tmp_path: Path) -> None:
    (tmp_path / "evigraph.toml").touch()
    with Client(Policy(attempts=2, allowed_hosts=frozenset({"127.0.0.1"}), default_rate=1000)) as client:
        done = harvest_oai(tmp_path, f"{doors.url}/oai", client)
    assert done.prefix == "oai_openaire"
    crosswalk = crosswalk_of("oai_pmh")
    titles = []
    for payload in payloads(tmp_path, "oai_pmh"):
        for name, batch in crosswalk(str(payload.path)):
            if name == "record":
                titles += batch.column("title").to_pylist()
    stated = [row["title"] for row in doors.rows["product"]]
    # What looks like a tag is taken out of titles when they are cleaned.
    assert len(titles) == len(stated) and set(titles) >= {title for title in stated if "<" not in title}
