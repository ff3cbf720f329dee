"""Two titles word by word: what they share, what each says alone, and what of that the other tells elsewhere.

Words match as they are, misspelled, cut short, run together (`for mulae`, `formulae`) or as initials (`rdbms`,
`relational dbms`). What is left over on a side may be no part of the title at all: authors, venue or year that stand
in the wrong field. Such words are set aside where the other record tells them in its own fields.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from evigraph.deduplicate.numbering import is_mark, number_of
from evigraph.deduplicate.rarity import information, is_listed
from evigraph.deduplicate.titles import STOP_WORDS
from evigraph.deduplicate.venues import is_side_word

#: Least similarity of two words that are one misspelled.
WORD_SIMILARITY = 0.8

#: Least similarity of leftovers, written without gaps, that are one text broken otherwise.
RUN_SIMILARITY = 0.8

#: What a word costs, in nats, that may be the other's misspelled: alike, and at least one of them no known word.
SLIP_COST = 2.5

#: Letters that an abbreviated word keeps at least.
_MIN_ABBREVIATION = 4

#: With more words than this left over, slips of the pen are not looked for.
_MAX_SLIPS = 16

#: Letters of a word that may be several run together, and from how many on one letter may be wrong.
_MIN_JOINED, _MIN_SLOPPY = 4, 8

#: Letters in common at the head of two words of one stem.
_STEM = 5

#: With more words than this left over on both sides, titles are too unlike for the finer ways of matching.
_MAX_FINE = 40


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two titles lie side by side.

    Attributes:
        shared: information of the words in common, in nats.
        left: words of the left title that nothing on the right answers to, in order.
        right: the same for the right.
        is_aside: whether words were set aside because the other record tells them in another field.
        is_edge: whether each side's words alone stand together at an end of its title (cut off, or added to).
        n_slips: pairs of words that may be one misspelled, but are far apart.
    """

    shared: float
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    is_aside: bool = False
    is_edge: bool = False
    n_slips: int = 0

    @property
    def similarity(self) -> float:
        """Shared information as a share of all, 0 to 1."""
        alone = information(self.left) + information(self.right) + SLIP_COST * self.n_slips
        return self.shared / (self.shared + alone) if self.shared else 0.0


def is_form_of(left: str, right: str) -> bool:
    """Whether two different words are one, misspelled or cut short."""
    if left[0] != right[0] or len(left) < _MIN_ABBREVIATION or len(right) < _MIN_ABBREVIATION or left[0].isdigit():
        return False
    return (
        left.startswith(right)
        or right.startswith(left)
        or Levenshtein.normalized_similarity(left, right, score_cutoff=WORD_SIMILARITY) > 0
    )


def _is_same_number(left: str, right: str) -> bool:
    """Whether two words state one number, as digits or in letters: `4` and `fourth`."""
    return left.isdigit() != right.isdigit() and (number := number_of(left)) is not None and number == number_of(right)


def _is_slip(left: str, right: str) -> bool:
    """Whether two words that are not forms of one may be meant as one: `dss` and `dds`; `projected`, `projective`."""
    if len(left) > _STEM and len(right) > _STEM and left[0].isalpha():
        stem = _STEM + max(0, min(len(left), len(right)) - 9)
        if left[:stem] == right[:stem]:
            return True
    if min(len(left), len(right)) < 3 or (is_mark(left) and is_mark(right)) or (is_listed(left) and is_listed(right)):
        return False
    return Levenshtein.distance(left, right, score_cutoff=2) <= (1 if min(len(left), len(right)) < 5 else 2)


def _leftovers(left: Sequence[str], right: Sequence[str]) -> tuple[list[int], list[int]]:
    """The places on each side that have no equal word on the other."""
    places: dict[str, list[int]] = {}
    for place in range(len(right) - 1, -1, -1):
        places.setdefault(right[place], []).append(place)
    alone = []
    for place, word in enumerate(left):
        found = places.get(word)
        if found:
            found.pop()
        else:
            alone.append(place)
    return alone, sorted(place for found in places.values() for place in found)


