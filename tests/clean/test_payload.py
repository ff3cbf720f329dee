from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evigraph.clean import json_document, payload
from evigraph.clean.json_payload import json_objects
from evigraph.clean.payload import open_bytes, sniff

LINES = b"".join(b'{"DOI": "10.5555/%d", "title": ["synthetic work %d"]}\n' % (i, i * i) for i in range(500))


class Reports(list[tuple[int, str, str, bool]]):
    def __call__(self, position: int, code: str, message: str, is_record_lost: bool) -> None:
        self.append((position, code, message, is_record_lost))

    def codes(self) -> list[tuple[int, str, bool]]:
        return [(position, code, is_lost) for position, code, _, is_lost in self]


def read(tmp_path: Path, data: bytes) -> tuple[list[tuple[int, Any]], Reports]:
    path = tmp_path / "payload.dat"
    path.write_bytes(data)
    reports = Reports()
    return [(item.position, item.value) for item in json_objects(path, reports)], reports


def unzip(tmp_path: Path, data: bytes) -> tuple[bytes, str | None, Reports]:
    path = tmp_path / "payload.dat"
    path.write_bytes(data)
    reports = Reports()
    with open_bytes(path, reports) as stream:
        return stream.read(), stream.damage, reports


def test_a_gzip_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert unzip(tmp_path, gzip.compress(LINES))[0] == LINES
    assert unzip(tmp_path, LINES)[0] == LINES


def test_a_gzip_of_several_members_with_padding_is_read_through(tmp_path: Path) -> None:
    data, damage, reports = unzip(
        tmp_path, gzip.compress(LINES) + gzip.compress(b"") + gzip.compress(LINES) + b"\0" * 700
    )
    assert data == LINES * 2
    assert damage is None
    assert not reports


@pytest.mark.parametrize("cut", [11, 40, 500, -9, -8, -1])
def test_a_truncated_gzip_gives_a_prefix_and_says_so(tmp_path: Path, cut: int) -> None:
    data, damage, reports = unzip(tmp_path, gzip.compress(LINES)[:cut])
    assert LINES.startswith(data)
    assert len(data) > (len(LINES) // 10 if cut in (500, -9, -8, -1) else -1)
    assert damage is not None
    assert reports.codes() == [(-1, "gzip_truncated", True)]
    assert "payload.dat" in reports[0][2]


def test_a_wrong_checksum_costs_no_data(tmp_path: Path) -> None:
    zipped = bytearray(gzip.compress(LINES))
    zipped[-6] ^= 0xFF
    data, damage, _ = unzip(tmp_path, bytes(zipped))
    assert data == LINES
    assert damage is not None


def test_what_stands_before_corrupt_blocks_is_kept(tmp_path: Path) -> None:
    """The block after the first is given the reserved type 3, which no inflater accepts."""
    first = gzip.compress(LINES)
    second = bytearray(gzip.compress(LINES))
    second[10] |= 0b110
    data, damage, reports = unzip(tmp_path, first + bytes(second))
    assert data == LINES
    assert damage is not None
    assert len(reports) == 1


def test_a_stream_reads_in_pieces_of_any_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(LINES))
    with open_bytes(path) as stream:
        pieces = [stream.read(7), stream.read(0), stream.read(1000)]
        pieces += list(iter(lambda: stream.read(333), b""))
    assert b"".join(pieces) == LINES
    assert [len(piece) for piece in pieces[:3]] == [7, 0, 1000]


