from __future__ import annotations

import pytest

from evigraph.clean.licences import UNSTATED, license_of
from evigraph.clean.relations import relation_type, update_relation
from evigraph.clean.resource_types import _TYPES
from evigraph.clean.vocabularies import (
    CLOSED,
    EMBARGOED,
    OPEN,
    RESTRICTED,
    access_right,
    best_access_right,
    identifying_pid,
    is_placeholder_doi,
    peer_reviewed,
    pubmed_resource_type,
    resource_type,
    says_retracted,
    version_type,
)
from evigraph.model.relation import RELATIONS


@pytest.mark.parametrize(
    ("name", "source", "type_", "label", "coar"),
    [
        ("journal-article", "crossref", "publication", "Article", "c_6501"),
        ("proceedings-article", "crossref", "publication", "Conference object", "c_5794"),
        ("book-chapter", "crossref", "publication", "Part of book or chapter of book", "c_3248"),
        ("posted-content", "crossref", "publication", "Preprint", "c_816b"),
        ("peer-review", "crossref", "publication", "Review", "H9BQ-739P/"),
        ("dataset", "crossref", "dataset", "Dataset", "c_ddb1"),
        ("component", "crossref", "other", "Other ORP type", "c_1843"),
        ("a type of tomorrow", "crossref", "publication", "Other literature type", "c_1843"),
        (None, "crossref", "publication", "Other literature type", "c_1843"),
        ("article", "openalex", "publication", "Article", "c_6501"),
        ("journal-article", "openalex", "publication", "Article", "c_6501"),
        ("review", "openalex", "publication", "Review", "c_dcae04bc"),
        ("dissertation", "openalex", "publication", "Thesis", "c_46ec"),
        ("software", "openalex", "software", "Software", "c_5ce6"),
        ("Journal Article", "pubmed", "publication", "Article", "c_6501"),
        (None, "pubmed", "publication", "Article", "c_6501"),
        ("Doctoral Thesis", "openaire", "publication", "Doctoral thesis", "c_db06"),
        ("Other dataset type", "openaire", "dataset", "Other dataset type", "c_ddb1"),
    ],
)
def test_resource_types(name: str | None, source: str, type_: str, label: str, coar: str) -> None:
    assert resource_type(name, source) == (type_, label, f"http://purl.org/coar/resource_type/{coar}")


def test_every_type_is_complete_and_reachable_in_any_case() -> None:
    for source, table in _TYPES.items():
        for name, kind in table.items():
            assert name == name.lower()
            assert kind.type in {"publication", "dataset", "software", "other"}
            assert kind.coar_uri.startswith("http://purl.org/coar/resource_type/") and kind.label
            assert resource_type(name.upper(), source) == kind


@pytest.mark.parametrize(
    ("names", "label", "coar"),
    [
        (["Journal Article", "Review"], "Article", "c_dcae04bc"),
        (["Journal Article"], "Article", "c_6501"),
        (["Journal Article", "Randomized Controlled Trial"], "Article", "c_2df8fbb1"),
        (["Journal Article", "Preprint"], "Preprint", "c_816b"),
        (["Letter", "Comment"], "Article", "c_545b"),
        (["Published Erratum", "Journal Article"], "Article", "c_7acd"),
        (["English Abstract", None], "Article", "c_6501"),
        (["Review"], "Review", "c_dcae04bc"),
    ],
)
def test_pubmed_types_together(names: list[str | None], label: str, coar: str) -> None:
    kind = pubmed_resource_type(names)
    assert (kind.label, kind.coar_uri.rsplit("/", 1)[-1]) == (label, coar)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("OPEN", OPEN),
        ("Open Access", OPEN),
        ("OPEN SOURCE", OPEN),
        ("info:eu-repo/semantics/embargoedAccess", EMBARGOED),
        ("http://purl.org/coar/access_right/c_16ec", RESTRICTED),
        ("c_14cb", CLOSED),
        ("CLOSED", CLOSED),
        ("not available", None),
        ("UNKNOWN", None),
        ("", None),
        (None, None),
    ],
)
def test_access_rights(statement: str | None, code: str | None) -> None:
    assert access_right(statement) == code
    assert access_right(None, "not available", statement) == code


def test_the_best_access_right_is_the_most_open() -> None:
    assert best_access_right([CLOSED, None, RESTRICTED, EMBARGOED]) == EMBARGOED
    assert best_access_right([None, CLOSED, OPEN]) == OPEN
    assert best_access_right([None, "odd"]) is None


def test_versions() -> None:
    assert version_type("vor") == version_type("publishedVersion") == "http://purl.org/coar/version/c_970fb48d4fbd8a85"
    assert version_type("AM") == version_type("acceptedVersion") == "http://purl.org/coar/version/c_ab4af688f83e57aa"
    assert version_type("tdm") is None and version_type(None) is None


def test_peer_review_follows_openaire_where_there_is_ground() -> None:
    def rule(label: str, crossref: bool = True, doi: bool = True, **more: object) -> str | None:
        return peer_reviewed(label, is_from_crossref=crossref, has_doi=doi, **more)  # type: ignore[arg-type]

    assert rule("Article") == rule("Conference object") == rule("Doctoral thesis") == "peerReviewed"
    assert rule("Article", crossref=False) is None
    assert rule("Article", doi=False) is None
    assert rule("Article", other_labels=["Article", "Other literature type"]) is None
    assert rule("Report") is None
    assert rule("Preprint") == "nonPeerReviewed"
    assert rule("Preprint", stated="peerReviewed") == "peerReviewed"
    assert rule("Article", stated="nonPeerReviewed") == "nonPeerReviewed"
    assert rule("Report", stated="UNKNOWN") is None


