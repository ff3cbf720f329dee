from __future__ import annotations

import pytest

from clean.registries import codes, read
from evigraph.clean.registries.funders import funder_key


def test_the_registry_in_rdf() -> None:
    rows = read("funders", "registry.rdf")
    council, office = rows["organization"]
    assert council["organization_id"] == "funders:501100000001"
    assert (council["legal_name"], council["alternative_names"]) == (
        "Synthetic Research Council",
        ["SRC", "Svet & raziskave"],
    )
    assert council["types"] == ["funder", "gov"] and council["country_name"] == "svn"
    assert council["pids"] == [
        {"scheme": "fundref", "value": "501100000001"},
        {"scheme": "doi", "value": "10.13039/501100000001"},
    ]
    assert council["datestamp"] == "2020-02-03"
    assert {extra["name"] for extra in council["extras"]} == {"region", "country"}
    assert office["legal_name"] == "Synthetic Office"
    assert {(link["left_id"][-1], link["relation"], link["right_id"][-1]) for link in rows["entity_link"]} == {
        ("2", "IsChildOf", "1"),
        ("1", "IsSuccessorOf", "3"),
    }
    assert [code for _, code, _ in codes(rows)] == ["no_name", "no_identifier"]


def test_what_stands_before_the_damage_is_read() -> None:
    rows = read("funders", "cut-off.rdf")
    assert [row["legal_name"] for row in rows["organization"]] == ["Synthetic Research Council"]
    assert [(code, lost) for _, code, lost in codes(rows)] == [("xml_syntax", True)]


def test_entities_are_not_followed() -> None:
    rows = read("funders", "external-entity.rdf")
    told = str(rows)
    assert "aaaaaaaaaa" not in told and "leak" not in str(rows.get("organization"))


def test_list_and_answers() -> None:
    rows = read("funders", "list.csv")
    assert [row["legal_name"] for row in rows["organization"]] == ["Synthetic Research Council"]
    assert rows["organization"][0]["extras"] == [{"name": "replaced", "value": "yes"}]
    assert codes(rows) == [(1, "no_identifier", True)]
    rows = read("funders", "rest-page.json")
    assert rows["organization"][0]["alternative_names"] == ["SRC"]
    assert rows["entity_link"][0]["relation"] == "IsSuccessorOf"
    assert codes(rows) == [(1, "no_name", True)]


@pytest.mark.parametrize(
    ("stated", "key"),
    [
        ("https://doi.org/10.13039/100000001", "100000001"),
        ("10.13039/501100000923", "501100000923"),
        ("501100000923", "501100000923"),
        ("10.5555/501100000923", None),
        ("", None),
        (None, None),
    ],
)
def test_ids(stated: str | None, key: str | None) -> None:
    assert funder_key(stated) == key
