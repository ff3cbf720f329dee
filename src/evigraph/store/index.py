"""The search index of a release: its fields, and how it is built from the release's tables."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow.parquet as pq
import tantivy

from evigraph.model.entities import PRODUCT_ENTITY
from evigraph.model.tables import INDICATOR, PRODUCT
from evigraph.store.analysis import LABEL, STEMS, WORDS, fold, register
from evigraph.store.cards import INDICATORS, card_of, initials
from evigraph.store.facets import FACETS, Names, facet_values, labels
from evigraph.store.marks import marks_of

#: Orders in which results can be asked for, beside relevance. Each is a field that numbers all products, so
#: that the order is total: equal values follow in order of product_id.
ORDERS = ("date", *INDICATORS)

_HEAP_BYTES = 160_000_000
_BATCH_ROWS = 1_024
_PRODUCT_COLUMNS = (
    "product_id",
    "type",
    "title",
    "subtitle",
    "alternative_titles",
    "authors",
    "descriptions",
    "published_on",
    "year",
    "publisher",
    "language",
    "subjects",
    "container",
    "pids",
    "alternate_ids",
    "instances",
    "funding",
    "is_retracted",
    "access_right",
    "is_peer_reviewed",
    "sources",
    "record_ids",
)

Ranks = npt.NDArray[np.int32]


def make_schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    for name in ("product_id", "pid", "orcid", "mark"):
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
    """Builds the search index of the release tables in `tables` into the folder `index`. Returns its documents.

    Streams product and indicator tables, both in order of product_id, side by side. Memory: the writer's heap
    (160 MB), one batch of rows, and 4 bytes a product for each of five orders, 24 while they are made.

    Args:
        tables: the folder with one folder for each table.
        index: where the index goes; what is there is replaced.
        progress: told documents done and documents in all, about every thousand.
    """
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    n_products = sum(pq.read_metadata(path).num_rows for path in _files(tables / PRODUCT.name))
    ranks = _ranks(tables, n_products)
    made = tantivy.Index(make_schema(), path=str(index))
    register(made)
    threads = min(os.cpu_count() or 1, 4)
    writer = made.writer(heap_size=_HEAP_BYTES, num_threads=threads)
    done = 0
    entities, names = _entities(tables), Names(tables)
    for done, (product, indicator) in enumerate(_joined(tables), 1):
        belongs_to = entities(product["product_id"])
        fields = _fields(product, indicator, done - 1, ranks)
        fields.update(names.of(belongs_to))
        fields["mark"] = marks_of(product, belongs_to)
        writer.add_document(tantivy.Document(**{name: values for name, values in fields.items() if values}))
        if progress and done % _BATCH_ROWS == 0:
            progress(done, n_products)
    writer.commit()
    writer.wait_merging_threads()
    if progress:
        progress(done, n_products)
    return done


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _rows(folder: Path, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for path in _files(folder):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(columns)):
                yield from batch.to_pylist()


def _joined(
    tables: Path, columns: tuple[str, ...] = _PRODUCT_COLUMNS
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Every product with its indicators, None where it has none; both tables are in order of product_id."""
    indicators = _rows(tables / INDICATOR.name, INDICATOR.names)
    indicator = next(indicators, None)
    for product in _rows(tables / PRODUCT.name, columns):
        while indicator is not None and indicator["product_id"] < product["product_id"]:
            indicator = next(indicators, None)
        same = indicator is not None and indicator["product_id"] == product["product_id"]
        yield product, indicator if same else None


def _entities(tables: Path) -> Callable[[str], list[tuple[str, str]]]:
    """Gives the entities of a product as (kind, id); products have to be asked for in order of their ids."""
    links = _rows(tables / PRODUCT_ENTITY.name, ("product_id", "kind", "entity_id"))
    waiting = next(links, None)

    def of(product_id: str) -> list[tuple[str, str]]:
        nonlocal waiting
        found = []
        while waiting is not None and waiting["product_id"] <= product_id:
            if waiting["product_id"] == product_id:
                found.append((waiting["kind"], waiting["entity_id"]))
            waiting = next(links, None)
        return found

    return of


def _ranks(tables: Path, n_products: int) -> dict[str, Ranks]:
    """For each order the place of every product in it; products without a value come last."""
    values = {order: np.full(n_products, np.nan) for order in ORDERS}
    for row, (product, indicator) in enumerate(_joined(tables, ("product_id", "published_on", "year"))):
        values["date"][row] = _date_number(product)
        if indicator:
            for name in INDICATORS:
                values[name][row] = indicator[name]
    ranks = {}
    for order in ORDERS:
        newest_first = np.argsort(-values.pop(order), kind="stable")
        places = np.empty(n_products, dtype=np.int32)
        places[newest_first] = np.arange(n_products, dtype=np.int32)
        ranks[order] = places
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
