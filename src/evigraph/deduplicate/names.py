"""How much of two bylines is in common, as OpenAIRE's author comparison counts it.

A name comes as `family, given`, folded (`evigraph.deduplicate.comparables`); a name without a comma is one
that no source has parsed, a group among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

#: Jaro-Winkler similarity above which two family names are one.
FAMILY_SIMILARITY = 0.75

#: Jaro-Winkler similarity above which two given names are one.
GIVEN_SIMILARITY = 0.95

#: With more authors than this on either side names are not compared.
MAX_COMPARED_AUTHORS = 20

#: Most tokens by which two forms of one name may differ.
MAX_TOKEN_DIFFERENCE = 2


class Name(NamedTuple):
    """A folded name: family and given part where parsed (else both empty), and all its tokens."""

    text: str
    family: str
    given: str
    tokens: tuple[str, ...]


@lru_cache(maxsize=200_000)
def parse_name(text: str) -> Name:
    """The parts of a folded name; `family` and `given` are empty where it has no comma."""
    family, comma, given = text.partition(", ")
    if not comma:
        family = ""
    return Name(text, family, given, tuple(text.replace(",", "").split()))


def _same_text(left: Name, right: Name) -> bool:
    return left.text == right.text != ""


def _same_tokens(left: Name, right: Name) -> bool:
    """Whether each token of the shorter name has its like in the longer, in any order; an initial is like its name."""
    shorter, longer = sorted((left.tokens, right.tokens), key=len)
    if not shorter or len(longer) - len(shorter) > MAX_TOKEN_DIFFERENCE:
        return False
    free = list(longer)
    has_long = False
    for token in sorted(shorter, key=len, reverse=True):
        if token in free:
            free.remove(token)
            has_long = has_long or len(token) > 1
            continue
        like = next((other for other in free if (len(token) == 1 or len(other) == 1) and token[0] == other[0]), None)
        if like is None:
            return False
        free.remove(like)
    return has_long


def _alike(left: Name, right: Name) -> bool:
    """Whether family and given names are close, or one unparsed name contains the other."""
    if left.family and right.family:
        if JaroWinkler.similarity(left.family, right.family) <= FAMILY_SIMILARITY:
            return False
        given_l, given_r = left.given.split(" ")[0], right.given.split(" ")[0]
        if not given_l or not given_r:
            return left.family == right.family
        if len(given_l) <= 2 or len(given_r) <= 2:
            return given_l[0] == given_r[0]
        return JaroWinkler.similarity(left.given, right.given) > GIVEN_SIMILARITY
    shorter, longer = sorted((set(left.tokens), set(right.tokens)), key=len)
    return len(shorter) > 1 and shorter <= longer


_PASSES: tuple[Callable[[Name, Name], bool], ...] = (_same_text, _same_tokens, _alike)


def is_same_name(left: str, right: str) -> bool:
    """Whether two folded names are forms of one: equal, or alike token by token (`ser, h x e`, `ser, hui xian`).

    The strict half of the comparison, for carrying an ORCID from one byline to another.
    """
    name_l, name_r = parse_name(left), parse_name(right)
    return _same_text(name_l, name_r) or _same_tokens(name_l, name_r)


def n_in_common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many authors two bylines have in common; each name is used once, the surest likeness first."""
    names_l = [parse_name(text) for text in left]
    names_r = [parse_name(text) for text in right]
    n_common = 0
    for is_like in _PASSES:
        remaining: list[Name] = []
        for name in names_l:
            place = next((place for place, other in enumerate(names_r) if is_like(name, other)), None)
            if place is None:
                remaining.append(name)
            else:
                del names_r[place]
                n_common += 1
        names_l = remaining
        if not names_l or not names_r:
            break
    return n_common


def author_similarity(left: Sequence[str], right: Sequence[str]) -> float | None:
    """The share of authors in common, 0 to 1, or None where a side names nobody.

    Of bylines of one length, the share of that length; otherwise common / (n_l + n_r - common). 1 where either
    has more than `MAX_COMPARED_AUTHORS` names: long bylines are cut and abbreviated too freely to be compared.
    """
    if not left or not right:
        return None
    if max(len(left), len(right)) > MAX_COMPARED_AUTHORS:
        return 1.0
    common = n_in_common(left, right)
    return common / len(left) if len(left) == len(right) else common / (len(left) + len(right) - common)
