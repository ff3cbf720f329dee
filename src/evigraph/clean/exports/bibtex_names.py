"""Lists of names in BibTeX: who they are, and which part of a name is which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from bibtexparser.middlewares.names import parse_single_name_into_parts

from evigraph.clean.exports.bibtex_latex import decode
from evigraph.clean.exports.values import person

#: BibTeX's word for people who are not named.
OTHERS = "others"

_MARK = re.compile(r"\\.|[{}]|(?:^|(?<=\s))and(?=\s|$)", re.IGNORECASE | re.DOTALL)
_OF_WORDS = re.compile(r"[^\W\d_][,.\s]+[^\W\d_]")
_ORCID = re.compile(r"([^/\n]+?)/\s*(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])")


class ListedName(NamedTuple):
    """A name as text in Unicode, its parts where they are told, whether it is a group's, or stands for no name."""

    text: str
    parts: Mapping[str, Any] | None = None
    is_group: bool = False
    is_others: bool = False


def listed_names(latex: str) -> list[ListedName]:
    """The names of a field in their order. They are joined by "and"; a name in braces as a whole is a group's.

    Some databases put semicolons between names; where there is no "and" and every part has two words, they do the
    same. `and others` is a last name that stands for those who are not named.
    """
    latex = " ".join(latex.split())
    names = _split(latex)
    if len(names) == 1 and ";" in latex and "{" not in latex:
        parts = [part for part in latex.split(";") if part.strip()]
        names = parts if all(map(_OF_WORDS.search, parts)) and parts else names
    return [_name(name) for name in names if name.strip()]


def _split(latex: str) -> list[str]:
    """The parts between the words "and" that stand in no braces; a backslash takes the character after it along."""
    names: list[str] = []
    depth = start = 0
    for match in _MARK.finditer(latex):
        mark = match.group()
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth = max(0, depth - 1)
        elif mark[0] != "\\" and not depth:
            names.append(latex[start : match.start()])
            start = match.end()
    return [*names, latex[start:]]


def _name(latex: str) -> ListedName:
    latex = latex.strip()
    text = " ".join(decode(latex).split())
    if latex == OTHERS:
        return ListedName(text, is_others=True)
    if latex[0] == "{" and _closes_at_end(latex):
        return ListedName(text, is_group=True)
    if "," not in latex and "{" not in latex:
        return ListedName(text)
    stated = person(text)
    if stated is None or stated["is_group"] or text.endswith(","):
        return ListedName(text)
    parts = parse_single_name_into_parts(latex, strict=False)
    family = _joined([*parts.von, *parts.last])
    given = _joined(parts.first)
    if not family or not given:
        return ListedName(text)
    return ListedName(text, {"family_name": family, "given_name": given, "suffix": _joined(parts.jr) or None})


def _joined(words: list[str]) -> str:
    return " ".join(decode(" ".join(words)).split())


def _closes_at_end(latex: str) -> bool:
    """Whether the first brace is closed by the last character; that of `{\\'E}mile` is not."""
    depth = 0
    for at, character in enumerate(latex):
        if latex[at - 1 : at] == "\\":
            continue
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return at == len(latex) - 1
    return False


def stated_orcids(text: str) -> dict[str, str]:
    """The ORCID iDs that Web of Science lists as `Family, Given/0000-…`, by name in lower case."""
    return {match[1].strip().casefold(): match[2] for match in _ORCID.finditer(text)}
