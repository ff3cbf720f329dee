"""Lists of an article that are told by their text alone, cut out before the rest is parsed as a tree.

Reference lists, MeSH headings and the history of dates are half of PubMed's bytes, and nearly all have one form. A
list is cut only where its text proves that a tree would say the same: no elements or attributes but the usual ones, no
comment, section, entity beyond three, or character that XML forbids. Every other list is left where it stands.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import unescape

from evigraph.clean.pubmed.fields import Mesh, subject_of
from evigraph.clean.pubmed.references import Listed, pid_of
from evigraph.clean.text import clean_lines
from evigraph.model.pid import Pid

_SPACE = "[ \\t\\n]*"
#: Characters that XML allows and that stand for themselves.
_CHARACTER = "[^<>&\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]"
_TEXT = f"{_CHARACTER}*+(?:&(?:amp|lt|gt);{_CHARACTER}*+)*+"

_LIST_START = re.compile(f"<ReferenceList>{_SPACE}(?:<Title>{_TEXT}</Title>{_SPACE})?")
_ENTRY = re.compile(
    f"<Reference>{_SPACE}<Citation>({_TEXT})</Citation>{_SPACE}"
    f'(?:<ArticleIdList>((?:{_SPACE}<ArticleId IdType="[a-z]+">{_TEXT}</ArticleId>)*+){_SPACE}'
    f"</ArticleIdList>{_SPACE})?</Reference>{_SPACE}"
)
_ID = re.compile('<ArticleId IdType="([a-z]+)">([^<]*)</ArticleId>')
#: The list ends the article, so it is a child of PubmedData if the rest is well-formed.
_LIST_END = re.compile(f"</ReferenceList>{_SPACE}</PubmedData>{_SPACE}</PubmedArticle>")
_ARTICLE_END = b"</PubmedData></PubmedArticle>"

_HEADING = re.compile(
    f'{_SPACE}<MeshHeading>{_SPACE}<DescriptorName UI="([A-Z0-9]+)" MajorTopicYN="([YN])"(?: Type="[A-Za-z]+")?>'
    f"({_CHARACTER}++)</DescriptorName>{_SPACE}"
    f'((?:<QualifierName UI="[A-Z0-9]+" MajorTopicYN="[YN]">{_CHARACTER}++</QualifierName>{_SPACE})*+)'
)
_QUALIFIER = re.compile('MajorTopicYN="([YN])">([^<]+)<')

#: Dates of the record's way through PubMed, of which nothing is read.
_HISTORY = re.compile(
    rb"<PubmedData>[ \t\n]*(<History>(?:[ \t\n]*<PubMedPubDate PubStatus=\"[a-z-]+\">"
    rb"(?:[ \t\n]*<(Year|Month|Day|Hour|Minute)>\d+</\2>)*+[ \t\n]*</PubMedPubDate>)++[ \t\n]*</History>)"
)


class Plain(NamedTuple):
    """An article without the lists that were cut out of it, and what they say; None where they were not."""

    xml: bytes
    references: Listed | None = None
    #: The headings of the first MeshHeadingList, which is left empty in the article.
    mesh: Mesh | None = None


def without_lists(article: bytes) -> Plain:
    """The bytes of a PubmedArticle without the lists that are plain, and what these say."""
    if b"<!" in article or b"<?" in article:
        return Plain(article)
    mesh = references = None
    at = article.find(b"<MeshHeadingList>") + len(b"<MeshHeadingList>")
    end = article.find(b"</MeshHeadingList>", at)
    if end > 0 and (mesh := _mesh(article[at:end])) is not None:
        article = article[:at] + article[end:]
    at = article.find(b"<PubmedData>")
    if at < 0 or article.find(b"<PubmedData", at + 1) >= 0:
        return Plain(article, None, mesh)
    end = article.find(b"<ReferenceList", at)
    if end >= 0 and (references := _references(article[end:])) is None:
        end = -1
    head, tail = (article[:end], _ARTICLE_END) if end >= 0 else (article, b"")
    if history := _HISTORY.match(head, at):
        head = head[: history.start(1)] + head[history.end(1) :]
    return Plain(head + tail, references, mesh)


def _mesh(headings: bytes) -> Mesh | None:
    """What the headings of a list say; None where one of them is not plain."""
    *stated, rest = headings.split(b"</MeshHeading>")
    if not stated or rest.strip(b" \t\n"):
        return None
    subjects = []
    notations = []
    for found in map(_heading, stated):
        if found is None:
            return None
        subjects.append(subject_of(*found[0]))
        notations.append(found[1])
    return subjects, "; ".join(notations)


@lru_cache(maxsize=32_768)
def _heading(stated: bytes) -> tuple[tuple[str, str], str] | None:
    """The descriptor and its id of a heading, and its notation; None where it is not plain."""
    try:
        found = _HEADING.fullmatch(stated.decode())
    except UnicodeDecodeError:
        return None
    if found is None:
        return None
    term_id, major, name, qualifiers = found.groups()
    parts = [(major, name), *_QUALIFIER.findall(qualifiers)]
    return (name, term_id), "/".join(f"*{name}" if major == "Y" else name for major, name in parts)


def _references(stated_bytes: bytes) -> Listed | None:
    """What a reference list that ends an article says; None where it is not plain."""
    try:
        stated = stated_bytes.decode()
    except UnicodeDecodeError:
        return None
    start = _LIST_START.match(stated)
    if start is None:
        return None
    done = start.end()
    read = unescape if "&" in stated else str
    pids: list[list[Pid]] = []
    texts: list[str | None] = []
    while entry := _ENTRY.match(stated, done):
        done = entry.end()
        text, ids = entry.groups()
        texts.append(read(text))
        given = _ID.findall(ids) if ids else ()
        pids.append([pid for scheme, value in given if (pid := pid_of(scheme, read(value)))])
    return Listed(pids, clean_lines(texts)) if _LIST_END.fullmatch(stated, done) else None
