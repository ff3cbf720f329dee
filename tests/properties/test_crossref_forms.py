"""The usual form of a Crossref work is only a faster way: it says what reading with forbearance says."""

from __future__ import annotations

import copy
import gzip
import json
import random
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evigraph.clean.crossref import crosswalk as crossref
from evigraph.clean.crossref.work import Work, _as_form, usual_work, work_of
from evigraph.clean.markup import BREAK
from evigraph.clean.names import are_plain_names, author, is_plain_family, plain_author
from evigraph.clean.text import _plain_paragraphs, _settled

CORPUS = Path(__file__).parents[1] / "corpus" / "crossref"
WHOLE: dict[str, Any] = json.loads((CORPUS / "every-field.json").read_text("utf-8"))["message"]

#: What stands where something else should, or nearly as it should.
ODD: list[Any] = [
    *(None, True, 3, 2.5, -1, 10**15, "", "  ", " x ", "a  b", "a\nb", "a\ufffcb", "\u200bz", "e\u0301", "\u0000"),
    *("<i>x</i> y", "a & b", "x &amp; y", "~ x ~", "Unknown", "et al", "Jr.", "van der Berg", "Smith-Jones", ":unav"),
    *("anonymous", "https://example.org", "10.1234/5678", "10.1000/None", "10.5555/A\nB", "10.5555/AB\n"),
    *("doi:10.5555/%2fx", [], ["a"], [" b ", None, ""], [3], [None], [[2020, 1]], {}, {"a": 1}, [{}]),
    *({"date-parts": [[2020, "5", 1]]}, {"date-parts": [[None]]}, {"date-parts": [[2020, 1, 10**18]]}),
]


def batches(path: Path) -> dict[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = {}
    for name, batch in crossref.crosswalk(str(path)):
        told.setdefault(name, []).extend(batch.to_pylist())
    return told


def with_forbearance(path: Path) -> dict[str, list[dict[str, Any]]]:
    with (
        patch.object(crossref, "usual_work", lambda line: None),
        patch.object(crossref, "work_of", lambda stated: _as_form(Work, stated)),
    ):
        return batches(path)


def assert_same(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "works.jsonl"
        path.write_bytes(b"\n".join(lines))
        usual, forbearing = batches(path), with_forbearance(path)
        for name in usual.keys() | forbearing.keys():
            assert usual.get(name, []) == forbearing.get(name, [])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))]


def changed(work: dict[str, Any], number: int, choose: random.Random) -> dict[str, Any]:
    """The work with some of its values replaced by odd ones, or lengthened by odd endings."""
    work = copy.deepcopy(work)
    work["DOI"] = f"{work.get('DOI', '10.5555/x')}.{number}"
    for _ in range(choose.choice((0, 1, 1, 2, 5, 10))):
        *path, name = choose.choice(places(work)[1:])
        target: Any = work
        for key in path:
            target = target[key]
        if choose.random() < 0.5 and isinstance(target[name], str):
            target[name] += choose.choice([" ", "\n", "  x", "é", "\u0301", "&", "<p>", "\u0001", ",", " Unknown", "~"])
        else:
            target[name] = copy.deepcopy(choose.choice(ODD))
    return work


def damaged(line: bytes, choose: random.Random) -> bytes:
    at = choose.randrange(len(line))
    bad = choose.choice([b"\xff", b'"', b"}", b"\\ud800", b"\\u0041", b"\x01", b"NaN", b"", b"\xed\xa0\x80", b"1e999"])
    return line[:at] + bad + line[at + choose.choice((0, 1)) :]


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_hostile_works_are_read_alike(seed: int) -> None:
    choose = random.Random(seed)
    lines = [orjson.dumps(changed(WHOLE, number, choose)) for number in range(12)]
    lines += [damaged(line, choose) for line in lines[:3]]
    lines += [b"", b" ", b"3", b"[1]", b"{}", b'{"items":null}', b'{"message":%b}' % lines[0], b'{"data":[1]}']
    choose.shuffle(lines)
    assert_same(lines)


