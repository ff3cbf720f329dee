"""The search index of a release: its fields, and how it is built from the release's tables."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import tantivy

from evigraph.engine.layout import parquet_files
from evigraph.model.entities import PRODUCT_ENTITY
from evigraph.model.tables import INDICATOR, PRODUCT, RELATION
from evigraph.store.analysis import LABEL, STEMS, WORDS, fold, register
from evigraph.store.cards import INDICATORS, card_of, initials
from evigraph.store.facets import FACETS, Names, facet_values, labels
from evigraph.store.keyed import KeyedTable, Row
from evigraph.store.marks import marks_of
from evigraph.store.rows import LOOKED_UP, rows_file, write_rows

#: Orders in which results can be asked for, beside relevance. Each is a field that numbers all products, so
#: that the order is total: equal values follow in order of product_id.
ORDERS = ("date", *INDICATORS)

_HEAP_BYTES = 400_000_000
_BATCH_ROWS = 1_024
_INDICATED = pa.schema([INDICATOR.schema.field(name) for name in ("product_id", *INDICATORS)])

T = TypeVar("T")
Ranks = npt.NDArray[np.int32]


def make_schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    for name in ("product_id", "pid", "orcid", "mark", "cites"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("title", "abstract", "keyword"):
        builder.add_text_field(name, tokenizer_name=STEMS, index_option="freq")
        builder.add_text_field(f"{name}_words", tokenizer_name=WORDS, index_option="position")
    for name in ("author", "journal", "publisher"):
        builder.add_text_field(name, tokenizer_name=WORDS, index_option="position")
    for name in FACETS:
        if name == "year":
            builder.add_integer_field(name, indexed=True, fast=True)
        else:
            # Raw: a fast field is kept in the form that its tokenizer gives, and that form is shown.
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("kind", tokenizer_name=LABEL, index_option="basic")
    builder.add_integer_field("date_number", indexed=True, fast=True)
    builder.add_integer_field("place", fast=True)
    for name in ORDERS:
        builder.add_integer_field(order_field(name), fast=True)
    for name in INDICATORS:
        builder.add_float_field(value_field(name), fast=True)
    builder.add_bytes_field("card", stored=True)
    return builder.build()


def order_field(order: str) -> str:
    """The field that numbers products in one of `ORDERS`, the first 0."""
    return f"by_{order}"


def value_field(indicator: str) -> str:
    """The field that holds an indicator itself."""
    return f"value_of_{indicator}"


def build_index(tables: Path, index: Path, progress: Callable[[int, int], None] | None = None) -> int:
    """Builds what a release is looked up in from its tables in `tables`, in the folder `index`. Returns its documents.

    Two things: the rows of the tables by key (`store.rows`), and the search index, one document a product. Memory: the
    writer's heap (400 MB), one batch of rows, and 4 bytes a product for each of five orders, 24 while they are made.

    Args:
        tables: the folder with one folder for each table.
        index: where the index goes; what is there is replaced.
        progress: told documents done and documents in all, about every thousand.
    """
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    for table in LOOKED_UP:
        write_rows(table, tables / table.name, rows_file(index, table))
    n_products = sum(pq.read_metadata(path).num_rows for path in parquet_files(tables / PRODUCT.name))
    ranks = _ranks(tables, n_products)
    made = tantivy.Index(make_schema(), path=str(index))
    register(made)
    threads = min(os.cpu_count() or 1, 4)
    writer = made.writer(heap_size=_HEAP_BYTES, num_threads=threads)
    done = 0
    entities, cited = _by_product(_entity_links(tables)), _by_product(_citations(tables))
    indicators = _by_product(_indicators(index))
    names = Names(tables)
    for done, product in enumerate(KeyedTable(rows_file(index, PRODUCT), PRODUCT).all(), 1):
        product_id = product["product_id"]
        belongs_to = entities(product_id)
        fields = _fields(product, next(iter(indicators(product_id)), None), done - 1, ranks)
        if belongs_to:
            fields.update(names.of(belongs_to))
        fields["mark"] = marks_of(product, belongs_to)
        fields["cites"] = cited(product_id)
        writer.add_document(tantivy.Document(**{name: values for name, values in fields.items() if values}))
        if progress and done % _BATCH_ROWS == 0:
            progress(done, n_products)
    writer.commit()
    writer.wait_merging_threads()
    if progress:
        progress(done, n_products)
    return done


def _batches(folder: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for path in parquet_files(folder):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=list(columns)):
                yield batch.select(list(columns))


def _by_product(pairs: Iterator[tuple[str, T]]) -> Callable[[str], list[T]]:
    """Gives what stands beside a product's id in `pairs`, both in order; products have to be asked for in that order.

    Pairs of products that are not asked for are passed over.
    """
    waiting = next(pairs, None)

    def of(product_id: str) -> list[T]:
        nonlocal waiting
        found = []
        while waiting is not None and waiting[0] <= product_id:
            if waiting[0] == product_id:
                found.append(waiting[1])
            waiting = next(pairs, None)
        return found

    return of


def _entity_links(tables: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """The entities of products as (kind, id)."""
    for batch in _batches(tables / PRODUCT_ENTITY.name, ("product_id", "kind", "entity_id")):
        products, kinds, ids = (column.to_pylist() for column in batch.columns)
        yield from zip(products, zip(kinds, ids, strict=True), strict=True)


def _citations(tables: Path) -> Iterator[tuple[str, str]]:
    """Every citation as (citing, cited)."""
    for batch in _batches(tables / RELATION.name, ("source_id", "target_id", "relation")):
        cites = batch.filter(pc.equal(batch.column("relation"), "Cites"))
        yield from zip(cites.column(0).to_pylist(), cites.column(1).to_pylist(), strict=True)


def _indicators(index: Path) -> Iterator[tuple[str, Row]]:
    for row in KeyedTable(rows_file(index, INDICATOR), INDICATOR).all():
        yield row["product_id"], row


def _ranks(tables: Path, n_products: int) -> dict[str, Ranks]:
    """For each order the place of every product in it; products without a value come last."""
    ids = pa.chunked_array([batch.column(0) for batch in _batches(tables / PRODUCT.name, ("product_id",))], pa.string())
    values = {
        "date": np.fromiter(
            (
                _date_number(row)
                for batch in _batches(tables / PRODUCT.name, ("published_on", "year"))
                for row in batch.to_pylist()
            ),
            dtype=float,
            count=n_products,
        )
    }
    # What one engine writes as never null, the other writes as maybe null.
    rows = (batch.cast(_INDICATED) for batch in _batches(tables / INDICATOR.name, ("product_id", *INDICATORS)))
    indicators = pa.Table.from_batches(rows, _INDICATED)
    places = pc.index_in(indicators.column("product_id"), ids)
    known = pc.is_valid(places)
    at = places.filter(known).to_numpy()
    for name in INDICATORS:
        values[name] = np.full(n_products, np.nan)
        values[name][at] = indicators.column(name).filter(known).to_numpy()
    ranks = {}
    for order in ORDERS:
        newest_first = np.argsort(-values.pop(order), kind="stable")
        ranked = np.empty(n_products, dtype=np.int32)
        ranked[newest_first] = np.arange(n_products, dtype=np.int32)
        ranks[order] = ranked
    return ranks


def _date_number(product: Mapping[str, Any]) -> float:
    """The publication date as yyyymmdd, what is not stated as zeros; not a number where there is no year."""
    digits = (product["published_on"] or "").replace("-", "")
    if digits[:4].isdecimal() and len(digits) in (4, 6, 8) and digits.isdecimal():
        return float(digits.ljust(8, "0"))
    return float("nan") if product["year"] is None else product["year"] * 10_000.0


def _fields(
    product: Mapping[str, Any], indicator: Mapping[str, Any] | None, place: int, ranks: Mapping[str, Ranks]
) -> dict[str, list[Any]]:
    """The values of a product's document by field."""
    titles = [product["title"], product["subtitle"], *(product["alternative_titles"] or [])]
    title = [fold(text) for text in titles if text]
    abstract = [fold(text) for text in product["descriptions"] or [] if text]
    subjects = [subject["value"] for subject in product["subjects"] or [] if subject["value"]]
    keyword = [fold(subject) for subject in subjects]
    authors = product["authors"] or []
    container = product["container"] or {}
    instances = product["instances"] or []
    fields: dict[str, list[Any]] = {
        "product_id": [product["product_id"]],
        "pid": _identifiers(product),
        "orcid": sorted({author["orcid"] for author in authors if author["orcid"]}),
        "title": title,
        "title_words": title,
        "abstract": abstract,
        "abstract_words": abstract,
        "keyword": keyword,
        "keyword_words": keyword,
        "author": [fold(form) for author in authors for form in _name_forms(author)],
        "journal": [fold(name) for name in (container.get("name"), container.get("abbreviated_name")) if name],
        "publisher": [fold(name) for name in (product["publisher"],) if name],
        "kind": labels([product["type"], *(instance["resource_type"] for instance in instances)]),
        "date_number": [] if math.isnan(date := _date_number(product)) else [int(date)],
        "place": [place],
        "card": [orjson.dumps(card_of(product, indicator))],
        **facet_values(product, indicator),
    }
    if indicator:
        for name in INDICATORS:
            fields[value_field(name)] = [float(indicator[name])]
    for order, places in ranks.items():
        fields[order_field(order)] = [int(places[place])]
    return fields


def _identifiers(product: Mapping[str, Any]) -> list[str]:
    pids = [f"{pid['scheme']}:{pid['value']}" for pid in (product["pids"] or []) + (product["alternate_ids"] or [])]
    return list(dict.fromkeys([*pids, *(product["record_ids"] or [])]))


def _name_forms(author: Mapping[str, Any]) -> list[str]:
    """The forms in which a person's name is typed: both orders, and family name with initials."""
    full, family, given = author["full_name"], author["family_name"], author["given_name"]
    forms = [full] if full else []
    if family and given:
        letters = initials(given).replace(".", "").replace("-", "")
        forms += [f"{given} {family}", f"{family} {given}", f"{family} {letters}"]
        if len(letters) > 1:
            forms.append(f"{family} {' '.join(letters)}")
    return list(dict.fromkeys(forms))
