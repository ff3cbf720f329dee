"""What the elements of HTML, JATS and MathML mean for plain text, and the writer that applies it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

#: Stands for a line break while raw line breaks may still turn out to be mere white space of markup. No text
#: holds it: `evigraph.clean.text` removes it first.
BREAK = "\0"

_TAG = re.compile(
    r"<(?P<end>/?)(?:(?P<prefix>[A-Za-z][\w.-]*+):)?(?P<name>[A-Za-z][\w-]*+)"
    r"(?P<attributes>(?:[\s\0]++[A-Za-z_][\w:.-]*+[\s\0]*+=[\s\0]*+"
    r"(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\0\"'<>=`/]++))*+)[\s\0]*+(?P<void>/?)>"
)
_LINE_END = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]+")
#: What a superscript holds that is a power, after a digit.
SIGNED_NUMBER = re.compile("\\s*[-+\u2212\u2013\u00b1]?\\s*\\d")
_OPERATOR = re.compile("[-+\u2212\u2013\u00b1=<>,/\u00b7\u00d7 ]")
_FENCE = re.compile(r"(open|close)\s*=\s*[\"']([^\"']*)[\"']")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Namespace prefixes under which every element is markup.
_PREFIX = re.compile(r"jats|mml|m|math|x?html|oasis|ali|xlink|ns\d+", re.IGNORECASE)

#: Elements that stand on lines of their own.
_BLOCKS = _names(
    """abstract address article aside blockquote body boxed-text br break caption center dd def-item def-list
    disp-formula disp-formula-group disp-quote div dl dt fig figcaption figure fn footer form header hr html li
    list list-item main nav ol p pre sec section speech statement subtitle table table-wrap tbody tfoot thead tr
    trans-abstract ul verse-group verse-line dispformula"""
)

#: Elements that head the line which follows them.
_HEADINGS = frozenset({"title", "h1", "h2", "h3", "h4", "h5", "h6"})

#: Elements that are set apart by a space.
_CELLS = frozenset({"td", "th", "col", "mspace", "mtd", "img", "graphic", "inline-graphic"})

#: Elements whose content is not text.
_SILENT = frozenset({"script", "style", "annotation", "annotation-xml", "noscript", "object-id"})

#: Elements that never have content and are often left open.
_UNPAIRED = frozenset({"br", "break", "hr", "img", "wbr", "col", "mspace", "inline-graphic", "graphic", "mprescripts"})

_INLINE = _names(
    """a abbr acronym alternatives b bdi bdo big bold cite code del dfn em email emph ext-link font i inf
    inline-formula inline-supplementary-material ins italic kbd mark monospace named-content
    overline q roman rp rt ruby s samp sans-serif sc scp small span strike strong styled-content sub sup tex-math
    tt u underline uri var wbr xref colgroup head label math semantics maction maligngroup malignmark menclose
    merror mfenced mfrac mi mlabeledtr mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace
    msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"""
)

#: Elements that leave nothing but their text, whatever stands in them.
_PASSED_OVER = _names("b bold del em emph font i inf ins italic roman sc span strong sub u underline")

#: Elements that are markup without a prefix too.
_KNOWN = _BLOCKS | _HEADINGS | _CELLS | _SILENT | _UNPAIRED | _INLINE

#: Headings that say nothing beside the text they stand over.
EMPTY_HEADINGS = frozenset(
    {"abstract", "abstracts", "summary", "résumé", "resumen", "resumo", "riassunto", "zusammenfassung", "özet"}
)

#: Superscripts that are read without a sign of power.
_MARKS = frozenset("*+-'\u2020\u2021\u00a7\u2032\u2033\u2034\u2212\u2217\u00b0")


def without_elements(text: str, has_headings: bool) -> str:
    """The text with its known elements replaced by what they mean; the text itself where there are none.

    Raw line breaks of a text that has elements are white space, so they become spaces; the breaks that elements
    make are `BREAK`. With `has_headings` a heading heads the next line ("Methods: …"), else it is a line.
    Elements of one letter need a partner (`a<b>c` has no element), but for `<p>`, which is often left open.
    """
    tags = _paired([tag for match in _TAG.finditer(text) if (tag := _tag(match)) is not None])
    if not tags:
        return text
    names = {tag.name for tag in tags}
    done = 0
    if _PASSED_OVER.issuperset(names):
        parts: list[str] = []
        for tag in tags:
            parts.append(text[done : tag.start])
            done = tag.end
        parts.append(text[done:])
        return "".join(parts if text.isprintable() else [_LINE_END.sub(" ", part) for part in parts])
    writer = _Writer(has_headings, names)
    for tag in tags:
        if done != tag.start:
            writer.text(text[done : tag.start])
        if not tag.is_end:
            writer.start(tag.name, tag.attributes, text, tag.end)
        if tag.is_end or tag.is_void or tag.name in _UNPAIRED:
            writer.end(tag.name)
        done = tag.end
    writer.text(text[done:])
    return writer.result()


class _Tag(NamedTuple):
    """A tag of a known element."""

    name: str
    start: int
    end: int
    is_end: bool
    is_void: bool
    attributes: str


def _tag(match: re.Match[str]) -> _Tag | None:
    """The tag, if it is of a known element."""
    end, prefix, name, attributes, void = match.groups()
    known = _known_name(prefix, name)
    return None if known is None else _Tag(known, *match.span(), bool(end), bool(void), attributes)


@lru_cache(maxsize=4096)
def _known_name(prefix: str | None, name: str) -> str | None:
    """The name of a known element in lower case; None for another."""
    lowered = name.lower()
    if prefix is None:
        return lowered if lowered in _KNOWN else None
    is_known = _PREFIX.fullmatch(prefix) is not None or (len(lowered) > 1 and lowered in _KNOWN)
    return lowered if is_known else None


def _paired(tags: list[_Tag]) -> list[_Tag]:
    """The tags without those of one letter that have no partner."""
    open_tags: dict[str, list[int]] = {}
    partnerless: set[int] = set()
    for tag in tags:
        name = tag.name
        if len(name) > 1 or name == "p" or tag.is_void:
            continue
        same = open_tags.setdefault(name, [])
        if not tag.is_end:
            same.append(tag.start)
        elif same:
            same.pop()
        else:
            partnerless.add(tag.start)
    partnerless.update(start for same in open_tags.values() for start in same)
    return [tag for tag in tags if tag.start not in partnerless] if partnerless else tags


@dataclass(slots=True)
class _Open:
    """An element that is open: where its text starts, how many children it has had, how it closes."""

    name: str
    at: int
    n_children: int = 0
    close: str = ""


class _Writer:
    """Writes the text of elements in their order."""

    def __init__(self, has_headings: bool, names: set[str]) -> None:
        self._parts: list[str] = []
        self._has_headings = has_headings
        # A formula that stands both as TeX and as MathML is told once.
        self._silent = _SILENT | {"tex-math"} if "math" in names else _SILENT
        self._n_silent = 0
        self._n_math = 0
        self._open: list[_Open] = []
        self._is_after_heading = False

    def text(self, text: str) -> None:
        """Takes the text between two tags."""
        if not text or self._n_silent:
            return
        is_blank = not text.strip(BREAK).strip()
        if is_blank and self._n_math:
            return
        self._parts.append(text if text.isprintable() else _LINE_END.sub(" ", text))
        if not is_blank:
            self._is_after_heading = False

    def start(self, name: str, attributes: str, text: str, at: int) -> None:
        """Takes a start tag that ends at `text[at]`."""
        close = ""
        if name in self._silent:
            self._n_silent += 1
        elif name in _BLOCKS or name in _HEADINGS:
            self._break()
        elif name in _CELLS:
            self._parts.append(" ")
        elif name == "sup":
            if self._last().isdigit() and SIGNED_NUMBER.match(text, at):
                self._parts.append("^")
        elif name == "math":
            self._n_math += 1
        elif name in ("msqrt", "mroot"):
            self._parts.append("√")
        self._open.append(_Open(name, len(self._parts)))
        if name == "mfenced":
            fences = dict(_FENCE.findall(attributes))
            self._parts.append(fences.get("open", "("))
            close = fences.get("close", ")")
        self._open[-1].close = close

    def end(self, name: str) -> None:
        """Takes an end tag; one that closes nothing still breaks the line if its element does."""
        element = next((element for element in reversed(self._open) if element.name == name), None)
        if element is not None:
            while self._open.pop() is not element:
                pass
        if name in self._silent:
            self._n_silent = max(0, self._n_silent - 1)
        elif name in _HEADINGS:
            self._end_heading(element.at if element else len(self._parts))
        elif name in _BLOCKS:
            self._break()
        elif name in _CELLS:
            self._parts.append(" ")
        elif name == "math":
            self._n_math = max(0, self._n_math - 1)
        if element is not None and self._n_math and not self._n_silent:
            self._end_in_formula(element)

    def result(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def _last(self) -> str:
        return next((part[-1] for part in reversed(self._parts) if part), " ")

    def _break(self) -> None:
        if not self._is_after_heading:
            self._parts.append(BREAK)

    def _end_heading(self, at: int) -> None:
        if not self._has_headings:
            self._parts.append(BREAK)
            return
        heading = " ".join("".join(self._parts[at:]).replace(BREAK, " ").split())
        del self._parts[at:]
        if not heading or heading.rstrip(".:").lower() in EMPTY_HEADINGS:
            return
        self._parts.append(f"{heading} " if heading[-1] in ".:?!;" else f"{heading}: ")
        self._is_after_heading = True

    def _end_in_formula(self, element: _Open) -> None:
        """Writes the signs that fractions, powers, roots and fences show by their shape."""
        if element.close:
            self._parts.append(element.close)
        part = "".join(self._parts[element.at :])
        if element.name in ("msqrt", "mroot"):
            self._parts[element.at :] = [_grouped(part)]
        if not self._open:
            return
        parent = self._open[-1]
        parent.n_children += 1
        place = (parent.name, parent.n_children)
        if place == ("mfrac", 1):
            self._parts[element.at :] = [_grouped(part)]
        elif place == ("mfrac", 2):
            self._parts[element.at :] = ["/", _grouped(part)]
        elif place in (("msup", 2), ("msubsup", 3)) and part not in _MARKS:
            self._parts[element.at :] = ["^", part if SIGNED_NUMBER.match(part) else _grouped(part)]
        elif parent.name == "mfenced" and parent.n_children > 1:
            self._parts[element.at :] = [",", part]


def _grouped(part: str) -> str:
    """The part in parentheses where it has an operator in it and none around it."""
    part = part.strip()
    return f"({part})" if len(part) > 1 and _OPERATOR.search(part, 1) and part[0] != "(" else part
