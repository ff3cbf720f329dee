"""Authors' names."""

from __future__ import annotations

import pytest

from evigraph.clean.names import MAX_NAME_LENGTH, author, author_from_text, is_junk, parse_name


def test_author_in_display_order() -> None:
    assert author(
        given_name=" Ana  María ",
        family_name="Exempli,",
        suffix="Jr.",
        orcid="https://orcid.org/0000-0002-1825-0097",
        affiliations=["Institute of Examples", {"name": "School", "ror_id": "ror.org/03yrm5c26"}, None, "School", ""],
    ) == {
        "rank": None,
        "full_name": "Ana María Exempli Jr.",
        "given_name": "Ana María",
        "family_name": "Exempli",
        "orcid": "0000-0002-1825-0097",
        "is_group": False,
        "affiliations": [
            {"name": "Institute of Examples", "ror_id": None},
            {"name": "School", "ror_id": "https://ror.org/03yrm5c26"},
            {"name": "School", "ror_id": None},
        ],
    }


def test_wrong_orcid_is_left_out() -> None:
    found = author(family_name="Exempli", orcid="0000-0002-1825-0098")
    assert found is not None and found["orcid"] is None


def test_group_has_a_full_name_only() -> None:
    found = author(full_name="Synthetic <i>Study</i> Group", is_group=True)
    assert found is not None
    assert (found["full_name"], found["given_name"], found["family_name"], found["is_group"]) == (
        "Synthetic Study Group",
        None,
        None,
        True,
    )
    assert author(full_name="Anonymous", is_group=True) is None


@pytest.mark.parametrize(
    ("text", "given_name", "family_name", "full_name"),
    [
        ("Exempli, Ana María", "Ana María", "Exempli", "Ana María Exempli"),
        ("Ana María Exempli", "Ana María", "Exempli", "Ana María Exempli"),
        ("Ludwig van Sample", "Ludwig", "van Sample", "Ludwig van Sample"),
        ("van der Sample, L.", "L.", "van der Sample", "L. van der Sample"),
        ("Sample, Lou, Jr.", "Lou", "Sample", "Lou Sample Jr"),
        ("Sample, Jr., Lou", "Lou", "Sample", "Lou Sample Jr"),
        ("Lou Sample III", "Lou", "Sample", "Lou Sample III"),
        ("Sample, Lou III", "Lou", "Sample", "Lou Sample III"),
        ("王小明", None, None, "王小明"),
        ("Plato", None, None, "Plato"),
        ("A, B, C, D", None, None, "A, B, C, D"),
        ("Sample, Lou*†", "Lou", "Sample", "Lou Sample"),
    ],
)
def test_author_from_text(text: str, given_name: str | None, family_name: str | None, full_name: str) -> None:
    found = author_from_text(text)
    assert found is not None
    assert (found["given_name"], found["family_name"], found["full_name"]) == (given_name, family_name, full_name)


@pytest.mark.parametrize(
    "junk",
    [
        "Anonymous",
        "anonymous.",
        "Unknown",
        "n.n.",
        "N. N.",
        ":unav",
        "(:unkn)",
        ":null",
        "et al.",
        "[s.n.]",
        "12",
        "...",
        "?",
    ],
)
def test_junk_is_no_author(junk: str) -> None:
    assert is_junk(junk)
    assert author_from_text(junk) is None
    assert author(family_name=junk) is None


@pytest.mark.parametrize("parts", [("Author", "Unknown"), ("Unknown", "Unknown"), (None, None), ("", " ")])
def test_junk_in_parts_is_no_author(parts: tuple[str | None, str | None]) -> None:
    assert author(given_name=parts[0], family_name=parts[1]) is None


@pytest.mark.parametrize(
    ("given_name", "family_name"),
    [("Ilker", "Unal"), ("Li", "Na"), ("Jo", "Null"), ("Anon", "Ymous"), ("Tess", "Test")],
)
def test_real_names_that_look_like_junk_stay(given_name: str, family_name: str) -> None:
    found = author(given_name=given_name, family_name=family_name)
    assert found is not None and found["full_name"] == f"{given_name} {family_name}"


def test_stated_full_name_gives_its_suffix() -> None:
    found = author(given_name="Lou", family_name="Sample", full_name="Lou Sample Jr")
    assert found is not None and found["full_name"] == "Lou Sample Jr"
    found = author(given_name="Lou", family_name="Sample", full_name="Sample, Lou")
    assert found is not None and found["full_name"] == "Lou Sample"


def test_endless_name_is_cut() -> None:
    found = author_from_text("Name" * 1000)
    assert found is not None and len(found["full_name"]) == MAX_NAME_LENGTH


def test_parse_name_without_parts() -> None:
    assert parse_name("") == (None, None, None)
    assert parse_name(",,") == (None, None, None)
