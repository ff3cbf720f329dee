from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from evigraph.clean.crossref.crosswalk import crosswalk, doi_address
from evigraph.model.tables import TABLES

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus" / "crossref"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        found[name] += batch.to_pylist()
    return found


def by_key(rows: Rows) -> dict[str, dict[str, Any]]:
    return {record["source_key"]: record for record in rows["record"]}


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def test_the_article_of_the_product_page() -> None:
    rows = read(ROOT / "examples" / "crossref-inm.13415.json")
    (record,) = rows["record"]
    assert record["record_id"] == "crossref:10.1111/inm.13415"
    assert record["title"].endswith("A Systematic Review and Meta\u2010Synthesis")
    assert [author["full_name"] for author in record["authors"]] == [
        "Hui Xian Eileen Ser",
        "Xin Yi Vera Pua",
        "Ziqiang Li",
        "Yong Shian Goh",
    ]
    assert record["container"]["name"] == "International Journal of Mental Health Nursing"
    assert (record["type"], record["year"], record["published_on"]) == ("publication", 2024, "2024")
    (instance,) = record["instances"]
    assert instance["license"] == "Wiley Online Library User Agreement"
    assert instance["access_right"] == "c_14cb"
    assert instance["refereed"] == "peerReviewed"
    assert instance["resource_type"] == "Article"
    assert instance["urls"] == ["https://doi.org/10.1111/inm.13415"]
    assert instance["hosted_by"] == "International Journal of Mental Health Nursing"
    assert instance["collected_from"] == "Crossref"
    assert record["descriptions"] == [] and not rows["reference"] and not rows["defect"]


def test_every_field() -> None:
    rows = read(CORPUS / "every-field.json")
    (record,) = rows["record"]
    assert record["title"] == "A synthetic study of p<0.05 & other numbers"
    assert record["subtitle"] == "with a subtitle"
    assert record["alternative_titles"] == ["Eine synthetische Studie", "Synthetic numbers"]
    first, group, mononym = record["authors"]
    assert first["full_name"] == "Ada Example Jr." and first["orcid"] == "0000-0002-1825-0097"
    assert first["affiliations"] == [
        {"name": "Department of Synthesis, Example University", "ror_id": "https://ror.org/0synth012"}
    ]
    assert group["full_name"] == "The Synthetic Trialists Group" and group["is_group"]
    assert (mononym["full_name"], mononym["family_name"], mononym["rank"]) == ("Mononym", "Mononym", 3)
    assert record["published_on"] == "2024-02"
    assert record["datestamp"] == "2024-09-10T04:38:33Z"
    assert record["descriptions"] == ["Methods: We compared a < b."]
    assert record["language"] == "eng"
    container = record["container"]
    assert (container["issn_print"], container["issn_online"]) == ("0317-8471", "2049-3630")
    assert (container["first_page"], container["last_page"]) == ("e101", "e110")
    assert (container["conference_place"], container["conference_on"]) == ("Nowhere", "2023-06-01")
    assert {"scheme": "isbn", "value": "9783161484100"} in record["alternate_ids"]
    assert record["funding"] == [
        {"funder_name": "Example Foundation", "funder_id": "https://doi.org/10.13039/999999999999", "award": "A-1"},
        {"funder_name": "Example Foundation", "funder_id": "https://doi.org/10.13039/999999999999", "award": "A-2"},
        {"funder_name": "Unfunded Friends", "funder_id": None, "award": None},
    ]
    (instance,) = record["instances"]
    assert (instance["license"], instance["access_right"]) == ("CC BY 4.0", "c_abf2")
    assert instance["version_type"].endswith("c_970fb48d4fbd8a85")
    assert instance["urls"] == ["https://doi.org/10.5555/synthetic.2024.1", "https://example.org/article/1"]
    extras = [(extra["name"], extra["value"]) for extra in record["extras"]]
    assert ("is-referenced-by-count", "7") in extras and ("editor", "Ed Itor") in extras
    assert ("link", "https://example.org/full.pdf") in extras
    assert "https://example.org/similarity.pdf" not in dict(extras).values()


