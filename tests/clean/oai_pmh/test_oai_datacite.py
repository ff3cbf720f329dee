from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.oai_pmh.crosswalk import crosswalk

CORPUS = Path(__file__).parents[2] / "corpus" / "oai_pmh"


def read(table: str = "record") -> list[dict[str, Any]]:
    path = str(CORPUS / "datacite_in_its_envelope.xml")
    return [row for found, batch in crosswalk(path) if found == table for row in batch.to_pylist()]


def test_a_data_set_of_kernel_4() -> None:
    record = read()[0]
    assert (record["type"], record["title"], record["subtitle"]) == ("dataset", "Synthetic measurements", "of nothing")
    assert record["alternative_titles"] == ["Synthetische Messungen"]
    person, group = record["authors"]
    assert (person["full_name"], person["orcid"]) == ("Ada Example", "0000-0002-1825-0097")
    assert person["affiliations"] == [{"name": "Synthetic University", "ror_id": "https://ror.org/05gq02987"}]
    assert group["is_group"] and group["full_name"] == "Synthetic Consortium"
    assert record["descriptions"] == ["Synthetic\nvalues."]
    assert (record["published_on"], record["publisher"], record["language"]) == (
        "2021-02-03",
        "Synthetic Repository",
        "eng",
    )
    assert record["pids"] == [{"scheme": "doi", "value": "10.5555/synthetic.data"}]
    assert record["alternate_ids"] == [{"scheme": "handle", "value": "123/789"}]
    assert record["subjects"] == [{"scheme": "ddc", "value": "Physics", "term_id": "https://dewey.info/1"}]
    assert record["funding"] == [
        {"funder_name": "Synthetic Fund", "funder_id": "https://ror.org/05gq02987", "award": "S-1"}
    ]
    (instance,) = record["instances"]
    assert (instance["resource_type"], instance["access_right"], instance["license"]) == (
        "Dataset",
        "c_abf2",
        "CC BY 4.0",
    )


def test_fields_without_a_column_are_kept() -> None:
    kept = {(entry["name"], entry["value"]) for entry in read()[0]["extras"]}
    assert {
        ("date.Collected", "2019/2020"),
        ("contributor.DataCurator", "Cy Curator"),
        ("description.SeriesInformation", "Series 3"),
        ("sizes.size", "3 MB"),
        ("formats.format", "text/csv"),
        ("version", "1.2"),
        ("geoLocations.geoLocation.geoLocationPlace", "Nowhere"),
        ("relatedIdentifier.IsDocumentedBy", "https://docs.example.org/"),
    } <= kept


def test_related_works() -> None:
    (reference,), (link,) = read("reference"), read("link")
    assert reference["pids"] == [{"scheme": "doi", "value": "10.5555/cited.2"}]
    assert (link["relation"], link["value"]) == ("IsSupplementTo", "10.5555/article.1")


def test_an_older_kernel_without_an_envelope() -> None:
    record = read()[1]
    assert (record["title"], record["year"], record["type"]) == ("An older kernel", 2014, "publication")
    assert record["instances"][0]["resource_type"] == "Article"
    assert {"name": "ISSN", "value": "2049-3630"} in record["extras"]
