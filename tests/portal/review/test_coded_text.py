"""The page of a report's text: passages by positions, marks that overlap, a text that is replaced, one being read."""

from __future__ import annotations

import html
import re
import struct
import threading
import zlib

import pytest

from evigraph.portal.review import readings
from evigraph.review.kinds import Report
from evigraph.review.retrieval import JATS, PDF
from evigraph.review.texts import pdf_pictures
from evigraph.review.texts.jats import jats_text
from portal.review.conftest import ANNA, BEN, LEAD, Served
from review.texts.test_anchors import pdf_of

SAID = "Peers said that they belong to the team. Nobody asked them \U0001f600 why."


def article(*paragraphs: str) -> bytes:
    inside = "".join(f"<p>{words}</p>" for words in paragraphs)
    return f"<article><body><title>Findings</title>{inside}</body></article>".encode()


def attach(served: Served, head: str, content: bytes, media_type: str = JATS) -> Report:
    sha256 = served.workspace.files(served.review_id).keep(content)
    report = Report("retrieved", sha256, "a", media_type)
    served.workspace.say(served.review_id, LEAD, head, report)
    return report


@pytest.fixture
def head(served: Served) -> str:
    head = served.heads[0]
    attach(served, head, article(SAID))
    for code_id, name in (("role", "Role <i>"), ("fear", "Fear")):
        served.post(ANNA, "coding", action="code", subject=code_id, name=name)
    return head


def code(served: Served, head: str, code_id: str, words: str, status: int = 303, **fields: str) -> str:
    text = jats_text(article(SAID)).text
    start = text.index(words)
    place = {"start": str(start), "end": str(start + len(words)), "exact": words}
    return served.post(ANNA, "coding", status, action="coding", record=head, code=code_id, **(place | fields))


def marks(page: str) -> list[tuple[str, str]]:
    """Label and words of the marked pieces in their order."""
    found = re.findall(r'<mark class="coded [^"]*"(?: data-label="([^"]*)")?>([^<]*)</mark>', page)
    return [(html.unescape(label), html.unescape(words)) for label, words in found]


def test_passages_that_overlap_are_marked_piece_by_piece_with_their_codes(served: Served, head: str) -> None:
    code(served, head, "role", "they belong to the team")
    code(served, head, "fear", "belong to the team. Nobody asked them \U0001f600 why")
    page = served.get(ANNA, f"coding/{head}")
    assert marks(page) == [
        ("Role <i>", "they "),
        ("Fear", "belong to the team"),
        ("", ". Nobody asked them \U0001f600 why"),
    ]
    # The piece under both codes has the colours of both, on tracks of their own.
    both = re.search(r'<mark class="coded ([^"]*)" data-label="Fear"', page)
    assert both and sorted(one[0] for one in both[1].split()) == ["a", "b"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"exact": "they do not"}, "stand elsewhere"),
        ({"end": "99999"}, "ends after"),
        ({"end": "0"}, "empty"),
        ({"start": "²"}, "no place"),
    ],
)
def test_positions_without_the_words_that_stand_there_are_refused(
    served: Served, head: str, fields: dict[str, str], says: str
) -> None:
    assert says in html.unescape(code(served, head, "role", "they belong", 400, **fields))


def test_after_a_text_is_replaced_codings_follow_their_words_or_are_listed_as_lost(served: Served, head: str) -> None:
    code(served, head, "role", "they belong to the team")
    code(served, head, "fear", "Nobody asked them \U0001f600 why")
    attach(served, head, article("A new first paragraph.", "Peers said that they belong to the team."))
    page = served.get(ANNA, f"coding/{head}")
    assert marks(page) == [("Role <i>", "they belong to the team")]
    assert page.index("A new first paragraph") < page.index('data-label="Role')
    lost = page[page.index("not found in this text") : page.index("coding-desk")]
    assert "Nobody asked them" in lost and "they belong" not in lost
    assert "“Nobody asked them" in html.unescape(served.get(BEN, f"coding/{head}"))

    coding_id = re.search(r'name="again" value="([^"]+)"', lost)
    assert coding_id
    text = jats_text(article("A new first paragraph.", "Peers said that they belong to the team.")).text
    start = text.index("Peers said")
    place = {"start": str(start), "end": str(start + 10), "exact": "Peers said"}
    served.post(ANNA, "coding", action="coding", record=head, again=coding_id[1], **place)
    page = served.get(ANNA, f"coding/{head}")
    assert "not found in this text" not in page
    assert marks(page) == [("Fear", "Peers said"), ("Role <i>", "they belong to the team")]


def test_like_words_are_offered_and_taken_only_when_somebody_says_so(served: Served, head: str) -> None:
    code(served, head, "role", "Peers said that they belong to the team")
    attach(served, head, article("Before.", "Peers said that they belonged to the team."))
    page = served.get(ANNA, f"coding/{head}")
    assert marks(page) == [] and "most like it now" in page
    form = page[page.index('name="again"') :]
    fields = dict(re.findall(r'name="(again|start|end|exact)" value="([^"]+)"', form)[:4])
    served.post(ANNA, "coding", action="coding", record=head, **fields)
    page = served.get(ANNA, f"coding/{head}")
    assert [label for label, _ in marks(page)] == ["Role <i>"] and "not found in this text" not in page


