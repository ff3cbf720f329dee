from __future__ import annotations

from typing import Any

import pytest

from evigraph.deduplicate.organizations import STEPS, domain_of
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.entities import ORGANIZATION
from evigraph.model.tables import DECISION

ROR = "https://ror.org/0abcdef12"
OTHER_ROR = "https://ror.org/0zyxwvu98"
NAME = "University of Imaginary Studies"


def organization(key: str, ror: str | None = None, **stated: Any) -> dict[str, Any]:
    source, _, source_key = key.partition(":")
    usual = {
        "legal_name": NAME,
        "country_code": "XX",
        "website_url": "https://www.imaginary.example/en/",
        "is_mention": False,
        "pids": [{"scheme": "ror", "value": ror}] if ror else [],
    }
    place = {"organization_id": key, "source": source, "source_key": source_key, "payload": "x", "position": 0}
    return {**place, **usual, **stated}


def decision(kind: str, left: str, right: str, number: int = 1) -> dict[str, Any]:
    return {"decision_id": f"d{number}", "kind": kind, "subject_l": left, "subject_r": right}


def made(
    rows: list[dict[str, Any]], decisions: list[dict[str, Any]] | None = None
) -> tuple[dict[str, str], dict[tuple[str, str], dict[str, Any]], dict[str, Any]]:
    """The group of each organization, the suggestions by pair, and the facts."""
    given = {"organization": ORGANIZATION.from_rows(rows), "decision": DECISION.from_rows(decisions or [])}
    tables, facts = run_in_memory(STEPS, given, {})
    member = {row["organization_id"]: row["group_id"] for row in tables["organization_member"].to_pylist()}
    suggested = {
        (row["organization_id_l"], row["organization_id_r"]): row
        for row in tables["organization_suggestion"].to_pylist()
    }
    return member, suggested, facts


def test_one_ror_id_makes_one_organization_whatever_the_name() -> None:
    member, suggested, _ = made(
        [
            organization("ror:0abcdef12", ROR),
            organization("openaire:1", ROR, legal_name="Imaginary U.", country_code=None, website_url=None),
            organization("openaire:2", legal_name="Elsewhere", website_url=None),
        ]
    )
    assert member == {"ror:0abcdef12": "ror:0abcdef12", "openaire:1": "ror:0abcdef12", "openaire:2": "openaire:2"}
    assert suggested == {}


def test_name_country_and_domain_only_suggest() -> None:
    member, suggested, _ = made([organization("ror:0abcdef12", ROR), organization("openaire:1")])
    assert member["openaire:1"] == "openaire:1"
    (told,) = suggested.values()
    assert told["score"] == 1.0
    assert told["explanation"] == "the same name, both in XX, both at imaginary.example"


@pytest.mark.parametrize(
    "stated",
    [
        {"country_code": "YY"},
        {"country_code": None},
        {"website_url": "https://other.example"},
        {"legal_name": "Institute of Something Else"},
        {"legal_name": f"{NAME} 2"},
        {"pids": [{"scheme": "ror", "value": OTHER_ROR}]},
    ],
)
def test_what_speaks_against_is_not_suggested(stated: dict[str, Any]) -> None:
    _, suggested, _ = made([organization("a:1", ROR), organization("b:2", **stated)])
    assert suggested == {}


def test_the_same_name_without_a_home_page_is_suggested_and_says_so() -> None:
    _, suggested, _ = made([organization("a:1"), organization("b:2", website_url=None)])
    assert "states a home page" in suggested["a:1", "b:2"]["explanation"]


def test_another_spelling_at_the_same_domain_is_suggested() -> None:
    _, suggested, _ = made([organization("a:1"), organization("b:2", legal_name="Universitiy of Imaginary Studies")])
    assert 0.9 <= suggested["a:1", "b:2"]["score"] < 1


def test_people_decide_and_it_binds() -> None:
    rows = [organization("a:1", ROR), organization("b:2"), organization("c:3")]
    member, suggested, _ = made(rows, [decision("same", "b:2", "a:1"), decision("different", "c:3", "b:2", 2)])
    assert member == {"a:1": "ror:0abcdef12", "b:2": "ror:0abcdef12", "c:3": "c:3"}
    assert set(suggested) == {("a:1", "c:3")}
    # Taken back, it is as it was.
    assert made(rows) == made(rows, [])
    assert made(rows)[0]["b:2"] == "b:2"


def test_a_decision_against_the_registry_is_not_followed_and_counted() -> None:
    rows = [organization("a:1", ROR), organization("b:2", OTHER_ROR)]
    member, _, facts = made(rows, [decision("same", "a:1", "b:2")])
    assert len(set(member.values())) == 2
    assert facts["n_refused_decisions"] == 1


def test_a_domain_of_everybody_suggests_nobody() -> None:
    rows = [organization(f"a:{number}", legal_name=f"Imaginary Press {'abcdefgh'[number % 8]}") for number in range(60)]
    _, suggested, _ = made(rows)
    assert all("same name" in row["explanation"] for row in suggested.values())


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.X.example/path", "x.example"),
        ("www.x.example", "x.example"),
        ("http://x.example:8080/", "x.example"),
        ("nonsense", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_domains(url: str | None, domain: str | None) -> None:
    assert domain_of(url) == domain


def test_no_organizations() -> None:
    assert made([])[0] == {}