def test_a_zip_bomb_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "BOMB_FREE_BYTES", 1 << 20)
    data, damage, reports = unzip(tmp_path, gzip.compress(b" " * (8 << 20)))
    assert len(data) <= 2 << 20
    assert damage is not None and "zip bomb" in damage
    assert reports.codes() == [(-1, "gzip_truncated", True)]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"%PDF-1.7\n", "pdf"),
        (b"PK\x03\x04....", "zip"),
        (b"\x1f\x8b\x08 not really a gzip", "gzip"),
        (b"<!DOCTYPE html><html><body>Too many requests</body></html>", "html"),
        (b"\n <HTML>", "html"),
        (b'<?xml version="1.0"?><oai_dc/>', "xml"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "x" "y">\n<PubmedArticleSet>', "pubmed-xml"),
        ("<PubmedArticleSet>".encode("utf-16"), "pubmed-xml"),
        (b'{"DOI": "10.5555/1"}\n', "json"),
        (b'{"DOI": "10.5555/1"}\n{"DOI": "10.5555/2"}\n', "json-lines"),
        (b'{"DOI": \n{"DOI": "10.5555/2"}\n', "json-lines"),
        (b'[\n{"a": 1},\n{"a": 2}\n]', "json"),
        (b'{"items": [\n{"a": 1},\n{"a": 2}\n]}', "json"),
        (json.dumps({"message": {"items": [{"a": 1}]}}, indent=2).encode(), "json"),
        (b"id,doi,title\nW1,10.5555/1,x\n", "csv"),
        (b"id\tdoi\nW1\t10.5555/1\n", "csv"),
        (b"TY  - JOUR\nER  - \n", "text"),
        (b"PAR1\x00\x15\x04", "binary"),
    ],
)
def test_content_is_named(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "misleading.xml.gz"
    for content in (data, gzip.compress(data)) if data[:2] != b"\x1f\x8b" else (data,):
        path.write_bytes(content)
        assert sniff(path) == kind
    assert kind in payload.CONTENT_NAMES


A, B = {"DOI": "10.5555/a"}, {"DOI": "10.5555/b", "reference": [{"key": "1"}]}


@pytest.mark.parametrize(
    "document",
    [
        [A, B],
        {"items": [A, B]},
        {"status": "ok", "message-type": "work-list", "message": {"total-results": 2, "items": [A, B]}},
        {"meta": {"count": 2}, "results": [A, B], "group_by": []},
        {"header": {"numFound": 2}, "results": [A, B]},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("bound", [None, 130])
def test_every_container_gives_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: object, indent: int | None, bound: int | None
) -> None:
    if bound:  # read as a document that is too large to hold
        monkeypatch.setattr(json_document, "RECORD_BYTES", bound)
        monkeypatch.setattr("evigraph.clean.json_payload.RECORD_BYTES", 8)
    items, reports = read(tmp_path, b"\xef\xbb\xbf" + json.dumps(document, indent=indent).encode())
    assert items == [(0, A), (1, B)]
    assert not reports


def test_single_answers_objects_and_concatenations(tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps({"status": "ok", "message": A}).encode())[0] == [(0, A)]
    assert read(tmp_path, json.dumps(A, indent=1).encode())[0] == [(0, A)]
    assert read(tmp_path, (json.dumps(A, indent=1) + "\n" + json.dumps(B, indent=1)).encode())[0] == [(0, A), (1, B)]
    pages = b'{"message": {"items": [{"a": 1}, {"b": 2}]}}\n{"message": {"items": [{"c": 3}]}}\n'
    assert [position for position, _ in read(tmp_path, pages)[0]] == [0, 1, 2]


def test_each_bad_line_costs_only_itself(tmp_path: Path) -> None:
    lines = [
        b'{"a": 1}',
        b'{"b":',
        b"[1]",
        b"",
        b'"text"',
        b'{"n": NaN, "i": [-Infinity]}',
        b'{"s": "\\ud800 alone"}',
        b'{"l": "Universit\xe4t"}',
        b'{"twice": 1, "twice": 2}',
        b"[" * 1_000_000,
        b'{"deep":' * 100_000,
        b'{"text": "NaN and Infinity as words", "pair": "\\ud83d\\ude00"}\r',
        b'{"z": 26}',
    ]
    items, reports = read(tmp_path, b"\n".join(lines))
    assert items == [
        (0, {"a": 1}),
        (5, {"n": None, "i": [None]}),
        (6, {"s": "\ufffd alone"}),
        (7, {"l": "Universit\ufffdt"}),
        (8, {"twice": 2}),
        (11, {"text": "NaN and Infinity as words", "pair": "\N{GRINNING FACE}"}),
        (12, {"z": 26}),
    ]
    assert reports.codes() == [
        (1, "json_syntax", True),
        (2, "not_an_object", True),
        (4, "not_an_object", True),
        (5, "json_extension", False),
        (6, "encoding", False),
        (7, "encoding", False),
        (9, "json_syntax", True),
        (10, "json_syntax", True),
    ]
    assert all(message.startswith("payload.dat") for _, _, message, _ in reports)


def test_records_and_lost_add_up_for_a_truncated_gzip(tmp_path: Path) -> None:
    items, reports = read(tmp_path, gzip.compress(LINES)[:1500])
    assert 50 < len(items) < 500
    assert [position for position, _ in items] == list(range(len(items)))
    assert reports.codes() == [(-1, "gzip_truncated", True)]


@pytest.mark.parametrize("bad", [b'{"DOI" "10.5555/x"}', b'{"DOI": "}]", "list": [1,]}', b'{"a": "\\x"}', b"nul"])
@pytest.mark.parametrize("bound", [None, 100])
def test_a_broken_element_of_a_list_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bytes, bound: int | None
) -> None:
    if bound:
        monkeypatch.setattr(json_document, "RECORD_BYTES", bound)
        monkeypatch.setattr(json_document, "_BLOCK", 16)
        monkeypatch.setattr("evigraph.clean.json_payload.RECORD_BYTES", 8)
    items, reports = read(tmp_path, b'{"items": [{"a": 1}, ' + bad + b', {"b": "\\"}"}, {"c": 3}]}')
    lost = [(position, code) for position, code, _ in reports.codes()]
    if bad == b"nul":  # without brackets there is no telling where it ends
        assert items == [(0, {"a": 1})]
        assert lost == [(1, "json_syntax")]
    else:
        assert items == [(0, {"a": 1}), (2, {"b": '"}'}), (3, {"c": 3})]
        assert lost == [(1, "json_syntax")]


def test_a_document_that_ends_early_gives_what_it_has(tmp_path: Path) -> None:
    items, reports = read(tmp_path, b'{"items": [{"a": 1}, {"b": 2}, {"c": "')
    assert items == [(0, {"a": 1}), (1, {"b": 2})]
    assert reports.codes() == [(2, "json_syntax", True)]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b""), (b'{"a": 1}\n', b'\n{"b": 2}\n'), (b'{"items": [{"a": 1},', b',{"b": 2}]}'), (b"", b'\n{"b": 2}\n')],
)
def test_a_record_that_is_too_large_costs_only_itself(tmp_path: Path, before: bytes, after: bytes) -> None:
    huge = b'{"DOI": "10.5555/huge", "abstract": "' + b"x" * (17 << 20) + b'"}'
    items, reports = read(tmp_path, before + huge + after)
    assert [value for _, value in items] == [value for value, text in (({"a": 1}, before), ({"b": 2}, after)) if text]
    assert reports.codes() == [(1 if before else 0, "record_too_large", True)]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty_file", "is empty"),
        (b"<html></html>", "wrong_file_type", "a web page"),
        (b"%PDF-1.4", "wrong_file_type", "a PDF"),
        (b"PK\x03\x04", "wrong_file_type", "a zip archive"),
        (b"id,doi\n1,2\n", "wrong_file_type", "a CSV table"),
        (b"<PubmedArticleSet/>", "wrong_file_type", "PubMed XML"),
        ('{"a": 1}'.encode("utf-16"), "encoding", "UTF-16"),
        (b"\x1f\x8b\x08 no", "gzip_truncated", "compressed data"),
    ],
)
def test_a_file_of_the_wrong_kind_gives_one_clear_line(tmp_path: Path, data: bytes, code: str, words: str) -> None:
    items, reports = read(tmp_path, data)
    assert items == []
    assert reports.codes() == [(-1, code, True)]
    assert words in reports[0][2] and "payload.dat" in reports[0][2]
