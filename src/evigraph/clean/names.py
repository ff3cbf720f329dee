"""Authors' names: the value of the AUTHOR struct, with junk turned away and names in display order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from evigraph.clean.text import clean_line
from evigraph.model.pid import normalise_orcid, normalise_ror

#: A name longer than this is cut, as OpenAIRE's graph does: it is a list of people or an accident.
MAX_NAME_LENGTH = 1000

#: What stands where a name should be, without punctuation and in lower case.
_JUNK = frozenset(
    {
        *("anon", "anonym", "anonyme", "anonymous", "anonymous author", "anonymous authors", "anonymus", "anonimo"),
        *("anónimo", "author", "author unknown", "authors", "autor desconocido", "editor", "editors", "et al"),
        *("et alii", "etal", "inconnu", "n n", "n/a", "nn", "no author", "no author listed", "no authors"),
        *("no authors listed", "nobody", "none", "not available", "null", "s n", "sans auteur", "sconosciuto"),
        *("sin autor", "tba", "tbd", "test", "test test", "test user"),
        *("unbekannt", "undefined", "unknown", "unknown author", "unknown authors", "unknown unknown"),
        *("various", "various authors", "verschiedene"),
    }
)
#: DataCite's standard values for unknown information. Only with their colon: Unal is a name.
_CODE = re.compile(r"\W*:\W*(?:un(?:ac|al|ap|as|av|kn)|none|null|tba|etal)\b", re.IGNORECASE)
#: The last words of those, for a quick answer on names that end in another word.
_JUNK_ENDS = frozenset(word for junk in _JUNK for word in re.split(r"[\s/]", junk))
_PUNCTUATION = re.compile(r"[^\w/]+|_+")
_EDGES = " ,;:*#\u2020\u2021\u00a7\u00b6"
#: What a name may not hold to be left as it is without a closer look.
_ODD = re.compile("[,;:*#&\u2020\u2021\u00a7\u00b6]|^ | $| ~|~ ")
_SUFFIX = re.compile(r"(?:jr|sr|i{2,3}|iv|2nd|3rd|4th|5th)\.?$", re.IGNORECASE)
_PARTICLES = frozenset(
    word
    for words in (
        """af al auf aus av ben bin d' da dal dalla dall' das de degli dei del della delle dem den der des di do dos du
    e el het ibn im in la las le les lo los op 't te ten ter thor tot van vom von vor y zu zum zur""",
    )
    for word in words.split()
)

#: Institutions come again and again, most of all in one byline.
_institution = lru_cache(maxsize=16_384)(clean_line)


class Name(NamedTuple):
    """The parts of a personal name; all None where it cannot be taken apart."""

    given_name: str | None
    family_name: str | None
    suffix: str | None


def is_junk(name: str) -> bool:
    """Whether the text stands in place of a name: "Anonymous", "n.n.", ":unav", an address, or no letter at all."""
    lowered = name.lower()
    if lowered in _JUNK or "deactivated" in lowered or "anonymous author" in lowered:
        return True
    if "://" in lowered:
        # An address is nobody's name.
        return True
    end = lowered[lowered.rfind(" ") + 1 :]
    if end.isalpha() and end not in _JUNK_ENDS and ":" not in lowered:
        return False
    if lowered.replace(" ", "").isalpha():
        return False
    key = _PUNCTUATION.sub(" ", lowered).strip()
    return key in _JUNK or _CODE.match(name) is not None or not any(map(str.isalpha, key))


def are_plain_names(names: Sequence[str]) -> bool:
    """Whether each "Given Family" of a byline is what `author` makes of it, unless its last word is junk.

    Looked at as one text, in which each name begins and ends beside the same mark.
    """
    joined = "~".join(names)
    return (
        _ODD.search(joined) is None
        and clean_line(joined) == joined
        and not any(junk in joined.lower() for junk in ("deactivated", "anonymous author"))
        and max(map(len, names)) <= MAX_NAME_LENGTH
    )


def is_plain_family(family: str) -> bool:
    """Whether a family name that is clean shows by its last word that it is no junk."""
    end = family[family.rfind(" ") + 1 :]
    return end.isalpha() and end.lower() not in _JUNK_ENDS


def plain_author(
    given: str, family: str, orcid: str | None, affiliations: Iterable[str | Mapping[str, str | None] | None]
) -> dict[str, Any]:
    """The AUTHOR of a name that is plain (`are_plain_names`, `is_plain_family`): what `author` gives for it."""
    return _author(f"{given} {family}", given, family, orcid, False, affiliations)


