"""The report as a Word file (Office Open XML), for journals and co-authors."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import docx
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT

from evigraph.review.report.document import Document, Paragraph, Quote, Table

#: Characters that XML 1.0 cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_word(document: Document) -> bytes:
    """The file: headings, paragraphs, quotations and tables. Pictures are left out: their numbers stand in tables.

    Head rows repeat on each page; the file names no person, and the same report gives the same content.
    """
    made = docx.Document()
    page = made.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, page.page_height, page.page_width
    properties = made.core_properties
    properties.title, properties.author = _clean(document.title)[:255], "evigraph"
    properties.created = properties.modified = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    made.add_heading(_clean(document.title), 0)
    if document.is_illustration:
        made.add_paragraph("An illustration: made up, no evidence.")
    for section in document.sections:
        made.add_heading(_clean(section.heading), section.level)
        for part in section.parts:
            if isinstance(part, Paragraph):
                made.add_paragraph(_clean(part.text))
            elif isinstance(part, Quote):
                made.add_paragraph(_clean(f"“{part.text}” ({part.source})"), style="Quote")
            elif isinstance(part, Table):
                _table(made, part)
    if document.n_cut:
        made.add_paragraph(f"{document.n_cut} quotations were cut short: their texts are not openly licensed.")
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def _table(made: WordFile, table: Table) -> None:
    made.add_paragraph(_clean(table.caption), style="Caption")
    grid = made.add_table(rows=0, cols=len(table.head), style="Table Grid")
    for row in (table.head, *table.rows):
        for cell, words in zip(grid.add_row().cells, row, strict=True):
            cell.text = _clean(words)
    head = grid.rows[0]
    head._tr.get_or_add_trPr().append(head._tr.makeelement(_REPEATED, {}))
    for cell in head.cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True


#: Marks a row that is repeated on each page.
_REPEATED = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}tblHeader"


def _clean(words: str) -> str:
    return _UNWRITABLE.sub("", words)
