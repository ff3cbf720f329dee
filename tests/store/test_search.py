from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.errors import ReleaseError
from evigraph.store.index import ORDERS
from evigraph.store.release import Release
from evigraph.store.search import MAX_WINDOW, SearchIndex


@pytest.fixture(scope="module")
def index(small: Any) -> SearchIndex:
    return Release.open(small.home).search


def text_of(row: dict[str, Any]) -> list[str]:
    parts = [row["title"], *row["descriptions"], *(subject["value"] for subject in row["subjects"])]
    parts += [author["full_name"] for author in row["authors"]]
    parts.append((row.get("container") or {}).get("name") or "")
    return "".join(letter if letter.isalnum() else " " for letter in " ".join(parts).lower()).split()


def brute(small: Any, *words: str) -> set[str]:
    return {row["product_id"] for row in small.rows["product"] if all(word in text_of(row) for word in words)}


def found(index: SearchIndex, query: str, **how: Any) -> set[str]:
    results = index.search(query, limit=1000, **how)
    assert len(results.hits) == results.total
    return {card["product_id"] for card in results.hits}


@pytest.mark.parametrize("query", [("graph",), ("graph", "network"), ("sleep", "pain", "heart"), ("absent",)])
def test_words_are_joined_by_and(small: Any, index: SearchIndex, query: tuple[str, ...]) -> None:
    assert found(index, " ".join(query)) == brute(small, *query)


def test_or_not_and_groups(small: Any, index: SearchIndex) -> None:
    graph, network, sleep = brute(small, "graph"), brute(small, "network"), brute(small, "sleep")
    assert found(index, "graph OR network") == graph | network
    assert found(index, "graph -sleep") == graph - sleep
    assert found(index, "graph AND NOT sleep") == graph - sleep
    assert found(index, "(graph OR network) NOT sleep") == (graph | network) - sleep
    assert found(index, "-graph") == set(small.products) - graph
    assert found(index, "graph zzzz", match_any=True) == graph


def test_everything_without_a_query(small: Any, index: SearchIndex) -> None:
    results = index.search("")
    assert results.total == len(small.products) == index.n_documents
    assert results.sort == "popularity"


def test_phrases_fields_and_prefixes(small: Any, index: SearchIndex) -> None:
    phrase = {row["product_id"] for row in small.rows["product"] if "peer support" in row["title"].lower()}
    assert found(index, 'title:"peer support"') == phrase
    assert found(index, '"support peer nonsense"') == set()
    sensible = {i for i, row in small.products.items() if any(word.startswith("sle") for word in text_of(row))}
    assert found(index, "sle*") == sensible
    assert found(index, "author:Goh") == {small.article_id}
    assert found(index, 'author:"Goh Yong Shian"') == found(index, 'author:"Yong Shian Goh"') == {small.article_id}
    assert found(index, "author:Ser author:HXE") == {small.article_id}
    assert small.article_id in found(index, 'journal:"International Journal of Mental Health Nursing"')
    assert found(index, 'keyword:"Peer Group"') == {small.article_id}
    years = {i for i, row in small.products.items() if row["year"] and 2000 <= row["year"] <= 2004}
    assert found(index, "year:2000-2004") == years
    types = {i for i, row in small.products.items() if row["type"] == "dataset"}
    assert found(index, "type:Dataset") == types


def test_stems_accents_and_scripts(small: Any, index: SearchIndex) -> None:
    assert small.article_id in found(index, "experience")
    assert small.article_id in found(index, "EXPERIENCES meta-synthesis")
    assert found(index, "etude") == found(index, "étude") == found(index, "e\u0301tude") == {small.odd["accents"]}
    assert found(index, "angstrom naivete") == {small.odd["accents"]}
    assert found(index, "ελληνικα") == {small.odd["accents"]}
    assert found(index, "研究") == {small.odd["japanese"]}
    assert found(index, "究研") == set()


def test_identifiers_are_found_exactly(small: Any, index: SearchIndex) -> None:
    for query in ("10.1111/INM.13415", "https://doi.org/10.1111/inm.13415", "39252191", "pmid:39252191"):
        assert index.search(query).hits[0]["product_id"] == small.article_id, query
    assert found(index, f"id:{small.article_id}") == {small.article_id}
    assert found(index, "0000-0002-1825-0097") == {small.odd["orcid"]}
    assert found(index, "doi:10.1111/inm.1341") == set()


def test_a_pasted_title_comes_first(small: Any, index: SearchIndex) -> None:
    assert index.search(small.made.ARTICLE_TITLE).hits[0]["product_id"] == small.article_id
    assert index.search(small.made.ARTICLE_TITLE.upper()).hits[0]["product_id"] == small.article_id
    assert index.search(small.made.HOSTILE_TITLE).hits[0]["product_id"] == small.odd["hostile"]