def test_a_new_code_takes_the_chosen_words_and_a_memo_stands_beside_the_text(served: Served, head: str) -> None:
    text = jats_text(article(SAID)).text
    start = text.index("belong to")
    place = {"start": str(start), "end": str(start + 9), "exact": "belong to"}
    served.post(ANNA, "coding", action="new", record=head, name="belong  to", **place)
    served.post(ANNA, "coding", action="memo", record=head, about="report", about_id=head, text="Odd <b>")
    page = served.get(BEN, f"coding/{head}")
    assert marks(page) == [("belong to", "belong to")]
    assert "Odd &lt;b&gt;" in page
    served.post(ANNA, "coding", 400, action="memo", record=head, about="weather", about_id=head, text="x")


def test_a_pdf_that_takes_long_is_read_in_the_background(
    served: Served, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    read = readings.text_of

    def slow(*given: object) -> object:
        assert go_on.wait(30)
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(readings, "text_of", slow)
    report = attach(served, head, pdf_of("Peers said", "they belong"), PDF)
    page = served.get(ANNA, f"coding/{head}", 202)
    assert "being read" in page and "coded-text" not in page
    served.post(ANNA, "coding", 409, action="coding", record=head, code="role", quote="they belong")
    go_on.set()
    running = served.app.state.reviews.readings.begin(served.workspace.files(served.review_id), report)
    assert running is None or running.result(30)
    assert "they belong" in served.get(ANNA, f"coding/{head}")


def test_attaching_a_pdf_begins_to_read_it_and_one_without_words_is_told(served: Served, head: str) -> None:
    files = {"file": ("a.pdf", pdf_of("Peers said"), "application/pdf")}
    fields = {"token": served.app.state.form_token}
    answer = served.client(ANNA).post(served.path(f"full-texts/{head}/file"), data=fields, files=files)
    assert answer.status_code == 303, answer.text
    running = served.app.state.reviews.readings._running
    assert [one.result(30).text for one in running.values()] == ["Peers said"]
    report = attach(served, head, pdf_of(), PDF)
    failed = served.app.state.reviews.readings.begin(served.workspace.files(served.review_id), report)
    assert failed is not None and failed.exception(30)
    page = served.get(ANNA, f"coding/{head}", 409)
    assert "no text layer" in page


def test_a_page_of_a_pdf_is_shown_with_its_lines_and_codings_in_place(served: Served, head: str) -> None:
    report = attach(served, head, pdf_of("Peers said", "they belong", "to the team"), PDF)
    running = served.app.state.reviews.readings.begin(served.workspace.files(served.review_id), report)
    assert running is not None and running.result(60)
    where = served.path(f"coding/{head}?page=1")
    led = served.post(ANNA, "coding", action="coding", record=head, code="role", quote="belong\nto", back=where)
    assert led.startswith(where)
    page = served.get(ANNA, f"coding/{head}?page=1")
    assert 'viewBox="0 0 612.0 792.0"' in page
    lines = re.findall(r'data-start="(\d+)" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', page)
    assert [(int(start), words) for start, _, _, words in lines] == [
        (0, "Peers said"),
        (11, "they belong"),
        (23, "to the team"),
    ]
    # The lines were set at 72 points from the left, the first at 700 points from the foot, 20 points apart.
    assert [round(float(x)) for _, x, _, _ in lines] == pytest.approx([72, 72, 72], abs=2)
    assert [float(y) for _, _, y, _ in lines] == pytest.approx([92, 112, 132], abs=3)
    assert len(re.findall(r"<rect ", page)) == 2
    served.get(ANNA, f"coding/{head}?page=2", 404)
    served.get(ANNA, f"coding/{head}?page=²", 404)

    answer = served.client(BEN).get(served.path(f"coding/{head}/page/1.png"))
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    width, height = struct.unpack(">II", answer.content[16:24])
    assert (width, height) == (1224, 1584)
    # Black letters on white paper where the first line stands, white below all lines.
    rows = zlib.decompress(answer.content[answer.content.index(b"IDAT") + 4 : -16])
    length = 3 * width + 1
    assert len(rows) == height * length
    assert min(rows[170 * length + 1 : 171 * length]) < 255 or min(rows[180 * length + 1 : 181 * length]) < 255
    assert set(rows[1000 * length + 1 : 1001 * length]) == {255}
    served.get(ANNA, f"coding/{head}/page/2.png", 404)
    assert served.client("a-stranger").get(served.path(f"coding/{head}/page/1.png")).status_code == 403
    attach(served, head, article(SAID))
    served.get(ANNA, f"coding/{head}/page/1.png", 404)


def test_of_pictures_only_so_many_are_kept(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    files = served.workspace.files(served.review_id)
    monkeypatch.setattr(pdf_pictures, "MAX_KEPT", 1)
    for words in ("One", "Two"):
        assert pdf_pictures.page_picture(files, files.keep(pdf_of(words)), 1).startswith(b"\x89PNG")
    assert len(list((files.folder / "pages").iterdir())) == 1


def test_a_page_that_its_pdf_turns_or_crops_is_drawn_whole_as_it_lies() -> None:
    content = pdf_of("Peers said").replace(b"/MediaBox[0 0 612 792]", b"/MediaBox[0 0 612 792]/Rotate 90", 1)
    assert struct.unpack(">II", pdf_pictures.drawn_here(content, 1)[16:24]) == (1224, 1584)
