r"""References as BibTeX, in UTF-8, with LaTeX's special characters escaped.

The columns come first, then what an exported reference had besides, under its own names. Read again
(`evigraph.clean.exports.bibtex`), an export gives the same record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evigraph.publish.formats.rows import (
    Row,
    alternate_ids_of,
    container_of,
    databases_of,
    dialect_of,
    extras_of,
    pid_of,
    resource_type_of,
    urls_of,
)

#: BibTeX's entry types by OpenAIRE's names of resource types; misc for what has none.
TYPES: dict[str, str] = {
    "Article": "article",
    "Data Paper": "article",
    "Software Paper": "article",
    "Review": "article",
    "Contribution for newspaper or weekly magazine": "article",
    "Book": "book",
    "Part of book or chapter of book": "incollection",
    "Conference object": "inproceedings",
    "Thesis": "phdthesis",
    "Doctoral thesis": "phdthesis",
    "Master thesis": "mastersthesis",
    "Report": "techreport",
    "External research report": "techreport",
    "Internal report": "techreport",
    "Preprint": "unpublished",
    "Dataset": "dataset",
    "Software": "software",
    "Patent": "patent",
}

#: Extras that are no fields: see `evigraph.clean.exports.bibtex_fields`.
ENTRY_TYPE, CITATION_KEY, LATEX_TITLE = "entry_type", "citation_key", "title_latex"

_IN_BOOKS = frozenset({"inproceedings", "incollection", "inbook", "conference"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

#: Fields of addresses and numbers, in which only backslashes and braces are escaped.
_VERBATIM = frozenset(
    {
        *("url", "urls", "doi", "eprint", "pmid", "pmcid", "pubmed_id", "issn", "eissn", "pissn", "issnl", "isbn"),
        *("arxivid", "archiveprefix", "eprinttype", "eprintclass", "primaryclass", "biburl", "unique-id", "crossref"),
        *("xdata", "pdf", "link", "pages"),
    }
)
_RAW = frozenset({"file", "bdsk-file-1", "local-url"})
_NAME_LISTS = frozenset(
    {"editor", "editora", "translator", "bookauthor", "annotator", "commentator", "book-group-author"}
)

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
_SPECIAL = re.compile(r"[\\{}~^&%$#_]|-(?=-)|`(?=`)|'(?=')")
_VERBATIM_SPECIAL = re.compile(r"[\\{}]")
#: Between names of a list as text, in which a group's name stands in braces.
_AND = re.compile(r" and (?![^{]*\})")
_BAD_IN_KEY = re.compile(r"[\s,{}()=\"'#%~\\@]+")
_BAD_IN_NAME = re.compile(r"[\s,{}()=\"'#%~\\@]+")


def encode(text: str, is_verbatim: bool = False) -> str:
    r"""The text as LaTeX that is set as it: special characters escaped, `--` kept from becoming a dash."""
    return (_VERBATIM_SPECIAL if is_verbatim else _SPECIAL).sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    text = match.group()
    return _ESCAPES.get(text) or text + "{}"


def write(rows: Iterable[Row], with_extras: bool = True) -> Iterator[str]:
    """The text of a BibTeX file, entry by entry, in UTF-8 when encoded; `with_extras`: fields without column too.

    `rows` are rows of the table record or product as dictionaries. Keys that two rows share get `-2`, `-3`, … unless
    the file they were read from had them twice already.
    """
    taken: dict[str, int] = {}
    for row in rows:
        is_own = any(name in (CITATION_KEY, ENTRY_TYPE) for name, _ in extras_of(row))
        key = _key(row)
        taken[key] = taken.get(key, 0) + 1
        yield entry(row, key if is_own or taken[key] == 1 else f"{key}-{taken[key]}", with_extras)


def entry(row: Row, key: str, with_extras: bool = True) -> str:
    """One entry under that key, and the blank line after it."""
    stated = dict(reversed(extras_of(row)))
    kind = stated.get(ENTRY_TYPE, "")
    if not re.fullmatch(r"[A-Za-z]+", kind):
        kind = TYPES.get(resource_type_of(row) or "", "misc")
    is_bibtex = (dialect_of(row) or "").endswith("BibTeX")
    extras = [pair for pair in extras_of(row) if pair[0] not in (ENTRY_TYPE, CITATION_KEY)] if with_extras else []
    people = [(name, value) for name, value in extras if is_bibtex and name.lower() == "author"]
    rest = [pair for pair in extras if pair not in people]
    latex_title = stated.get(LATEX_TITLE)
    fields: list[tuple[str, str]] = []
    names = [_person(author) for author in row.get("authors") or ()]
    names += [encode(value).replace(" and ", " {and} ") for _, value in people]
    if names:
        fields.append((people[0][0] if people else "author", " and ".join(names)))
    title = row.get("title")
    if latex_title and title and _is_balanced(latex_title):
        fields.append(("title", latex_title))
        rest = [pair for pair in rest if pair[0] != LATEX_TITLE]
    elif title:
        fields.append(("title", encode(title)))
    fields += [(name, _value(name, value)) for name, value in _columns(row, kind.lower(), is_bibtex) if value]
    fields += [(_field_name(name), _value(name.lower(), value)) for name, value in rest if _BAD_IN_NAME.sub("", name)]
    lines = [
        f"  {name} = {value if name == 'month' and value in _MONTHS else '{' + value + '}'}," for name, value in fields
    ]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", "", ""])


def _columns(row: Row, kind: str, is_bibtex: bool) -> Iterator[tuple[str, str | None]]:
    """The fields after author and title as plain text."""
    container = container_of(row)
    yield "subtitle", row.get("subtitle")
    for number, other in enumerate(row.get("alternative_titles") or (), 1):
        yield "alternative_title" if number == 1 else f"alternative_title_{number}", other
    yield "booktitle" if kind in _IN_BOOKS else "journal", container.get("name")
    yield "shortjournal", container.get("abbreviated_name")
    published_on = row.get("published_on") or (str(row["year"]) if row.get("year") else "")
    yield "year", published_on[:4]
    if len(published_on) > 4:
        yield "month", _MONTHS[int(published_on[5:7]) - 1]
        yield "day", published_on[8:10].lstrip("0")
    for name in ("volume", "edition"):
        yield name, container.get(name)
    yield "number", container.get("issue")
    first, last = container.get("first_page"), container.get("last_page")
    yield "pages", f"{first}--{last}" if first and last else first or last
    yield "publisher", row.get("publisher")
    issns = {name: container.get(f"issn_{kind}") for name, kind in _ISSNS}
    if is_bibtex:
        yield from issns.items()
    else:
        yield "issn", issns["pissn"] or issns["issnl"] or issns["eissn"]
    yield "isbn", "; ".join(alternate_ids_of(row, "isbn"))
    yield "doi", pid_of(row, "doi")
    yield "pmid", pid_of(row, "pmid")
    yield "pmcid", pid_of(row, "pmc")
    if arxiv := pid_of(row, "arxiv"):
        if any(name.lower() in ("archiveprefix", "eprinttype") for name, _ in extras_of(row)):
            yield "eprint", arxiv
        else:
            yield "arxivid", arxiv
    first_url, *other_urls = urls_of(row) or [""]
    yield "url", first_url
    yield "urls", " ".join(other_urls)
    for number, text in enumerate(row.get("descriptions") or (), 1):
        yield "abstract" if number == 1 else f"abstract_{number}", text
    for name, is_mesh in (("keywords", False), ("mesh", True)):
        terms = [one["value"] for one in row.get("subjects") or () if (one["scheme"] == "mesh") == is_mesh]
        yield name, "; ".join(terms) + (";" if len(terms) == 1 and "," in terms[0] else "")
    yield "language", row.get("language") if row.get("language") != "und" else None
    yield "database", next(iter(databases_of(row)), None)


_ISSNS = (("pissn", "print"), ("eissn", "online"), ("issnl", "linking"))


def _value(name: str, text: str) -> str:
    """The value of a field as LaTeX; paragraphs are parted by an empty line."""
    if name in _RAW and _is_balanced(text):
        return text
    if name in _NAME_LISTS:
        return " and ".join(map(_listed, _AND.split(text)))
    if name in _VERBATIM:
        return encode(text, is_verbatim=True)
    parts = [encode(part.strip()) for part in text.split("\n") if part.strip()]
    # A line that begins with @ would begin an entry.
    return "\n\n".join("{@}" + part[1:] if part[0] == "@" else part for part in parts)


def _listed(name: str) -> str:
    if len(name) > 2 and name[0] == "{" and name[-1] == "}":
        return "{" + encode(name[1:-1]) + "}"
    return encode(name)


def _person(author: Row) -> str:
    full, given, family = author.get("full_name") or "", author.get("given_name"), author.get("family_name")
    if author.get("is_group"):
        return "{" + encode(full) + "}"
    if not given or not family:
        return _guarded(full or family or given or "")
    whole = f"{given} {family}"
    suffix = full[len(whole) :].strip() if full.startswith(f"{whole} ") else ""
    parts = [family, suffix, given] if suffix else [family, given]
    return ", ".join("{" + encode(part) + "}" if "," in part else _guarded(part) for part in parts)


def _guarded(name: str) -> str:
    """A name in which the word "and" does not part names."""
    if name.lower() == "and":
        return f"{{{name[0]}}}{name[1:]}"  # wholly in braces it would be a group
    return re.sub(r"(?<!\S)(and)(?!\S)", r"{\1}", encode(name), flags=re.IGNORECASE)


def _key(row: Row) -> str:
    stated = next((value for name, value in extras_of(row) if name == CITATION_KEY), None)
    if stated is None and any(name == ENTRY_TYPE for name, _ in extras_of(row)):
        # Read from an entry without a key.
        return ""
    if stated and not re.search(r"[,{}=\"#%\n\\]", stated):
        return stated
    return _BAD_IN_KEY.sub("-", stated or row.get("record_id") or row.get("product_id") or "reference").strip("-")


def _field_name(name: str) -> str:
    return _BAD_IN_NAME.sub("-", name).strip("-") or "field"


def _is_balanced(latex: str) -> bool:
    depth = 0
    for match in re.finditer(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth < 0:
            return False
    return depth == 0 and not re.search(r"\n[ \t]*@", latex) and not latex.endswith("\\")
