"""Projects of other software taken in, ours sent out and taken in again: nothing is lost, and what is left is told."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from evigraph.errors import InputError
from evigraph.review.coding.book import Book
from evigraph.review.coding.kinds import Code, Coding, Memo
from evigraph.review.coding.placed import coded_texts
from evigraph.review.exchange.quotations import Quotations
from evigraph.review.exchange.reading import MAX_FILE, ReadProject, read_refi
from evigraph.review.exchange.refi_qda import codebook, project
from evigraph.review.exchange.taking_in import take_in
from evigraph.review.kinds import Member, Report
from evigraph.review.retrieval import PLAIN
from evigraph.review.searches import SearchRun
from evigraph.review.workspace import Workspace
from review.memory_journal import MemoryJournal

LEAD, BEN = "a-lead", "a-ben"
NAMES = {LEAD: "Lead (made up)", BEN: "Ben (made up)"}
OPEN = "https://creativecommons.org/licenses/by/4.0/"

GUIDS = [f"{n:08d}-0000-4000-8000-{n:012d}" for n in range(60)]

#: As a tool of another maker writes it, in the forms that the standard's document shows.
OTHER = f"""<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Interviews (made up)" origin="Another tool 9"
 creatingUserGUID="{GUIDS[0]}" creationDateTime="2024-05-01T10:00:00Z">
