"""What is reckoned once for a pool of records: weighed words and links, the neighbours' graph, the smoothed rows."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import block_diag, csr_matrix, hstack, identity

from evigraph.review.queue.citations import represent_links
from evigraph.review.queue.neighbours import mixing, nearest
from evigraph.review.queue.representation import WORD, represent, stem

Floats = npt.NDArray[np.float64]

#: What the smoothed rows have of the likeness of two records; how heavy the words of a title count once more in them;
#: and how heavy a record's links beside its words.
SMOOTHED_SHARE, TITLE_WEIGHT, LINK_WEIGHT = 0.2, math.sqrt(0.1), 1.0
#: Texts from which on a process of its own reckons them: what serves others meanwhile must not wait for it.
MIN_APART = 2_000
#: Changes with anything that changes what is kept on disk.
FORMAT = 1


@dataclass(frozen=True)
class Text:
    """What the queue reads of a record."""

    record_id: str
    title: str
    abstract: str = ""
    keywords: str = ""

    @property
    def words(self) -> str:
        """Everything in one line."""
        return " ".join(part for part in (self.title, self.abstract, self.keywords) if part)


@dataclass(frozen=True)
class Pool:
    """The prepared matrices, of n records (and the protocol after them, where there is one).

    Attributes:
        record_ids: the records; `has_protocol` says whether one more row holds the protocol's words.
        matrix: 2 n rows. The first n hold words, pairs of words and links; the second n the same and the stems of
            titles, in columns of their own. `own` is what each row has alone (see `Representation`).
        mix: n rows: what each record takes of the rows of `matrix`: of its own row in the first half, and of its own
            and its neighbours' in the second, so that a product of two records is a weighed mean of that of their words
            and that of their smoothed rows.
        terms: the names of the columns; links begin with `LINK`.
    """

    record_ids: tuple[str, ...]
    has_protocol: bool
    matrix: csr_matrix
    own: Floats
    mix: csr_matrix
    terms: tuple[str, ...]


#: How the name of a column of links begins.
LINK = "cites:"


def prepare(
    texts: Sequence[Text], links: Iterable[tuple[str, str]] = (), protocol: str = "", folder: Path | None = None
) -> Pool:
    """The pool of these records, with citation links (citing, cited) and the protocol's question and criteria, if any.

    Takes seconds for thousands of records. With a `folder`, what was reckoned is kept there as one .npz and read back
    when the same records come again; a file that cannot be read is made anew, of `MIN_APART` records and more in
    another process. The folder holds words of abstracts: it belongs where only the owner of the review reads.
    """
    links = sorted(set(links))
    if folder is None:
        return _rounded(_build(texts, links, protocol))
    told = json.dumps([FORMAT, [[t.record_id, t.title, t.abstract, t.keywords] for t in texts], links, protocol])
    path = folder / f"queue-{hashlib.sha256(told.encode()).hexdigest()[:24]}.npz"
    if (pool := _kept(path)) is not None:
        return pool
    if len(texts) >= MIN_APART and _reckoned_apart(told, path) and (pool := _kept(path)) is not None:
        return pool
    pool = _rounded(_build(texts, links, protocol))
    _write(pool, path)
    return pool


def _kept(path: Path) -> Pool | None:
    """The pool in a file; null where there is none, or none that can be read, which is then removed."""
    if not path.exists():
        return None
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        path.unlink()
        return None


def _reckoned_apart(told: str, path: Path) -> bool:
    """Whether another process, that gives way to this one, has written the pool of what was told."""
    command = [sys.executable, "-m", "evigraph.review.queue.pool", str(path)]
    return subprocess.run(command, input=told.encode(), capture_output=True, check=False).returncode == 0


def _reckon(told: bytes, path: Path) -> None:
    """Writes the pool of what `prepare` told: what the other process does."""
    os.nice(10)
    _, texts, links, protocol = json.loads(told)
    links = [(citing, cited) for citing, cited in links]
    _write(_rounded(_build([Text(*text) for text in texts], links, protocol)), path)


def _build(texts: Sequence[Text], links: Sequence[tuple[str, str]], protocol: str) -> Pool:
    record_ids = tuple(text.record_id for text in texts)
    lines = [text.words for text in texts] + ([protocol] if protocol else [])
    titles = [text.title for text in texts] + ([""] if protocol else [])
    words = represent(lines)
    stems = represent([" ".join(stem(word) for word in WORD.findall(title.lower())) for title in titles])
    plain, own, terms = words.matrix, words.own, list(words.terms)
    if links:
        # The protocol's row, where there is one, has no links: it goes by an id that no record has.
        linked = represent_links([*record_ids, *[""] * bool(protocol)], links)
        plain = hstack([plain, LINK_WEIGHT * linked.matrix], format="csr")
        own = own + LINK_WEIGHT**2 * linked.own
        terms += [LINK + work for work in linked.terms]
    full = hstack([plain, TITLE_WEIGHT * stems.matrix], format="csr")
    full_own = own + TITLE_WEIGHT**2 * stems.own
    smoothing = mixing(full, full_own, nearest(plain))
    own_part, smoothed_part = math.sqrt(1 - SMOOTHED_SHARE), math.sqrt(SMOOTHED_SHARE)
    return Pool(
        record_ids,
        bool(protocol),
        matrix=block_diag([plain, full], format="csr"),
        own=np.concatenate([own, full_own]),
        mix=hstack([own_part * identity(len(lines), format="csr"), smoothed_part * smoothing], format="csr"),
        terms=(*terms, *terms, *stems.terms),
    )


_MATRICES = ("matrix", "mix")


def _rounded(pool: Pool) -> Pool:
    """The pool in the precision that is kept, so that one read back orders as one just made."""
    for name in _MATRICES:
        matrix = getattr(pool, name)
        matrix.data = matrix.data.astype(np.float32).astype(np.float64)
    return pool


def _write(pool: Pool, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arrays: dict[str, Any] = {"own": pool.own}
    for name in _MATRICES:
        matrix: csr_matrix = getattr(pool, name)
        arrays |= {
            f"{name}.data": matrix.data.astype(np.float32),
            f"{name}.indices": matrix.indices,
            f"{name}.indptr": matrix.indptr,
            f"{name}.shape": np.array(matrix.shape),
        }
    names = json.dumps([pool.record_ids, pool.has_protocol, pool.terms])
    arrays["names"] = np.frombuffer(names.encode(), dtype=np.uint8)
    # Readable by its owner alone (so mkstemp makes it), and whole or not there at all.
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _read(path: Path) -> Pool:
    with np.load(path, allow_pickle=False) as file:
        record_ids, has_protocol, terms = json.loads(file["names"].tobytes())
        matrices = {
            name: csr_matrix(
                (file[f"{name}.data"].astype(np.float64), file[f"{name}.indices"], file[f"{name}.indptr"]),
                shape=tuple(file[f"{name}.shape"]),
            )
            for name in _MATRICES
        }
        return Pool(tuple(record_ids), has_protocol, own=file["own"], terms=tuple(terms), **matrices)


if __name__ == "__main__":
    _reckon(sys.stdin.buffer.read(), Path(sys.argv[1]))
