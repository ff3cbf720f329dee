from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evigraph.deduplicate.merge import merge_records, union

Make = Callable[..., dict[str, Any]]


def _told(product: dict[str, Any], field: str, position: int | None = None) -> list[str] | None:
    for entry in product["provenance"]:
        if (entry["field"], entry["position"]) == (field, position):
            said: list[str] = entry["record_ids"]
            return said
    return None


def test_a_single_record_is_its_product(record: Make) -> None:
    row = record(
        "pubmed", "1", subjects=[{"scheme": "mesh", "value": "Humans"}], instances=[{"urls": ["https://x.example"]}]
    )
    product = merge_records("id", [row])
    assert product["title"] == row["title"]
    assert product["authors"] == row["authors"]
    assert product["subjects"] == row["subjects"]
    assert product["instances"] == row["instances"]
    assert (product["sources"], product["record_ids"], product["provenance"]) == (["pubmed"], ["pubmed:1"], [])


def test_the_leading_record_gives_single_values_and_the_others_fill_gaps(record: Make) -> None:
    crossref = record("crossref", "a", title="The Title", publisher=None, language="und", published_on="2021-03")
    pubmed = record("pubmed", "1", title="The title.", publisher="Synthetic Press", language="eng", published_on="2020")
    product = merge_records("id", [pubmed, crossref])
    assert product["record_ids"] == ["crossref:a", "pubmed:1"]
    assert product["title"] == "The Title"
    assert product["publisher"] == "Synthetic Press"
    assert product["language"] == "eng"
    assert product["published_on"] == "2021-03"
    assert _told(product, "title") == ["crossref:a", "pubmed:1"]
    assert _told(product, "publisher") == _told(product, "language") == ["pubmed:1"]
    assert _told(product, "published_on") == ["crossref:a"]


def test_sources_have_an_order(record: Make) -> None:
    names = ["zenodo", "openalex", "openaire", "pubmed", "datacite", "crossref", "arxiv"]
    product = merge_records("id", [record(name, "1") for name in names])
    assert [record_id.split(":")[0] for record_id in product["record_ids"]] == [
        "crossref",
        "datacite",
        "pubmed",
        "openaire",
        "openalex",
        "arxiv",
        "zenodo",
    ]
    assert product["sources"] == sorted(names)


def test_the_published_text_leads_its_preprint(record: Make) -> None:
    preprint = record("datacite", "a", year=2019, published_on="2019", instances=[{"resource_type": "Preprint"}])
    article = record("pubmed", "1", year=2021, published_on="2021", instances=[{"resource_type": "Article"}])
    product = merge_records("id", [preprint, article])
    assert (product["record_ids"][0], product["year"]) == ("pubmed:1", 2021)


def test_what_one_source_calls_a_publication_is_one(record: Make) -> None:
    product = merge_records("id", [record("crossref", "a", type="dataset"), record("pubmed", "1")])
    assert product["type"] == "publication"
    assert _told(product, "type") == ["pubmed:1"]


def test_a_date_is_sharpened_only_by_one_that_agrees(record: Make) -> None:
    leading = record("crossref", "a", published_on="2021-03", year=2021)
    agreeing = record("pubmed", "1", published_on="2021-03-09", year=2021)
    other = record("openalex", "b", published_on="2020-12-01", year=2020)
    product = merge_records("id", [leading, agreeing, other])
    assert (product["published_on"], product["year"]) == ("2021-03-09", 2021)
    assert _told(product, "published_on") == ["pubmed:1"]
    assert _told(product, "year") == ["crossref:a", "pubmed:1"]


def test_the_year_is_that_of_the_date(record: Make) -> None:
    undated = record("crossref", "a", published_on=None, year=1999)
    dated = record("pubmed", "1", published_on="2001-05", year=2001)
    product = merge_records("id", [undated, dated])
    assert (product["published_on"], product["year"]) == ("2001-05", 2001)


def test_other_titles_are_kept_once(record: Make) -> None:
    crossref = record("crossref", "a", title="Peer support: a synthetic review", alternative_titles=["PS"])
    pubmed = record("pubmed", "1", title="Peer support", subtitle="A synthetic review.")
    german = record(
        "openalex", "b", title="Unterstützung", alternative_titles=["ps!", "Peer support, a synthetic review"]
    )
    product = merge_records("id", [crossref, pubmed, german])
    assert product["title"] == "Peer support: a synthetic review"
    assert product["subtitle"] is None
    assert product["alternative_titles"] == ["PS", "Unterstützung"]
    assert _told(product, "alternative_titles", 0) == ["crossref:a", "openalex:b"]


