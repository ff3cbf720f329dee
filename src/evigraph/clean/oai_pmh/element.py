"""Reading XML elements by their local names, whatever namespace and prefix a repository gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from evigraph.clean.text import clean_line, clean_text, clean_title

Json = dict[str, Any]

_TAG = re.compile(r"<[A-Za-z/!]")


def local_name(element: etree._Element) -> str:
    """The name without its namespace; empty for entities and the like."""
    tag = element.tag
    return _without_namespace(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


@lru_cache(maxsize=1024)
def _in_any_namespace(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{{*}}{name}" for name in names)


def namespace(element: etree._Element) -> str:
    """The namespace; empty where there is none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: etree._Element | None, *names: str) -> list[etree._Element]:
    """The child elements of these names in document order, all where none is named."""
    if element is None:
        return []
    if names:
        return list(element.iterchildren(*_in_any_namespace(names)))
    return [child for child in element if local_name(child)]


def first(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The element down a path of names, each time the first of its name; None where it ends before."""
    for name in path:
        if element is None:
            return None
        element = next(element.iterchildren(*_in_any_namespace((name,))), None)
    return element


def descendants(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """The elements of these names below `element`, in document order."""
    if element is not None:
        yield from element.iterdescendants(*_in_any_namespace(names))


def attribute(element: etree._Element | None, name: str) -> str | None:
    """An attribute by its local name in any letter case, without white space around it; None where it says nothing."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2].lower() == name.lower():
            return str(value).strip() or None
    return None


def text_of(element: etree._Element | None) -> str | None:
    """The text of an element and what is in it, on one line; None where there is none."""
    if element is None:
        return None
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return " ".join(text.split()) or None


def value_of(element: etree._Element | None, *path: str) -> str | None:
    """The text down a path of names; see `first` and `text_of`."""
    return text_of(first(element, *path))


def markup_of(element: etree._Element | None) -> str | None:
    """The content of an element with its markup, for cleaning; None where there is none."""
    if element is None:
        return None
    if not len(element):
        return element.text
    escaped = (element.text or "").replace("&", "&amp;").replace("<", "&lt;")
    return escaped + "".join(etree.tostring(child, encoding="unicode") for child in element)


def line(element: etree._Element | None) -> str | None:
    """The cleaned content as one line."""
    return clean_line(markup_of(element))


def block(element: etree._Element | None) -> str | None:
    """The cleaned content with its paragraphs, as an abstract has them.

    Line breaks inside plain text are the repository's own and stay only where an empty line stands between.
    """
    markup = markup_of(element)
    if markup and not _TAG.search(markup):
        paragraphs = (" ".join(part.split()) for part in markup.replace("\r\n", "\n").split("\n\n"))
        markup = "\n".join(part for part in paragraphs if part)
    return clean_text(markup)


def title(element: etree._Element | None) -> str | None:
    """The cleaned content as a title."""
    return clean_title(markup_of(element))


def leaves(element: etree._Element, name: str | None = None) -> Iterator[tuple[str, str]]:
    """Every text and attribute below `element` as a name (`contributor.affiliation`, `rights@rightsURI`) and value."""
    name = name or local_name(element)
    if value := ((element.text or "").strip() or None):
        yield name, " ".join(value.split())
    for key, stated in element.attrib.items():
        local = str(key).rpartition("}")[2]
        if local not in ("schemaLocation", "type") and str(stated).strip():
            yield f"{name}@{local}", str(stated).strip()
    for child in children(element):
        yield from leaves(child, f"{name}.{local_name(child)}")


def extras_of(elements: list[etree._Element]) -> list[Json]:
    """Elements that have no home in a record, each under its own name."""
    return [{"name": name, "value": value} for element in elements for name, value in leaves(element)]
