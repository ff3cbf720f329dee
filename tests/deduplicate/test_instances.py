from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evigraph.deduplicate.instances import AUTHORS_ORIGINAL, access_right, is_peer_reviewed, merge_instances

Make = Callable[..., dict[str, Any]]
COPY = {"hosted_by": "Host", "collected_from": "Crossref", "access_right": "c_14cb", "resource_type": "Article"}


def test_each_record_keeps_its_version(record: Make) -> None:
    rows = [
        record("crossref", "a", instances=[COPY]),
        record("pubmed", "1", instances=[COPY | {"collected_from": "PubMed"}]),
    ]
    instances, told = merge_instances(rows)
    assert [instance["collected_from"] for instance in instances] == ["Crossref", "PubMed"]
    assert told == [["crossref:a"], ["pubmed:1"]]


def test_a_record_without_a_copy_has_a_version_still(record: Make) -> None:
    instances, told = merge_instances([record("pubmed", "1", pids=["pmid:1"], published_on="2020", instances=[])])
    assert instances == [
        {"pids": [{"scheme": "pmid", "value": "1"}], "published_on": "2020", "collected_from": "pubmed"}
    ]
    assert told == [["pubmed:1"]]


def test_identical_copies_are_one_with_the_best_of_each(record: Make) -> None:
    rows = [
        record(
            "crossref", "a", instances=[COPY | {"urls": ["https://x.example"], "published_on": "2021", "license": None}]
        ),
        record(
            "crossref",
            "b",
            instances=[
                COPY
                | {
                    "urls": ["https://x.example"],
                    "refereed": "peerReviewed",
                    "published_on": "2020-05",
                    "license": "CC BY",
                }
            ],
        ),
        record("crossref", "c", instances=[COPY | {"urls": ["https://y.example"]}]),
    ]
    instances, told = merge_instances(rows)
    assert len(instances) == 2
    assert (instances[0]["refereed"], instances[0]["published_on"], instances[0]["license"]) == (
        "peerReviewed",
        "2020-05",
        "CC BY",
    )
    assert told == [["crossref:a", "crossref:b"], ["crossref:c"]]
    assert rows[0]["instances"][0]["license"] is None, "the record itself is not changed"


@pytest.mark.parametrize(
    ("stated", "best"),
    [
        (["c_14cb", "c_abf2"], "c_abf2"),
        (["c_16ec", "c_f1cf", None], "c_f1cf"),
        (["c_14cb", "c_16ec"], "c_16ec"),
        (["c_14cb", None], "c_14cb"),
        ([None], None),
        (["something else"], None),
        ([], None),
    ],
)
def test_the_most_open_right_counts(stated: list[str | None], best: str | None) -> None:
    assert access_right([{"access_right": right} for right in stated]) == best


@pytest.mark.parametrize(
    ("stated", "answer"),
    [
        (["nonPeerReviewed", "peerReviewed"], True),
        (["nonPeerReviewed", None], False),
        ([None], None),
        (["UNKNOWN"], None),
    ],
)
def test_one_peer_reviewed_copy_is_enough(stated: list[str | None], answer: bool | None) -> None:
    assert is_peer_reviewed([{"refereed": said} for said in stated]) is answer


def test_a_preprint_is_an_authors_original_and_of_others_nothing_is_guessed(record: Make) -> None:
    stated = "http://purl.org/coar/version/c_71e4c1898caa6e32"
    rows = [
        record("datacite", "p", instances=[{"resource_type": "Preprint", "hosted_by": "A server"}]),
        record("oai_pmh", "a", instances=[{"resource_type": "Preprint", "version_type": stated}]),
        record("crossref", "c", instances=[{"resource_type": "Article"}]),
    ]
    instances, _ = merge_instances(rows)
    assert [instance.get("version_type") for instance in instances] == [AUTHORS_ORIGINAL, stated, None]


def test_versions_that_are_said_to_differ_stay_apart(record: Make) -> None:
    submitted, accepted = (
        f"http://purl.org/coar/version/{code}" for code in ("c_71e4c1898caa6e32", "c_ab4af688f83e57aa")
    )
    rows = [
        record("crossref", "a", instances=[COPY | {"version_type": submitted}]),
        record("openalex", "b", instances=[COPY | {"version_type": accepted}]),
        record("pubmed", "c", instances=[COPY]),
        record("z", "d", instances=[COPY | {"version_type": accepted}]),
    ]
    instances, told = merge_instances(rows)
    assert [instance["version_type"] for instance in instances] == [submitted, accepted]
    assert told == [["crossref:a", "pubmed:c"], ["openalex:b", "z:d"]]