<Users><User guid="{GUIDS[0]}" name="Ines (made up)" id="IN"/><User guid="{GUIDS[1]}" id="JO"/></Users>
<CodeBook><Codes>
<Code guid="{GUIDS[2]}" name="Work" isCodable="true" color="#336699"><Description>what they do</Description>
<NoteRef targetGUID="{GUIDS[20]}"/>
<Code guid="{GUIDS[3]}" name="Role" isCodable="true"/></Code>
<Code guid="{GUIDS[4]}" name="" isCodable="false" color="blue"/>
</Codes></CodeBook>
<Variables><Variable guid="{GUIDS[5]}" name="Age" typeOfVariable="Integer"/></Variables>
<Cases><Case guid="{GUIDS[6]}" name="Person one"><Description>met twice</Description>
<VariableValue><VariableRef targetGUID="{GUIDS[5]}"/><IntegerValue>41</IntegerValue></VariableValue>
<SourceRef targetGUID="{GUIDS[7]}"/></Case></Cases>
<Sources>
<TextSource guid="{GUIDS[7]}" name="Interview 1" plainTextPath="internal://{GUIDS[7]}.txt" creatingUser="{GUIDS[0]}">
<PlainTextSelection guid="{GUIDS[8]}" name="" startPosition="2" endPosition="6" creatingUser="{GUIDS[0]}">
<Coding guid="{GUIDS[9]}" creatingUser="{GUIDS[1]}"><CodeRef targetGUID="{GUIDS[3]}"/></Coding>
<Coding guid="{GUIDS[10]}"><CodeRef targetGUID="{GUIDS[2]}"/><NoteRef targetGUID="{GUIDS[21]}"/></Coding>
</PlainTextSelection>
<PlainTextSelection guid="{GUIDS[11]}" startPosition="5" endPosition="99"/>
</TextSource>
<TextSource guid="{GUIDS[12]}" name="Inside"><PlainTextContent>Words that lie inside.</PlainTextContent>
<PlainTextSelection guid="{GUIDS[13]}" startPosition="0" endPosition="5">
<Coding guid="{GUIDS[14]}" creatingUser="{GUIDS[0]}"><CodeRef targetGUID="{GUIDS[4]}"/></Coding></PlainTextSelection>
</TextSource>
<PDFSource guid="{GUIDS[15]}" name="A paper" path="internal://{GUIDS[15]}.pdf">
<PDFSelection guid="{GUIDS[16]}" page="0" firstX="1" firstY="2" secondX="3" secondY="4">
<Coding guid="{GUIDS[17]}"><CodeRef targetGUID="{GUIDS[2]}"/></Coding></PDFSelection>
<Representation guid="{GUIDS[18]}" plainTextPath="internal://{GUIDS[18]}.txt">
<PlainTextSelection guid="{GUIDS[19]}" startPosition="4" endPosition="9">
<Coding guid="{GUIDS[22]}"><CodeRef targetGUID="{GUIDS[2]}"/></Coding></PlainTextSelection></Representation>
</PDFSource>
<PictureSource guid="{GUIDS[23]}" name="A picture" path="internal://{GUIDS[23]}.jpg"/>
</Sources>
<Notes><Note guid="{GUIDS[20]}" name="on work"><PlainTextContent>Think about this.</PlainTextContent></Note>
<Note guid="{GUIDS[21]}" plainTextPath="internal://{GUIDS[21]}.txt"/>
<Note guid="{GUIDS[24]}"><PlainTextContent>On nothing.</PlainTextContent></Note></Notes>
<Sets><Set guid="{GUIDS[25]}" name="Some"/></Sets>
</Project>"""
TEXT = "\U0001f600 Café\r\nthey said so."


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def other_project() -> bytes:
    texts = {GUIDS[7]: TEXT, GUIDS[18]: "The paper of somebody.", GUIDS[21]: "On this coding."}
    return zipped(
        {"project.qde": OTHER.encode(), **{f"sources/{name}.txt": text.encode() for name, text in texts.items()}}
    )


@dataclass
class Home:
    workspace: Workspace
    review: str

    @property
    def state(self) -> Any:
        return self.workspace.state(self.review)

    def export(self) -> bytes:
        """The project with everything in it, all texts openly licensed."""
        book, files = Book(self.state), self.workspace.files(self.review)
        records = self.state.library.records
        texts = {head: (records[head].title, text) for head, text in coded_texts(files, self.state).items()}
        quotations = Quotations(self.state, {})
        quotations.is_free = lambda _record: True  # type: ignore[method-assign]
        memos = [(memo_id, memo) for memo_id, memo, _ in book.memos()]
        studies = {study: (self.state.study_label(study), held) for study, held in self.state.studies().items()}
        return project(book, self.review, "A project", book.codings(), NAMES, texts, quotations, memos, studies)


def new_home(folder: Path) -> Home:
    workspace = Workspace(MemoryJournal(), folder)
    review = workspace.open_review("A project", LEAD, NAMES[LEAD])
    workspace.say(review, LEAD, BEN, Member(NAMES[BEN], ("reviewer",)))
    return Home(workspace, review)


def told(read: ReadProject) -> dict[str, Any]:
    """What a project says, without the order in which it says it."""
    texts = {source.guid: source.text for source in read.sources}
    code_of = {code.guid: code.name for code in read.codes}
    return {
        "codes": sorted((one.guid, one.name, one.parent, one.color, one.description) for one in read.codes),
        "codings": sorted(
            (one.guid, code_of[one.code], texts[source.guid][one.start : one.end], one.start, one.end, one.coder)
            for source in read.sources
            for one in source.codings
        ),
        "texts": sorted((source.name, source.text) for source in read.sources),
        "memos": sorted(
            (one.text, one.about, one.about_id if one.about in ("code", "coding") else "") for one in read.memos
        ),
    }


def test_a_project_of_another_tool_is_taken_in_and_what_has_no_home_is_named(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    made = take_in(home.workspace, home.review, BEN, read_refi(other_project()), adds_texts=True)
    assert made.taken == {"code": 3, "text": 3, "coding": 4, "memo": 4, "case": 1}
    assert made.left_out == {
        "variable's value of a case": 1,
        "selection outside of its text": 1,
        "coding of a rectangle of a PDF": 1,
        "PictureSource (no text)": 1,
        "variable": 1,
        "set": 1,
    }
    book = Book(home.state)
    assert [(book.codes[one].name, depth) for one, depth in book.tree()] == [("(no name)", 0), ("Work", 0), ("Role", 1)]
    assert book.codes[GUIDS[2]].color == "#336699" and book.codes[GUIDS[4]].color == ""
    said = {one.coding_id: (one.anchor.exact, one.coder, one.actor) for one in book.codings()}
    assert said[GUIDS[9]] == ("Café", "JO", BEN)
    assert said[GUIDS[10]] == ("Café", "Ines (made up)", BEN)
    assert said[GUIDS[22]][0] == "paper"
    memos = {memo.text: (memo.about, memo.about_id) for _, memo, _ in book.memos()}
    assert memos["Think about this."] == ("code", GUIDS[2])
    assert memos["On this coding."] == ("coding", GUIDS[10])
    assert memos["On nothing."][0] == "review"
    assert memos["met twice"] == ("study", GUIDS[6])
    titles = {record.title for record in home.state.library.records.values()}
    assert titles == {"Interview 1", "Inside", "A paper"}


def test_without_leave_to_add_texts_only_what_the_review_has_is_taken(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    run = home.workspace.search(home.review, LEAD, SearchRun("", "Made up", n_reported=1))
    row = {"record_id": "x:1", "source": "x", "source_key": "1", "payload": "x", "position": 0, "is_deleted": False}
    home.workspace.import_rows(home.review, LEAD, run, [{**row, "title": "interview  1"}])
    (head,) = home.state.library.groups
    text = f"A first line.\n{TEXT}".encode()
    report = Report("retrieved", home.workspace.files(home.review).keep(text), "a.txt", PLAIN)
    home.workspace.say(home.review, LEAD, head, report)
    made = take_in(home.workspace, home.review, BEN, read_refi(other_project()))
    # Of this title, with a line before it: the passage is found by its words.
    assert made.taken["coding"] == 2 and made.left_out["text that this review does not have"] == 2
    assert {one.anchor.exact for one in Book(home.state).codings()} == {"Café"}
    assert {one.anchor.start for one in Book(home.state).codings()} == {16}
    assert len(home.state.library.records) == 1


def test_taken_in_again_nothing_is_there_twice(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    for _ in range(2):
        take_in(home.workspace, home.review, BEN, read_refi(other_project()), adds_texts=True)
    book = Book(home.state)
    assert len(book.codings()) == 4 and len(book.codes) == 3 and len(home.state.library.records) == 3
    assert len(book.memos()) == 4


_NAME = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12).filter(str.strip)
_LINES = st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=30), min_size=1, max_size=6)
_TEXT = st.tuples(_LINES, st.sampled_from(["\n", "\r\n", "\n\n"])).map(lambda drawn: drawn[1].join(drawn[0]))
_WORDS = st.one_of(_TEXT, st.sampled_from(["e\u0301\u0323a\u0308", "\U0001f468\u200d\U0001f469\U00010348 \u202eabc"]))


@given(data=st.data())
@settings(max_examples=10, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_sent_out_and_taken_in_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    home = new_home(tmp_path_factory.mktemp("from"))
    texts = data.draw(st.lists(_WORDS.filter(str.strip), min_size=1, max_size=3, unique=True))
    run = home.workspace.search(home.review, LEAD, SearchRun("", "Made up", n_reported=len(texts)))
    rows = [
        {"record_id": f"x:{n}", "source": "x", "source_key": str(n), "payload": "x", "position": n, "is_deleted": False}
        | {"title": f"Interview {n} with {'one more ' * n}person"}
        for n in range(len(texts))
    ]
    home.workspace.import_rows(home.review, LEAD, run, rows)
    heads = list(home.state.library.groups)
    if len(heads) < len(texts):
        return
    for head, text in zip(heads, texts, strict=True):
        sha256 = home.workspace.files(home.review).keep(text.encode())
        home.workspace.say(home.review, LEAD, head, Report("retrieved", sha256, "a.txt", PLAIN, OPEN))
    n_codes = data.draw(st.integers(1, 5))
    for n in range(n_codes):
        above = f"k{data.draw(st.integers(0, n - 1))}" if n and data.draw(st.booleans()) else ""
        code = Code(data.draw(_NAME), above, data.draw(st.sampled_from(["", "#A0b1C2"])), data.draw(_WORDS))
        home.workspace.say(home.review, LEAD, f"k{n}", code)
    whole = coded_text_of(home, heads)
    for n in range(data.draw(st.integers(1, 8))):
        head = data.draw(st.sampled_from(heads))
        start = data.draw(st.integers(0, len(whole[head].text) - 1))
        end = data.draw(st.integers(start + 1, len(whole[head].text)))
        coding = Coding(f"k{data.draw(st.integers(0, n_codes - 1))}", whole[head].anchor(head, start, end))
        home.workspace.say(home.review, data.draw(st.sampled_from([LEAD, BEN])), f"c{n}", coding)
    for n, (about, about_id) in enumerate((("code", "k0"), ("coding", "c0"), ("review", home.review))):
        home.workspace.say(home.review, BEN, f"m{n}", Memo(about, about_id, data.draw(_WORDS.filter(str.strip))))  # type: ignore[arg-type]
    sent = home.export()
    first = read_refi(sent)
    other = new_home(tmp_path_factory.mktemp("to"))
    made = take_in(other.workspace, other.review, BEN, first, adds_texts=True)
    assert not made.left_out
    assert told(read_refi(other.export())) == told(first)
    assert {name for _, _, _, _, _, name in told(first)["codings"]} <= set(NAMES.values())
    alone = read_refi(codebook(Book(other.state), other.review))
    assert told(alone)["codes"] == told(first)["codes"]


def coded_text_of(home: Home, heads: list[str]) -> dict[str, Any]:
    from evigraph.review.texts.kept import text_of

    return {head: text_of(home.workspace.files(home.review), home.state.report(head)) for head in heads}


def test_what_is_sent_out_with_memos_and_cases_is_valid(tmp_path: Path, shared_data: Path) -> None:
    home = new_home(tmp_path)
    take_in(home.workspace, home.review, BEN, read_refi(other_project()), adds_texts=True)
    with zipfile.ZipFile(io.BytesIO(home.export())) as archive:
        document = etree.fromstring(archive.read("project.qde"))
    etree.XMLSchema(etree.parse(shared_data / "qda" / "Project.xsd")).assertValid(document)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 nothing", "cannot be opened"),
        (zipped({"other.xml": b"<a/>"}), "no file project.qde"),
        (zipped({"project.qde": b"<Project"}), "cannot be read"),
        (b"<html/>", "no REFI-QDA project"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Project name="a">&b;</Project>', "refused"),
        (
            zipped(
                {
                    "project.qde": b'<Project xmlns="urn:QDA-XML:project:1.0" name="a"><Sources><TextSource guid="g" '
                    b'plainTextPath="internal://../../etc/passwd"/></Sources></Project>'
                }
            ),
            "outside of it",
        ),
        (
            zipped(
                {
                    "project.qde": b'<Project xmlns="urn:QDA-XML:project:1.0" name="a"><Sources><TextSource guid="g" '
                    b'plainTextPath="internal://a.txt"/></Sources></Project>',
                    "sources/a.txt": b"\xff\xfe\x00",
                }
            ),
            "not in UTF-8",
        ),
    ],
)
def test_what_is_no_project_is_refused_with_the_reason(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_refi(content)


def test_a_text_that_is_too_large_is_not_read_to_its_end() -> None:
    document = b'<Project name="a"><Sources><TextSource plainTextPath="internal://a.txt"/></Sources></Project>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", document)
        archive.writestr("sources/a.txt", bytes(MAX_FILE + 2))
    with pytest.raises(InputError, match="larger than 64 MB"):
        read_refi(made.getvalue())
