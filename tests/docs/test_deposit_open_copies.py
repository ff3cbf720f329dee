"""What the page about deposits says is so: its settings, its table of policies, its addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from evigraph.deposit.policy import Policies
from evigraph.deposit.terms import VERSIONS
from evigraph.portal.people.gates import GATES
from evigraph.settings import DepositSettings, Settings, initial_file

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "deposit-open-copies.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_complete_and_right() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.M))
    assert set(told) == set(DepositSettings.model_fields)
    usual = DepositSettings()
    assert told["max_megabytes"].strip() == str(usual.max_megabytes)
    assert told["token_variable"].strip("` ") == usual.token_variable
    assert told["own_tokens"].strip("` ") == str(usual.own_tokens).lower()


def test_every_block_of_settings_is_taken() -> None:
    blocks = re.findall(r"(?:^    (?:\[\w+\]|\w+ = .*)\n)+", PAGE, re.M)
    assert len(blocks) == 3
    for block in blocks:
        Settings(**tomllib.loads(re.sub(r"^    ", "", block, flags=re.M)))
    commented = initial_file("x")
    section = commented[commented.index("[deposit]") :].split("\n\n")[0]
    assert Settings(**tomllib.loads(re.sub(r"^# ", "", section, flags=re.M))).deposit.repository


def test_the_table_of_policies_is_read(tmp_path: Path) -> None:
    match = re.search(r"^    (issn,version,.*)\n    (.+)$", PAGE, re.M)
    assert match is not None
    (tmp_path / "policies.csv").write_text(f"{match[1]}\n{match[2]}\n")
    (allowance,) = Policies.read(tmp_path / "policies.csv").of({"issn_print": "2049-3630"}) or ()
    assert (allowance.version, allowance.embargo_months) == ("accepted", 12)
    assert all(f"`{name}`" in PAGE for name in VERSIONS)


def test_the_address_of_ones_deposits_is_there() -> None:
    assert set(re.findall(r"`(/my/[a-z]+)`", PAGE)) == {"/my/deposits"} and ("GET", "/my/deposits") in GATES