@pytest.mark.parametrize(
    ("doi", "is_placeholder"),
    [
        ("10.1000/xyz123", True),
        ("10.5555/12345678", True),
        ("10.1016/xxxxx", True),
        ("10.1234/n/a", True),
        ("10.4103/0000000", True),
        ("10.1111/inm.13415", False),
        ("10.1038/nature12373", False),
        ("10.5555/test.of.hypotheses", False),
        ("10.1234/nano.2020", False),
    ],
)
def test_placeholders_make_no_identity(doi: str, is_placeholder: bool) -> None:
    assert is_placeholder_doi(doi) is is_placeholder
    assert (identifying_pid("DOI", f"https://doi.org/{doi}") is None) is is_placeholder


def test_retraction_is_read_from_titles_of_works_not_of_notices() -> None:
    assert says_retracted("RETRACTED ARTICLE: On numbers") and says_retracted("WITHDRAWN: On numbers")
    assert not says_retracted("Retraction: On numbers") and not says_retracted("Retracted articles in oncology")


def test_relations_are_datacites_in_any_spelling() -> None:
    assert relation_type("is-preprint-of") == "IsPreviousVersionOf"
    assert relation_type("hasReview") == "IsReviewedBy"
    assert relation_type("IsSupplementTo") == relation_type("is_supplement_to") == "IsSupplementTo"
    assert relation_type("is-cousin-of") == relation_type(None) == "IsRelatedTo"
    for kind in ("retraction", "New Version", "correction", None):
        assert (
            update_relation(kind, is_updated=True) in RELATIONS and update_relation(kind, is_updated=False) in RELATIONS
        )
    assert update_relation("Retraction", is_updated=True) == "IsObsoletedBy"


@pytest.mark.parametrize(
    ("text", "label", "url", "is_open"),
    [
        (
            "http://onlinelibrary.wiley.com/termsAndConditions#vor",
            "Wiley Online Library User Agreement",
            "http://onlinelibrary.wiley.com/termsAndConditions#vor",
            False,
        ),
        (
            "http://doi.wiley.com/10.1002/tdm_license_1.1",
            "Wiley Online Library User Agreement",
            "http://doi.wiley.com/10.1002/tdm_license_1.1",
            False,
        ),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC BY 4.0", "by/4.0/", True),
        ("http://www.creativecommons.org/licenses/by-nc-nd/3.0", "CC BY-NC-ND 3.0", "by-nc-nd/3.0/", True),
        ("http://creativecommons.org/licenses/by-nd/3.0/de", "CC BY-ND 3.0 DE", "by-nd/3.0/de/", True),
        ("http://creativecommons.org/licenses/by-sa/4.0/deed.de", "CC BY-SA 4.0", "by-sa/4.0/", True),
        ("http://creativecommons.org/licences/by/2.5/", "CC BY 2.5", "by/2.5/", True),
        ("cc-by-nc-sa", "CC BY-NC-SA", None, True),
        ("CC BY", "CC BY", None, True),
        ("CC-BY-NC-4.0", "CC BY-NC 4.0", "by-nc/4.0/", True),
        ("Creative Commons Attribution-ShareAlike 4.0 International", "CC BY-SA 4.0", "by-sa/4.0/", True),
        ("open access under the Creative Commons Attribution License (CC BY 4.0)", "CC BY 4.0", "by/4.0/", True),
        (
            "https://creativecommons.org/publicdomain/zero/1.0/",
            "CC0 1.0",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            True,
        ),
        ("cc0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", True),
        ("public-domain", "Public domain", None, True),
        ("MIT", "MIT", "https://spdx.org/licenses/MIT.html", True),
        ("https://www.gnu.org/licenses/gpl-3.0.en.html", "GPL-3.0", "https://spdx.org/licenses/GPL-3.0.html", True),
        ("Apache License 2.0", "Apache-2.0", "https://spdx.org/licenses/Apache-2.0.html", True),
        ("https://openalex.org/licenses/cc-by", "CC BY", None, True),
        (
            "http://www.elsevier.com/open-access/userlicense/1.0/",
            "Elsevier User License 1.0",
            "http://www.elsevier.com/open-access/userlicense/1.0/",
            True,
        ),
        ("http://www.springer.com/tdm", "Springer TDM Policy", "http://www.springer.com/tdm", False),
        (
            "https://doi.org/10.15223/policy-037",
            "STM Article Sharing Policy",
            "https://doi.org/10.15223/policy-037",
            None,
        ),
        (
            "http://rightsstatements.org/vocab/InC/1.0/",
            "In Copyright",
            "http://rightsstatements.org/vocab/InC/1.0/",
            None,
        ),
        ("https://example.org/terms", "https://example.org/terms", "https://example.org/terms", None),
        ("All rights reserved", "All rights reserved", None, None),
    ],
)
def test_licences(text: str, label: str, url: str | None, is_open: bool | None) -> None:
    if url and "://" not in url:
        url = f"https://creativecommons.org/licenses/{url}"
    assert license_of(text) == (label, url, is_open)


def test_no_licence_is_no_licence() -> None:
    assert license_of(None) == license_of("") == license_of(" \n") == UNSTATED


def test_a_film_beside_an_article_does_not_make_it_a_film() -> None:
    assert pubmed_resource_type(["Journal Article", "Video-Audio Media"]).label == "Article"
    assert pubmed_resource_type(["Video-Audio Media"]).label == "Audiovisual"