def author(
    *,
    given_name: str | None = None,
    family_name: str | None = None,
    full_name: str | None = None,
    suffix: str | None = None,
    orcid: str | None = None,
    is_group: bool = False,
    affiliations: Iterable[str | Mapping[str, str | None] | None] = (),
) -> dict[str, Any] | None:
    """The AUTHOR of a record, or None where the name is junk.

    The full name is "Given Family Suffix", in the order in which it is displayed; `full_name` is used where the
    parts are missing, and is taken apart if it can be. A group has a full name only. `affiliations` are names,
    or names with `ror_id`. The rank is left to the byline (`evigraph.clean.batches.Rows`).
    """
    if is_group:
        name = _part(full_name) or _part(family_name) or _part(given_name)
        return None if not name or is_junk(name) else _author(name, None, None, None, True, affiliations)
    given, family = _part(given_name), _part(family_name)
    if not given and not family:
        return author_from_text(full_name, orcid=orcid, affiliations=affiliations)
    name = f"{given} {family}" if given and family else given or family or ""
    stated = _part(full_name)
    if suffix and (after := _part(suffix)):
        name = f"{name} {after}"
    elif stated and stated.startswith(f"{name} ") and _SUFFIX.match(stated[len(name) + 1 :]):
        name = stated
    name = name[:MAX_NAME_LENGTH].rstrip()
    if is_junk(name):
        return None
    if given and given.lower() in _JUNK and family and is_junk(family):
        return None
    return _author(name, given, family, orcid, False, affiliations)


def author_from_text(
    text: str | None, *, orcid: str | None = None, affiliations: Iterable[str | Mapping[str, str | None] | None] = ()
) -> dict[str, Any] | None:
    """The AUTHOR that a name in one string states, in either order, or None where it is junk."""
    name = _part(text)
    if not name or is_junk(name):
        return None
    given, family, suffix = parse_name(name)
    if given and family:
        name = f"{given} {family} {suffix}" if suffix else f"{given} {family}"
    return _author(name, given, family, orcid, False, affiliations)


def parse_name(text: str) -> Name:
    """The parts of "Family, Given", "Family, Given, Jr.", "Family, Jr., Given" or "Given Family".

    Without a comma the last word is the family name, together with the lower-case particles before it ("Ludwig
    van Beethoven"). A single word, or a text with more commas, is not taken apart.
    """
    pieces = [piece for piece in (piece.strip(_EDGES) for piece in text.split(",")) if piece]
    if len(pieces) == 3:
        if _SUFFIX.match(pieces[2]):
            return Name(pieces[1], pieces[0], pieces[2].rstrip("."))
        if _SUFFIX.match(pieces[1]):
            return Name(pieces[2], pieces[0], pieces[1].rstrip("."))
        return Name(None, None, None)
    if len(pieces) == 2 and not _SUFFIX.match(pieces[1]):
        given, suffix = _without_suffix(pieces[1].split())
        return Name(" ".join(given), pieces[0], suffix)
    if len(pieces) not in (1, 2):
        return Name(None, None, None)
    words, suffix = _without_suffix(pieces[0].split())
    if len(pieces) == 2:
        suffix = pieces[1].rstrip(".")
    if len(words) < 2:
        return Name(None, None, None)
    at = next((at for at, word in enumerate(words[1:-1], 1) if word in _PARTICLES), len(words) - 1)
    return Name(" ".join(words[:at]), " ".join(words[at:]), suffix)


def _without_suffix(words: list[str]) -> tuple[list[str], str | None]:
    if len(words) > 1 and _SUFFIX.match(words[-1]):
        return words[:-1], words[-1].rstrip(".")
    return words, None


def _part(text: str | None) -> str | None:
    if not text:
        return None
    if text.isascii() and text.isalpha() and len(text) <= MAX_NAME_LENGTH:
        return text
    line = clean_line(text)
    if not line:
        return None
    if line[0].isalnum() and line[-1].isalnum() and len(line) <= MAX_NAME_LENGTH:
        return line
    if ":" not in line or not _CODE.match(line):
        line = line.strip(_EDGES)
    return line[:MAX_NAME_LENGTH].rstrip(_EDGES) or None


def _author(
    name: str,
    given: str | None,
    family: str | None,
    orcid: str | None,
    is_group: bool,
    affiliations: Iterable[str | Mapping[str, str | None] | None],
) -> dict[str, Any]:
    return {
        "rank": None,
        "full_name": name,
        "given_name": given,
        "family_name": family,
        "orcid": normalise_orcid(orcid) if orcid else None,
        "is_group": is_group,
        "affiliations": _affiliations(affiliations) if affiliations else [],
    }


def _affiliations(affiliations: Iterable[str | Mapping[str, str | None] | None]) -> list[dict[str, str | None]]:
    """The AFFILIATIONs in their order, each once."""
    distinct: dict[tuple[str | None, str | None], dict[str, str | None]] = {}
    for affiliation in affiliations:
        if isinstance(affiliation, str):
            name, ror_id = _institution(affiliation), None
        elif affiliation:
            name, ror_id = _institution(affiliation.get("name")), normalise_ror(affiliation.get("ror_id"))
        else:
            continue
        if name or ror_id:
            distinct.setdefault((name, ror_id), {"name": name, "ror_id": ror_id})
    return list(distinct.values())
