r"""LaTeX in bibliographies as the Unicode that it stands for: accents, symbols, dashes, grouping braces.

The names of symbols come from pylatexenc's tables. The text is walked through here, once and in its order, for a
typesetter's parser treats `%` as the start of a comment and drops what it does not know: exports have `%` in every
abstract, and a macro that is not known stays as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pylatexenc.latex2text import get_default_latex_context_db  # type: ignore[import-untyped]

#: Accents inside accents, and groups inside macros, are followed to this depth.
_MAX_DEPTH = 8

#: Formulas longer than this are two prices rather than one formula.
_MAX_FORMULA = 400

_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_DOTLESS = {"\u0131": "i", "\u0237": "j"}

#: Macros that change how their argument looks, not what it says.
_LOOKS = frozenset(
    {
        *("emph", "enspace", "ensuremath", "em", "it", "bf", "rm", "sc", "sf", "tt", "sl", "textit", "textbf"),
        *("textsc", "textrm", "textsf", "texttt", "textsl", "textup", "textmd", "textnormal", "text", "mbox"),
        *("hbox", "mathrm", "mathit", "mathbf", "mathsf", "mathtt", "mathbb", "mathcal", "mathnormal"),
        *("boldsymbol", "bm", "itshape", "bfseries", "scshape", "upshape", "slshape", "rmfamily", "sffamily"),
        *("ttfamily", "normalfont", "tiny", "scriptsize", "footnotesize", "small", "normalsize", "large"),
        *("Large", "LARGE", "url", "nolinkurl", "path", "uppercase", "lowercase", "MakeUppercase"),
        *("MakeLowercase", "NoCaseChange", "protect", "relax", "bibinfo", "noopsort", "nobreak", "allowbreak"),
        *("displaystyle", "textstyle", "selectfont"),
    }
)
_OWN_SYMBOLS = {
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textunderscore": "_",
    "textdollar": "$",
    "textquotesingle": "'",
    "textasciigrave": "`",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textbackslash": "\\",
    "textdegree": "°",
    "textmu": "µ",
    "copyright": "©",
    "textcopyright": "©",
    "pounds": "£",
    "textsterling": "£",
    "euro": "€",
    "texteuro": "€",
    "textendash": "–",  # noqa: RUF001 - the character that the macro names
    "textemdash": "—",
    "textperthousand": "‰",
    "textonehalf": "½",
    "textonesuperior": "¹",
    "texttwosuperior": "²",
    "textthreesuperior": "³",
    "textordfeminine": "ª",
    "textordmasculine": "º",
    "textellipsis": "…",
    "slash": "/",
    "thinspace": " ",
    "quad": " ",
    "qquad": " ",
    "newline": " ",
    "par": " ",
    "space": " ",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "BibTeX": "BibTeX",
    "log": "log",
    "ln": "ln",
    "exp": "exp",
    "sin": "sin",
    "cos": "cos",
    "min": "min",
    "max": "max",
}
#: What a backslash and one character that is no letter stand for.
_ESCAPES = {
    **{character: character for character in "&%#_{}$"},
    **dict.fromkeys(" ,;\\\n\t", " "),
    **dict.fromkeys("!/-@", ""),
}
_SPECIAL = re.compile(r"[\\{}$~]|--+|``|''")
_VERBATIM_SPECIAL = re.compile(r"[\\{}]")
_MACRO = re.compile(r"\\(?:([A-Za-z]+)\*?|(.))", re.DOTALL)
_FORMULA = re.compile(rf"\$(?=[^\s$])((?:[^$\\]|\\.){{1,{_MAX_FORMULA}}}?)(?<=[^\s\\])\$(?!\d)", re.DOTALL)
_SCRIPT = re.compile(r"\s*[\^_]\s*(?:\{\s*([\w+\-*,. ]{1,40})\s*\}|(\w))\s*$")
_PLAIN_FORMULA = re.compile(r"(?:[\w\s.,:;<>=+\-*/()%|!'~]|\\[A-Za-z]+(?![A-Za-z{])|\\[&%#$, ;]|[{}])*$")


def decode(latex: str, *, is_text: bool = True) -> str:
    r"""The text that LaTeX stands for, in Unicode (NFC).

    Accents and symbols become characters, grouping braces and macros of appearance go, `--` becomes a dash, `~`
    between words a space. A formula of symbols alone (`$\alpha$`, `$p<0.05$`, `H$_2$O`) is written in them; any other
    formula, and any macro that is not known, stays as it stands. `%` is a per cent sign, never a comment.

    With `is_text` false (addresses, identifiers) only escapes, symbols and braces are resolved.
    """
    special = _SPECIAL if is_text else _VERBATIM_SPECIAL
    if not special.search(latex):
        return latex
    return unicodedata.normalize("NFC", _decoded(latex, is_text, 0))


def _decoded(latex: str, is_text: bool, depth: int) -> str:
    special = _SPECIAL if is_text else _VERBATIM_SPECIAL
    parts: list[str] = []
    at = 0
    has_quotes = False
    while match := special.search(latex, at):
        parts.append(latex[at : match.start()])
        mark = match.group()
        at = match.end()
        if mark == "\\":
            text, at = _macro(latex, match.start(), is_text, depth, parts)
            parts.append(text)
        elif mark[0] == "-":
            parts.append({2: "–", 3: "—"}.get(len(mark), mark))  # noqa: RUF001 - the dash that LaTeX sets
        elif mark == "``":
            parts.append("“")
            has_quotes = True
        elif mark == "''":
            parts.append("”" if has_quotes else mark)
        elif mark == "~":
            parts.append(" " if _is_tie(latex, match.start()) else "~")
        elif mark == "$":
            text, at = _formula(latex, match.start(), depth)
            parts.append(text)
    parts.append(latex[at:])
    return "".join(parts)


def _is_tie(latex: str, at: int) -> bool:
    before, after = latex[at - 1 : at], latex[at + 1 : at + 2]
    return bool(before) and bool(after) and not before.isspace() and not after.isspace() and before not in "/:(<>="


def _formula(latex: str, at: int, depth: int) -> tuple[str, int]:
    match = _FORMULA.match(latex, at)
    if match is None:
        return "$", at + 1
    inner = match[1]
    if script := _SCRIPT.match(inner):
        text = script[1] or script[2]
        is_power = inner.lstrip()[0] == "^" and at > 0 and latex[at - 1].isdigit() and text[0].isdigit()
        return f"^{text}" if is_power else text, match.end()
    if depth < _MAX_DEPTH and _PLAIN_FORMULA.match(inner):
        text = _decoded(inner, False, depth + 1)
        if "\\" not in text:
            return text, match.end()
    return match.group(), match.end()


def _macro(latex: str, at: int, is_text: bool, depth: int, before: list[str]) -> tuple[str, int]:
    """What the macro at `at` stands for, and where it ends."""
    match = _MACRO.match(latex, at)
    if match is None:
        return "\\", at + 1
    end = match.end()
    name: str = match[1] or match[2]
    if depth < _MAX_DEPTH and (is_text or name not in "~^=") and (mark := _ACCENTS.get(name)):
        if (found := _argument(latex, end)) is not None:
            base = _decoded(found[0], True, depth + 1)
            base = _DOTLESS.get(base, base)
            if base and (base[0].isalpha() or name not in "~^`'."):
                return base[0] + mark + base[1:], found[1]
            # Not looked at again, or many such would be walked through many times.
            return (name if name in "^~" else match.group()) + base, found[1]
        if name in "^~":
            return name, end
    if name in "~^" and not is_text:
        return name, end
    if match[1] is None:
        if (text := _ESCAPES.get(name)) is not None:
            return text if is_text or not text.isspace() else match.group(), end
        return match.group(), end
    if not is_text and name not in _symbols():
        return match.group(), end
    if name in ("textsuperscript", "textsubscript") and (found := _argument(latex, end)) is not None:
        text = _decoded(found[0], is_text, depth + 1) if depth < _MAX_DEPTH else found[0]
        last = "".join(before[-2:])[-1:]
        is_power = name == "textsuperscript" and last.isdigit() and text[:1].isdigit()
        return f"^{text}" if is_power else text, found[1]
    if name == "href" and (address := _argument(latex, end)) is not None:
        return "", address[1]
    if name in _LOOKS:
        return "", _after_spaces(latex, end)
    if (symbol := _symbols().get(name)) is not None:
        return symbol, _after_spaces(latex, end)
    group = _group_end(latex, end) if latex[end : end + 1] == "{" else end
    return latex[at:group], group


def _after_spaces(latex: str, at: int) -> int:
    while latex[at : at + 1] in (" ", "\t", "\n"):
        at += 1
    return at


def _argument(latex: str, at: int, depth: int = 0) -> tuple[str, int] | None:
    """The argument that begins at `at`, and where it ends; None where there is none."""
    at = _after_spaces(latex, at)
    character = latex[at : at + 1]
    if not character or character == "}":
        return None
    if character == "{":
        end = _group_end(latex, at)
        return latex[at + 1 : end - 1], end
    if character == "\\" and (macro := _MACRO.match(latex, at)):
        name, end = macro[1] or macro[2], macro.end()
        if name in _ACCENTS and depth < 3 and (inner := _argument(latex, end, depth + 1)) is not None:
            end = inner[1]
        return latex[at:end], end
    return character, at + 1


def _group_end(latex: str, at: int) -> int:
    """The place after the brace that closes the group opened at `at`; the end where none does."""
    depth = 0
    while at < len(latex):
        character = latex[at]
        if character == "\\":
            at += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(latex) + 1


@cache
def _symbols() -> dict[str, str]:
    """The characters of macros that have no argument."""
    known: dict[str, str] = {}
    database = get_default_latex_context_db()
    for category in ("advanced-symbols", "latex-base"):
        for spec in database.d[category]["macros"].values():
            text = spec.simplify_repl
            if isinstance(text, str) and spec.macroname.isalpha() and text and "%" not in text:
                known[spec.macroname] = text
    return {**known, **_OWN_SYMBOLS}
