"""SKG-IF: every answer is valid by the framework's own description; filters, pages, identifiers in the path."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import yaml


class Description:
    """The framework's OpenAPI description, by which answers are checked."""

    def __init__(self, path: Path) -> None:
        self._document = yaml.safe_load(path.read_text(encoding="utf-8"))

    def check(self, path: str, status: int, answer: Any) -> None:
        place = path.replace("/", "~1")
        pointer = f"#/paths/{place}/get/responses/{status}/content/application~1json/schema"
        # Examples in the description are no schemas and are not looked at.
        schema = {"components": self._document["components"], "paths": self._document["paths"], "$ref": pointer}
        jsonschema.validators.Draft202012Validator(schema).validate(answer)


@pytest.fixture(scope="module")
def described(shared_data: Path) -> Description:
    return Description(shared_data / "skg_if" / "skg-if-openapi.yaml")


def ask(doors: Any, described: Description, path: str, **parameters: Any) -> Any:
    answer = doors.client.get(f"/skg-if{path}", params=parameters)
    assert answer.status_code in (200, 422), answer.text
    described.check(path, answer.status_code, answer.json())
    return answer.json()


def walked(doors: Any, described: Description, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All things of a list, by the addresses of the next pages."""
    document = ask(doors, described, path, **parameters)
    things: list[dict[str, Any]] = list(document["@graph"])
    while following := document["meta"].get("next_page"):
        answer = doors.client.get(following["local_identifier"].removeprefix("http://testserver"))
        document = answer.json()
        described.check(path, 200, document)
        things += document["@graph"]
    assert len(things) == document["meta"]["part_of"]["total_items"]
    return things


def test_every_product_is_valid_and_given_once(doors: Any, described: Description) -> None:
    things = walked(doors, described, "/products", page_size=100)
    assert [one["local_identifier"].rsplit("/", 1)[-1] for one in things] == doors.ids
    for one in things:
        answer = doors.client.get(f"/skg-if/products/{quote(one['local_identifier'], safe='')}")
        described.check("/products/{local_identifier}", 200, answer.json())
        assert answer.json()["@graph"] == [one]


def test_a_product_says_what_the_graph_knows(doors: Any, described: Description) -> None:
    for identifier in (doors.article_id, f"http://testserver/product/{doors.article_id}", "10.1111/inm.13415"):
        document = doors.client.get(f"/skg-if/products/{identifier}").json()
        (product,) = document["@graph"]
        assert product["titles"]["none"] == [doors.made.ARTICLE_TITLE]
        assert {"scheme": "pmid", "value": "39252191"} in product["identifiers"]
        assert [one["rank"] for one in product["contributions"]] == [1, 2, 3, 4]
        assert product["funding"][0]["grant_number"] == "101" and product["relevant_organisations"]
        assert product["manifestations"][0]["access_rights"] == {"status": "closed"}
    assert doors.client.get("/skg-if/products/none").status_code == 404


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("product_type:literature", lambda row: row["type"] == "publication"),
        ("product_type:research data", lambda row: row["type"] == "dataset"),
        ("identifiers.id:10.1111/inm.13415,identifiers.scheme:doi", lambda row: "39252191" in str(row["pids"])),
        ("identifiers.id:39252191,identifiers.scheme:pmid", lambda row: "39252191" in str(row["pids"])),
        (
            "contributions.person.identifiers.id:0000-0002-1825-0097,contributions.person.identifiers.scheme:orcid",
            lambda row: any(one["orcid"] for one in row["authors"]),
        ),
        ("cf.contributions_orcid:0000-0002-1825-0097", lambda row: any(one["orcid"] for one in row["authors"])),
        ("cf.search.title:certified specialist", lambda row: "Certified" in row["title"]),
        ("cf.search.title_abstract:certified specialist", lambda row: "Certified" in row["title"]),
    ],
)
def test_filters(doors: Any, described: Description, text: str, holds: Any) -> None:
    found = walked(doors, described, "/products", filter=text, page_size=50)
    expected = sorted(row["product_id"] for row in doors.rows["product"] if holds(row))
    assert expected and [one["local_identifier"].rsplit("/", 1)[-1] for one in found] == expected


def test_citations(doors: Any, described: Description) -> None:
    for text in (f"cf.cites:{doors.article_id}", "cf.cites_doi:10.1111/inm.13415"):
        citing = walked(doors, described, "/products", filter=text)
        assert len(citing) == 3
    cited = [one["local_identifier"] for one in citing[0]["related_products"]["cites"]]
    assert f"http://testserver/product/{doors.article_id}" in cited
    other = citing[0]["local_identifier"]
    back = walked(doors, described, "/products", filter=f"cf.cited_by:{other}", page_size=100)
    assert any(one["local_identifier"].endswith(doors.article_id) for one in back)


@pytest.mark.parametrize("path", ["/organisations", "/grants", "/datasources"])
def test_what_stands_around_products(doors: Any, described: Description, path: str) -> None:
    things = walked(doors, described, path, page_size=1)
    assert things
    for one in things:
        answer = doors.client.get(f"/skg-if{path}/{quote(one['local_identifier'], safe='')}")
        described.check(f"{path}/{{local_identifier}}", 200, answer.json())
        assert answer.json()["@graph"] == [one]
    assert doors.client.get(f"/skg-if{path}/none").status_code == 404
    assert walked(doors, described, path, filter="cf.search.name:synthetic")


def test_persons_venues_topics(doors: Any, described: Description) -> None:
    (person,) = walked(doors, described, "/persons", filter="identifiers.id:0000-0002-1825-0097")
    answer = doors.client.get(f"/skg-if/persons/{quote(person['local_identifier'], safe='')}").json()
    described.check("/persons/{local_identifier}", 200, answer)
    product = doors.client.get(f"/skg-if/products/{doors.article_id}").json()["@graph"][0]
    for topic in product["topics"]:
        answer = doors.client.get(f"/skg-if/topics/{quote(topic['term']['local_identifier'], safe='')}").json()
        described.check("/topics/{local_identifier}", 200, answer)
        assert answer["@graph"] == [topic["term"]]
    assert walked(doors, described, "/venues", filter="identifiers.id:0000-0019") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/products", "colour:red"),
        ("/products", "nonsense"),
        ("/products", "identifiers.scheme:pmid"),
        ("/organisations", "product_type:literature"),
        ("/grants", "country:GR"),
        ("/persons", "name:Ser"),
        ("/topics", "labels:owl"),
    ],
)
def test_an_unknown_filter_is_a_422(doors: Any, described: Description, path: str, text: str) -> None:
    answer = doors.client.get(f"/skg-if{path}", params={"filter": text})
    assert answer.status_code == 422 and answer.json()["title"] == "INVALID_FILTER"
    jsonschema.validate(answer.json(), {"properties": {"status": {"const": "422"}, "detail": {"minLength": 5}}})