def test_references_keep_their_order_their_doi_and_their_text() -> None:
    rows = read(CORPUS / "every-field.json")
    assert [reference["position"] for reference in rows["reference"]] == [0, 1, 2, 3, 4]
    first, second, third, fourth, related = rows["reference"]
    assert first["pids"] == [{"scheme": "doi", "value": "10.5555/ref.1"}]
    assert first["text"] == "Before (1999) An earlier synthetic study, J Synth Res, 1, 5"
    assert (second["pids"], second["text"]) == ([], "Someone. A book of numbers. 1980.")
    assert (third["pids"], third["text"]) == ([], "(2000)")
    assert (fourth["pids"], fourth["text"]) == ([], None)
    assert related["pids"] == [{"scheme": "doi", "value": "10.5555/only-in-relation"}]


def test_relations_are_links() -> None:
    links = {(link["relation"], link["scheme"], link["value"]) for link in read(CORPUS / "every-field.json")["link"]}
    assert ("IsNewVersionOf", "doi", "10.5555/preprint.1") in links
    assert ("IsSupplementedBy", "uri", "https://example.org/data") in links


def test_dirt_around_a_doi_is_no_loss() -> None:
    rows = read(CORPUS / "doi-with-dirt.jsonl")
    records = by_key(rows)
    assert list(records) == [
        "10.5555/leading.space",
        "10.5555/resolver",
        "10.12/too-short-a-prefix",
        "10.5555/<sici>1#2",
    ]
    assert records["10.12/too-short-a-prefix"]["pids"] == []
    assert records["10.12/too-short-a-prefix"]["alternate_ids"] == [
        {"scheme": "doi", "value": "10.12/too-short-a-prefix"}
    ]
    assert records["10.5555/<sici>1#2"]["instances"][0]["urls"] == ["https://doi.org/10.5555/%3Csici%3E1%232"]
    assert codes(rows) == [
        (2, "doi_invalid", False),
        (3, "no_identifier", True),
        (4, "no_identifier", True),
    ]


def test_works_without_a_title_are_counted() -> None:
    rows = read(CORPUS / "titles-missing-or-junk.jsonl")
    assert {key: record["title"] for key, record in by_key(rows).items()} == {
        "10.5555/t6": "A title that is no list",
        "10.5555/t7": "Nur auf Deutsch",
        "10.5555/t8": "One",
    }
    assert by_key(rows)["10.5555/t8"]["alternative_titles"] == ["Two"]
    assert codes(rows) == [(position, "no_title", True) for position in range(5)]


def test_a_retracted_work_is_told_from_its_notice() -> None:
    rows = read(CORPUS / "retractions-and-updates.jsonl")
    assert {key: record["is_retracted"] for key, record in by_key(rows).items()} == {
        "10.5555/retracted": True,
        "10.5555/notice": False,
        "10.5555/in-place": True,
        "10.5555/corrected": False,
        "10.5555/marked": True,
        "10.5555/v2": False,
    }
    assert [(link["record_id"][9:], link["relation"], link["value"], link["note"]) for link in rows["link"]] == [
        ("10.5555/retracted", "IsObsoletedBy", "10.5555/notice", "retraction"),
        ("10.5555/notice", "Obsoletes", "10.5555/retracted", "retraction"),
        ("10.5555/corrected", "IsSupplementedBy", "10.5555/erratum", "correction"),
        ("10.5555/v2", "IsNewVersionOf", "10.5555/v1", "new_version"),
    ]


