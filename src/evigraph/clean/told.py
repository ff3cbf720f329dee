"""Payload files cleaned one by one, each kept until it or the code changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from evigraph.clean.api import OPENS_ARCHIVES, crosswalk_of
from evigraph.clean.archive import batches_of
from evigraph.engine.api import Engine
from evigraph.engine.checkpoint import code_hash
from evigraph.model.entities import ENTITY_LINK_TOLD, TOLD_ENTITIES
from evigraph.model.table import Table
from evigraph.model.tables import DEFECT, DEFECT_TOLD, LINK_TOLD, RECORD_TOLD, REFERENCE_TOLD, STATED_CITATION

#: What a crosswalk calls its tables, and where they go.
TOLD: dict[str, Table] = {
    "record": RECORD_TOLD,
    "reference": REFERENCE_TOLD,
    "link": LINK_TOLD,
    "defect": DEFECT_TOLD,
    "stated_citation": STATED_CITATION,
    **{told.name: told for told in (*TOLD_ENTITIES.values(), ENTITY_LINK_TOLD)},
}


@dataclass(frozen=True)
class PayloadFile:
    """A payload to clean: its source, where it lies, and the sha256 of its bytes."""

    source: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class GuardedCrosswalk:
    """The crosswalk of a source that ends in a defect of the file where it would raise.

    A crosswalk does not raise on bad content. If one does all the same, what it gave before is kept, the other
    files are read, and the summary names the file. An archive is given to the crosswalk member by member
    (`evigraph.clean.archive`).
    """

    source: str

    def __call__(self, path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The batches of the payload at `path`, by table name."""
        try:
            crosswalk = crosswalk_of(self.source)
            is_opened = self.source in OPENS_ARCHIVES
            yield from crosswalk(path) if is_opened else batches_of(crosswalk, self.source, path)
        except Exception as error:
            name = Path(path).name
            row = {
                "source": self.source,
                "payload": name,
                "position": -1,
                "code": "crosswalk_failed",
                "ordinal": 0,
                "message": f"{name}: reading stopped here ({type(error).__name__}: {error}); please report the file",
                "is_record_lost": True,
            }
            yield "defect", DEFECT.from_rows([row]).to_batches()[0]


def clean_payloads(engine: Engine, files: Sequence[PayloadFile], folder: Path) -> Iterator[tuple[PayloadFile, bool]]:
    """Each payload once it is clean, and whether it was cleaned now; the tables lie in `folder/<table>/`.

    A payload whose tables are there is not cleaned again: the cost grows with what has changed. Its records stand
    for the others: they are put in place last, and of a table without rows there is no file. Tables of payloads that
    are no longer wanted are removed.
    """
    keys = {file: _key(file) for file in files}
    _remove_others(folder, set(keys.values()))
    done = [file for file in files if _place(folder, RECORD_TOLD, keys[file]).exists()]
    for file in done:
        yield file, False
    for source in sorted({file.source for file in files if file not in done}):
        waiting = {str(file.path): file for file in files if file.source == source and file not in done}

        def place_of(table: Table, waiting: dict[str, PayloadFile] = waiting) -> PlaceOf:
            return PlaceOf(folder, table, {path: keys[file] for path, file in waiting.items()})

        outputs = {name: (table, place_of(table)) for name, table in TOLD.items()}
        for path, _ in engine.map_files(list(waiting), GuardedCrosswalk(source), outputs):
            yield waiting[path], True


@dataclass(frozen=True)
class PlaceOf:
    """Where the rows of a table of a payload file go."""

    folder: Path
    table: Table
    keys: dict[str, str]

    def __call__(self, path: str) -> Path:
        """The Parquet file for the payload at `path`."""
        return _place(self.folder, self.table, self.keys[path])


def _key(file: PayloadFile) -> str:
    stated = f"{file.source}\n{file.path.name}\n{file.sha256}\n{code_hash('clean')}"
    return hashlib.sha256(stated.encode()).hexdigest()[:24]


def _place(folder: Path, table: Table, key: str) -> Path:
    return folder / table.name / f"{key}.parquet"


def _remove_others(folder: Path, keys: set[str]) -> None:
    for table in TOLD.values():
        for path in (folder / table.name).glob("*"):
            if path.name.removesuffix(".parquet") not in keys:
                path.unlink()