def _with_debris(words: Sequence[str], said: list[int], alone: list[int]) -> list[int]:
    """The places set aside, and with them the joining words, initials and numbers that stand among them at an end.

    Of `Hill, and D. A. Wood. DBMSs on a modern processor` the names stand in the other record's byline; `and`, `d` and
    `a` belong to them. So do the words of a venue's name that venues add or leave out.
    """
    if not said or not alone:
        return said
    not_shared = {*said, *alone}
    first = next((place for place in range(len(words)) if place not in not_shared), len(words))
    last = next((place for place in range(len(words) - 1, -1, -1) if place not in not_shared), -1)
    found = list(said)
    for run in (range(first), range(last + 1, len(words))):
        if any(place in said for place in run):
            found += [
                place
                for place in run
                if place not in said
                and (
                    len(words[place]) < 3
                    or words[place] in STOP_WORDS
                    or words[place].isdigit()
                    or is_side_word(words[place])
                )
            ]
    return sorted(found)


def _drop_forms(left: Sequence[str], right: Sequence[str], alone_l: list[int], alone_r: list[int]) -> None:
    """Takes words out of the leftovers that are forms of each other."""
    for place in list(alone_l):
        for other in alone_r:
            if is_form_of(left[place], right[other]) or _is_same_number(left[place], right[other]):
                alone_l.remove(place)
                alone_r.remove(other)
                break


def _drop_initials(left: Sequence[str], right: Sequence[str], alone_l: list[int], alone_r: list[int]) -> None:
    """Takes acronyms out of the left leftovers, and the words of which they are the initials out of the right."""
    initials = "".join([right[other][0] for other in alone_r])
    for place in list(alone_l):
        acronym = left[place]
        found = initials.find(acronym) if len(acronym) > 2 else -1
        if found >= 0:
            alone_l.remove(place)
            del alone_r[found : found + len(acronym)]
            initials = initials[:found] + initials[found + len(acronym) :]


def _drop_told_initials(words: Sequence[str], told: Collection[str], alone: list[int]) -> None:
    """Takes the words out of the leftovers of which the other record tells the initials: `vldb`."""
    initials = "".join([words[place][0] for place in alone])
    if len(initials) < 3:
        return
    for acronym in sorted(told):
        found = initials.find(acronym) if 2 < len(acronym) < 8 else -1
        if found >= 0:
            del alone[found : found + len(acronym)]
            return


def _drop_name_initials(left: Sequence[str], right: Sequence[str], alone_l: list[int], alone_r: list[int]) -> None:
    """Takes single letters out of the left leftovers that begin a word of the right ones, and these words."""
    for place in list(alone_l):
        if len(left[place]) == 1:
            other = next((o for o in alone_r if right[o][0] == left[place] and not is_mark(right[o])), None)
            if other is not None:
                alone_l.remove(place)
                alone_r.remove(other)


def _drop_runs(left: Sequence[str], right: Sequence[str], alone_l: list[int], alone_r: list[int]) -> None:
    """Empties the leftovers where they are one text with other gaps between its words."""
    run_l, run_r = "".join([left[place] for place in alone_l]), "".join([right[place] for place in alone_r])
    if min(len(run_l), len(run_r)) < _MIN_ABBREVIATION or run_l.isdigit() or (len(alone_l) == len(alone_r) == 1):
        return
    if Levenshtein.normalized_similarity(run_l, run_r, score_cutoff=RUN_SIMILARITY) > 0:
        alone_l.clear()
        alone_r.clear()


def _drop_slips(left: Sequence[str], right: Sequence[str], alone_l: list[int], alone_r: list[int]) -> int:
    n_slips = 0
    for place in list(alone_l):
        for other in alone_r:
            if _is_slip(left[place], right[other]):
                alone_l.remove(place)
                alone_r.remove(other)
                n_slips += 1
                break
    return n_slips


def _at_edge(alone: list[int], aside: Sequence[int], n_words: int) -> bool:
    """Whether places stand before or after everything that is shared."""
    if not alone:
        return True
    not_shared = {*alone, *aside}
    first = next((place for place in range(n_words) if place not in not_shared), n_words)
    last = next((place for place in range(n_words - 1, -1, -1) if place not in not_shared), -1)
    return all(place < first or place > last for place in alone)


