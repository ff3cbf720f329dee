"""Texts as weighed words: the matrix from which the queue's learners read a record.

Words and pairs of neighbouring words, weighed by sublinear TF-IDF and scaled to length one, as ASReview's default model
ELAS u4 weighs them: (1 + ln tf) (1 + ln((1 + n) / (1 + df))); what stands in more than 95 % of the records is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

#: A word has two characters or more.
WORD = re.compile(r"\b\w\w+\b")
#: What stands in a larger share of the records tells nothing.
MAX_SHARE = 0.95

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Representation:
    """`matrix[record, term]` and the terms' names.

    A term of one record alone says nothing of another: it has no column. Its square is in `own[record]`, so that a
    row's squared length and `own` sum to 1 and a learner can reckon with it as if the column were there.
    """

    matrix: csr_matrix
    own: Floats
    terms: tuple[str, ...]


def represent(texts: Sequence[str], *, pairs: bool = True) -> Representation:
    """The weighed words, and unless `pairs` is false the pairs of neighbouring words, of each text."""
    names, words, starts = _words(texts)
    n, n_words = len(texts), len(names)
    lengths = np.diff(starts)
    record = np.repeat(np.arange(n), lengths)
    term = words
    if pairs and len(words):
        is_inside = record[:-1] == record[1:]
        pair = words[:-1][is_inside] * n_words + words[1:][is_inside]
        distinct, place = np.unique(pair, return_inverse=True)
        term = np.concatenate([words, place + n_words])
        record = np.concatenate([record, record[:-1][is_inside]])
        names += [f"{names[code // n_words]} {names[code % n_words]}" for code in distinct.tolist()]
    return weigh(record, term, n, names)


def weigh(record: Integers, term: Integers, n: int, names: Sequence[str]) -> Representation:
    """The representation of occurrences: `term[i]` stands in `record[i]` once more."""
    cells, times = np.unique(record * max(len(names), 1) + term, return_counts=True)
    record, term = cells // max(len(names), 1), cells % max(len(names), 1)
    n_with = np.bincount(term, minlength=len(names))
    weight = (1 + np.log(times)) * (1 + np.log((1 + n) / (1 + n_with[term])))
    keep = n_with[term] <= MAX_SHARE * n
    record, term, weight = record[keep], term[keep], weight[keep]
    length = np.sqrt(np.bincount(record, weight**2, minlength=n))
    weight = weight / length[record]
    is_own = n_with[term] == 1
    own = np.bincount(record[is_own], weight[is_own] ** 2, minlength=n).astype(np.float64)
    record, term, weight = record[~is_own], term[~is_own], weight[~is_own]
    used, column = np.unique(term, return_inverse=True)
    matrix = csr_matrix((weight, (record, column)), shape=(n, len(used)))
    matrix.sort_indices()
    return Representation(matrix, own, tuple(names[code] for code in used.tolist()))


def stem(word: str) -> str:
    """A word without the ending of its plural (Harman's S stemmer, J. Am. Soc. Inf. Sci. 42, 1991)."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word


def _words(texts: Iterable[str]) -> tuple[list[str], Integers, Integers]:
    """The distinct words, the words of all texts one after another as places among them, and where each text starts."""
    place: dict[str, int] = {}
    words: list[int] = []
    starts = [0]
    for text in texts:
        words.extend(place.setdefault(word, len(place)) for word in WORD.findall(text.lower()))
        starts.append(len(words))
    return list(place), np.array(words, dtype=np.int64), np.array(starts, dtype=np.int64)
