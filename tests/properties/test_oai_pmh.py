from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.clean.oai_pmh.crosswalk import crosswalk
from evigraph.harvest.oai_pmh_answer import read_answer
from evigraph.harvest.payloads import safe_name
from evigraph.model.repository import payload_name, repository_of

CORPUS = Path(__file__).parents[1] / "corpus" / "oai_pmh"
PAGES = [path.read_bytes() for path in sorted(CORPUS.glob("*.xml"))]


def clean(content: bytes) -> tuple[list[str], list[str]]:
    """The keys of the records, and the names of the defects."""
    keys: list[str] = []
    codes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.xml"
        path.write_bytes(content)
        for name, batch in crosswalk(str(path)):
            if name == "record":
                keys += batch.column("source_key").to_pylist()
            elif name == "defect":
                codes += batch.column("code").to_pylist()
    return keys, codes


@st.composite
def damaged_pages(draw: st.DrawFn) -> bytes:
    """A page of the corpus with pieces of it cut out, doubled, or overwritten."""
    content = draw(st.sampled_from(PAGES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        to = min(len(content), at + draw(st.integers(0, 60)))
        piece = draw(st.sampled_from([b"", content[at:to] * 2, b"<", b">", b"&", b"]]>", b"<!--", b"\0\xff", b'"']))
        content = content[:at] + piece + content[to:]
    return content


@given(damaged_pages())
@settings(max_examples=150)
def test_no_damage_makes_cleaning_or_harvest_raise(content: bytes) -> None:
    keys, _ = clean(content)
    assert len(set(keys)) == len(keys)
    answer = read_answer(content)
    assert answer.root is None or all(header.identifier is not None for header in answer.headers)


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_bytes_of_any_kind(content: bytes) -> None:
    clean(b"<OAI-PMH>" + content)
    read_answer(b"<OAI-PMH>" + content)


@given(st.text(max_size=80), st.integers(1, 10**7))
def test_a_repository_keeps_its_name_in_a_payload_or_has_none(name: str, ordinal: int) -> None:
    made = payload_name(name, "0123abcd", ordinal)
    assert safe_name(made) == made
    told = repository_of(f"0123456789abcdef-{made}")
    stated = " ".join(name.encode("utf-8", "ignore").decode().split())
    assert told == (stated or None) or (told is None and len(stated) > 15)


def test_names_of_repositories() -> None:
    for name in (
        "Zenodo",
        "A Test - Repository (v. 2)",
        "Universität Wien: u:scholar",
        "Научная библиотека",
        "機関リポジトリ",
    ):
        assert repository_of(payload_name(name, "0123abcd", 1)) == name
    assert repository_of(payload_name(None, "0123abcd", 1)) is None
    assert repository_of("ListRecords.xml") is None