@pytest.mark.parametrize("name", ["DOI", "abstract", "author", "reference", "issued", "score"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_each_odd_value_is_read_alike(name: str, odd: Any) -> None:
    assert_same([orjson.dumps({**WHOLE, name: odd})])


def test_real_works_are_read_alike(shared_data: Path) -> None:
    choose = random.Random(7)
    n_works = n_usual = 0
    for path in sorted((shared_data / "crossref").glob("*.jsonl.gz")):
        assert batches(path) == with_forbearance(path)
        with gzip.open(path) as file:
            lines = file.read().splitlines()
        n_works += len(lines)
        n_usual += sum(usual_work(line) is not None for line in lines)
        assert_same([orjson.dumps(changed(orjson.loads(line), n, choose)) for n, line in enumerate(lines[:150])])
    assert n_usual > 0.99 * n_works


def test_a_member_of_no_interest_that_is_not_utf8_is_no_usual_work() -> None:
    assert usual_work(b'{"DOI":"10.5555/1","note":"\xff"}') is None
    assert usual_work(b'{"DOI":"10.5555/1","items":null}') is None
    assert work_of({"DOI": ["10.5555/1"], "author": {"given": 3}}).DOI == "10.5555/1"


FLOW = st.lists(
    st.sampled_from(
        [
            *("<jats:p>", "</jats:p>", "<p>", "</p>", "<jats:title>", "</jats:title>", "<title>", "</title>", "<sec>"),
            *("</jats:sec>", "<jats:italic>", "</jats:italic>", "<jats:bold>b</jats:bold>", "</jats:sub>", "<sup>"),
            *("a", "b ", " ", "  ", "\n", "\t", "\0", "Abstract", "Methods.", "x:", "e\u0301", "\u0301", "\u00a0"),
            *("& ", "&amp;", "<", ">", "\u0085", "\u2028", "1", ".", "\ufffc", "\ufeff", "\u200b", "é"),
        ]
    ),
    max_size=10,
).map("".join)


@settings(max_examples=1000)
@given(FLOW)
@example("<jats:italic><jats:title></jats:italic>é</jats:title>")
@example(
    "<jats:title>Abstract</jats:title>\n <jats:p>One <jats:italic>two</jats:italic>.</jats:p><jats:p>Three</jats:p>"
)
@example("<jats:sec><jats:title>Aim</jats:title><jats:p>One</jats:p></jats:sec>")
def test_plain_paragraphs_are_what_the_markup_means(markup: str) -> None:
    if "<" in markup and (plain := _plain_paragraphs(markup)):
        assert plain == _settled(markup, has_headings=True).replace(BREAK, "\n")


def test_most_abstracts_of_a_simple_form_are_plain_paragraphs() -> None:
    markup = "<jats:title>Abstract</jats:title><jats:p>One\n  two.</jats:p><jats:title>Aim</jats:title><p>3</p>"
    assert _plain_paragraphs(markup) == "One two.\nAim: 3"


NAMES = st.lists(
    st.sampled_from(
        [
            *("Ana", "B.", "é", "de", "van", "Test", "User", "Unknown", "Smith-Jones", "O'Neil", " ", "  ", "-", "~"),
            *(",", ":", "://", "&", "<i>", "§", "anonymous author", "deactivated", "e\u0301", "2nd", "\n", "et", "al"),
        ]
    ),
    min_size=1,
    max_size=4,
).map("".join)


@settings(max_examples=500)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=3))
def test_a_plain_name_is_what_a_closer_look_makes_of_it(people: list[tuple[str, str]]) -> None:
    if are_plain_names([f"{given} {family}" for given, family in people]):
        for given, family in people:
            if is_plain_family(family):
                assert plain_author(given, family, None, ()) == author(given_name=given, family_name=family)
