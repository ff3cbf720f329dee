"""Projects and codebooks: valid by the standard's schemas, with positions that hold, and nothing that may not leave."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pyrefiqda
from lxml import etree

from evigraph.review.coding.book import Book
from evigraph.review.coding.kinds import Code, Coding
from evigraph.review.exchange.refi_qda import MAX_QUOTATION, codebook, project
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.workspace import Workspace
from review.conftest import ANNA

TEXT = CanonicalText("\U0001f600 Cafe\u0301\r\nthey said \U00010348 here.\nNobody asked.", "made", ())
SPACE = {"q": "urn:QDA-XML:project:1.0"}


def exported(workspace: Workspace, review_id: str, is_free: bool) -> tuple[bytes, bytes, str]:
    record_id = next(iter(workspace.state(review_id).library.records))
    workspace.say(review_id, ANNA, "work", Code("Work \x01", color="#336699", description="what it is"))
    workspace.say(review_id, ANNA, "role", Code("Role", "work"))
    start = TEXT.text.index("said")
    workspace.say(review_id, ANNA, "c1", Coding("role", TEXT.anchor(record_id, start, start + 6)))
    book = Book(workspace.state(review_id))
    made = project(book, review_id, "A review", book.codings(), {ANNA: "Anna"}, {record_id: ("A", TEXT, is_free)})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        source = next(name for name in archive.namelist() if name.startswith("sources/"))
        return archive.read("project.qde"), codebook(book, review_id), archive.read(source).decode()


def test_positions_hold_in_code_points_and_only_passages_leave_a_closed_text(
    workspace: Workspace, review_id: str
) -> None:
    for is_free in (True, False):
        qde, _, text = exported(workspace, review_id, is_free)
        found = etree.fromstring(qde).find(".//q:PlainTextSelection", SPACE)
        assert found is not None
        assert text[int(found.get("startPosition", "")) : int(found.get("endPosition", ""))] == "said \U00010348"
        assert (text == TEXT.text) is is_free
    assert text.split() == ["said", "\U00010348"] and len(text) == len(TEXT.text)


def test_they_are_valid_by_the_schemas(workspace: Workspace, review_id: str, shared_data: Path) -> None:
    qde, qdc, _ = exported(workspace, review_id, False)
    for content, name in ((qde, "Project"), (qdc, "Codebook")):
        schema = etree.XMLSchema(etree.parse(shared_data / "qda" / f"{name}.xsd"))
        schema.assertValid(etree.fromstring(content))


def test_of_a_closed_text_a_long_passage_leaves_as_a_short_quotation(workspace: Workspace, review_id: str) -> None:
    text = CanonicalText("All of the article. " * 100, "made", ())
    record_id = next(iter(workspace.state(review_id).library.records))
    workspace.say(review_id, ANNA, "all", Code("All"))
    workspace.say(review_id, ANNA, "c1", Coding("all", text.anchor(record_id, 0, len(text.text))))
    book = Book(workspace.state(review_id))
    made = project(book, review_id, "A review", book.codings(), {}, {record_id: ("A", text, False)})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        source = next(name for name in archive.namelist() if name.startswith("sources/"))
        left = archive.read(source).decode()
    assert len(left) == len(text.text)
    assert left.rstrip() == text.text[:MAX_QUOTATION].rstrip()


def test_an_independent_reader_reads_them(workspace: Workspace, review_id: str, tmp_path: Path) -> None:
    record_id = next(iter(workspace.state(review_id).library.records))
    exported(workspace, review_id, True)
    book = Book(workspace.state(review_id))
    texts = {record_id: ("A", TEXT, True)}
    (tmp_path / "a.qdpx").write_bytes(project(book, review_id, "A review", book.codings(), {ANNA: "Anna"}, texts))
    (tmp_path / "a.qdc").write_bytes(codebook(book, review_id))
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
