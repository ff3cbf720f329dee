from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.oai_pmh.crosswalk import crosswalk

CORPUS = Path(__file__).parents[2] / "corpus" / "oai_pmh"


def read(name: str, table: str = "record") -> list[dict[str, Any]]:
    return [row for found, batch in crosswalk(str(CORPUS / name)) if found == table for row in batch.to_pylist()]


def extras(record: dict[str, Any], name: str) -> list[str]:
    return [entry["value"] for entry in record["extras"] if entry["name"] == name]


def test_a_record_of_a_repository() -> None:
    (record,) = read("dublin_core_of_a_repository.xml")
    assert record["record_id"] == "oai_pmh:oai:synthetic.example:1"
    assert (record["title"], record["alternative_titles"]) == ("Synthetic lives: coping & hope", ["Vies synthétiques"])
    assert [author["full_name"] for author in record["authors"]] == ["Ada Example", "Bert van der Example"]
    assert record["descriptions"] == ["First paragraph of the abstract.\nSecond paragraph, p < 0.05."]
    assert (record["published_on"], record["language"]) == ("2018-11", "eng")
    assert record["pids"] == [{"scheme": "doi", "value": "10.5555/synthetic.1"}]
    assert {(entry["scheme"], entry["value"]) for entry in record["alternate_ids"]} == {
        ("urn", "urn:nbn:zz:synthetic-1"),
        ("isbn", "9783161484100"),
        ("doi", "10.5555/other.copy"),
    }
    assert record["funding"] == [{"funder_name": "EC", "funder_id": None, "award": "123456"}]
    container = record["container"]
    assert (container["name"], container["volume"], container["issue"]) == ("Synthetic Journal of Examples", "12", "3")
    assert (container["first_page"], container["last_page"]) == ("101", "109")
    (instance,) = record["instances"]
    assert (instance["resource_type"], instance["refereed"]) == ("Article", "peerReviewed")
    assert instance["version_type"].endswith("c_ab4af688f83e57aa")
    assert (instance["access_right"], instance["license"]) == ("c_f1cf", "CC BY 4.0")
    assert instance["urls"][0] == "https://repository.example.org/handle/123/456"
    assert (instance["hosted_by"], instance["collected_from"]) == (None, "repository.example.org")
    subjects = [(subject["scheme"], subject["value"]) for subject in record["subjects"]]
    assert subjects == [("keyword", "qualitative research"), ("ddc", "150")]


def test_nothing_of_a_record_is_lost() -> None:
    (record,) = read("dublin_core_of_a_repository.xml")
    for name, value in (
        ("type", "Text"),
        ("rights", "Copyright the synthetic authors"),
        ("relation", "Synthetic series 7"),
        ("relation", "info:eu-repo/grantAgreement/EC/H2020/123456/EU/Synthetic+Project/SYNTH"),
        ("source", "Cabinet 7"),
        ("embargoEnd", "2020-01-01"),
        ("date", "2019-03-04T10:11:12Z"),
        ("identifier", "Synthetic Journal 12(3), pp. 1-9"),
        ("ISSN", "2049-3630"),
        ("contributor", "Advisor, Carla"),
        ("format", "application/pdf"),
        ("coverage", "Nowhere"),
        ("setSpec", "col_1"),
        ("about.provenance.originDescription.baseURL", "https://origin.example.org/oai"),
    ):
        assert value in extras(record, name)


def test_relations_become_references_and_links() -> None:
    (reference,) = read("dublin_core_of_a_repository.xml", "reference")
    assert reference["pids"] == [{"scheme": "doi", "value": "10.5555/cited.1"}]
    links = read("dublin_core_of_a_repository.xml", "link")
    assert [(link["relation"], link["value"], link["note"]) for link in links] == [
        ("IsRelatedTo", "10.5555/data.1", "dataset"),
        ("IsRelatedTo", "10.5555/related.1", "relation"),
    ]


def test_types_from_whatever_says_them_best() -> None:
    kinds = [(record["type"], record["instances"][0]["resource_type"]) for record in read("dublin_core_types.xml")]
    assert kinds == [
        ("publication", "Doctoral thesis"),
        ("dataset", "Dataset"),
        ("publication", "Conference object"),
        ("software", "Software"),
        ("publication", "Article"),
        ("publication", "Other literature type"),
        ("dataset", "Film"),
        ("publication", "Preprint"),
    ]


def test_what_is_not_said_stays_empty() -> None:
    (record,) = read("dublin_core_with_almost_nothing.xml")
    assert record["title"] == "A synthetic title alone"
    assert (record["year"], record["publisher"], record["language"], record["container"]) == (None, None, "und", None)
    instance = record["instances"][0]
    assert (instance["access_right"], instance["license"], instance["refereed"], instance["urls"]) == (
        None,
        None,
        None,
        [],
    )
    assert [defect["code"] for defect in read("dublin_core_with_almost_nothing.xml", "defect")] == ["no_title"] * 2
