"""The citation neighbourhood of a product as a picture: what it cites, what cites it, and links among those."""

from __future__ import annotations

from dataclasses import dataclass

from evigraph.store.cards import Card
from evigraph.store.keyed import Row
from evigraph.store.release import Release

#: Works on either side of the picture.
SHOWN = 12

#: Cited or citing works that are looked through for those to show.
_LOOKED_AT = 5_000

#: Where the columns and the work in the middle lie; a side without works is cut off the picture.
_WIDTH, _ROW, _TOP = 660, 34, 48
_LEFT, _MIDDLE, _RIGHT = 200, 330, 460
_MARGIN = 16


@dataclass(frozen=True)
class Node:
    """A work in the picture: its card, side (cited or citing), and place in the units of the drawing."""

    card: Card
    side: str
    x: float
    y: float
    radius: float

    @property
    def label(self) -> str:
        """First author and year."""
        name = self.card["authors"][0].partition(",")[0] if self.card["authors"] else self.card["title"][:18]
        return f"{name[:24]} {self.card['year'] or ''}".strip()


@dataclass(frozen=True)
class Curve:
    """A citation: the path of its line, whether it touches the work in the middle, and who cites whom."""

    path: str
    is_own: bool
    citing: str
    cited: str


@dataclass(frozen=True)
class Neighbourhood:
    """The picture and what it shows; the table beside it says the same in words."""

    nodes: list[Node]
    curves: list[Curve]
    n_cited: int
    n_citing: int
    start: int
    width: int
    height: int
    middle: tuple[float, float]

    def side(self, name: str) -> list[Node]:
        """The works on one side."""
        return [node for node in self.nodes if node.side == name]

    def cites_here(self, product_id: str) -> list[Card]:
        """The works of the picture that this one cites, the one in the middle aside."""
        cards = {node.card["product_id"]: node.card for node in self.nodes}
        return [cards[c.cited] for c in self.curves if not c.is_own and c.citing == product_id]


def neighbourhood(release: Release, product: Row) -> Neighbourhood:
    """The most influential works that the product cites and that cite it, some of each, and citations among them."""
    product_id = product["product_id"]
    cited = release.related_ids(product_id, "Cites", _LOOKED_AT)
    citing = release.related_ids(product_id, "IsCitedBy", _LOOKED_AT)
    counts = release.relation_counts(product_id)
    is_cited, is_citing = set(cited), set(citing)
    left = release.search.among(cited, "influence", 0, SHOWN).hits
    right = release.search.among([one for one in citing if one not in is_cited], "influence", 0, SHOWN).hits
    height = _TOP + _ROW * max(len(left), len(right), 3) + 16
    middle = (float(_MIDDLE), (_TOP + height) / 2)
    nodes = [*_column(left, "cited", _LEFT, height), *_column(right, "citing", _RIGHT, height)]
    places = {node.card["product_id"]: node for node in nodes}
    curves = []
    for node in nodes:
        own = node.card["product_id"]
        line = _line(node.x, node.y, *middle)
        curves += [Curve(line, True, product_id, own)] if own in is_cited else []
        curves += [Curve(line, True, own, product_id)] if own in is_citing else []
        for other in release.related_ids(own, "Cites", _LOOKED_AT):
            if other in places and other != own:
                there = places[other]
                curves.append(Curve(_arc(node, there), False, own, other))
    start = 0 if left else _MIDDLE - _MARGIN
    end = _WIDTH if right else _MIDDLE + _MARGIN
    n_cited, n_citing = counts.get("Cites", 0), counts.get("IsCitedBy", 0)
    return Neighbourhood(nodes, curves, n_cited, n_citing, start, end - start, int(height), middle)


def _column(cards: list[Card], side: str, x: float, height: float) -> list[Node]:
    start = _TOP + (height - _TOP - 16 - _ROW * len(cards)) / 2 + _ROW / 2
    return [
        Node(card, side, float(x), round(start + _ROW * place, 1), _radius(card)) for place, card in enumerate(cards)
    ]


def _radius(card: Card) -> float:
    """By class of influence: from 4 (C5) to 10 (C1)."""
    grade = (card["classes"] or {}).get("influence") or "C5"
    return 4 + 1.5 * (5 - int(grade[1:])) if grade[1:].isdecimal() else 4.0


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"M{x:g} {y:g}C{half:g} {y:g} {half:g} {to_y:g} {to_x:g} {to_y:g}"


def _arc(one: Node, other: Node) -> str:
    if one.side != other.side:
        return _line(one.x, one.y, other.x, other.y)
    bend = 70 if one.side == "cited" else -70
    return f"M{one.x:g} {one.y:g}Q{one.x + bend:g} {(one.y + other.y) / 2:g} {other.x:g} {other.y:g}"
