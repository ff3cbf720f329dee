from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

from evigraph.clean.openaire.crosswalk import crosswalk
from evigraph.clean.told import TOLD

CORPUS = Path(__file__).parents[1] / "corpus" / "openaire"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        assert batch.schema.equals(TOLD[name].schema)
        batch.validate(full=True)
        found.setdefault(name.removesuffix("_told"), []).extend(batch.to_pylist())
    return found


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def md5(number: int) -> str:
    return f"{number:032x}"


def test_every_field() -> None:
    (record,) = read(CORPUS / "every-field.json")["record"]
    assert record["source_key"] == f"doi_________::{md5(1)}"
    assert record["pids"] == [
        {"scheme": "doi", "value": "10.5555/aire.1"},
        {"scheme": "handle", "value": "20.500.12345/2"},
        {"scheme": "openaire", "value": f"doi_________::{md5(1)}"},
    ]
    assert record["alternate_ids"] == [
        {"scheme": "doi", "value": "10.5555/other"},
        {"scheme": "mag_id", "value": "77"},
        {"scheme": "original", "value": f"50|doiboost____::{md5(1)}"},
    ]
    assert (record["title"], record["subtitle"]) == ("A synthetic product", "of a graph")
    assert record["descriptions"] == ["One.", "Two."]
    assert [(author["rank"], author["full_name"], author["orcid"]) for author in record["authors"]] == [
        (1, "Ada Example", "0000-0002-1825-0097"),
        (2, "Bob Second", None),
    ]
    assert record["datestamp"] == "2023-11-14T22:13:20Z"
    assert record["container"]["issn_print"] == "0317-8471" and record["container"]["last_page"] == "4"
    assert [(subject["scheme"], subject["value"]) for subject in record["subjects"]] == [
        ("fos", "01 natural sciences"),
        ("keyword", "numbers"),
    ]
    assert record["funding"] == [{"funder_name": "Example Commission", "funder_id": None, "award": "999999999"}]
    extras = {extra["name"]: extra["value"] for extra in record["extras"]}
    assert extras["indicators.citationImpact.citationClass"] == "C5" and extras["countries"] == "SI"
    assert extras["isGreen"] == "false"


def test_instances_keep_what_their_sources_say() -> None:
    (record,) = read(CORPUS / "every-field.json")["record"]
    article, preprint = record["instances"]
    assert (article["access_right"], article["access_route"], article["license"]) == ("c_abf2", "gold", "CC BY")
    assert article["refereed"] == "peerReviewed"  # unknown, but an article with a DOI from Crossref
    assert (article["hosted_by"], article["collected_from"]) == ("Journal of Synthetic Results", "Crossref")
    assert (preprint["access_right"], preprint["refereed"]) == (None, "nonPeerReviewed")
    assert (preprint["hosted_by"], preprint["collected_from"]) == (None, "Synthetic Repository")
    assert preprint["alternate_ids"] == [{"scheme": "doi", "value": "10.5555/other"}]


def test_older_dumps_are_read_too() -> None:
    (record,) = read(CORPUS / "older-singular-names.jsonl")["record"]
    assert record["source_key"] == f"dedup_wf_001::{md5(2)}"
    assert record["pids"] == [
        {"scheme": "pmid", "value": "99999902"},
        {"scheme": "openaire", "value": f"dedup_wf_001::{md5(2)}"},
    ]
    assert {"scheme": "original", "value": "x1"} in record["alternate_ids"]
    assert (record["title"], record["published_on"], record["descriptions"]) == (
        "An older synthetic product",
        "2001",
        ["Old."],
    )
    (instance,) = record["instances"]
    assert (instance["resource_type"], instance["access_right"]) == ("Doctoral thesis", "c_16ec")
    assert instance["urls"] == ["https://example.org/t"] and instance["hosted_by"] == "Synthetic Repository"
    assert record["authors"][0]["full_name"] == "Ada Example"
    assert {"name": "countries", "value": "AT"} in record["extras"]


def test_relations_are_references_and_links() -> None:
    rows = read(CORPUS / "relations.jsonl")
    citing = f"openaire:synthetic___::{md5(1)}"
    assert [(row["record_id"], row["position"], row["pids"][0]["value"][-1]) for row in rows["reference"]] == [
        (citing, 0, "2"),
        (citing, 1, "3"),
        (citing, 2, "2"),
        (citing, 8, "6"),
    ]
    assert {row["pids"][0]["scheme"] for row in rows["reference"]} == {"openaire"}
    assert [(row["relation"], row["value"][-1], row["note"]) for row in rows["link"]] == [
        ("IsCitedBy", "1", "IsCitedBy"),
        ("IsSupplementTo", "4", "IsSupplementTo"),
    ]
    assert codes(rows) == [(7, "relation_incomplete", True)]
    assert [(row["left_id"], row["relation"], row["right_kind"]) for row in rows["entity_link"]] == [
        (citing, "hasAuthorInstitution", "organization")
    ]


def test_other_entities_have_tables_of_their_own() -> None:
    rows = read(CORPUS / "other-entities.jsonl")
    assert Counter(code for _, code, _ in codes(rows)) == {"not_a_product": 2, "no_title": 1, "no_identifier": 1}
    words = " ".join(defect["message"] for defect in rows["defect"])
    assert "a person" in words and "something else" in words
    assert [row["legal_name"] for row in rows["organization"] if not row["is_mention"]] == ["Example University"]
    assert len(rows["project"]) == 2 and len(rows["data_source"]) == 1
    (odd,) = rows["record"]
    assert odd["source_key"] == "odd id" and "openaire" not in {pid["scheme"] for pid in odd["pids"]}


def test_real_products_are_records_or_counted(shared_data: Path) -> None:
    n_records = n_lines = 0
    for path in sorted((shared_data / "acl").glob("publication-*.jsonl.gz")):
        with gzip.open(path) as lines:
            n_lines += sum(1 for _ in lines)
        found: Counter[str] = Counter()
        for name, batch in crosswalk(str(path)):
            found[name] += len(batch)
            if name == "record":
                assert batch.column("title").null_count == 0
        assert set(found) <= {"record", "defect"}
        n_records += found["record"] + found["defect"]
    assert n_records == n_lines == 38_805


def test_real_relations_are_references(shared_data: Path) -> None:
    rows: Counter[str] = Counter()
    keys: set[tuple[str, int]] = set()
    for name, batch in crosswalk(str(shared_data / "acl" / "relation-00.jsonl.gz")):
        rows[name] += len(batch)
        keys.update(zip(batch.column("record_id").to_pylist(), batch.column("position").to_pylist(), strict=True))
    assert rows == {"reference": 93_899}
    assert len(keys) == 93_899


def test_real_answers_of_the_api(shared_data: Path) -> None:
    folder = shared_data / "openaire" / "api_v1"
    climate = read(folder / "climate.json")["record"]
    assert {"scheme": "doi", "value": "10.3390/su16062269"} in climate[0]["pids"]
    assert climate[0]["instances"][0]["license"] == "CC BY"
    rows = read(folder / "cern-organizations.json")
    assert [row["country_code"] for row in rows["organization"]] == ["EU", "CH"] and not rows["defect"]
    rows = read(folder / "horizon-projects.json")
    assert [row["funded_amount"] for row in rows["project"]] == [81871.0, 850000.0] and not rows["defect"]
    links = Counter(row["right_kind"] for row in read(folder / "covid-gold.json")["entity_link"])
    assert links["organization"] and links["community"] and links["data_source"]
