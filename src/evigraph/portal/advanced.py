"""The form that builds a query for those who would rather fill in fields than learn the query language."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

#: The fields of the form: name, label, what it stands for in a query.
FIELDS: tuple[tuple[str, str, str], ...] = (
    ("all", "All of these words", ""),
    ("phrase", "This phrase exactly", ""),
    ("any", "Any of these words", ""),
    ("none", "None of these words", ""),
    ("title", "Words in the title", "title"),
    ("abstract", "Words in the abstract", "abstract"),
    ("author", "Author", "author"),
    ("journal", "Journal or other container", "journal"),
    ("keyword", "Keyword or MeSH term", "keyword"),
)

#: Signs that stand inside words.
_INSIDE = "'\u2019.-"

#: Filters that the form passes on as they are.
PASSED = ("type", "access", "peer_review", "sort")


def address_of(filled: Mapping[str, str]) -> str:
    """The address of the search that a filled form asks for."""
    parts: list[str] = []
    for name, _, field in FIELDS:
        # Signs of the query language are plain text in a form.
        text = " ".join(
            "".join(letter if letter.isalnum() or letter in _INSIDE else " " for letter in word)
            for word in filled.get(name, "").split()
        )
        words = [word.strip(_INSIDE) for word in text.split()]
        words = [word for word in words if word]
        if not words:
            continue
        if name == "phrase":
            parts.append(f'"{" ".join(words)}"')
        elif name == "any":
            parts.append(f"({' OR '.join(words)})")
        elif name == "none":
            parts += [f"-{word}" for word in words]
        elif name == "all":
            parts += words
        elif name in ("author", "journal"):
            parts.append(f'{field}:"{" ".join(words)}"')
        else:
            parts += [f"{field}:{word}" for word in words]
    pairs = [("q", " ".join(parts))] if parts else []
    pairs += [(name, filled[name]) for name in ("year_from", "year_to", *PASSED) if filled.get(name, "").strip()]
    return f"/search?{urlencode(pairs)}" if pairs else "/search"