def test_access_follows_only_from_licences_that_decide_it() -> None:
    instances = {key[8:]: record["instances"][0] for key, record in by_key(read(CORPUS / "licences.jsonl")).items()}
    assert {key: (instance["access_right"], instance["license"]) for key, instance in instances.items()} == {
        "wiley": ("c_14cb", "Wiley Online Library User Agreement"),
        "embargo": ("c_f1cf", "CC BY 4.0"),
        "manuscript": ("c_14cb", "Elsevier TDM User License 1.0"),
        "sharing": (None, "STM Article Sharing Policy"),
        "unknown": (None, "https://example.org/terms"),
        "none": (None, None),
    }


def test_types() -> None:
    rows = read(CORPUS / "types.jsonl")
    instances = {key[8:]: (record["type"], record["instances"][0]) for key, record in by_key(rows).items()}
    assert {
        key: (type_, instance["resource_type"], instance["refereed"]) for key, (type_, instance) in instances.items()
    } == {
        "preprint": ("publication", "Preprint", "nonPeerReviewed"),
        "review": ("publication", "Review", None),
        "untyped": ("publication", "Other literature type", None),
        "posted-other": ("publication", "Other literature type", None),
        "data": ("dataset", "Dataset", None),
        "thesis": ("publication", "Thesis", "peerReviewed"),
    }
    assert instances["preprint"][1]["hosted_by"] == "Synthetic Archive"
    assert codes(rows) == [(0, "not_a_product", True)]


def test_dates() -> None:
    published = {key[8:]: record["published_on"] for key, record in by_key(read(CORPUS / "dates.jsonl")).items()}
    assert published == {"d1": "2003", "d2": None, "d3": None, "d4": "1999-02"}


def test_wrong_forms_cost_no_record() -> None:
    rows = read(CORPUS / "wrong-forms.jsonl")
    assert len(rows["record"]) == 5 and not rows["defect"]
    assert by_key(rows)["10.5555/w2"]["authors"][0]["full_name"] == "List"


@pytest.mark.parametrize("name", ["dump-file.json", "rest-page.json"])
def test_containers(name: str) -> None:
    rows = read(CORPUS / name)
    assert [record["position"] for record in rows["record"]] == [0, 1]


def test_the_same_work_twice_in_a_file_is_counted(tmp_path: Path) -> None:
    work = {"DOI": "10.5555/1", "title": ["Synthetic"], "reference": [{"DOI": "10.5555/2"}]}
    path = tmp_path / "twice.jsonl"
    path.write_text("\n".join(json.dumps(work | {"DOI": doi}) for doi in ("10.5555/1", "10.5555/1")))
    rows = read(path)
    assert len(rows["record"]) == len(rows["reference"]) == 1
    assert codes(rows) == [(1, "repeated_record", True)]


def test_doi_addresses_are_encoded() -> None:
    assert doi_address("10.5555/a(b);c:1") == "https://doi.org/10.5555/a(b);c:1"
    assert doi_address("10.5555/ä b?") == "https://doi.org/10.5555/%C3%A4%20b%3F"


@pytest.mark.parametrize("name", ["works-00.jsonl.gz", "works-01.jsonl.gz", "works-02.jsonl.gz"])
def test_real_works_are_records_or_counted(shared_data: Path, name: str) -> None:
    path = shared_data / "crossref" / name
    with gzip.open(path) as lines:
        n_lines = sum(1 for _ in lines)
    rows = read(path)
    lost = [defect for defect in rows["defect"] if defect["is_record_lost"]]
    assert len(rows["record"]) + len(lost) == n_lines
    assert {defect["code"] for defect in lost} <= {"no_title"}
    assert len({(row["record_id"], row["position"]) for row in rows["reference"]}) == len(rows["reference"])
    for table in ("reference", "link"):
        assert {row["record_id"] for row in rows[table]} <= {row["record_id"] for row in rows["record"]}


def test_batches_hold_thousands(shared_data: Path) -> None:
    batches: list[tuple[str, pa.RecordBatch]] = list(crosswalk(str(shared_data / "crossref" / "works-02.jsonl.gz")))
    assert len(batches) < 40
