from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evigraph.store.query import parse
from evigraph.store.snippets import Marker


def marks(query: str, text: str) -> list[str]:
    return [run for run, found in Marker(parse(query).node).runs(text) if found]


def test_what_is_marked() -> None:
    text = "Experiences of peer-support: Études, supporting peers."
    assert marks("experience", text) == ["Experiences"]
    assert marks("etude supports", text) == ["support", "Études", "supporting"]
    assert marks('"peer support"', text) == ["peer-support"]
    assert marks("peer* -support", text) == ["peer", "peers"]
    assert marks("the of", text) == []
    assert marks("", text) == []


def test_a_snippet_shows_the_words_found() -> None:
    text = "Nothing here. " * 60 + "At last the peer met support. " + "And nothing more. " * 60
    runs = Marker(parse("peer support").node).snippet(text)
    shown = "".join(run for run, _ in runs)
    assert [run for run, found in runs if found] == ["peer", "support"]
    assert shown.startswith("… ") and shown.endswith(" …") and len(shown) < 300
    plain = "".join(run for run, _ in Marker(None).snippet(text))
    assert plain.startswith("Nothing here.") and plain.endswith(" …")


@given(text=st.text(max_size=200), query=st.text(max_size=20))
def test_marking_never_changes_the_text(text: str, query: str) -> None:
    marker = Marker(parse(query).node)
    assert "".join(run for run, _ in marker.runs(text)) == text
    snippet = "".join(run for run, _ in marker.snippet(text, width=1000))
    assert snippet == " ".join(text.split())