def _drop_joined(left: Sequence[str], right: Sequence[str], alone_l: list[int], alone_r: list[int]) -> None:
    """Takes words out of the left leftovers that are several of the right run together: `algorithmsformining`."""
    for place in list(alone_l):
        word = left[place]
        if len(word) < _MIN_JOINED:
            continue
        for start in range(len(alone_r)):
            run = ""
            for end in range(start, len(alone_r)):
                run += right[alone_r[end]]
                if len(run) > len(word) + 1:
                    break
                slack = 1 if len(word) >= _MIN_SLOPPY else 0
                if end > start and Levenshtein.distance(run, word, score_cutoff=slack) <= slack:
                    del alone_r[start : end + 1]
                    alone_l.remove(place)
                    break
            if place not in alone_l:
                break


def align(
    words_l: Sequence[str],
    words_r: Sequence[str],
    told_l: Collection[str] = (),
    told_r: Collection[str] = (),
    may_hold_names: bool = False,
) -> Alignment:
    """The alignment of two titles.

    Args:
        words_l: the words of the left title, folded.
        words_r: of the right title.
        told_l: words that the left record tells in other fields: names, venue, year.
        told_r: the same for the right.
        may_hold_names: whether a title may hold the authors, so that an initial is like a name.
    """
    if words_l == words_r:
        return Alignment(information(words_l))
    alone_l, alone_r = _leftovers(words_l, words_r)
    if any(words_l[place].isdigit() for place in alone_l) and any(words_r[place].isdigit() for place in alone_r):
        # Numbers against numbers: which of a series each is, wherever else the records tell them.
        aside_l = [place for place in alone_l if not words_l[place].isdigit()]
        aside_r = [place for place in alone_r if not words_r[place].isdigit()]
    else:
        aside_l, aside_r = alone_l, alone_r
    said_l = [place for place in aside_l if words_l[place] in told_r] if told_r else []
    said_r = [place for place in aside_r if words_r[place] in told_l] if told_l else []
    said_l, said_r = _with_debris(words_l, said_l, aside_l), _with_debris(words_r, said_r, aside_r)
    alone_l = [place for place in alone_l if place not in said_l]
    alone_r = [place for place in alone_r if place not in said_r]
    moved_l = information([words_l[place] for place in said_l])
    moved_r = information([words_r[place] for place in said_r])
    if alone_l and told_r:
        _drop_told_initials(words_l, told_r, alone_l)
    if alone_r and told_l:
        _drop_told_initials(words_r, told_l, alone_r)
    n_slips = 0
    if (
        alone_l
        and alone_r
        and len(alone_l) + len(alone_r) <= _MAX_FINE
        and 3 * (len(words_l) - len(alone_l)) >= min(len(words_l), len(words_r))
    ):
        if len(alone_l) != len(alone_r):
            _drop_joined(words_l, words_r, alone_l, alone_r)
            _drop_joined(words_r, words_l, alone_r, alone_l)
        _drop_forms(words_l, words_r, alone_l, alone_r)
        _drop_initials(words_l, words_r, alone_l, alone_r)
        _drop_initials(words_r, words_l, alone_r, alone_l)
        if may_hold_names:
            _drop_name_initials(words_l, words_r, alone_l, alone_r)
            _drop_name_initials(words_r, words_l, alone_r, alone_l)
        if alone_l and alone_r:
            _drop_runs(words_l, words_r, alone_l, alone_r)
        if alone_l and alone_r and len(alone_l) + len(alone_r) <= _MAX_SLIPS:
            n_slips = _drop_slips(words_l, words_r, alone_l, alone_r)
    left, right = tuple([words_l[place] for place in alone_l]), tuple([words_r[place] for place in alone_r])
    shared = min(
        information(words_l) - moved_l - information(left), information(words_r) - moved_r - information(right)
    )
    is_edge = _at_edge(alone_l, said_l, len(words_l)) and _at_edge(alone_r, said_r, len(words_r))
    return Alignment(shared, left, right, bool(said_l or said_r), is_edge, n_slips)
