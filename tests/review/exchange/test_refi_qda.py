"""Projects and codebooks: valid by the standard's schemas, with positions that hold, and nothing that may not leave."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pyrefiqda
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from evigraph.review.coding.book import Book
from evigraph.review.coding.kinds import Code, Coding
from evigraph.review.exchange.quotations import CUT, MAX_OF_TEXT, MAX_QUOTATION, Quotations
from evigraph.review.exchange.refi_qda import codebook, project
from evigraph.review.kinds import Report
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.workspace import Workspace
from review.conftest import ANNA

TEXT = CanonicalText("\U0001f600 Cafe\u0301\r\nthey said \U00010348 here.\n" + "Nobody asked. " * 20, "made", ())
SPACE = {"q": "urn:QDA-XML:project:1.0"}
OPEN, CLOSED = "https://creativecommons.org/licenses/by/4.0/", ""


def write_project(
    workspace: Workspace, review_id: str, text: CanonicalText, license_url: str, names: dict[str, str] | None = None
) -> bytes:
    """The project of a review whose first record has this text, under this licence."""
    record_id = next(iter(workspace.state(review_id).library.records))
    workspace.say(review_id, ANNA, record_id, Report("retrieved", "0" * 64, "a.xml", "text/xml", license_url))
    state = workspace.state(review_id)
    book, quotations = Book(state), Quotations(state, {record_id: len(text.text)})
    return project(book, review_id, "A review", book.codings(), names or {}, {record_id: ("A", text)}, quotations)


def source_of(made: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return archive.read(next(name for name in archive.namelist() if name.startswith("sources/"))).decode()


def qde_of(made: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return etree.fromstring(archive.read("project.qde"))


def say_codes(workspace: Workspace, review_id: str) -> None:
    record_id = next(iter(workspace.state(review_id).library.records))
    workspace.say(review_id, ANNA, "work", Code("Work \x01", color="#336699", description="what it is"))
    workspace.say(review_id, ANNA, "role", Code("Role", "work"))
    start = TEXT.text.index("said")
    workspace.say(review_id, ANNA, "c1", Coding("role", TEXT.anchor(record_id, start, start + 6)))


def code(workspace: Workspace, review_id: str, text: CanonicalText, spans: Iterable[tuple[int, int]]) -> None:
    record_id = next(iter(workspace.state(review_id).library.records))
    workspace.say(review_id, ANNA, "all", Code("All"))
    for n, (start, end) in enumerate(spans):
        workspace.say(review_id, ANNA, f"c{n}", Coding("all", text.anchor(record_id, start, end)))


def test_positions_hold_in_code_points_and_only_passages_leave_a_closed_text(
    workspace: Workspace, review_id: str
) -> None:
    say_codes(workspace, review_id)
    for license_url in (OPEN, CLOSED):
        made = write_project(workspace, review_id, TEXT, license_url)
        found, text = qde_of(made).find(".//q:PlainTextSelection", SPACE), source_of(made)
        assert found is not None
        assert text[int(found.get("startPosition", "")) : int(found.get("endPosition", ""))] == "said \U00010348"
        assert (text == TEXT.text) is (license_url == OPEN)
    assert text.split() == ["said", "\U00010348"] and len(text) == len(TEXT.text)


def test_they_are_valid_by_the_schemas(workspace: Workspace, review_id: str, shared_data: Path) -> None:
    say_codes(workspace, review_id)
    qde = qde_of(write_project(workspace, review_id, TEXT, CLOSED))
    qdc = etree.fromstring(codebook(Book(workspace.state(review_id)), review_id))
    for content, name in ((qde, "Project"), (qdc, "Codebook")):
        etree.XMLSchema(etree.parse(shared_data / "qda" / f"{name}.xsd")).assertValid(content)


LONG = CanonicalText("".join(f"word{n:05d} " for n in range(5_000)), "made", ())


@pytest.mark.parametrize("size", [290, 100, 40, len(LONG.text)])
def test_of_a_closed_text_coded_from_end_to_end_little_leaves(workspace: Workspace, review_id: str, size: int) -> None:
    """Whether in one passage or in many that adjoin: they add up to one short quotation each, and few of them."""
    spans = ((start, min(start + size, len(LONG.text))) for start in range(0, 60 * size, size))
    code(workspace, review_id, LONG, (span for span in spans if span[0] < span[1]))
    left = source_of(write_project(workspace, review_id, LONG, CLOSED))
    assert len(left) == len(LONG.text)
    assert 0 < sum(sign != " " for sign in left) <= MAX_QUOTATION
    whole = source_of(write_project(workspace, review_id, LONG, OPEN))
    assert whole == LONG.text


_SPANS = st.lists(st.tuples(st.integers(0, len(LONG.text) - 1), st.integers(1, 700)), min_size=1, max_size=60)


@given(_SPANS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_coded_passages_are_short_and_a_tenth_at_most(
    workspace: Workspace, review_id: str, spans: list[tuple[int, int]]
) -> None:
    record_id = next(iter(workspace.state(review_id).library.records))
    quotations = Quotations(workspace.state(review_id), {record_id: len(LONG.text)})
    signs = [" "] * len(LONG.text)
    for start, size in spans:
        words = LONG.text[start : start + size]
        quoted = quotations.passage(record_id, start, words)
        assert words.startswith(quoted)
        signs[start : start + len(quoted)] = ["x"] * len(quoted)
    shown = "".join(signs)
    runs = [len(run.strip()) for run in re.split(" {21,}", shown)]
    assert max(runs) <= MAX_QUOTATION
    assert shown.count("x") <= MAX_OF_TEXT


def test_quotations_without_a_place_add_up_too(workspace: Workspace, review_id: str) -> None:
    record_id = next(iter(workspace.state(review_id).library.records))
    quotations = Quotations(workspace.state(review_id), {record_id: 10_000})
    told = [quotations.words(record_id, f"{n:03d}{'x' * 197}") for n in range(20)]
    assert [len(one) for one in told[:5]] == [200] * 5
    assert told[5:] == [CUT] * 15 and quotations.n_cut == 15
    assert quotations.words(record_id, f"000{'x' * 197}") == told[0]


def test_a_coding_goes_with_its_words_and_is_named_where_they_are_gone(workspace: Workspace, review_id: str) -> None:
    say_codes(workspace, review_id)
    moved = CanonicalText(f"A new first page.\n{TEXT.text}", "made", ())
    found = qde_of(write_project(workspace, review_id, moved, OPEN)).find(".//q:PlainTextSelection", SPACE)
    assert found is not None
    assert moved.text[int(found.get("startPosition", "")) : int(found.get("endPosition", ""))] == "said \U00010348"
    other = CanonicalText("All of it was written anew.", "made", ())
    qde = qde_of(write_project(workspace, review_id, other, OPEN))
    assert qde.find(".//q:PlainTextSelection", SPACE) is None
    described = qde.findtext(".//q:TextSource/q:Description", namespaces=SPACE)
    assert described == "Not found in this text any more: Role: said \U00010348"


def test_an_independent_reader_reads_them(workspace: Workspace, review_id: str, tmp_path: Path) -> None:
    say_codes(workspace, review_id)
    (tmp_path / "a.qdpx").write_bytes(write_project(workspace, review_id, TEXT, OPEN, {ANNA: "Anna"}))
    (tmp_path / "a.qdc").write_bytes(codebook(Book(workspace.state(review_id)), review_id))
    read = pyrefiqda.RefiProject.load(tmp_path / "a.qdpx", str(tmp_path / "unpacked"))
    assert [user.name for user in read.users.user] == ["Anna"]
    [top] = read.code_book.codes.code
    assert (top.name, top.color, [child.name for child in top.code]) == ("Work \ufffd", "#336699", ["Role"])
    [source] = read.sources.text_source
    [selection] = source.plain_text_selection
    path = pyrefiqda.RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "unpacked")
    text = path.read_bytes().decode()
    assert text[selection.start_position : selection.end_position] == "said \U00010348"
    assert selection.coding[0].code_ref.target_guid == top.code[0].guid
    [alone] = pyrefiqda.RefiCodebook.load(tmp_path / "a.qdc").codes.code
    assert (alone.name, [child.name for child in alone.code]) == ("Work \ufffd", ["Role"])


def test_a_passage_that_left_is_told_again_without_counting_twice(workspace: Workspace, review_id: str) -> None:
    record_id = next(iter(workspace.state(review_id).library.records))
    quotations = Quotations(workspace.state(review_id), {record_id: 2_000})
    words = "x" * 150
    assert quotations.passage(record_id, 0, words) == words
    assert quotations.words(record_id, words) == words
    # Of the 200 characters that may leave, fifty are left.
    assert quotations.words(record_id, "y" * 150) == "y" * 50 + CUT
