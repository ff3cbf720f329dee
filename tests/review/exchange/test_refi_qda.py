"""Projects and codebooks: valid by the standard's schemas, with positions that hold, and nothing that may not leave."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from lxml import etree

from evigraph.review.coding.book import Book
from evigraph.review.coding.kinds import Code, Coding
from evigraph.review.exchange.refi_qda import codebook, project
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
