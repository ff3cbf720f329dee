"""Plain text from markup: titles and abstracts as people read them, with their meaning kept.

Sources deliver JATS (Crossref), HTML, MathML, entities escaped once or twice, and plain text in which `<` means
"less than". What is a known element goes and leaves its text; everything else stays.
"""

from __future__ import annotations

import html
import re
import unicodedata

from evigraph.clean.markup import BREAK, EMPTY_HEADINGS, SIGNED_NUMBER, without_elements

_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
#: Escapes of escapes, however deep.
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,5}26);)++")

#: Not elements: CDATA keeps its content, the others go whole.
_SECTIONS = (("<![CDATA[", "]]>", True), ("<!--", "-->", False), ("<?", "?>", False), ("<!DOCTYPE", ">", False))

#: Code points that show nothing and mean nothing in a text: controls, soft hyphen, zero-width space, byte-order
#: mark, direction marks, annotation marks, tags, noncharacters. Joiners (U+200C, U+200D) carry meaning and stay.
_INVISIBLE = re.compile(
    "["
    "\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffc\ufffe\uffff\U000e0001\U000e0020-\U000e007f"
    "]+"
)
_SURROGATE = re.compile("[\ud800-\udfff]")

#: No honest text nests markup in escapes, or tags in tags, deeper than this.
_MAX_ROUNDS = 8


def clean_text(markup: str | None) -> str | None:
    """The text of `markup` as plain Unicode (NFC), or None where nothing is left.

    Known elements of HTML, JATS and MathML go, their text stays: blocks become line breaks, a heading becomes
    the head of the line that follows ("Methods: …"; a bare "Abstract" goes). `p<0.05`, `a < b` and unknown
    `<names>` stay. Entities are decoded until none is left, for sources escape twice and the field's services
    show `&amp;lt;` as `<`. A number in superscript after a digit gets a `^` (`10<sup>6</sup>` is not 106).
    Controls, lone surrogates and invisible marks go; white space collapses to single spaces and line breaks.
    Other characters stay as they are, U+2010 among them. Cleaning what is clean changes nothing.
    """
    if not markup:
        return None
    if _is_clean(markup):
        return markup
    if "<" in markup and (plain := _plain_paragraphs(markup)):
        return plain
    return _settled(markup, has_headings=True).replace(BREAK, "\n") or None


def clean_line(markup: str | None) -> str | None:
    """As `clean_text`, but on one line and without a heading's colon: for names, titles, terms."""
    if not markup:
        return None
    if _is_clean(markup):
        return markup
    return _settled(markup, has_headings=False, breaks=" ") or None