def test_filters_and_facets_equal_brute_force(small: Any, index: SearchIndex) -> None:
    chosen = {"access": ["c_abf2", "unknown"], "source": ["pubmed"], "year": ["2000-2019"]}

    def holds(row: dict[str, Any], without: str = "") -> bool:
        return all(
            (
                "graph" in text_of(row),
                without == "access" or row["access_right"] in ("c_abf2", None),
                without == "source" or "pubmed" in row["sources"],
                without == "year" or 2000 <= (row["year"] or 0) <= 2019,
            )
        )

    results = index.search("graph", chosen, limit=1000)
    rows = small.rows["product"]
    assert {card["product_id"] for card in results.hits} == {row["product_id"] for row in rows if holds(row)}
    assert dict(results.facets["type"]) == Counter(row["type"] for row in rows if holds(row))
    assert dict(results.facets["source"]) == Counter(s for row in rows if holds(row, "source") for s in row["sources"])
    years = Counter(str(row["year"]) for row in rows if row["year"] and holds(row, "year"))
    assert results.facets["year"] == sorted(years.items())
    access = Counter(row["access_right"] or "unknown" for row in rows if holds(row, "access"))
    assert dict(results.facets["access"]) == access
    grades = {row["product_id"]: row["popularity_class"] for row in small.rows["indicator"]}
    counted = Counter(grades[row["product_id"]] for row in rows if holds(row) and row["product_id"] in grades)
    assert dict(results.facets["popularity_class"]) == counted
    kept = index.search("graph", {"popularity_class": ["C1", "C2", "C3", "C4"]}, limit=1000)
    assert all(card["classes"] and card["classes"]["popularity"] != "C5" for card in kept.hits)
    assert index.search("graph", {"year": ["nonsense"]}).total == 0


@pytest.mark.parametrize("order", ORDERS)
def test_orders_are_total(small: Any, index: SearchIndex, order: str) -> None:
    scores = {row["product_id"]: row for row in small.rows["indicator"]}

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        if order == "date":
            digits = (row["published_on"] or "").replace("-", "").ljust(8, "0")
            return (row["published_on"] is None, -int(digits), row["product_id"])
        score = scores.get(row["product_id"])
        return (score is None, -score[order] if score else 0, row["product_id"])

    expected = [row["product_id"] for row in sorted(small.rows["product"], key=key)]
    paged = [
        card["product_id"]
        for at in range(0, len(expected), 37)
        for card in index.search("", sort=order, offset=at, limit=37).hits
    ]
    assert paged == expected


def test_equal_relevance_is_ordered_by_id(index: SearchIndex) -> None:
    whole = index.search("type:publication", limit=1000)
    pages = [index.search("type:publication", offset=at, limit=10) for at in range(0, whole.total, 10)]
    ids = [card["product_id"] for page in pages for card in page.hits]
    assert ids == [card["product_id"] for card in whole.hits]
    assert len(set(ids)) == whole.total
    pairs = list(zip(whole.scores, ids, strict=True))
    assert pairs == sorted(pairs, key=lambda pair: (-pair[0], pair[1]))


def test_pages_end_at_the_window(index: SearchIndex) -> None:
    assert index.search("graph", offset=MAX_WINDOW, limit=10).hits == []
    assert index.search("graph", offset=-5, limit=3).hits == index.search("graph", limit=3).hits


def test_cards_and_years(small: Any, index: SearchIndex) -> None:
    card = index.cards([small.article_id, "absent"])[small.article_id]
    assert card["authors"] == ["Ser, H.X.E.", "Pua, X.Y.V.", "Li, Z.", "Goh, Y.S."]
    assert (card["n_versions"], card["access_right"], card["year"]) == (2, "c_14cb", 2024)
    assert card["doi"] == "10.1111/inm.13415"
    ids = [product_id for product_id, row in small.products.items() if row["year"]][:50]
    assert index.years(ids) == Counter(small.products[product_id]["year"] for product_id in ids)
    among = index.among(ids, "date", 10, 10)
    assert among.total == 50 and len(among.hits) == 10
    assert index.among([], "date").total == 0 and index.years([]) == {} and index.cards([]) == {}


def test_nothing_found_says_what_any_word_would_find(small: Any, index: SearchIndex) -> None:
    assert index.search("graph zzzz").n_any == len(brute(small, "graph"))
    assert index.search("zzzz").n_any is None
    nothing = index.search("?!")
    assert nothing.total == 0 and nothing.notes == ("Nothing in this query can be searched.",)


PIECES = """peer " ( ) : title: - OR AND NOT * a* year: 1-2 doi:10.1/ 10.5555/x id: type: \\ / [ ] { ^ ~ + é 研 0
orcid: access: "a "b c" title:" title:( -( -" **"""

PASTED = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*PIECES.split(), "\x00", "\ud800"]), max_size=25).map(" ".join),
    st.lists(st.sampled_from(list('abAB:()"-* \t\\./[]{}+^~!?&|0129é研')), max_size=60).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(query=PASTED)
def test_whatever_is_pasted_is_answered(index: SearchIndex, query: str) -> None:
    results = index.search(query, {"source": [query], "year": [query], "access": [query]})
    assert results.total >= 0
    wide = index.search(query, limit=3)
    assert len(wide.hits) == min(3, wide.total)
    for card in wide.hits:
        assert "".join(text for text, _ in wide.marker.runs(card["title"])) == card["title"]


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.sampled_from(["graph", "network", "sleep", "peer", "heart", "trial"]), min_size=1, max_size=4))
def test_more_words_never_find_more(index: SearchIndex, words: list[str]) -> None:
    totals = [index.search(" ".join(words[:n]), facets=()).total for n in range(1, len(words) + 1)]
    assert totals == sorted(totals, reverse=True)
    reordered = index.search(" ".join(reversed(words)), facets=()).total
    assert reordered == totals[-1]


def test_no_index_is_said_with_the_remedy(tmp_path: Any) -> None:
    with pytest.raises(ReleaseError, match="cannot be opened"):
        SearchIndex(tmp_path)
