from __future__ import annotations

import pytest

from evigraph.store.query import MAX_WORDS, And, Exact, Not, Or, Phrase, Word, Years, any_of, parse


def words(*texts: str) -> And:
    return And(tuple(Word(text) for text in texts))


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", None),
        ("   ", None),
        ("peer", Word("peer")),
        ("peer support", words("peer", "support")),
        ("peer AND support", words("peer", "support")),
        ("peer OR support", Or((Word("peer"), Word("support")))),
        ("a b OR c", Or((words("a", "b"), Word("c")))),
        ("a NOT b", And((Word("a"), Not(Word("b"))))),
        ("a AND NOT b", And((Word("a"), Not(Word("b"))))),
        ("a -b", And((Word("a"), Not(Word("b"))))),
        ('-"peer support"', Not(Phrase("peer support"))),
        ("(a OR b) c", And((Or((Word("a"), Word("b"))), Word("c")))),
        ('"peer support" trial', And((Phrase("peer support"), Word("trial")))),
        ("“peer support”", Phrase("peer support")),
        ("peer*", Word("peer", is_prefix=True)),
        ("title:peer*", Word("peer", "title", is_prefix=True)),
        ('title:"peer support"', Phrase("peer support", "title")),
        ("title:(a OR b)", Or((Word("a", "title"), Word("b", "title")))),
        ("au:Goh", Word("Goh", "author")),
        ("year:2014-2022", Years(2014, 2022)),
        ("year:2022-2014", Years(2014, 2022)),
        ("year:2014", Years(2014, 2014)),
        ("year:2014-", Years(2014, None)),
        ("year:-2014", Years(None, 2014)),
        ("year:>=2014", Years(2014, None)),
        ("year:<2014", Years(None, 2013)),
        ('year:"2014–2022"', Years(2014, 2022)),
        ("doi:10.5555/A.b", Exact("pid", "doi:10.5555/a.b")),
        ("https://doi.org/10.5555/A.b", Exact("pid", "doi:10.5555/a.b")),
        ("10.1016/S0140-6736(20)30183-5", Exact("pid", "doi:10.1016/s0140-6736(20)30183-5")),
        ("(10.5555/a).", Exact("pid", "doi:10.5555/a")),
        ("pmid:39252191", Exact("pid", "pmid:39252191")),
        ("0000-0002-1825-0097", Exact("orcid", "0000-0002-1825-0097")),
        ("orcid:https://orcid.org/0000-0002-1825-0097", Exact("orcid", "0000-0002-1825-0097")),
        ("PMC123", Exact("pid", "pmc:PMC123")),
        ("type:article", Exact("type", "article")),
        ("2014", Word("2014")),
        ("Title: a study", words("Title:", "a", "study")),
        ("Coping: a study", words("Coping:", "a", "study")),
        ("see:also", Word("see:also")),
        ('an "open quote', words("an", "open", "quote")),
        (")(", None),
        ("((a", Word("a")),
        ("a))", Word("a")),
        ("OR a", Word("a")),
        ("a OR", Word("a")),
        ("a NOT", Word("a")),
        ("- a", Word("a")),
        ("a & b ...", words("a", "b")),
        ("EFFECTS OF A OR NOT B", words("EFFECTS", "OF", "A", "OR", "NOT", "B")),
    ],
)
def test_what_is_understood(text: str, node: object) -> None:
    assert parse(text).node == node


def test_what_cannot_be_taken_literally_is_said() -> None:
    parsed = parse("year:soon doi:nothing")
    assert parsed.node == words("soon", "nothing")
    assert len(parsed.notes) == 2 and "soon" in parsed.notes[0] and "nothing" in parsed.notes[1]


def test_deep_brackets_and_long_texts_are_cut() -> None:
    assert parse("(" * 5000 + "a" + ")" * 5000).node in (None, Word("a"))
    node = parse("word " * 5000).node
    assert isinstance(node, And) and len(node.nodes) == MAX_WORDS


def test_any_of_keeps_what_is_excluded() -> None:
    node = parse("a b -c").node
    assert node is not None
    assert any_of(node) == And((Or((Word("a"), Word("b"))), Not(Word("c"))))
    assert any_of(Word("a")) == Word("a")
