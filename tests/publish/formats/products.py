"""Invented products for the tests of formats: a full one, a bare one, and one whose every text is hostile."""

from __future__ import annotations

from typing import Any

from evigraph.model.tables import PRODUCT

ADDRESS = "https://graph.example.org/product/doi_________::0123456789abcdef0123456789abcdef"
#: What breaks XML, JSON in a page, Turtle, RIS and BibTeX.
HOSTILE = "</script><b>\"'&\\ {x} % \x00\x0b\n\n@article{y, TY  - JOUR ]]> -- 🦉"


def product(**values: Any) -> dict[str, Any]:
    """A row of the table product with these values; whatever the contract holds besides is null."""
    row: dict[str, Any] = dict.fromkeys(PRODUCT.names)
    return {**row, "product_id": "doi_________::0123456789abcdef0123456789abcdef", **values}


def full() -> dict[str, Any]:
    """An invented article with a value in every column that formats write."""
    return product(
        type="publication",
        title="Synthetic owls & their peers",
        subtitle="a <invented> study",
        alternative_titles=["Hiboux synthétiques"],
        authors=[
            {
                "rank": 1,
                "full_name": "Ada Invented",
                "given_name": "Ada",
                "family_name": "Invented",
                "orcid": "0000-0002-1825-0097",
                "is_group": False,
                "affiliations": [{"name": "Synthetic University", "ror_id": "https://ror.org/05gq02987"}],
            },
            {
                "rank": 2,
                "full_name": "Synthetic Owl Consortium",
                "given_name": None,
                "family_name": None,
                "orcid": None,
                "is_group": True,
                "affiliations": [],
            },
        ],
        descriptions=["METHODS: none.\nRESULTS: 5 < 6 & more."],
        published_on="2021-03-09",
        year=2021,
        publisher="Synthetic Press",
        language="eng",
        subjects=[
            {"scheme": "mesh", "value": "Strigiformes", "term_id": "D000001"},
            {"scheme": "keyword", "value": "peer support", "term_id": None},
        ],
        container={
            "name": "Annals of Made-Up Results",
            "abbreviated_name": "Ann. Made-Up",
            "issn_print": "0000-0019",
            "issn_online": "0000-0027",
            "volume": "7",
            "issue": "2",
            "first_page": "10",
            "last_page": "19",
        },
        pids=[{"scheme": "doi", "value": "10.5555/owl<1>"}, {"scheme": "pmid", "value": "12345678"}],
        alternate_ids=[],
        instances=[
            {
                "resource_type": "Article",
                "resource_type_id": "http://purl.org/coar/resource_type/c_6501",
                "version_type": "http://purl.org/coar/version/c_970fb48d4fbd8a85",
                "urls": ["https://press.example.org/owl.pdf", "javascript:alert(1)"],
                "pids": [{"scheme": "doi", "value": "10.5555/owl<1>"}],
                "alternate_ids": [],
                "access_right": "c_abf2",
                "access_route": "gold",
                "license": "CC BY 4.0",
                "license_url": "https://creativecommons.org/licenses/by/4.0/",
                "refereed": "peerReviewed",
                "published_on": "2021-03-09",
                "hosted_by": "Synthetic Press",
                "hosted_by_id": None,
                "collected_from": "Crossref",
            }
        ],
        funding=[{"funder_name": "Synthetic Fund", "funder_id": "https://doi.org/10.13039/0000", "award": "OWL-1"}],
        is_retracted=False,
        access_right="c_abf2",
        is_peer_reviewed=True,
        sources=["crossref"],
        record_ids=["crossref:10.5555/owl<1>"],
    )


def bare() -> dict[str, Any]:
    """An invented product of which nothing but its title is known."""
    return product(type="other", title="Synthetic thing", product_id="openaire____::" + "0" * 32)


def hostile() -> dict[str, Any]:
    """An invented product whose every text would break out of a format that forgets to escape."""
    row = full()
    row["title"] = row["subtitle"] = row["publisher"] = HOSTILE
    row["descriptions"] = [HOSTILE]
    row["authors"][0] |= {"full_name": HOSTILE, "family_name": HOSTILE, "given_name": HOSTILE}
    row["authors"][1]["full_name"] = HOSTILE
    row["subjects"][0]["value"] = HOSTILE
    row["container"]["name"] = HOSTILE
    row["pids"][0]["value"] = "10.5555/" + HOSTILE
    row["funding"][0]["funder_name"] = HOSTILE
    row["instances"][0]["license"] = HOSTILE
    return row
