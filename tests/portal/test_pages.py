from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from evigraph.portal.app import create_app

PARTS = ("", "/why", "/cited-by", "/references", "/impact")


class Page(HTMLParser):
    """A page taken apart: its text, its links, its elements, and whether they are closed in order."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.disorder: list[str] = []
        self.feed(html)
        self.text = " ".join("".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.elements.append((tag, values))
        for name in ("href", "src", "action"):
            if values.get(name):
                self.links.append(str(values[name]))
        if tag in self.VOID:
            return
        if tag in ("div", "details", "p", "ul", "ol", "dl", "section", "h1", "h2") and "p" in self.open:
            self.disorder.append(f"{tag} inside p")
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.disorder.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def get(client: TestClient, path: str, status: int = 200) -> Page:
    answer = client.get(path)
    assert answer.status_code == status, path
    page = Page(answer.text)
    assert page.disorder == [] and page.open == [], path
    return page


def all_paths(small: Any) -> list[str]:
    products = [small.article_id, *small.odd.values(), *list(small.products)[:5]]
    return [
        "/",
        "/search",
        "/search?q=peer",
        "/search?q=graph+zzzz",
        "/search?q=peer&type=dataset&year=2000-2010&sort=influence&page=2",
        "/indicators",
        "/about",
        f"/feedback?about=/product/{small.article_id}",
        *(f"/product/{product_id}{part}" for product_id in products for part in PARTS),
    ]


def test_every_page_answers_is_well_formed_and_asks_nothing_of_other_hosts(client: TestClient, small: Any) -> None:
    for path in all_paths(small):
        page = get(client, path)
        for tag, attributes in page.elements:
            assert tag not in ("style", "iframe", "img", "object"), path
            # Data for programs is no script: a browser runs nothing of another type.
            assert tag != "script" or attributes == {"type": "application/ld+json"}, path
            assert not any(name.startswith("on") or name == "style" for name in attributes), path
            if tag == "link" and attributes["rel"] != "canonical":
                assert str(attributes["href"]).startswith("/"), path
        assert not any(link.lower().startswith(("javascript:", "data:")) for link in page.links), path
        assert len([tag for tag, _ in page.elements if tag == "h1"]) == 1, path


def test_every_link_inside_the_portal_leads_somewhere(client: TestClient, small: Any) -> None:
    seen: set[str] = set()
    for path in all_paths(small)[:16]:
        seen.update(link.partition("#")[0] for link in get(client, path).links if link.startswith("/"))
    assert len(seen) > 100
    for link in sorted(seen)[:400]:
        # Pages that are for the machine that serves refuse this client, and are there all the same.
        wanted = (403,) if link == "/reviews" else (200, 301, 302, 303)
        assert client.get(link).status_code in wanted, link


def test_fragments_exist(client: TestClient, small: Any) -> None:
    for path in ("/", "/about", "/indicators", f"/product/{small.article_id}", f"/product/{small.article_id}/why"):
        for link in get(client, path).links:
            target, _, fragment = link.partition("#")
            if fragment and (not target or target.startswith("/")):
                identifiers = {values.get("id") for _, values in get(client, target or path).elements}
                assert fragment in identifiers, link


def test_headers_are_strict_and_head_is_allowed(client: TestClient, small: Any) -> None:
    for path in [*all_paths(small), "/nowhere", "/openapi.json", "/api/search", "/static/site.css"]:
        answer, head = client.get(path), client.head(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "http" not in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert head.status_code == answer.status_code and head.content == b"", path
        assert head.headers["content-type"] == answer.headers["content-type"]


def test_the_product_page_shows_every_part(client: TestClient, small: Any) -> None:
    page = get(client, f"/product/{small.article_id}")
    for part in (
        "Synthetic graph",
        "release 2026-01-01-0000aaaa",
        "Found an issue? Tell us about this page",
        small.made.ARTICLE_TITLE,
        "Hui Xian Eileen Ser",
        "Xin Yi Vera Pua",
        "Ziqiang Li",
        "Yong Shian Goh",
        "International Journal of Mental Health Nursing",
        "Article · 2024 · peer-reviewed",
        "2 versions",
        "Closed access",
        "Licence: Wiley Online Library User Agreement",
        "Data sources: Crossref",
        "Data sources: PubMed",
        "View all 2 versions",
        "Why is this one product?",
        "Mental Health Services",
        "Peer Group",
        "10.1111/inm.13415",
        "39252191",
        "No open version is known",
        "Crossref, 11 September 2024, record crossref:10.1111/inm.13415",
        "Cite and export",
        "Cited by 3",
        "No source of this graph gives an abstract.",
        "References 0",
    ):
        assert part in page.text, part
    # Who may add something is offered it: on a graph without accounts, whoever sits at its machine.
    assert "Link this product" not in page.text
    local = TestClient(client.app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_000))
    assert "Link this product" in get(local, f"/product/{small.article_id}").text
    assert "https://doi.org/10.1111/inm.13415" in page.links
    assert "https://pubmed.ncbi.nlm.nih.gov/39252191/" in page.links or (
        "https://pubmed.ncbi.nlm.nih.gov/39252191" in page.links
    )
    assert "/search?q=&keyword=Peer+Group" in page.links


def test_the_impact_block_says_values_and_classes(client: TestClient, small: Any) -> None:
    html = client.get(f"/product/{small.article_id}").text
    blocks = dict(re.findall(r'data-indicator="(\w+)" data-class="\w+">(.*?)<dd class="sentence">', html, re.DOTALL))
    stated = {name: " ".join(re.sub(r"<[^>]+>", " ", block).split()) for name, block in blocks.items()}
    assert stated == {
        "citation_count": "Selected citations 3",
        "popularity": "Popularity Top 10%",
        "influence": "Influence Average",
        "impulse": "Impulse Average",
    }
    page = get(client, f"/product/{small.article_id}")
    assert f"Computed against {len(small.rows['indicator'])} products of this graph, seen from 2024" in page.text
    chart = next(values for tag, values in page.elements if tag == "svg" and "Citations by year" in str(values))
    years = [small.products[i]["year"] for i in _citing(small)]
    assert all(f"{year}: {years.count(year)}" in str(chart["aria-label"]) for year in years)


def _citing(small: Any) -> list[str]:
    return [
        row["target_id"]
        for row in small.rows["relation"]
        if row["source_id"] == small.article_id and row["relation"] == "IsCitedBy"
    ]


def test_fair_comparisons_and_what_carries_the_scores(client: TestClient, small: Any) -> None:
    cited = max(small.rows["indicator"], key=lambda row: row["citation_count"])["product_id"]
    page = get(client, f"/product/{cited}")
    journal = small.products[cited]["container"]["name"]
    assert "How many are cited less than it, of the products" in page.text
    assert f"in {journal} (" in page.text
    assert "times the citations usual for its type and year" in page.text
    labels = [values["aria-label"] or "" for tag, values in page.elements if tag == "svg" and values.get("aria-label")]
    assert any(label.startswith("Influence is made of: citations ") for label in labels)
    assert any(label.startswith("cited more than 9") for label in labels)
    assert f"/product/{cited}/impact" in page.links
    more = get(client, f"/product/{cited}/impact")
    assert "Influence: what it is made of" in more.text
    assert "The next class" in more.text
    assert f"/api/products/{cited}/impact" in more.links


def test_a_product_that_is_not_ranked_says_why(client: TestClient, small: Any) -> None:
    page = get(client, f"/product/{small.odd['bare']}")
    assert "Not ranked: no source states a publication year" in page.text


def test_a_retraction_cannot_be_missed(client: TestClient, small: Any) -> None:
    page = get(client, f"/product/{small.odd['retracted']}")
    assert "This work was retracted." in page.text and "Synthetic oddity: notice" in page.text
    assert any(values.get("role") == "alert" for _, values in page.elements)
    assert "Retracted" in get(client, "/search?q=oddity+retracted").text
    other = get(client, f"/product/{small.odd['notice']}")
    assert "This work was retracted" not in other.text and "Replaces or withdraws" in other.text


def test_hostile_text_stays_text(client: TestClient, small: Any) -> None:
    for path in (f"/product/{small.odd['hostile']}", f"/product/{small.odd['hostile']}/why", "/search?q=script+alert"):
        html = client.get(path).text.replace('<script type="application/ld+json">{', "")
        page = get(client, path)
        assert "<script" not in html and "<img" not in html and "49" not in page.text.partition("single")[2][:12]
        assert small.made.HOSTILE_TITLE in page.text
    query = "\"><script>alert(1)</script>'"
    for path in ("/search", "/doi/10.5555/x", "/product/x", "/feedback"):
        assert "<script" not in client.get(path, params={"q": query, "about": query, "type": query}).text
    assert "<script" not in client.get(f"/product/{query}").text


def test_why_names_evidence_and_fields(client: TestClient, small: Any) -> None:
    page = get(client, f"/product/{small.article_id}/why")
    for part in (
        "2 records from Crossref and PubMed were found to describe the same work",
        "both state the identifier doi:10.1111/inm.13415",
        "titles 99.4% alike",
        "100% of authors in common",
        "These are different works: say so",
        "Crossref says nothing",
        "PubMed says the same",
    ):
        assert part in page.text, part
    single = get(client, f"/product/{small.odd['accents']}/why")
    assert "One record describes this product" in single.text


def test_cited_by_is_paged_and_sorted(client: TestClient, small: Any) -> None:
    counts = {row["product_id"]: 0 for row in small.rows["product"]}
    for row in small.rows["relation"]:
        counts[row["source_id"]] += row["relation"] == "IsCitedBy"
    top = max(counts, key=lambda product_id: counts[product_id])
    shown: list[str] = []
    for number in range(1, -(-counts[top] // 25) + 1):
        page = get(client, f"/product/{top}/cited-by?sort=date&page={number}")
        shown += [link for link in page.links if link.startswith("/product/") and top not in link]
    assert len(shown) == len(set(shown)) == counts[top] > 25
    years = [small.products[link.removeprefix("/product/")]["published_on"] or "" for link in shown]
    assert years == sorted(years, reverse=True)


def test_references_say_what_is_not_held(client: TestClient, small: Any) -> None:
    lists: dict[str, list[Any]] = {}
    for row in small.rows["cited_reference"]:
        lists.setdefault(row["product_id"], []).append(row["target_id"])
    longest = max(lists, key=lambda product_id: (len(lists[product_id]), None in lists[product_id]))
    page = get(client, f"/product/{longest}/references")
    held = sum(target is not None for target in lists[longest])
    assert f"{held} of {len(lists[longest])} are products of this graph" in page.text
    assert page.text.count("not in this graph") == len(lists[longest]) - held


def test_identifiers_redirect(client: TestClient, small: Any) -> None:
    path = f"/product/{small.article_id}"
    md5 = small.article_id.partition("::")[2]
    old = next(row["alias"] for row in small.rows["alias"] if row["alias"].startswith("pmid____"))
    for asked, status in (
        ("/doi/10.1111/inm.13415", 302),
        ("/doi/10.1111/INM.13415", 302),
        ("/doi/https://doi.org/10.1111/inm.13415", 302),
        ("/pmid/39252191", 302),
        (f"/product/{old}", 301),
        (f"/product/doi_dedup___::{md5}", 301),
        ("/search?q=10.1111/inm.13415", 303),
        ("/search?q=https://doi.org/10.1111/inm.13415", 303),
        ("/search?q=39252191", 303),
        ("/search?q=PMID:+39252191", 303),
        (f"/search?q={small.article_id}", 303),
    ):
        answer = client.get(asked)
        assert (answer.status_code, answer.headers.get("location")) == (status, path), asked
    assert client.get(f"/product/{old}/why").headers["location"] == f"{path}/why"
    assert client.get("/search?q=2019").status_code == 200


def test_what_is_not_found_helps(client: TestClient) -> None:
    for path in ("/doi/10.5555/absent", "/pmid/1", "/product/nothing", "/product/nothing/why", "/nowhere"):
        page = get(client, path, 404)
        assert "Not found" in page.text and "/search" in page.links


def test_search_shows_hits_facets_chips_and_twins(client: TestClient, small: Any) -> None:
    page = get(client, "/search?q=peer&access=open&year=2000-2020")
    twin = client.get("/search.json?q=peer&access=open&year=2000-2020").json()
    assert page.text.startswith("peer · Synthetic graph")
    assert f"{twin['total']} products" in page.text
    assert "Remove Access: Open access ×" in page.text and "Remove Year: 2000-2020 ×" in page.text
    assert "/search?q=peer&year=2000-2020" in page.links and "/search?q=peer&access=open" in page.links
    for name in ("Year", "Type", "Source", "Popularity", "Keyword"):
        assert name in page.text
    spans = [values["title"] for tag, values in page.elements if tag == "span" and values.get("class") == "Z3988"]
    assert len(spans) == min(20, twin["total"]) and all("rft.atitle=Synthetic" in str(title) for title in spans)
    assert any(tag == "mark" for tag, _ in page.elements)
    ranges = client.get("/search?q=peer&year_from=2000&year_to=2020&access=open").text
    assert f"<b>{twin['total']}</b>" in ranges


def test_an_empty_search_says_what_would_help(client: TestClient) -> None:
    page = get(client, "/search?q=graph+zzzz")
    assert "No product here has all of" in page.text and "with any of the words" in page.text
    assert get(client, "/search?q=graph+zzzz&match=any").text.count("citation") > 3
    assert "Nothing in this query can be searched." in get(client, "/search?q=%3F%21").text
    assert get(client, "/search?q=peer&page=501", 404)


def test_the_start_page_says_what_is_held(client: TestClient, small: Any) -> None:
    page = get(client, "/")
    resolved = sum(row["target_id"] is not None for row in small.rows["cited_reference"])
    for part in (
        f"{len(small.products)} research products from OpenAlex, PubMed and Crossref",
        f"{resolved:,}",
        f"references resolved to a product here, of {len(small.rows['cited_reference']):,}",
        "Synthetic records in the manner of PubMed.",
        "CC0 1.0",
        "up to 31 December 2025",
        "1 defect met in the sources, 1 record lost by them",
        "Most influential",
        "Most popular",
    ):
        assert part in page.text, part
    assert "/search?source=openalex&sort=influence" in page.links


def test_about_and_indicators_state_the_facts(client: TestClient) -> None:
    about = get(client, "/about").text
    for part in ("sha256", "json_syntax", "engine duckdb", "merge 1.5 s", "references resolved", "123 kB"):
        assert part in about, part
    assert "the set of parameters BIP!, seen from 2024" in about
    indicators = get(client, "/indicators").text
    for part in ("α = 0.5", "α = 0.2, β = 0.5, γ = 0.3, ρ = -0.16", "from 2022 on", "popularity_rho", "AttRank"):
        assert part in indicators, part


def test_without_accounts_only_the_machine_that_serves_may_contribute(client: TestClient, small: Any) -> None:
    for path in (
        "/claim",
        f"/correct?about=/product/{small.article_id}",
        "/my/links",
        "/queue",
        "/deposit",
        "/my/deposits",
    ):
        assert client.get(path).status_code == 403
    assert "accounts add" in client.get("/sign-in").text


def test_a_graph_without_a_release_says_what_to_do(tmp_path: Path) -> None:
    client = TestClient(create_app(tmp_path))
    page = get(client, "/", 503)
    assert "no release yet" in page.text and "evigraph run" in page.text
    answer = client.get("/api/search")
    assert answer.status_code == 503 and answer.headers["content-type"] == "application/problem+json"


def test_a_new_release_is_shown_without_a_restart(tmp_path: Path, small: Any) -> None:
    rows, _ = small.made.small_rows(4)
    small.made.write_release(tmp_path, rows, "2026-01-01-aaaaaaaa")
    client = TestClient(create_app(tmp_path))
    assert "2026-01-01-aaaaaaaa" in client.get("/").text
    small.made.write_release(tmp_path, rows, "2026-01-02-bbbbbbbb")
    assert "2026-01-02-bbbbbbbb" in client.get("/").text


@pytest.mark.parametrize("name", ["tokens.css", "site.css", "print.css"])
def test_styles_stand_alone(client: TestClient, name: str) -> None:
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert "@import" not in answer.text and "http" not in answer.text
    for font in re.findall(r'url\("(.*?)"\)', answer.text):
        assert client.get(f"/static/{font}").status_code == 200


def test_fonts_keep_their_licence(client: TestClient) -> None:
    for font in ("source-serif-4", "source-sans-3"):
        assert "SIL OPEN FONT LICENSE" in client.get(f"/static/fonts/{font}-OFL.txt").text.upper()


def test_a_failure_is_answered_in_the_same_style(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(create_app(small.home), raise_server_exceptions=False)
    monkeypatch.setattr("evigraph.portal.pages.search_page", lambda *_: 1 / 0)
    answer = client.get("/search?q=peer")
    assert answer.status_code == 500 and "Something went wrong here" in Page(answer.text).text
    assert "division" not in answer.text and "default-src" in answer.headers["content-security-policy"]
