"""The files of a review: what was imported and attached, each under the sha256 of its bytes."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from evigraph.review.records import Found, Row, found, rows_of
from evigraph.review.searches import Import
from evigraph.store.content import ContentFolder

#: How many imports are kept in memory once read.
_KEPT = 32


class Files(ContentFolder):
    """A folder of files named by their content, and the records in those that were imported."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "this review")
        self._read: OrderedDict[str, list[Found]] = OrderedDict()

    def rows(self, made: Import) -> list[Row]:
        """The full records of an import, as rows of `record`.

        Raises:
            InputError: the file is missing or was altered.
        """
        return rows_of(self.content(made.sha256))

    def records(self, made: Import) -> list[Found]:
        """The records of an import as reviewers see them.

        Raises:
            InputError: the file is missing or was altered.
        """
        if (known := self._read.get(made.sha256)) is not None:
            self._read.move_to_end(made.sha256)
            return known
        records = found(self.rows(made))
        self._read[made.sha256] = records
        while len(self._read) > _KEPT:
            self._read.popitem(last=False)
        return records
