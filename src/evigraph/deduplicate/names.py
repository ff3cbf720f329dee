"""Authors as people: which names are forms of one, and what two bylines have in common.

A name comes as `family, given`, folded (`evigraph.deduplicate.comparables`); a name without a comma is one
that no source has parsed, a group among them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler, Levenshtein

#: Least similarity of two family names of five letters or more that are one misspelled.
FAMILY_SIMILARITY = 0.75

#: Jaro-Winkler similarity above which two given names written out are one.
GIVEN_SIMILARITY = 0.85

#: More names than this on a side are not all compared: the first ones stand for the byline.
MAX_COMPARED_AUTHORS = 30

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


def is_same_name(left: str, right: str) -> bool:
    """Whether two folded names are forms of one: equal, or alike token by token (`ser, h x e`, `ser, hui xian`).

    The strict half of the comparison, for carrying an ORCID from one byline to another.
    """
    name_l, name_r = parse_name(left), parse_name(right)
    return _same_text(name_l, name_r) or _same_tokens(name_l, name_r)


#: Parts of family names that sources leave out, move or write together.
_PARTICLES = frozenset(
    """
    al ap ben bin da dal de del della den der des di do dos du el la las le les los mac mc o of san st ten ter und van
    vom von y zu zum zur jr sr ii iii
    """.split()  # noqa: SIM905 - easier to read than a list
)


class NameKey(NamedTuple):
    """A name to compare: candidates for the family name (the likeliest first), given words, and all words as one."""

    families: tuple[str, ...]
    given: tuple[str, ...]
    joined: str


@lru_cache(maxsize=400_000)
def name_key(text: str) -> NameKey:
    """The key of a folded name. Of a name that is not parsed, any word of two letters or more may be the family's."""
    family, comma, given = text.partition(", ")
    joined = text.replace(",", "").replace(" ", "")
    if comma:
        core = [word for word in family.split() if word not in _PARTICLES] or family.split()
        forms = dict.fromkeys(("".join(core), family.replace(" ", ""), *core))
        return NameKey(tuple(forms), tuple(given.split()), joined)
    words = [word for word in text.split() if word not in _PARTICLES] or text.split()
    long = [word for word in words if len(word) > 2 or not word.isascii()] or [word for word in words if len(word) > 1]
    long = long or words
    # `Ada Nowak` far more often than `Nowak Ada`: the last long word first.
    return NameKey(tuple(reversed(long)), tuple(words), joined)


def _given_agree(left: NameKey, right: NameKey, family: str) -> bool:
    """Whether the given names can be one person's: a common initial, or none stated on a side."""
    given_l = [word for word in left.given if word != family]
    given_r = [word for word in right.given if word != family]
    if not given_l or not given_r:
        return True
    first_l, first_r = given_l[0], given_r[0]
    if len(first_l) > 2 and len(first_r) > 2:
        if first_l[0] == first_r[0] and (
            first_l.startswith(first_r)
            or first_r.startswith(first_l)
            or JaroWinkler.similarity(first_l, first_r) >= GIVEN_SIMILARITY
        ):
            return True
        # `hui xian` and `xian hui`, or a middle name that is the one used.
        return any(word in given_r for word in given_l if len(word) > 2)
    initials_l = {word[0] for word in given_l} | (set(first_l) if len(first_l) <= 3 else set())
    initials_r = {word[0] for word in given_r} | (set(first_r) if len(first_r) <= 3 else set())
    return bool(initials_l & initials_r)


@lru_cache(maxsize=400_000)
def is_like(left: NameKey, right: NameKey) -> bool:
    """Whether two names may be one person's: family names alike (order, particles, misspelling), initials agree."""
    if left.joined == right.joined:
        return True
    for family in left.families:
        if family in right.families and len(family) > 1:
            return _given_agree(left, right, family)
    if any(len(word) > 2 and word in right.families for word in left.given):
        # Family and given name in each other's place.
        return any(word in left.families for word in right.given)
    for family in left.families:
        for other in right.families:
            shorter, longer = sorted((family, other), key=len)
            if len(shorter) < 4:
                continue
            is_close = Levenshtein.normalized_similarity(family, other) >= FAMILY_SIMILARITY and (
                family[0] == other[0] or len(shorter) > 5
            )
            if (is_close or (len(shorter) > 4 and longer.endswith(shorter))) and _given_agree(left, right, family):
                return True
    return False


class Bylines(NamedTuple):
    """What two bylines have in common: authors, numbers on each side, whether the first authors are one."""

    n_common: int
    n_left: int
    n_right: int
    is_first_common: bool

    @property
    def share(self) -> float:
        """The share of the shorter byline that the longer one has, 0 to 1."""
        return self.n_common / max(1, min(self.n_left, self.n_right))


def compare_bylines(left: Sequence[NameKey], right: Sequence[NameKey]) -> Bylines | None:
    """What two bylines have in common, each name used once; None where a side names nobody.

    Longer bylines than `MAX_COMPARED_AUTHORS` are compared by their first names up to that number.
    """
    if not left or not right:
        return None
    left, right = left[:MAX_COMPARED_AUTHORS], right[:MAX_COMPARED_AUTHORS]
    if left == right:
        return Bylines(len(left), len(left), len(right), True)
    is_first = is_like(left[0], right[0])
    free = list(right)
    n_common = 0
    for name in left:
        for place, other in enumerate(free):
            if is_like(name, other):
                del free[place]
                n_common += 1
                break
    return Bylines(n_common, len(left), len(right), is_first)


def n_named_in(names: Sequence[NameKey], words: Collection[str]) -> int:
    """How many of some names have their family name among words: authors that stand in a title."""
    return sum(any(len(family) > 2 and family in words for family in name.families) for name in names)
