from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evigraph.errors import ReleaseError
from evigraph.store.document import product_document
from evigraph.store.manifest import parse_manifest, read_manifest
from evigraph.store.release import Release, ServedRelease, Superseded, releases


@pytest.fixture(scope="module")
def release(small: Any) -> Release:
    return Release.open(small.home)


def test_every_form_of_an_identifier_leads_to_the_product(small: Any, release: Release) -> None:
    forms = (
        small.article_id,
        "10.1111/inm.13415",
        "https://doi.org/10.1111/INM.13415",
        "doi:10.1111/inm.13415",
        "39252191",
        "PMID: 39252191",
        "https://pubmed.ncbi.nlm.nih.gov/39252191/",
        "pubmed:39252191",
        "crossref:10.1111/inm.13415",
        f"  {small.article_id} ",
        f"50|{small.article_id}",
    )
    for form in forms:
        answer = release.resolve(form)
        assert (answer.product_id if isinstance(answer, Superseded) else answer) == small.article_id, form
    for form in ("", "10.1111/inm.1341", "pmid:1", "nonsense", "doi_________::" + "0" * 32):
        assert release.resolve(form) is None, form


def test_superseded_ids_and_openaires_prefixes_say_so(small: Any, release: Release) -> None:
    md5 = small.article_id.partition("::")[2]
    old = next(row["alias"] for row in small.rows["alias"] if row["alias"].startswith("pmid____"))
    for asked in (old, f"doi_dedup___::{md5}"):
        assert release.resolve(asked) == Superseded(asked, small.article_id)
    assert release.resolve("pmid_dedup__::" + old.partition("::")[2]) == Superseded(
        "pmid_dedup__::" + old.partition("::")[2], small.article_id
    )


def test_rows_are_read_back(small: Any, release: Release) -> None:
    product = release.product(small.article_id)
    assert product is not None and product["title"] == small.made.ARTICLE_TITLE
    assert [record["source"] for record in release.records(product["record_ids"])] == ["crossref", "pubmed"]
    assert {row["rule"] for row in release.evidence(product["record_ids"])} == {"identifier", "comparison"}
    assert release.evidence(product["record_ids"][:1]) == []
    indicator = release.indicator(small.article_id)
    assert indicator is not None and indicator["popularity_class"] == "C4"
    assert release.indicator(small.odd["bare"]) is None
    citing = release.related_ids(small.article_id, "IsCitedBy")
    assert len(citing) == 3 == release.relation_counts(small.article_id)["IsCitedBy"]
    assert [row["target_id"] for row in release.relations(small.article_id, "IsCitedBy", 1, 1)] == citing[1:2]
    some = small.rows["cited_reference"][0]["product_id"]
    expected = [row["position"] for row in small.rows["cited_reference"] if row["product_id"] == some]
    assert [row["position"] for row in release.references(some)] == expected
    rows = release.products([small.article_id, "absent"], ("title",))
    assert rows == {small.article_id: {"product_id": small.article_id, "title": small.made.ARTICLE_TITLE}}


def test_the_document_spells_out_provenance(small: Any, release: Release) -> None:
    document = product_document(release, small.article_id)
    assert document is not None
    assert document["indicators"]["citation_count"] == 3
    assert document["ranked_against"] == {"n_products": len(small.rows["indicator"]), "current_year": 2024}
    assert len(document["instances"]) == len(document["records"]) == 2
    single = product_document(release, small.odd["accents"])
    assert single is not None
    told = {entry["field"]: entry["record_ids"] for entry in single["provenance"]}
    assert told["title"] == ["openalex:odd-accents"] and "subtitle" not in told
    bare = product_document(release, small.odd["bare"])
    assert bare is not None and bare["indicators"] is None
    assert product_document(release, "absent") is None


def test_what_is_missing_is_said_with_the_remedy(tmp_path: Path, small: Any) -> None:
    with pytest.raises(ReleaseError, match=r"no release yet: run `evigraph run --home"):
        Release.open(tmp_path)
    with pytest.raises(ReleaseError, match="there is no release 1999"):
        Release.open(small.home, "1999")
    (tmp_path / "releases" / "x").mkdir(parents=True)
    (tmp_path / "releases" / "x" / "manifest.json").write_text("[")
    with pytest.raises(ReleaseError, match="cannot be read"):
        Release.open(tmp_path, "x")
    with pytest.raises(ReleaseError, match="is no release"):
        read_manifest(tmp_path)


def test_a_manifest_is_read_gently() -> None:
    odd: dict[str, Any] = {
        "counts": {"products": "many", "records": 3},
        "sources": [{"name": "x"}, "nonsense"],
        "ranking": None,
        "engine": {"name": "duckdb"},
        "unheard_of": 1,
    }
    manifest = parse_manifest(odd, "id")
    assert (manifest.release_id, manifest.graph_name, manifest.engine) == ("id", "evigraph", "duckdb")
    assert (manifest.count("products"), manifest.count("records"), manifest.count("absent")) == (0, 3, 0)
    assert manifest.sources[0].label == "x" and len(manifest.sources) == 1
    assert manifest.current_year is None and manifest.n_ranked == 0


def test_a_new_release_is_served_and_a_broken_one_is_not(tmp_path: Path, small: Any) -> None:
    served = ServedRelease(tmp_path)
    with pytest.raises(ReleaseError):
        served.get()
    rows, _ = small.made.small_rows(5)
    small.made.write_release(tmp_path, rows, "2026-01-01-aaaaaaaa")
    first = served.get()
    assert first.manifest.release_id == "2026-01-01-aaaaaaaa"
    assert served.get() is first
    small.made.write_release(tmp_path, rows, "2026-01-02-bbbbbbbb")
    second = served.get()
    assert second.manifest.release_id == "2026-01-02-bbbbbbbb"
    assert first.product(small.article_id) == second.product(small.article_id)
    broken = tmp_path / "releases" / "2026-01-03-cccccccc"
    broken.mkdir()
    (broken / "manifest.json").write_text(json.dumps({"release_id": broken.name}))
    (tmp_path / "current.partial").write_text(broken.name)
    (tmp_path / "current.partial").replace(tmp_path / "current")
    assert served.get() is second
    listed = releases(tmp_path)
    assert [summary.manifest.release_id[-8:] for summary in listed if summary.is_served] == ["cccccccc"]
    assert len(listed) == 3
