"""The listing in the manner of OpenAlex, asked by pyalex and by hand."""

from __future__ import annotations

from typing import Any

import pyalex
import pytest
import requests
from pyalex import Works

from evigraph.portal.doors.openalex import GROUPS


@pytest.fixture
def at_our_address(doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyalex asks this portal; its base address is written into its code, so it is changed on the way out."""

    class Session(requests.Session):
        def get(self, url: str | bytes, **arguments: Any) -> requests.Response:
            return super().get(str(url).replace("https://api.openalex.org", doors.url), **arguments)

    monkeypatch.setattr(pyalex.api, "_get_requests_session", Session)


def ids_of(works: Any) -> list[str]:
    return [work["id"].rsplit("/", 1)[-1] for work in works]


@pytest.mark.usefixtures("at_our_address")
class TestPyalex:
    def test_a_work(self, doors: Any) -> None:
        for name in (doors.article_id, "https://doi.org/10.1111/inm.13415", "doi:10.1111/inm.13415", "pmid:39252191"):
            work = Works()[name]
            assert work["title"] == doors.made.ARTICLE_TITLE and work["cited_by_count"] == 3
            assert [one["author_position"] for one in work["authorships"]] == ["first", "middle", "middle", "last"]
        hostile = Works()[doors.odd["hostile"]]
        assert hostile["abstract"].startswith("<p>Synthetic & <b>bold</b>")

    def test_a_walk_gives_every_work_once(self, doors: Any) -> None:
        pages = Works().paginate(per_page=60, n_max=None)
        assert sorted(one for page in pages for one in ids_of(page)) == doors.ids

    def test_pages_and_counts(self, doors: Any) -> None:
        pages = list(Works().search("graph").paginate(method="page", per_page=50))
        found = [one for page in pages for one in ids_of(page)]
        assert len(found) == len(set(found)) == Works().search("graph").count() > 0

    def test_filters(self, doors: Any) -> None:
        rows = doors.rows["product"]
        years = Works().filter(publication_year=2019).count()
        assert years == sum(row["year"] == 2019 for row in rows)
        assert Works().filter_gt(publication_year=2018).count() == sum((row["year"] or 0) > 2018 for row in rows)
        assert Works().filter_not(type="dataset").count() == sum(row["type"] != "dataset" for row in rows)
        two = Works().filter_or(doi=["10.1111/inm.13415", "10.5555/odd.bare"]).get()
        assert sorted(ids_of(two)) == sorted([doors.article_id, doors.odd["bare"]])
        assert Works().filter(is_retracted=True).count() == sum(bool(row["is_retracted"]) for row in rows)
        assert ids_of(Works().filter(authorships={"author": {"orcid": "0000-0002-1825-0097"}}).get())
        ours = Works().search_filter(title="certified peer support specialist").filter(publication_year=2024).get()
        assert ids_of(ours) == [doors.article_id]
        assert sorted(ids_of(Works()[[doors.article_id, doors.odd["long"]]])) == sorted(
            [doors.article_id, doors.odd["long"]]
        )

    def test_citations(self, doors: Any) -> None:
        citing = ids_of(Works().filter(cites=doors.article_id).get())
        cited_by = [
            r["target_id"]
            for r in doors.rows["relation"]
            if (r["source_id"], r["relation"]) == (doors.article_id, "IsCitedBy")
        ]
        assert sorted(citing) == sorted(cited_by) and len(citing) == 3
        assert doors.article_id in ids_of(Works().filter(cited_by=citing[0]).get(per_page=200))

    @pytest.mark.parametrize("least", [0, 1, 2, 5, 30])
    def test_counts_of_citations(self, doors: Any, least: int) -> None:
        counts = {row["product_id"]: row["citation_count"] for row in doors.rows["indicator"]}
        more = Works().filter_gt(cited_by_count=least).count()
        assert more == sum(n > least for n in counts.values())
        same = Works().filter(cited_by_count=least).count()
        unranked = len(doors.ids) - len(counts)
        assert same == sum(n == least for n in counts.values()) + (unranked if least == 0 else 0)
        assert Works().filter_lt(cited_by_count=least + 1).count() + more == len(doors.ids)

    def test_sort_select_group(self, doors: Any) -> None:
        works = Works().sort(cited_by_count="desc").select(["id", "cited_by_count"]).get(per_page=50)
        counts = [work["cited_by_count"] for work in works]
        assert counts == sorted(counts, reverse=True) and set(works[0]) == {"id", "cited_by_count"}
        groups = Works().filter(type="publication").group_by("publication_year").get()
        assert {int(one["key"]): one["count"] for one in groups}[2019] == sum(
            row["year"] == 2019 and row["type"] == "publication" for row in doors.rows["product"]
        )

    def test_errors_are_told_as_pyalex_expects_them(self) -> None:
        with pytest.raises(pyalex.api.QueryError, match="Did you mean publication_year"):
            Works().filter(publication_yaer=2019).get()


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_every_group_counts_works_that_there_are(doors: Any, name: str) -> None:
    document = doors.client.get("/works", params={"group_by": name}).json()
    assert all(0 < one["count"] <= len(doors.ids) and one["key"] for one in document["group_by"])
    assert document["meta"]["count"] == len(doors.ids) and document["results"] == []


def test_works_are_grouped_by_country(doors: Any) -> None:
    groups = doors.client.get("/works?group_by=institutions.country_code").json()["group_by"]
    assert {one["key"]: one["count"] for one in groups} == {"NL": 10, "GR": 1}
    assert doors.client.get("/works?filter=institutions.country_code:nl").json()["meta"]["count"] == 10


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("filter=publication_yeer:2019", "Did you mean publication_year?"),
        ("filter=nonsense", "name:value"),
        ("filter=publication_year:x", "is a year"),
        ("filter=is_oa:maybe", "neither true nor false"),
        ("fliter=a:b", "Did you mean filter?"),
        ("sort=beauty", "sort by"),
        ("sort=relevance_score:desc", "needs a search"),
        ("select=titel", "Did you mean title?"),
        ("group_by=author", "group by"),
        ("per_page=201", "per_page"),
        ("per-page=0", "per_page"),
        ("page=51&per_page=200", "cursor=*"),
        ("cursor=none", "cursor=*"),
    ],
)
def test_what_cannot_be_is_a_400_with_a_hint(doors: Any, query: str, hint: str) -> None:
    answer = doors.client.get(f"/works?{query}")
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"
    assert hint in answer.json()["detail"] and answer.json()["error"]


def test_meta_and_both_spellings(doors: Any) -> None:
    document = doors.client.get("/works?per-page=3&search=peer").json()
    assert document["meta"] | {"db_response_time_ms": 0} == {
        "count": document["meta"]["count"],
        "db_response_time_ms": 0,
        "page": 1,
        "per_page": 3,
        "groups_count": None,
        "release_id": "2026-01-01-0000aaaa",
    }
    assert len(document["results"]) == 3 and document["group_by"] == []
    grouped = doors.client.get("/works?group-by=publication_year:include_unknown").json()
    assert sum(one["count"] for one in grouped["group_by"]) == grouped["meta"]["count"] == len(doors.ids)
    last = doors.client.get("/works", params={"cursor": "*", "filter": f"openalex_id:{doors.article_id}"}).json()
    assert last["meta"]["next_cursor"] is None


def test_a_merged_id_is_301(doors: Any) -> None:
    old = doors.made.id_of(doors.made.Pid("pmid", "39252191"))
    answer = doors.client.get(f"/works/{old}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/works/{doors.article_id}")
    assert doors.client.get("/works/doi:10.5555/absent").status_code == 404
