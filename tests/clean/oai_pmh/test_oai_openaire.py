from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.oai_pmh.crosswalk import crosswalk

CORPUS = Path(__file__).parents[2] / "corpus" / "oai_pmh"


def read(path: Path, table: str = "record") -> list[dict[str, Any]]:
    return [row for found, batch in crosswalk(str(path)) if found == table for row in batch.to_pylist()]


def test_a_thesis_under_embargo() -> None:
    (record,) = read(CORPUS / "openaire_profile.xml")
    assert (record["title"], record["type"], record["language"]) == ("A synthetic thesis", "publication", "deu")
    assert record["authors"][0]["orcid"] == "0000-0002-1825-0097"
    assert record["published_on"] == "2020-05-04"
    assert record["pids"] == [{"scheme": "handle", "value": "123/456"}]
    assert record["alternate_ids"] == [{"scheme": "doi", "value": "10.5555/publisher.copy"}]
    assert record["funding"] == [
        {
            "funder_name": "European Commission",
            "funder_id": "https://doi.org/10.13039/501100000780",
            "award": "123456",
        }
    ]
    container = record["container"]
    assert (container["name"], container["issn_online"]) == ("Synthetic Journal", "2049-3630")
    assert [container[name] for name in ("volume", "issue", "first_page", "last_page")] == ["7", "2", "11", "19"]
    assert (container["conference_place"], container["conference_on"]) == ("Nowhere", "2019-07-08")
    (instance,) = record["instances"]
    assert instance["resource_type"] == "Doctoral thesis"
    assert instance["resource_type_id"] == "http://purl.org/coar/resource_type/c_db06"
    assert instance["version_type"] == "http://purl.org/coar/version/c_ab4af688f83e57aa"
    assert (instance["access_right"], instance["license"]) == ("c_f1cf", "CC BY-NC 4.0")
    assert instance["urls"] == ["https://hdl.handle.net/123/456", "https://repository.example.org/bitstream/1.pdf"]
    kept = {(entry["name"], entry["value"]) for entry in record["extras"]}
    assert {
        ("embargoEnd", "2022-06-01"),
        ("fundingReference.fundingStream", "H2020"),
        ("file@objectType", "fulltext"),
    } <= kept
    (link,) = read(CORPUS / "openaire_profile.xml", "link")
    assert (link["relation"], link["value"]) == ("IsVersionOf", "10.5555/version.0")


def test_the_samples_of_the_guidelines(shared_data: Path) -> None:
    folder = shared_data / "oai_pmh" / "oai_openaire"
    (article,) = read(folder / "sample_journalarticle1.xml")
    assert article["container"]["issn_print"] == "0947-6539"
    assert [author["orcid"] for author in article["authors"]] == [None, None, None, "0000-0003-1983-9378"]
    assert article["instances"][0]["license"] == "CC BY-NC 4.0"
    assert {(entry["scheme"], entry["value"]) for entry in article["alternate_ids"]} == {
        ("doi", "10.1002/chem.201701589"),
        ("pmc", "PMC5574022"),
    }
    (minimal,) = read(folder / "sample_minimal.xml")
    assert (minimal["year"], minimal["instances"][0]["resource_type"]) == (2011, "Report")
