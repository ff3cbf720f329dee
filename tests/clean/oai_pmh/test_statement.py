from __future__ import annotations

import pytest

from evigraph.clean.oai_pmh.statement import Identifiers, grant_of, rights_of, stated_identifier
from evigraph.clean.oai_pmh.types import kind_of


@pytest.mark.parametrize(
    ("text", "scheme", "expected"),
    [
        ("10.5555/ABC", None, ("doi", "10.5555/abc")),
        ("doi:10.5555/abc", None, ("doi", "10.5555/abc")),
        ("DOI: 10.5555/abc", None, ("doi", "10.5555/abc")),
        ("https://dx.doi.org/10.5555/abc%3C1%3E", None, ("doi", "10.5555/abc<1>")),
        ("info:doi/10.5555/abc", None, ("doi", "10.5555/abc")),
        ("doi:https://doi.org/10.5555/abc", None, ("doi", "10.5555/abc")),
        ("https://repository.example.org/10.5555/abc", None, ("url", "https://repository.example.org/10.5555/abc")),
        ("http://hdl.handle.net/123/456", None, ("handle", "123/456")),
        ("123/456", "Handle", ("handle", "123/456")),
        ("123/456", None, None),
        ("arXiv:2101.00001v2", None, ("arxiv", "2101.00001")),
        ("https://arxiv.org/abs/2101.00001", None, ("arxiv", "2101.00001")),
        ("PMC123456", "PMID", ("pmc", "PMC123456")),
        ("pmid:0012345", None, ("pmid", "12345")),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", None, ("pmid", "12345")),
        ("12345", None, None),
        ("ISSN 2049-3630", None, ("issn", "2049-3630")),
        ("2049-3630", None, ("issn", "2049-3630")),
        ("2049-3631", None, None),
        ("urn:isbn:9783161484100", None, ("isbn", "9783161484100")),
        ("978-3-16-148410-0", None, ("isbn", "9783161484100")),
        ("978-3-16-148410-1", None, None),
        ("0-306-40615-2", "ISBN", ("isbn", "0306406152")),
        ("urn:nbn:de:1", None, ("urn", "urn:nbn:de:1")),
        ("info:eu-repo/semantics/altIdentifier/hdl/123/456", None, ("handle", "123/456")),
        ("info:eu-repo/semantics/altIdentifier/eissn/2049-3630", None, ("issn", "2049-3630")),
        ("Journal of Examples 10(2), 1-9", None, None),
        ("", None, None),
        (None, "DOI", None),
    ],
)
def test_identifiers_are_known_by_how_they_begin(text: str | None, scheme: str | None, expected: object) -> None:
    assert stated_identifier(text, scheme) == expected


def test_identifiers_are_sorted_by_what_they_are_good_for() -> None:
    found = Identifiers()
    for text in ("10.5555/own", "10.1234/example", "https://x.example.org/1", "2049-3630", "urn:nbn:zz:1", "a note"):
        found.add(text)
    found.add("10.5555/other", is_own=False)
    found.add("https://y.example.org/2", is_own=False)
    assert [str(pid) for pid in found.pids] == ["doi:10.5555/own"]
    assert [str(pid) for pid in found.alternate_ids] == [
        "doi:10.1234/example",
        "urn:urn:nbn:zz:1",
        "doi:10.5555/other",
        "url:https://y.example.org/2",
    ]
    assert (found.urls, found.issns, found.others) == (["https://x.example.org/1"], ["2049-3630"], ["a note"])


def test_rights() -> None:
    stated = rights_of(["info:eu-repo/semantics/closedAccess", "All rights reserved", None])
    assert (stated.access_right, stated.license.label, stated.others) == ("c_14cb", None, ("All rights reserved",))
    stated = rights_of(["http://purl.org/coar/access_right/c_16ec", "http://creativecommons.org/licenses/by/3.0/"])
    assert (stated.access_right, stated.license.label) == ("c_16ec", "CC BY 3.0")
    assert rights_of(["https://creativecommons.org/licenses/by/4.0/"]).access_right == "c_abf2"
    assert rights_of([]).access_right is None


def test_grants() -> None:
    assert grant_of("info:eu-repo/grantAgreement/EC/FP7/1234/EU/Title%20of%20it/T") == {
        "funder_name": "EC",
        "funder_id": None,
        "award": "1234",
    }
    assert grant_of("info:eu-repo/grantAgreement/FCT//PTDC%2FX%2F1") == {
        "funder_name": "FCT",
        "funder_id": None,
        "award": "PTDC/X/1",
    }
    assert grant_of("grant 7") is None


def test_kinds() -> None:
    kind = kind_of(["Text", "http://purl.org/coar/resource_type/c_18co/", "info:eu-repo/semantics/article"])
    assert kind.resource_type.coar_uri.endswith("c_18co")
    assert kind.others == ("Text", "info:eu-repo/semantics/article")
    kind = kind_of(["info:eu-repo/semantics/submittedVersion", "NonPeerReviewed"])
    assert (kind.refereed, kind.others) == ("nonPeerReviewed", ())
    assert kind.version_type == "http://purl.org/coar/version/c_71e4c1898caa6e32"
    assert kind_of([]).resource_type.label == "Other literature type"
