"""Every crosswalk on damaged payloads: no exception escapes, nothing takes long or grows without bound.

Seeds are the payloads of `tests/corpus`; each is cut, spliced, flipped, repeated and packed at random. `make fuzz`
runs each crosswalk for EVIGRAPH_FUZZ_SECONDS (60); the tests run each for a second, with the same seed every time.
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from evigraph.clean.api import CROSSWALKS
from evigraph.clean.told import TOLD

CORPUS = Path(__file__).parents[1] / "corpus"
SECONDS = float(os.environ.get("EVIGRAPH_FUZZ_SECONDS", "1"))

#: What one damaged payload of some kilobytes may take, on a busy machine.
MOST_SECONDS = 20.0
MOST_GROWTH = 512 * 2**20

TOKENS = [
    b"<", b">", b"&", b"&#x110000;", b"]]>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"{", b"}", b"[", b'"', b"\\ud800",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b"\n\n", b"\t", b",", b"null", b"NaN", b"1e999", b"-1", b"9" * 400,
    b"TY  - ", b"ER  - ", b"PMID- ", b"@article{", b"</PubmedArticle>", b"<record>", b"\xf0\x9f\x98\x80" * 50, b"10.",
]  # fmt: skip


def seeds(source: str) -> list[bytes]:
    folder = CORPUS / source
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()] if folder.is_dir() else []
    if not found:
        pytest.skip(f"tests/corpus has no payloads of {source}")
    # Large ones take their time without showing more.
    return [content for content in found if len(content) < 200_000] or [found[0][:200_000]]


def _cut(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    return content[: source.randrange(len(content) + 1)]


def _flip(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    damaged = bytearray(content)
    for _ in range(source.randint(1, 8)):
        if damaged:
            damaged[source.randrange(len(damaged))] = source.randrange(256)
    return bytes(damaged)


def _insert(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    place = source.randrange(len(content) + 1)
    return content[:place] + source.choice(TOKENS) * source.choice([1, 1, 1, 50]) + content[place:]


def _remove(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    start = source.randrange(len(content) + 1)
    return content[:start] + content[start + source.randint(1, 200) :]


def _splice(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    other = source.choice(others)
    return content[: source.randrange(len(content) + 1)] + other[source.randrange(len(other) + 1) :]


def _repeat(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    start = source.randrange(len(content) + 1)
    return content[:start] + content[start : start + source.randint(1, 400)] * source.randint(2, 30) + content[start:]


DAMAGES: list[Callable[[random.Random, bytes, list[bytes]], bytes]] = [_cut, _flip, _insert, _remove, _splice, _repeat]


def damaged(source: random.Random, payloads: list[bytes]) -> bytes:
    content = source.choice(payloads)
    for _ in range(source.randint(1, 4)):
        content = source.choice(DAMAGES)(source, content, payloads)[:400_000]
    if source.random() < 0.1:
        content = gzip.compress(content, 1)
        content = _flip(source, content, payloads) if source.random() < 0.5 else content[: len(content) // 2]
    return content


@pytest.mark.parametrize("name", sorted(CROSSWALKS))
def test_damage_never_escapes(name: str, tmp_path: Path) -> None:
    payloads = seeds(name)
    source = random.Random(name)
    path = tmp_path / "payload"
    ended = time.monotonic() + SECONDS
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    n = 0
    while time.monotonic() < ended:
        content = damaged(source, payloads)
        path.write_bytes(content)
        started = time.monotonic()
        try:
            for table, batch in CROSSWALKS[name](str(path)):
                assert isinstance(batch, pa.RecordBatch)
                assert table in TOLD, f"a crosswalk may not write {table}"
        except Exception as error:
            kept = tmp_path / "escaped"
            kept.write_bytes(content)
            raise AssertionError(f"{name} raised {error!r}; the payload is kept in {kept}") from error
        seconds = time.monotonic() - started
        assert seconds < MOST_SECONDS, f"{name} took {seconds:.1f} s for {len(content)} bytes"
        n += 1
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    assert growth < MOST_GROWTH, f"{name} grew by {growth / 2**20:.0f} MiB over {n} payloads"
    assert n > 0
    print(f"\n{name}: {n} damaged payloads, {growth / 2**20:.0f} MiB more at most")
