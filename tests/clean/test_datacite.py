from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

from evigraph.clean.datacite.crosswalk import crosswalk
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus" / "datacite"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        batch.validate(full=True)
        found[name].extend(batch.to_pylist())
    return found


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def extras(record: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for extra in record["extras"]:
        found.setdefault(extra["name"], []).append(extra["value"])
    return found


def test_every_field() -> None:
    rows = read(CORPUS / "every-field.json")
    (record,) = rows["record"]
    assert (record["record_id"], record["type"], record["datestamp"]) == (
        "datacite:10.5555/data.1",
        "dataset",
        "2024-02-03T04:05:06.000Z",
    )
    assert (record["title"], record["subtitle"]) == ("Synthetic measurements", "of nothing at all")
    assert record["alternative_titles"] == ["Messungen"]
    assert [(a["full_name"], a["family_name"], a["orcid"], a["is_group"]) for a in record["authors"]] == [
        ("Ada Example", "Example", "0000-0002-1825-0097", False),
        ("Example Consortium", None, None, True),
        ("Said Somehow", None, None, False),
    ]
    assert record["authors"][0]["affiliations"] == [
        {"name": "University of Examples", "ror_id": "https://ror.org/05etxs293"},
        {"name": "Plain Institute", "ror_id": None},
    ]
    assert [f"{pid['scheme']}:{pid['value']}" for pid in record["pids"]] == [
        "doi:10.5555/data.1",
        "arxiv:2101.00001",
        "pmid:12345",
    ]
    assert [f"{pid['scheme']}:{pid['value']}" for pid in record["alternate_ids"]] == [
        "doi:10.5555/copy",
        "local accession number:ABC-1",
    ]
    assert record["descriptions"] == ["What was found.", "How it was done."]
    assert (record["published_on"], record["year"], record["language"]) == ("2021-03-09", 2021, "eng")
    assert record["publisher"] == "Example Repository"
    container = {name: value for name, value in record["container"].items() if value}
    assert container == {
        "name": "Series of Examples",
        "issn_online": "2434-561X",
        "volume": "7",
        "issue": "4",
        "first_page": "3",
        "last_page": "9",
    }
    assert [(s["scheme"], s["value"], s["term_id"]) for s in record["subjects"]] == [
        ("fos", "Physics", "https://example.org/fos/1"),
        ("keyword", "free words", None),
    ]
    (instance,) = record["instances"]
    assert instance["urls"] == [
        "https://doi.org/10.5555/data.1",
        "https://example.org/data/1",
        "https://example.org/data/1.zip",
    ]
    assert (instance["access_right"], instance["license"]) == ("c_abf2", "CC BY 4.0")
    assert (instance["resource_type"], instance["resource_type_id"][-7:]) == ("Dataset", "/c_ddb1")
    assert [(f["funder_name"], f["funder_id"], f["award"]) for f in record["funding"]] == [
        ("Example Fund", "https://doi.org/10.13039/100010663", "A-1"),
        ("Second Fund", "https://ror.org/05etxs293", None),
    ]


def test_what_has_no_column_is_kept_under_its_own_name() -> None:
    (record,) = read(CORPUS / "every-field.json")["record"]
    kept = extras(record)
    assert kept["contributors.DataCurator"] == ["Bob Second"]
    assert kept["dates.Collected"] == ["2019/2020 (two winters)"] and "dates.Issued" not in kept
    assert kept["formats"] == ["text/csv", "application/zip"] and kept["version"] == ["1.2"]
    assert kept["geoLocations"] == [
        '{"geoLocationPlace":"Null Island","geoLocationPoint":{"pointLatitude":"0","pointLongitude":"0"}}'
    ]
    assert kept["container.ISSN"] == ["0317-8471"]
    assert kept["client"] == ["example.repo"] and kept["metadataVersion"] == ["3"]
    assert kept["fundingReferences.awardTitle"] == ["Measuring"]
    assert kept["descriptions.SeriesInformation"] == ["Series 7"]
    assert len(kept["rightsList"]) == 2 and len(kept["relatedItems"]) == 2
    assert "xml" not in kept


def test_related_works_are_links_and_what_is_cited_is_a_reference_too() -> None:
    rows = read(CORPUS / "every-field.json")
    assert [([f"{p['scheme']}:{p['value']}" for p in r["pids"]], r["text"]) for r in rows["reference"]] == [
        (["doi:10.5555/cited.1"], None),
        (["arxiv:1999.12345"], None),
        ([], "Old, Author (1950) A book without identifier"),
    ]
    assert [(link["relation"], link["scheme"], link["value"]) for link in rows["link"]] == [
        ("References", "doi", "10.5555/cited.1"),
        ("Cites", "doi", "10.5555/cited.1"),
        ("Cites", "arxiv", "1999.12345"),
        ("References", "url", "https://example.org/page"),
        ("IsSupplementTo", "doi", "10.5555/article"),
        ("IsCitedBy", "doi", "10.5555/later"),
        ("IsPublishedIn", "eissn", "2434-561X"),
    ]


def test_an_answer_its_lines_and_bare_attributes_are_read_alike(tmp_path: Path) -> None:
    assert [record["source_key"] for record in read(CORPUS / "rest-page.json")["record"]] == [
        "10.5555/p1",
        "10.5555/p2",
    ]
    bare = read(CORPUS / "bare-attributes.jsonl")
    assert [(record["source_key"], record["title"]) for record in bare["record"]] == [
        ("10.5555/bare", "A synthetic title, bare"),
        ("10.5555/first-api", "As the first API wrote it"),
    ]
    assert bare["record"][1]["authors"][0]["orcid"] == "0000-0002-1825-0097"
    assert bare["record"][1]["descriptions"] == ["Words."]
    lines = tmp_path / "answers.jsonl"
    answer = (CORPUS / "rest-page.json").read_bytes().replace(b"\n", b"")
    lines.write_bytes(answer + b"\n" + answer.replace(b"/p", b"/q") + b"\n")
    assert len(read(lines)["record"]) == 4


def test_one_thing_instead_of_a_list() -> None:
    rows = read(CORPUS / "one-instead-of-a-list.jsonl")
    (record,) = rows["record"]
    assert rows["defect"] == []
    assert (record["title"], record["published_on"], record["publisher"]) == ("One title alone", "2001", "A name alone")
    assert record["authors"][0]["orcid"] == "0000-0002-1825-0097"
    assert record["instances"][0]["license"] == "CC BY 4.0"
    assert record["funding"][0]["funder_name"] == "One Fund"
    assert record["subjects"][0]["value"] == "a word"


def test_types() -> None:
    found = [(r["type"], r["instances"][0]["resource_type"]) for r in read(CORPUS / "types.jsonl")["record"]]
    assert found == [
        ("publication", "Article"),
        ("publication", "Doctoral thesis"),
        ("publication", "Other literature type"),
        ("publication", "Other literature type"),
        ("publication", "Preprint"),
        ("software", "Software"),
        ("dataset", "Collection"),
        ("other", "PhysicalObject"),
        ("publication", "Article"),
        ("other", "Other ORP type"),
        ("other", "Other ORP type"),
        ("publication", "Other literature type"),
        ("publication", "Review"),
        ("publication", "Data Paper"),
    ]


def test_dates() -> None:
    records = read(CORPUS / "dates.jsonl")["record"]
    assert [(r["published_on"], r["is_retracted"]) for r in records] == [
        ("2020-05", False),
        ("2019-01-01", False),
        ("2018-02-02", False),
        ("2020-05-01", True),
        ("2017", False),
    ]
    assert extras(records[2])["dates.Issued"] == ["n.d."]


def test_a_stated_access_right_counts_before_the_one_of_a_licence() -> None:
    instances = [record["instances"][0] for record in read(CORPUS / "rights.jsonl")["record"]]
    assert [(i["access_right"], i["license"]) for i in instances] == [
        ("c_14cb", "Elsevier TDM User License 1.0"),
        ("c_abf2", "CC0 1.0"),
        ("c_f1cf", "CC BY 4.0"),
        ("c_16ec", None),
        (None, None),
    ]


def test_what_is_no_longer_findable_is_withdrawn() -> None:
    rows = read(CORPUS / "withdrawn.jsonl")
    assert [(record["source_key"], record["is_deleted"]) for record in rows["record"]] == [
        ("10.5555/gone", True),
        ("10.5555/inactive", True),
        ("10.5555/there", False),
    ]
    assert rows["defect"] == []


def test_what_is_missing_costs_its_record() -> None:
    rows = read(CORPUS / "titles-and-identifiers-missing.jsonl")
    assert [record["title"] for record in rows["record"]] == ["Only a subtitle is left", "A synthetic title, last"]
    assert codes(rows) == [
        (0, "no_title", True),
        (1, "no_title", True),
        (2, "no_identifier", True),
        (3, "no_identifier", True),
        (5, "json_syntax", True),
    ]


def test_an_arxiv_doi_states_the_arxiv_id(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"id": "10.48550/arXiv.2101.00001", "attributes": {"titles": [{"title": "On arXiv"}]}}\n')
    assert read(path)["record"][0]["pids"] == [
        {"scheme": "doi", "value": "10.48550/arxiv.2101.00001"},
        {"scheme": "arxiv", "value": "2101.00001"},
    ]


def test_every_real_record_is_there_or_counted(shared_data: Path) -> None:
    for path in sorted((shared_data / "datacite").iterdir()):
        with gzip.open(path) as file:
            n_lines = sum(1 for line in file if line.strip())
        rows = read(path)
        n_lost = sum(defect["is_record_lost"] for defect in rows["defect"])
        print(
            f"\n{path.name}: {n_lines} in, {len(rows['record'])} records, {len(rows['reference'])} references, "
            f"{len(rows['link'])} links, defects {dict(Counter(d['code'] for d in rows['defect']))}"
        )
        assert n_lines == 1115 and len(rows["record"]) + n_lost == n_lines
        assert Counter(defect["code"] for defect in rows["defect"]) == {"no_title": 2}
        assert not [r for r in rows["record"] if "<" in r["title"] and ">" in r["title"]]