def clean_lines(lines: list[str | None]) -> list[str | None]:
    """Each of the lines as `clean_line` gives it: for long lists of short texts, most of which are plain."""
    # Looked at as one text, in which each line begins and ends beside the same mark.
    joined = "~".join(filter(None, lines))
    if not joined or (_is_clean(joined) and " ~" not in joined and "~ " not in joined):
        return [line or None for line in lines] if "" in lines else lines
    if (n_lines := len(lines)) < 3:
        return [clean_line(line) for line in lines]
    return clean_lines(lines[: n_lines // 2]) + clean_lines(lines[n_lines // 2 :])


def clean_title(markup: str | None, *, strip_full_stop: bool = False, strip_brackets: bool = False) -> str | None:
    """A title as one line of plain text, or None.

    `strip_full_stop` takes one final full stop away, not an ellipsis's or an initialism's ("U.S.A."), for
    PubMed ends every title with one. `strip_brackets` takes away square brackets around the whole title, with
    which PubMed marks a title that it translated.
    """
    title = clean_line(markup)
    if title and strip_full_stop:
        title = _without_full_stop(title)
    if title and strip_brackets and title[0] == "[" and _encloses(title):
        title = title[1:-1].strip()
        if strip_full_stop:
            title = _without_full_stop(title)
    return title or None


def is_usable_title(title: str | None) -> bool:
    """Whether a title names a work: it has letters, and is not that of somebody's test.

    The rule is OpenAIRE's (graph cleaning): a title that contains "test" and has at most five characters left
    without it, without digits and without non-word characters, is a test record.
    """
    if not title or not any(character.isalpha() for character in title):
        return False
    lowered = title.lower()
    return "test" not in lowered or len(re.sub(r"test|\W|\d", "", lowered)) > 5


def _without_full_stop(title: str) -> str:
    if title.endswith(".") and not title.endswith("..") and not re.search(r"\b\w\.\s?\w\.$", title):
        return title[:-1].rstrip()
    return title


def _encloses(title: str) -> bool:
    """Whether the first character's bracket is closed by the last character."""
    depth = 0
    for at, character in enumerate(title):
        depth += (character == "[") - (character == "]")
        if depth == 0:
            return at == len(title) - 1
    return False


#: Inline elements that leave their text as it is, wherever they stand.
_SILENT_INLINE = re.compile("<((?:jats:)?(?:italic|bold|sub|sc|underline)|i|b|em|strong)>([^<]*)</\\1>")
#: A superscript after a character of the same line.
_SUPERSCRIPT = re.compile("([^>])<(jats:)?sup>([^<]*)</(?(2)jats:)sup>")
#: A heading, a border of a block, or text.
_FLOW = re.compile("<(?:jats:)?title>([^<]*)</(?:jats:)?title>|(</?(?:jats:)?(?:p|sec)>)|([^<]+)")


def _plain_paragraphs(markup: str) -> str | None:
    """What `clean_text` gives for headings and paragraphs of text that is clean; None for all else.

    Nine abstracts in ten of those that have markup have only this.
    """
    markup = _SILENT_INLINE.sub(r"\2", markup)
    if "sup>" in markup:
        markup = _SUPERSCRIPT.sub(_raised, markup)
    lines: list[str] = []
    line = ""
    is_after_heading = False
    done = 0
    for match in _FLOW.finditer(markup):
        if match.start() != done:
            return None
        done = match.end()
        heading, border, text = match.groups()
        if text is not None:
            line += text
            is_after_heading &= text.isspace()
            continue
        if line and not is_after_heading:
            lines.append(line)
            line = ""
        heading = " ".join(heading.split()) if border is None else ""
        if heading and heading.rstrip(".:").lower() not in EMPTY_HEADINGS:
            line += f"{heading} " if heading[-1] in ".:?!;" else f"{heading}: "
            is_after_heading = True
    if done != len(markup):
        return None
    lines.append(line)
    shown: list[str] = []
    for line in lines:
        if (line := line.strip(" ")) and not _is_clean(line):
            line = " ".join(line.split())
            if line and not _is_clean(line):
                return None
        if line:
            shown.append(line)
    return "\n".join(shown)


def _raised(match: re.Match[str]) -> str:
    before, _, raised = match.groups()
    return f"{before}^{raised}" if before.isdigit() and SIGNED_NUMBER.match(raised) else f"{before}{raised}"


def _is_clean(text: str) -> bool:
    """Whether there is nothing to do; a quick answer for the many texts that are plain already."""
    return (
        "<" not in text
        and text.isprintable()
        and ("&" not in text or _has_ands_only(text))
        and "  " not in text
        and text[0] != " "
        and text[-1] != " "
        and (text.isascii() or ("\ufffc" not in text and unicodedata.is_normalized("NFC", text)))
    )


def _has_ands_only(text: str) -> bool:
    """Whether every ampersand of the text stands for "and", before a space, and so begins no entity."""
    return text.count("&") == text.count("& ")


def _settled(text: str, has_headings: bool, breaks: str = BREAK) -> str:
    """The text after as many rounds as it takes until nothing changes any more; line breaks as `breaks`."""
    text = text.replace(BREAK, "")
    for _ in range(_MAX_ROUNDS):
        before = text
        if "<" in text:
            text = without_elements(_without_sections(text), has_headings)
        if "&" in text:
            text = _ENTITY.sub(_decoded, _AMPERSANDS.sub("&", text))
        text = _shown(text, breaks)
        if text == before or ("<" not in text and "&" not in text):
            return text
    # Built to outlast the rounds: what could still be markup is taken out.
    text = _shown(text.replace("<", " ").replace("&", " "), breaks)
    return _shown(text, breaks)


def _shown(text: str, breaks: str) -> str:
    """The text in NFC with single spaces and line breaks, without characters that are none or show nothing."""
    if not text.isascii():
        if _SURROGATE.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        text = unicodedata.normalize("NFC", text)
    return breaks.join(filter(None, map(_line_shown, text.replace(BREAK, "\n").splitlines())))


def _line_shown(line: str) -> str:
    if not line.isprintable() or "\ufffc" in line:
        line = " ".join(line.split())
        return line if line.isprintable() and "\ufffc" not in line else _visible(line)
    # White space that is printable is the space alone.
    return " ".join(line.split()) if "  " in line else line.strip(" ")


def _visible(line: str) -> str:
    # What is left out may have stood between two spaces, or between a letter and its accent.
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", line)).split())


def _decoded(match: re.Match[str]) -> str:
    entity = match.group()
    character = html.unescape(entity)
    return "" if character in ("\ufffd", BREAK) and entity[1] == "#" else character


def _without_sections(text: str) -> str:
    """The text without comments, processing instructions and doctypes, and with the content of CDATA."""
    for start, end, keeps_content in _SECTIONS:
        at = text.find(start)
        if at < 0:
            continue
        parts: list[str] = []
        done = 0
        while at >= 0 and (close := text.find(end, at + len(start))) >= 0:
            parts.append(text[done:at])
            if keeps_content:
                parts.append(html.escape(text[at + len(start) : close], quote=False))
            done = close + len(end)
            at = text.find(start, done)
        parts.append(text[done:])
        text = "".join(parts)
    return text
