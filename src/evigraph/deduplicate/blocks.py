"""Blocking: which records are compared at all.

Keys are OpenAIRE's `numAuthorsTitleSuffixPrefixChain`: the number of authors, the number of title words divided
by ten, and ends and beginnings of the first words in turn, so that a slip in one word still leaves a key in
common. A record without named authors has no key: it can become part of a product through identifiers only.

Inside a block records stand in the order of (title, record id), and each is compared with the `WINDOW` that
follow. Titles that more than `MAX_SAME_TITLE` records of one block bear are recurring titles, evidence of
nothing, and are left out. So the work grows with the number of records, not with its square: at most
`WINDOW` pairs for each key of a record.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from evigraph.deduplicate.titles import word_list
from evigraph.engine.step import RowStep, SetStep
from evigraph.model.tables import BLOCK_KEY, COMPARABLE, PAIR

#: How many of the records that follow in its block a record is compared with.
WINDOW = 100

#: More records than this with one title and one author count in a block: a recurring title.
MAX_SAME_TITLE = 100

#: Author counts above this share one key.
MAX_AUTHOR_COUNT = 21

#: Words that carry no content, in the languages that OpenAIRE's list covers too.
STOP_WORDS = frozenset(word_list("stop_words.txt"))


def title_words(title_key: str) -> list[str]:
    """The words of a title form that make its keys: content words of more than three letters, else all words.

    Words of scripts that write more in fewer letters count from two letters on.
    """
    words = title_key.split()
    content = [
        word
        for word in words
        if (len(word) > 3 or (len(word) > 1 and not word.isascii())) and word not in STOP_WORDS and not word.isdigit()
    ]
    return content or words


def block_keys(type_: str, title_key: str | None, n_authors: int, urls: list[str]) -> list[str]:
    """The keys of one record, distinct; none where it has no comparable title or no named author."""
    keys = [f"{type_}:url:{url}" for url in urls]
    if not title_key or not n_authors:
        return keys
    words = title_words(title_key)
    start = f"{type_}:{min(n_authors, MAX_AUTHOR_COUNT)}-{len(words) // 10}-"
    if len(words) == 1:
        keys.append(start + words[0])
    elif len(words) == 2:
        first, second = words
        keys += [start + first[-3:] + second[:3], start + first[:3] + second[-3:]]
    else:
        first, second, third = words[:3]
        keys += [start + first[-3:] + second[:3] + third[-3:], start + first[:3] + second[-3:] + third[:3]]
    return list(dict.fromkeys(keys))


def keys_of_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Rows of `block_key` for rows of `comparable`."""
    keys: list[str] = []
    records: list[str] = []
    titles: list[str | None] = []
    for record_id, type_, title_key, n_authors, urls in zip(
        *(batch.column(name).to_pylist() for name in ("record_id", "type", "title_key", "n_authors", "urls")),
        strict=True,
    ):
        for key in block_keys(type_, title_key, n_authors, urls or []):
            keys.append(key)
            records.append(record_id)
            titles.append(title_key)
    return pa.RecordBatch.from_pydict({"key": keys, "record_id": records, "title_key": titles}, schema=BLOCK_KEY.schema)


def recurring_titles(block_key: ir.Table) -> ir.Table:
    """The (key, title) that more than `MAX_SAME_TITLE` records share, with their number."""
    counted = block_key.group_by("key", "title_key").agg(n_records=block_key.count())
    return counted.filter(counted.title_key.notnull(), counted.n_records > MAX_SAME_TITLE)


def pairs(block_key: ir.Table) -> ir.Table:
    """The distinct pairs of records that stand within `WINDOW` places of each other in some block.

    Each block is cut into runs of `WINDOW` places, and a record meets its own run and the next: joined on
    (key, run), so that no engine ever crosses a whole block with itself.
    """
    titled = block_key.mutate(title_key=block_key.title_key.fill_null(""))
    counted = titled.mutate(
        n_same=titled.count().over(ibis.window(group_by=[titled.key, titled.title_key])),
        n_block=titled.count().over(ibis.window(group_by=titled.key)),
    )
    kept = counted.filter(counted.n_block > 1, (counted.n_same <= MAX_SAME_TITLE) | (counted.title_key == ""))
    order = ibis.window(group_by=kept.key, order_by=[kept.title_key, kept.record_id])
    ranked = kept.select("key", "record_id", place=ibis.row_number().over(order).cast("int64"))
    placed = ranked.mutate(run=(ranked.place / WINDOW).floor().cast("int64"))
    left = placed.select("key", "run", place_l="place", id_l="record_id")
    right = placed.select("key", "run", place_r="place", id_r="record_id")
    following = right.mutate(run=right.run - 1)
    met = left.join(right.union(following), ["key", "run"])
    near = met.filter(met.place_r > met.place_l, met.place_r - met.place_l <= WINDOW)
    return near.select(
        record_id_l=ibis.least(near.id_l, near.id_r), record_id_r=ibis.greatest(near.id_l, near.id_r)
    ).distinct()


STEPS = (
    RowStep(
        "deduplicate.block_key",
        (COMPARABLE,),
        BLOCK_KEY,
        lambda comparable: comparable.select("record_id", "type", "title_key", "n_authors", "urls"),
        keys_of_batch,
    ),
    SetStep("deduplicate.pair", (BLOCK_KEY,), PAIR, pairs),
)
