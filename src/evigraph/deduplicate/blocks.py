"""Blocking: which records are compared at all.

A record has several cheap keys, so that a slip in one field still leaves another in common: its identifiers; its title;
pairs of the rarest words of its title, also with the first author's family name (so a name that stands in the title
meets itself); the letters at its head and at its end, whatever the gaps between them; first author and page; venue,
volume and page. Words are cut to five letters, which hides endings.

Inside a block records stand in the order of (title, first author, year, record id), and each is compared with the
`WINDOW` that follow. A block of up to `WINDOW` + 1 records is compared wholly; of a larger one (a recurring title,
two popular words) only neighbours are, and a head or an end that so many titles share is no key. So the work grows
with the number of records, not with its square: at most `WINDOW` pairs for each key of a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from zlib import crc32

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.names import name_key
from evigraph.deduplicate.rarity import rarity
from evigraph.deduplicate.titles import STOP_WORDS
from evigraph.engine.step import RowStep, SetStep
from evigraph.model.tables import BLOCK_KEY, COMPARABLE, PAIR

#: How many of the records that follow in its block a record is compared with.
WINDOW = 20

#: Letters of a word or name that a key keeps.
_KEPT = 5

#: Letters of the title that its own key keeps.
_TITLE_KEPT = 60

#: Content words at the head of a title whose rarest make pairs, so that debris at its end does not displace them.
_HEAD_WORDS = 5

#: How many of the first content words make a key of their own.
_CHAIN_WORDS = 4

#: Letters at the head and at the end of a title without gaps that make keys: for words run together, and for titles
#: before which something else stands.
_RUN_KEPT = 20

#: How many of the rarest words of the head, and of the whole title, make pairs.
_RAREST_OF_HEAD = 3
_RAREST_OF_ALL = 3

#: Letters of a word that a title's sketch keeps, its bits, and the least share of the shorter sketch, in percent, that
#: two titles must have in common to be compared for a few words' sake.
_SKETCHED, _BITS, MIN_SKETCHED = 4, 61, 45

#: How many of the rarest words make pairs with the first author's name.
_WITH_NAME = 2

#: How many of the first authors give a key to a record with a generic title.
_GENERIC_NAMES = 3


def content_words(title_key: str) -> list[str]:
    """The distinct words of a title that carry content, in order: no stop words, numbers or single letters."""
    words = dict.fromkeys(title_key.split())
    return [
        word
        for word in words
        if (len(word) > 2 or (len(word) > 1 and not word.isascii())) and word not in STOP_WORDS and not word.isdigit()
    ]


def _rarest(words: Sequence[str], n: int) -> list[str]:
    return sorted(words, key=lambda word: (-rarity(word), -len(word), word))[:n]


def block_keys(
    title_key: str | None,
    is_generic: bool,
    names: Sequence[str],
    year: int | None,
    venue: str | None,
    volume: str | None,
    first_page: str | None,
    pids: Sequence[tuple[str, str]] = (),
    urls: Sequence[str] = (),
) -> list[str]:
    """The keys of one record, distinct."""
    keys = [f"{scheme}:{value}" for scheme, value in pids]
    keys += [f"url:{url}" for url in urls]
    family = name_key(names[0]).families[0] if names else ""
    words = content_words(title_key) if title_key else []
    if title_key:
        whole = " ".join(words) or title_key
        if is_generic:
            named = [name_key(name).families[0] for name in names[:_GENERIC_NAMES]] or [""]
            keys += [f"g:{whole[:_TITLE_KEPT]}|{name}|{year or ''}" for name in named]
        else:
            run = "".join(title_key.split())
            keys += [f"t:{whole[:_TITLE_KEPT]}", f"r:{run[:_RUN_KEPT]}"]
            if len(run) > _RUN_KEPT:
                keys.append(f"e:{run[-_RUN_KEPT:]}")
    if not is_generic:
        head = _rarest(words[:_HEAD_WORDS], _RAREST_OF_HEAD)
        rarest = _rarest(words, _RAREST_OF_ALL)
        pairs = [*combinations(head, 2), *combinations(rarest, 2)]
        if family:
            pairs += [(family, word) for word in head[:_WITH_NAME]]
        if words:
            keys.append("h:" + " ".join(word[:_KEPT] for word in words[:_CHAIN_WORDS]))
        for pair in pairs:
            first, second = sorted(word[:_KEPT] for word in pair)
            if first != second:
                keys.append(f"w:{first} {second}")
    if first_page:
        if family and (volume or year):
            keys.append(f"p:{family[:_KEPT]} {first_page} {volume or year}")
        if venue and volume:
            initials = "".join(word[0] for word in venue.split())
            keys.append(f"v:{initials} {volume} {first_page}")
    return list(dict.fromkeys(keys))


_KEYED = (
    "record_id",
    "title_key",
    "is_generic",
    "author_names",
    "year",
    "venue",
    "volume",
    "first_page",
    "pids",
    "urls",
)


def signature(title_key: str | None) -> int:
    """The content words of a title, cut to four letters, as bits of a number below 2^62: a cheap sketch."""
    bits = 0
    for word in content_words(title_key) if title_key else ():
        bits |= 1 << crc32(word[:_SKETCHED].encode()) % _BITS
    return bits


def n_bits(number: ir.IntegerValue) -> ir.IntegerValue:
    """How many bits are set in a number from 0 to 2^62, by adding neighbours (Warren, Hacker's Delight, 5-1)."""
    pairs_ = number - ((number >> 1) & 0x5555555555555555)
    fours = (pairs_ & 0x3333333333333333) + ((pairs_ >> 2) & 0x3333333333333333)
    bytes_ = (fours + (fours >> 4)) & 0x0F0F0F0F0F0F0F0F
    halves = bytes_ + (bytes_ >> 8)
    quarters = halves + (halves >> 16)
    return (quarters + (quarters >> 32)) & 0x7F


def keys_of_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `block_key` for rows of `comparable`."""
    keys: list[str] = []
    records: list[str] = []
    orders: list[str] = []
    sketches: list[int] = []
    columns = (batch.column(name).to_pylist() for name in _KEYED)
    for record_id, title, is_generic, names, year, venue, volume, page, pids, urls in zip(*columns, strict=True):
        first_author = names[0] if names else None
        order = f"{title or ''}|{first_author or ''}|{year or ''}"
        stated = [(pid["scheme"], pid["value"]) for pid in pids or ()]
        sketch = signature(title)
        for key in block_keys(title, is_generic, names or (), year, venue, volume, page, stated, urls or ()):
            keys.append(key)
            records.append(record_id)
            orders.append(order)
            sketches.append(sketch)
    columns_ = {"key": keys, "record_id": records, "place": orders, "signature": sketches}
    return pa.RecordBatch.from_pydict(columns_, schema=BLOCK_KEY.schema)


def large_blocks(block_key: ir.Table) -> ir.Table:
    """The keys that more records share than are all compared, with their number."""
    counted = block_key.group_by("key").agg(n_records=block_key.count())
    return counted.filter(counted.n_records > WINDOW + 1)


def pairs(block_key: ir.Table) -> ir.Table:
    """The distinct pairs of records that stand within `WINDOW` places of each other in some block.

    Each block is cut into runs of `WINDOW` places, and a record meets its own run and the next: joined on
    (key, run), so that no engine ever crosses a whole block with itself.
    """
    counted = block_key.mutate(n_block=block_key.count().over(ibis.window(group_by=block_key.key)))
    # How many titles begin or end (`a systematic review`) is no reason to compare any two of them.
    is_run = counted.key.substr(0, 2).isin(["r:", "e:"])
    kept = counted.filter(counted.n_block > 1, ~is_run | (counted.n_block <= WINDOW + 1))
    order = ibis.window(group_by=kept.key, order_by=[kept.place, kept.record_id])
    ranked = kept.select("key", "record_id", "signature", rank=ibis.row_number().over(order).cast("int64"))
    placed = ranked.mutate(run=(ranked["rank"] / WINDOW).floor().cast("int64"))
    left = placed.select("key", "run", rank_l="rank", id_l="record_id", sketch_l="signature")
    right = placed.select("key", "run", rank_r="rank", id_r="record_id", sketch_r="signature")
    following = right.mutate(run=right.run - 1)
    met = left.join(right.union(following), ["key", "run"])
    near = met.filter(met.rank_r > met.rank_l, met.rank_r - met.rank_l <= WINDOW)
    # Two words in common say little by themselves: most of the shorter title must be in the other, roughly. A key that
    # is more than words of the title says enough.
    n_shared = n_bits(near.sketch_l & near.sketch_r)
    n_shorter = ibis.least(n_bits(near.sketch_l), n_bits(near.sketch_r))
    near = near.filter((n_shared * 100 >= n_shorter * MIN_SKETCHED) | ~near.key.substr(0, 2).isin(["w:", "h:"]))
    return near.select(
        record_id_l=ibis.least(near.id_l, near.id_r), record_id_r=ibis.greatest(near.id_l, near.id_r)
    ).distinct()


STEPS = (
    RowStep(
        "deduplicate.block_key", (COMPARABLE,), BLOCK_KEY, lambda comparable: comparable.select(*_KEYED), keys_of_batch
    ),
    SetStep("deduplicate.pair", (BLOCK_KEY,), PAIR, pairs),
)
