"""Authors as people: which names are forms of one, and what two bylines have in common.

A name comes as `family, given`, folded (`evigraph.deduplicate.comparables`); a name without a comma is one
that no source has parsed, a group among them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

#: Least similarity of two family names of five letters or more that are one misspelled.
FAMILY_SIMILARITY = 0.75

_VOWELS = frozenset("aeiouy")

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


#: Words that no person is called.
_GROUP_WORDS = frozenset(
    """
    academy agency anthology association board bureau center centre club collaboration collaborative college com
    commission committee company conference consortium corp corporate corporation council department dept edition
    editors edu federation foundation foundations group hospital inc institute institut investigators journal lab
    laboratories laboratory magazine ministry museum network office org organisation organization panel press
    proceedings program programme project publisher publishers record review school secretariat service services
    society staff study survey task team trial trialists union univ universitat universite university workshop
    """.split()  # noqa: SIM905 - easier to read than a list
)

#: Words that the name of a body may have or leave out.
_GROUP_SIDE_WORDS = frozenset(["corporate", "the", "of", "for", "and"])

#: Least similarity of the names of two bodies that are one.
_GROUP_SIMILARITY = 0.85


class NameKey(NamedTuple):
    """A name to compare: candidates for the family name (the likeliest first), given words, all words as one.

    `is_group`: whether it names no person: a body, or a collection or an address that got among the authors.
    """

    families: tuple[str, ...]
    given: tuple[str, ...]
    joined: str
    is_group: bool = False


@lru_cache(maxsize=400_000)
def name_key(text: str) -> NameKey:
    """The key of a folded name. Of a name that is not parsed, any word of two letters or more may be the family's."""
    family, comma, given = text.partition(", ")
    joined = text.replace(",", "").replace(" ", "")
    if not comma and not _GROUP_WORDS.isdisjoint(text.split()):
        core = [word for word in text.split() if word not in _GROUP_SIDE_WORDS] or text.split()
        return NameKey(tuple(core), (), "".join(core), True)
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
        # Written out, but `Mike` is `Michael` and `Len` is `Leonard`: the initial is all that can be asked.
        if first_l[0] == first_r[0]:
            return True
        # `hui xian` and `xian hui`, or a middle name that is the one used.
        return any(word in given_r for word in given_l if len(word) > 2)
    return bool(_initials(given_l, first_l) & _initials(given_r, first_r))


def _initials(given: Sequence[str], first: str) -> set[str]:
    """The initials of given names; a first word of at most three letters, or without a vowel, may be initials."""
    letters = {word[0] for word in given}
    return letters | set(first) if len(first) <= 3 or _VOWELS.isdisjoint(first) else letters


@lru_cache(maxsize=400_000)
def is_like(left: NameKey, right: NameKey) -> bool:
    """Whether two names may be one person's: family names alike (order, particles, misspelling), initials agree."""
    if left.joined == right.joined:
        return True
    if left.is_group or right.is_group:
        return (
            left.is_group
            and right.is_group
            and Levenshtein.normalized_similarity(left.joined, right.joined) >= _GROUP_SIMILARITY
        )
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


def is_turned(left: NameKey, right: NameKey) -> bool:
    """Whether one name may have family and given name turned round and cut to an initial: `a natsev`, `n apostol`."""
    if left.is_group or right.is_group or not left.families or not right.families:
        return False
    initials_l = {word[0] for word in left.given if word not in left.families}
    initials_r = {word[0] for word in right.given if word not in right.families}
    return any(family[0] in initials_r for family in left.families[:1]) and any(
        family[0] in initials_l for family in right.families[:1]
    )


#: Least similarity of a family name and one garbled beyond a slip.
_GARBLED_SIMILARITY = 0.5


def is_garbled(left: NameKey, right: NameKey) -> bool:
    """Whether one name may be the other misread: initials agree, half the family name does: `agarwrd`, `agarwal`."""
    if left.is_group or right.is_group or not left.families or not right.families:
        return False
    one, other = left.families[0], right.families[0]
    return (
        one[0] == other[0]
        and Levenshtein.normalized_similarity(one, other) >= _GARBLED_SIMILARITY
        and _given_agree(left, right, one)
    )


class Bylines(NamedTuple):
    """What two bylines have in common: authors, numbers on each side, and whether a name may be a garbled other."""

    n_common: int
    n_left: int
    n_right: int
    is_vague: bool = False

    @property
    def share(self) -> float:
        """The share of the shorter byline that the longer one has, 0 to 1."""
        return self.n_common / max(1, min(self.n_left, self.n_right))


def _n_alike(left: Sequence[NameKey], right: Sequence[NameKey], alike: Callable[[NameKey, NameKey], bool]) -> int:
    """How many names of the left have their like on the right, each used once."""
    free = list(right)
    n_alike = 0
    for name in left:
        for place, other in enumerate(free):
            if alike(name, other):
                del free[place]
                n_alike += 1
                break
    return n_alike


def compare_bylines(left: Sequence[NameKey], right: Sequence[NameKey]) -> Bylines | None:
    """What two bylines have in common, each name used once; None where a side names nobody, or no person.

    Longer bylines than `MAX_COMPARED_AUTHORS` are compared by their first names up to that number.
    """
    if not left or not right:
        return None
    if all(name.is_group for name in left) != all(name.is_group for name in right):
        # A body does not speak against the persons in it.
        return None
    left, right = left[:MAX_COMPARED_AUTHORS], right[:MAX_COMPARED_AUTHORS]
    if left == right:
        return Bylines(len(left), len(left), len(right))
    n_common = _n_alike(left, right, is_like)
    is_vague = False
    if n_common < min(len(left), len(right)):
        # One turned name may be chance; all of several are not.
        n_turned = _n_alike(left, right, lambda one, other: is_like(one, other) or is_turned(one, other))
        if n_turned >= max(2, min(len(left), len(right))):
            n_common = n_turned
        elif not n_common:
            is_vague = n_turned > 0 or any(is_garbled(one, other) for one in left for other in right)
    return Bylines(n_common, len(left), len(right), is_vague)


def n_named_in(names: Sequence[NameKey], words: Collection[str]) -> int:
    """How many of some names have their family name among words: authors that stand in a title."""
    return sum(
        not name.is_group and any(len(family) > 2 and family in words for family in name.families) for name in names
    )
