"""Two coders compared: agreement by code over the reports that both coded, and the passages where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evigraph.review.coding.agreement import CodeAgreement, agreement_on
from evigraph.review.coding.book import Book, Coded


@dataclass(frozen=True)
class Difference:
    """A stretch of a report that two coders did not code alike with a code: the codings of each on it, or none."""

    record_id: str
    code_id: str
    start: int
    left: tuple[Coded, ...]
    right: tuple[Coded, ...]


@dataclass(frozen=True)
class Comparison:
    """Two coders over the reports that both coded.

    Attributes:
        records: these reports.
        by_code: agreement for each code that either used there, in the order of the tree.
        together: the counts of all codes added up, each character once for each code.
        differences: by code in the order of the tree, then by report and place.
    """

    records: tuple[str, ...]
    by_code: Mapping[str, CodeAgreement]
    together: CodeAgreement
    differences: tuple[Difference, ...]


def coders(book: Book, viewer: str) -> list[str]:
    """The accounts whose codings somebody may see, the busiest first."""
    counts: dict[str, int] = {}
    for one in book.codings(viewer):
        counts[one.actor] = counts.get(one.actor, 0) + 1
    return sorted(counts, key=lambda account: (-counts[account], account))


def compare(
    book: Book, viewer: str, left: str, right: str, here: Callable[[str, list[Coded]], tuple[int, list[Coded]]]
) -> Comparison:
    """Two coders as somebody may compare them.

    Compared are reports in which the viewer may see codings of both. A report that only one of them coded is left
    out: nothing tells whether the other one read it. `here` gives, for a report and its codings, the characters of
    its text and the codings where they stand now.
    """
    by_record: dict[str, list[Coded]] = {}
    for one in book.codings(viewer):
        if one.actor in (left, right):
            by_record.setdefault(one.anchor.record_id, []).append(one)
    both = {record: found for record, found in by_record.items() if {one.actor for one in found} == {left, right}}
    n_all = 0
    counts: dict[str, list[CodeAgreement]] = {}
    differences: list[Difference] = []
    for record_id, codings in both.items():
        n, standing = here(record_id, codings)
        n_all += n
        of_code: dict[str, list[Coded]] = {}
        for one in standing:
            of_code.setdefault(one.code_id, []).append(one)
        for code_id, found in of_code.items():
            spans = [[(one.anchor.start, one.anchor.end) for one in found if one.actor == who] for who in (left, right)]
            counts.setdefault(code_id, []).append(agreement_on(n, *spans))
            differences += _differences(record_id, code_id, found, left)
    order = {code_id: place for place, (code_id, _) in enumerate(book.tree())}
    by_code = {code_id: _added(counts[code_id], n_all) for code_id in sorted(counts, key=order.__getitem__)}
    differences.sort(key=lambda one: (order[one.code_id], one.record_id, one.start))
    together = _added(list(by_code.values()), sum(one.n for one in by_code.values()))
    return Comparison(tuple(both), by_code, together, tuple(differences))


def _added(parts: list[CodeAgreement], n: int) -> CodeAgreement:
    """Counts added up over `n` characters: those that no part tells of, neither coded."""
    both, only_l, only_r = (sum(getattr(one, name) for one in parts) for name in ("both", "only_l", "only_r"))
    return CodeAgreement(both, only_l, only_r, n - both - only_l - only_r)


def _differences(record_id: str, code_id: str, codings: list[Coded], left: str) -> list[Difference]:
    """The stretches of codings that touch, but those on which both coded the same characters."""
    stretches: list[list[Coded]] = []
    end = -1
    for one in sorted(codings, key=lambda one: (one.anchor.start, one.anchor.end)):
        if one.anchor.start >= end:
            stretches.append([])
        stretches[-1].append(one)
        end = max(end, one.anchor.end)
    found = []
    for stretch in stretches:
        ours = tuple(one for one in stretch if one.actor == left)
        theirs = tuple(one for one in stretch if one.actor != left)
        if _covered(ours) != _covered(theirs):
            found.append(Difference(record_id, code_id, stretch[0].anchor.start, ours, theirs))
    return found


def _covered(codings: tuple[Coded, ...]) -> list[tuple[int, int]]:
    """The characters that codings, which come by their start, cover, as spans apart from each other."""
    spans: list[tuple[int, int]] = []
    for one in codings:
        if spans and one.anchor.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], one.anchor.end))
        else:
            spans.append((one.anchor.start, one.anchor.end))
    return spans
