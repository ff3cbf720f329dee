"""References as sentences, in citation styles: what a person pastes into a text.

Styles are those of the Citation Style Language, processed by citeproc-py. Answers are plain text: emphasis is left out.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from evigraph.publish.formats import csl
from evigraph.publish.formats.rows import Row

#: The styles by the names of their files, with their names for people. Styles that print given names in full (MLA,
#: Chicago) are none of them: the processor abbreviates the names all the same.
STYLES = {
    "apa": "APA (7th edition)",
    "harvard-cite-them-right": "Harvard (Cite Them Right)",
    "elsevier-vancouver": "Vancouver",
    "ieee": "IEEE",
}

_FOLDER = Path(__file__).parent / "styles"
_LOG = logging.getLogger(__name__)

#: What styles print of a reference, of the fields of a CSL item.
_PRINTED = frozenset(
    (
        *("id", "type", "title", "author", "issued", "container-title", "container-title-short", "volume", "issue"),
        *("page", "edition", "event-place", "publisher", "DOI", "ISSN", "ISBN", "URL"),
    )
)

#: The number that some styles put before an entry of a list; one reference is no list.
_NUMBER = re.compile(r"^(?:\[1\]|1\.)\s*")

#: The processor keeps the state of a bibliography in the style, which is kept.
_LOCK = threading.Lock()


def sentences(row: Row) -> list[tuple[str, str]]:
    """The reference in each style, as (name of the style for people, text); styles that cannot say it are left out.

    A product without a title gives none.
    """
    item = {name: value for name, value in csl.item(row).items() if name in _PRINTED}
    if not item.get("title"):
        return []
    told = [(label, _sentence(name, item)) for name, label in STYLES.items()]
    return [(label, text) for label, text in told if text]


def _sentence(name: str, item: dict[str, Any]) -> str | None:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            bibliography = CitationStylesBibliography(_style(name), CiteProcJSON([item]), formatter.plain)
            bibliography.register(Citation([CitationItem(item["id"])]))
            text = str(bibliography.bibliography()[0])
        except Exception as error:
            # The processor fails in as many ways as there are odd references; the other styles may do.
            _LOG.warning("%s: not written in the style %s (%s)", item["id"], name, error)
            return None
    return _NUMBER.sub("", text).strip()


@cache
def _style(name: str) -> Any:
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(str(_FOLDER / f"{name}.csl"), validate=False)
