"""Tables as databases, reference managers and people export them: CSV, semicolons, tabs; one row a reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evigraph.clean.exports.csv_cells import cited_works, doi_of_open_url, names_of, parts_of_source, terms_of
from evigraph.clean.exports.csv_columns import (
    REFERENCE_HEADINGS,
    accession_of,
    database_of,
    fold,
    full_names_column,
    roles_of,
)
from evigraph.clean.exports.csv_rows import TableForm, TableRow, form_of, rows_of
from evigraph.clean.exports.reference import Reference, Role
from evigraph.clean.exports.text import head_of, text_lines
from evigraph.clean.payload import Report

#: Columns that hold a whole citation in one line, by dialect.
_CITATIONS = {"Embase CSV": "source", "Ovid text": "source", "CSA text": "source", "PubMed CSV": "citation"}


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is a table of references: one of its first lines is a header."""
    if head.lstrip()[:1] in ("<", "{"):
        return False
    return form_of(head.splitlines()) is not None


def read(path: str, report: Report) -> Iterator[Reference]:
    """The references of a table, one a row; a row that does not fit the header is the defect `csv_columns`.

    Columns that are not known are kept under their own headings, cells that are empty say nothing. A column of cited
    works becomes reference rows.
    """
    name = Path(path).name
    form = form_of(head_of(path).splitlines())
    if form is None:
        report(-1, "no_header", f"{name}: no row names the columns. Put title, abstract, doi, … above them.", True)
        return
    faults: list[str] = []
    n_given = 0
    columns = Columns(form)
    for row in rows_of(text_lines(path, report, faults.append), form):
        if row.fault:
            message = f"{name}, line {row.line}: the row {row.fault}; it was left out"
            report(n_given, "csv_columns", f"{message}. Check its quotes and separators.", True)
            continue
        reference = columns.reference(row)
        reference.problems += [("encoding", fault) for fault in faults]
        faults.clear()
        yield reference
        n_given += 1


class Columns:
    """The columns of a table and what they mean."""

    def __init__(self, form: TableForm) -> None:
        self._dialect = form.dialect
        self._header = [heading or f"column {at}" for at, heading in enumerate(form.header, 1)]
        self._folded = [fold(heading) for heading in self._header]
        self._roles = roles_of(self._header, form.dialect)
        self._full_names = full_names_column(self._header)
        self._citation = _CITATIONS.get(form.dialect)

    def reference(self, row: TableRow) -> Reference:
        """The reference that a row states."""
        cells = [cell.strip() for cell in row.cells]
        reference = Reference(
            self._dialect,
            database=database_of(self._dialect),
            accession=accession_of(self._dialect, dict(zip(self._folded, cells, strict=True))),
            size=row.size,
        )
        has_full_names = self._full_names is not None and bool(cells[self._full_names])
        for at, cell in enumerate(cells):
            role = self._roles[at]
            if has_full_names and role is Role.AUTHOR and at != self._full_names:
                role = None
            self._add(reference, self._header[at], self._folded[at], role, cell)
        return reference

    def _add(self, reference: Reference, heading: str, folded: str, role: Role | None, cell: str) -> None:
        if not cell:
            return
        if role is Role.AUTHOR or role is Role.GROUP_AUTHOR:
            names = names_of(cell, self._dialect)
            if names is None:
                reference.add(heading, cell)
            for name in names or ():
                reference.add(heading, name, role)
        elif role in (Role.KEYWORD, Role.MESH):
            for term in terms_of(cell, self._dialect):
                reference.add(heading, term, role)
        elif folded in REFERENCE_HEADINGS:
            reference.references += cited_works(cell)
        else:
            reference.add(heading, cell, role)
        if folded == self._citation:
            for part, text in parts_of_source(cell, self._dialect):
                if not (part is Role.CONTAINER and reference.first(Role.CONTAINER)):
                    reference.add(f"{heading} ({part})", text, part)
        elif folded == "open url link" and (doi := doi_of_open_url(cell)):
            reference.add(f"{heading} (doi)", doi, Role.DOI)