def test_a_subtitle_comes_with_its_title(record: Make) -> None:
    product = merge_records(
        "id",
        [
            record("crossref", "a", title="Peer support"),
            record("pubmed", "1", title="Peer support", subtitle="A review"),
        ],
    )
    assert (product["title"], product["subtitle"], product["alternative_titles"]) == ("Peer support", "A review", None)


def test_abstracts_longest_first(record: Make) -> None:
    product = merge_records(
        "id",
        [
            record("crossref", "a", descriptions=["Short."]),
            record("pubmed", "1", descriptions=["A longer abstract of nothing.", "SHORT"]),
        ],
    )
    assert product["descriptions"] == ["A longer abstract of nothing.", "Short."]
    assert _told(product, "descriptions", 0) == ["pubmed:1"]
    assert _told(product, "descriptions", 1) == ["crossref:a", "pubmed:1"]


def test_subjects_are_one_whatever_their_letter_case(record: Make) -> None:
    product = merge_records(
        "id",
        [
            record("crossref", "a", subjects=[{"scheme": "keyword", "value": "Peer Group", "term_id": None}]),
            record(
                "pubmed",
                "1",
                subjects=[
                    {"scheme": "mesh", "value": "Peer Group", "term_id": "D010380"},
                    {"scheme": "keyword", "value": "peer group", "term_id": None},
                ],
            ),
        ],
    )
    assert [(subject["scheme"], subject["value"]) for subject in product["subjects"]] == [
        ("keyword", "Peer Group"),
        ("mesh", "Peer Group"),
    ]
    assert _told(product, "subjects", 0) == ["crossref:a", "pubmed:1"]


def test_what_one_record_states_with_authority_is_no_alternate(record: Make) -> None:
    doi = {"scheme": "doi", "value": "10.5555/x"}
    product = merge_records(
        "id", [record("crossref", "a", pids=["doi:10.5555/x"]), record("openaire", "b", pids=[], alternate_ids=[doi])]
    )
    assert product["pids"] == [doi]
    assert product["alternate_ids"] == []


def test_container_field_by_field_from_those_that_agree(record: Make) -> None:
    crossref = record(
        "crossref", "a", container={"name": "Journal of Nothing", "issn_print": "1234-5679", "volume": "3"}
    )
    pubmed = record(
        "pubmed", "1", container={"name": "J Nothing", "issn_print": "1234-5679", "issue": "2", "volume": "3"}
    )
    nameless = record("openalex", "b", container={"first_page": "7"})
    other = record("zenodo", "c", container={"name": "Some Repository", "last_page": "99"})
    product = merge_records("id", [crossref, pubmed, nameless, other])
    container = product["container"]
    assert container["name"] == "Journal of Nothing"
    assert (container["volume"], container["issue"], container["first_page"], container["last_page"]) == (
        "3",
        "2",
        "7",
        None,
    )
    assert _told(product, "container.volume") == ["crossref:a", "pubmed:1"]
    assert _told(product, "container.issue") == ["pubmed:1"]


def test_retraction_by_any_source_counts(record: Make) -> None:
    rows = [
        record("crossref", "a", is_retracted=False),
        record("pubmed", "1", is_retracted=True),
        record("zenodo", "b"),
    ]
    product = merge_records("id", rows)
    assert product["is_retracted"] is True
    assert _told(product, "is_retracted") == ["pubmed:1"]
    assert merge_records("id", [rows[0], rows[2]])["is_retracted"] is False
    assert merge_records("id", [rows[2]])["is_retracted"] is None


def test_funding_is_told_once(record: Make) -> None:
    funding = {"funder_name": "Fund for Nothing", "funder_id": None, "award": "A-1"}
    rows = [
        record("crossref", "a", funding=[funding]),
        record("pubmed", "1", funding=[funding | {"funder_name": "fund for nothing"}, funding | {"award": "B-2"}]),
    ]
    assert [row["award"] for row in merge_records("id", rows)["funding"]] == ["A-1", "B-2"]


def test_union_keeps_the_first_list_whole() -> None:
    rows = [
        {"record_id": "a", "x": ["p", "p", "q"]},
        {"record_id": "b", "x": ["q", "r", "r"]},
        {"record_id": "c", "x": None},
    ]
    assert union(rows, lambda row: row["x"], str) == (["p", "p", "q", "r"], [["a"], ["a"], ["a", "b"], ["b"]])
    assert union(rows[2:], lambda row: row["x"], str) == (None, [])
