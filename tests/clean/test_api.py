from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from evigraph.clean import api
from evigraph.clean.crossref import crosswalk as crossref
from evigraph.errors import InputError


def test_every_source_has_a_crosswalk_and_facts() -> None:
    assert set(api.CROSSWALKS) == set(api.SOURCES)
    for name, facts in api.SOURCES.items():
        assert facts.label and facts.attribution.endswith(".")
        if name in ("exports", "reviews", "deposits"):
            # Many databases, or teams of this graph, each with a home and terms of its own.
            assert facts.home_page == facts.license_url == ""
            continue
        assert facts.home_page.startswith("https://")
        # A licence that is not known is left out, with its address.
        assert bool(facts.license) == facts.license_url.startswith("https://")


def test_an_unknown_source_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'scopus' has no crosswalk: use one of pubmed, crossref, openalex, openaire"):
        api.crosswalk_of("scopus")


def test_another_package_may_add_a_source_but_not_replace_one(monkeypatch: pytest.MonkeyPatch) -> None:
    added = EntryPoint("synthetic", "evigraph.clean.openaire.crosswalk:crosswalk", api.ENTRY_POINTS)
    broken = EntryPoint("broken", "evigraph.clean.nowhere:crosswalk", api.ENTRY_POINTS)
    taken = EntryPoint("crossref", "evigraph.clean.openaire.crosswalk:crosswalk", api.ENTRY_POINTS)
    monkeypatch.setattr(api, "_additions", lambda: {entry.name: entry for entry in (added, broken, taken)})
    assert api.source_names() == (*api.CROSSWALKS, "broken", "synthetic")
    assert api.crosswalk_of("synthetic").__module__ == "evigraph.clean.openaire.crosswalk"  # type: ignore[attr-defined]
    assert api.crosswalk_of("crossref") is crossref.crosswalk
    with pytest.raises(InputError, match=r"reinstall the package that has evigraph\.clean\.nowhere"):
        api.crosswalk_of("broken")
