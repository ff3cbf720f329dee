"""What a repository is told of a copy, filled from the graph."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from depositing import PRODUCT
from evigraph.deposit.metadata import Choice, draft_of, file_name_of, marked
from evigraph.deposit.terms import IN_COPYRIGHT, VERSIONS, licence_address, licence_in, licence_label, licence_of
from evigraph.deposit.told import check_pdf
from evigraph.errors import InputError

TODAY = date(2026, 1, 1)


def draft(version: str = "accepted", licence: str = "cc-by-4.0", until: str | None = None, **product: Any) -> Any:
    choice = Choice(VERSIONS[version], licence, until)
    return draft_of(PRODUCT | product, "Article", choice, "Stand-in", TODAY)


def test_every_field_that_the_graph_knows() -> None:
    told = draft()
    assert told["access"] == {"record": "public", "files": "public"} and told["files"] == {"enabled": True}
    metadata = told["metadata"]
    assert metadata["title"] == "Synthetic work on <peer> support"
    assert metadata["additional_titles"] == [{"title": "with a subtitle", "type": {"id": "subtitle"}}]
    assert metadata["resource_type"] == {"id": "publication-article"}
    assert metadata["publication_date"] == "2023-05"
    assert metadata["publisher"] == "Stand-in"
    assert metadata["rights"] == [{"id": "cc-by-4.0"}]
    assert metadata["description"] == "<p>First &lt;line&gt;.</p><p>Second line &amp; more.</p>"
    assert metadata["subjects"] == [{"subject": "Humans"}]
    assert metadata["languages"] == [{"id": "eng"}]
    assert metadata["funding"] == [
        {"funder": {"name": "Synthetic Fund"}, "award": {"title": {"en": "Grant S-1"}, "number": "S-1"}}
    ]
    assert metadata["creators"] == [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Quimérico",
                "given_name": "Ana",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [{"name": "Synthetic University"}],
        },
        {"person_or_org": {"type": "organizational", "name": "Synthetic Study Group"}},
        {"person_or_org": {"type": "personal", "family_name": "Plato"}},
    ]


@pytest.mark.parametrize(
    ("version", "relation", "kind", "coar"),
    [
        ("accepted", "isversionof", "publication-article", "c_ab4af688f83e57aa"),
        ("published", "isidenticalto", "publication-article", "c_970fb48d4fbd8a85"),
        ("submitted", "isversionof", "publication-preprint", "c_71e4c1898caa6e32"),
    ],
)
def test_the_version_decides_relation_type_and_statement(version: str, relation: str, kind: str, coar: str) -> None:
    metadata = draft(version)["metadata"]
    assert metadata["related_identifiers"] == [
        {"identifier": "10.5555/synthetic.1", "scheme": "doi", "relation_type": {"id": relation}},
        {"identifier": "1", "scheme": "pmid", "relation_type": {"id": relation}},
    ]
    assert metadata["resource_type"] == {"id": kind}
    (statement,) = metadata["additional_descriptions"]
    assert f"http://purl.org/coar/version/{coar}" in statement["description"]
    assert "Synthetic Journal, 7, 2023: https://doi.org/10.5555/synthetic.1" in statement["description"]


def test_little_is_known() -> None:
    bare = dict.fromkeys(PRODUCT) | {"title": "T", "authors": [{"full_name": "A B"}], "type": "dataset"}
    told = draft_of(bare, "", Choice(VERSIONS["accepted"], IN_COPYRIGHT), "Stand-in", TODAY)
    assert told["metadata"]["publication_date"] == "2026-01-01"
    assert told["metadata"]["resource_type"] == {"id": "dataset"}
    assert told["metadata"]["rights"][0]["link"] == "https://rightsstatements.org/vocab/InC/1.0/"
    assert "subjects" not in told["metadata"] and told["metadata"]["related_identifiers"] == []


@pytest.mark.parametrize(("field", "word"), [("title", "title"), ("authors", "author")])
def test_what_no_repository_takes_is_told(field: str, word: str) -> None:
    with pytest.raises(InputError, match=f"knows no {word}"):
        draft(**{field: None})


def test_an_embargo_closes_the_file_and_not_the_record() -> None:
    access = draft(until="2027-05-31")["access"]
    assert (access["record"], access["files"]) == ("public", "restricted")
    assert access["embargo"]["active"] is True and access["embargo"]["until"] == "2027-05-31"


def test_the_marker_is_an_identifier_of_its_own() -> None:
    told = draft()
    assert marked(told, "urn:uuid:1")["metadata"]["identifiers"] == [{"identifier": "urn:uuid:1", "scheme": "urn"}]
    assert "identifiers" not in told["metadata"]


def test_the_file_is_named_after_the_work() -> None:
    assert file_name_of(PRODUCT, VERSIONS["accepted"]) == "Quimerico-2023-accepted.pdf"
    assert file_name_of({"authors": [{"family_name": "山"}], "year": None}, VERSIONS["published"]) == (
        "work-published.pdf"
    )
    odd = {"authors": [{"family_name": "../O'Brien / x"}], "year": 1}
    assert file_name_of(odd, VERSIONS["submitted"]) == "O-Brien-x-1-submitted.pdf"


def test_licences() -> None:
    assert licence_of("http://creativecommons.org/licenses/by-nc-nd/3.0/") == "cc-by-nc-nd-3.0"
    assert licence_of("https://creativecommons.org/publicdomain/zero/1.0/") == "cc0-1.0"
    assert licence_of("https://creativecommons.org/licenses/by/3.0/de/") is None and licence_of(None) is None
    assert licence_in([{"license_url": None}, {"license_url": licence_address("cc-by-4.0")}]) == "cc-by-4.0"
    assert licence_label("cc-by-sa-3.0") == "CC BY-SA 3.0" and licence_label("mit") is None
    with pytest.raises(InputError, match="'mit' is no licence"):
        draft(licence="mit")


@pytest.mark.parametrize("content", [b"", b"<html>%PDF", b"PK\x03\x04", b"x" * 2000 + b"%PDF-1.7"])
def test_only_a_pdf_is_taken(content: bytes) -> None:
    check_pdf(b"\xef\xbb\xbf%PDF-1.4\n")
    with pytest.raises(InputError, match="no PDF"):
        check_pdf(content)
