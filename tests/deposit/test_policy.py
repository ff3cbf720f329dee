"""What journals allow, read from the operator's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evigraph.deposit.policy import Allowance, Policies
from evigraph.errors import SettingsError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policies"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table(tmp_path: Path) -> None:
    text = "issn,version,licence,embargo_months,where,conditions,address\n"
    text += "2049-3630;1234-5679,accepted,CC-BY-NC-ND-4.0,12,any repository,link to the DOI,https://a.example/p\n"
    text += "1234-5679,submitted,,,,,\n"
    policies = Policies.read(written(tmp_path, text))
    accepted = Allowance(
        "accepted", 12, ("cc-by-nc-nd-4.0",), "any repository", ("link to the DOI",), "https://a.example/p"
    )
    assert policies.of({"issn_print": "20493630"}) == (accepted,)
    assert policies.of({"issn_online": "1234-5679"}) == (accepted, Allowance("submitted"))
    assert policies.of({"issn_linking": "0000-0000"}) is None and policies.of(None) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("journal,version\nx,accepted\n", "columns issn and version"),
        ("issn,version,colour\nx,accepted,green\n", "columns issn and version"),
        ("issn,version\n1234-5678,accepted\n", "line 2: '1234-5678' is no ISSN"),
        ("issn,version\n2049-3630,preprint\n", "line 2: a version is one of accepted"),
        ("issn,version,embargo_months\n2049-3630,accepted,one\n", "line 2: embargo_months"),
        ("issn,version,licence\n2049-3630,accepted,green\n", "line 2: a licence"),
        ('{"items": 3}', "Sherpa Romeo"),
        ("[1]", "Sherpa Romeo"),
        ("{", "Sherpa Romeo"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word):
        Policies.read(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        Policies.read(tmp_path / "none.csv")


def test_an_answer_of_sherpa_romeo(tmp_path: Path) -> None:
    permitted: list[dict[str, Any]] = [
        {
            "additional_oa_fee": "no",
            "article_version": ["accepted", "submitted"],
            "embargo": {"amount": 2, "units": "years"},
            "license": [{"license": "cc_by_nc_nd"}, {"license": "bespoke_license"}],
            "location": {"location": ["institutional_repository", "named_repository"]},
            "conditions": ["Must link to the published article"],
        },
        {"additional_oa_fee": "yes", "article_version": ["published"]},
        {"article_version": ["published"], "embargo": {"amount": 6, "units": "weeks"}, "license": [{"license": "cc0"}]},
    ]
    item = {
        "issns": [{"issn": "2049-3630"}, {"issn": "none"}],
        "publisher_policy": [{"uri": "https://sherpa.example/1", "permitted_oa": permitted}],
    }
    for told in ({"items": [item]}, [{"items": [item]}, item]):
        policies = Policies.read(written(tmp_path, json.dumps(told)))
        found = policies.of({"issn_linking": "2049-3630"})
        assert found is not None
        assert [(one.version, one.embargo_months, one.licences) for one in found] == [
            ("accepted", 24, ("cc-by-nc-nd-4.0",)),
            ("submitted", 24, ("cc-by-nc-nd-4.0",)),
            ("published", 2, ("cc0-1.0",)),
        ]
        assert found[0].where == "institutional repository, named repository"
        assert found[0].conditions == ("Must link to the published article",)


@pytest.mark.parametrize(
    ("published_on", "months", "until"),
    [
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-11-05", 14, "2025-01-05"),
        ("2023-05", 12, "2024-05-31"),
        ("2023", 6, "2024-06-30"),
        (None, 6, None),
        ("2023", 0, None),
        ("2023", None, None),
    ],
)
def test_when_an_embargo_ends(published_on: str | None, months: int | None, until: str | None) -> None:
    assert Allowance("accepted", months).closed_until(published_on) == until
