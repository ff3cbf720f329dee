"""Addresses that are given as a whole begin with the address that is set, whatever a request came in by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from evigraph.errors import SettingsError
from evigraph.portal.app import create_app
from evigraph.settings import PortalSettings, Settings, load_settings

PUBLIC = "https://graph.example.org"


@pytest.mark.parametrize("stated", [PUBLIC, f"{PUBLIC}/"])
def test_no_door_gives_the_address_of_the_machine(small: Any, stated: str) -> None:
    settings = Settings(portal=PortalSettings(address=stated))
    client = TestClient(create_app(small.home, settings), base_url="http://10.0.0.7:8321", follow_redirects=False)
    for path in (
        f"/product/{small.article_id}",
        f"/product/{small.article_id}/linkset.json",
        f"/product/{small.article_id}/as/jsonld",
        "/search.atom?q=synthetic",
        "/works?search=synthetic",
        "/skg-if/products?page_size=2",
        "/bulk",
        "/sitemap.xml",
        "/oai?verb=Identify",
    ):
        answer = client.get(path)
        told = f"{answer.text} {answer.headers}"
        assert answer.status_code == 200, path
        assert PUBLIC in told, path
        assert not re.search(r"10\.0\.0\.7", told), path


@pytest.mark.parametrize("given", ["graph.example.org", "ftp://graph.example.org", "https://example.org/graph"])
def test_what_is_no_address_of_a_portal_is_refused_by_name(tmp_path: Path, given: str) -> None:
    (tmp_path / "evigraph.toml").write_text(f'[portal]\naddress = "{given}"\n')
    with pytest.raises(SettingsError, match=r"portal\.address"):
        load_settings(tmp_path)
