"""Reviews published in this graph as records: one JSON document a version, written by the run from the ledger.

Each version is a record of its own and a new version of the one before. The included studies are what it reviews, and
its reference list, except of an illustration: that one is no evidence, and must not move an indicator.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import objects, text, texts
from evigraph.clean.languages import language_code
from evigraph.clean.resource_types import resource_type
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.model.pid import Pid, make_pid, normalise_doi, normalise_orcid

Json = dict[str, Any]

SOURCE = "reviews"

#: The scheme of the identifier that all versions of a review share in this graph.
SCHEME = "review"

_COLLECTED_FROM = "Reviews of this graph"

#: The form of documents that this module reads.
_FORM = "evigraph review 1"


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that a payload of published reviews gives.

    Numbers of the flow, themes, question and method are kept as extras: `prisma`, `theme`, `question`, `method`, and
    `is_illustration`. What is no such document is lost as `unexpected_form`.
    """
    rows = Rows(SOURCE, Path(path).name)
    for position, value, size in json_objects(path, rows.defect):
        try:
            _take(value, position, size, rows)
        except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as error:
            rows.defect(position, "unexpected_form", f"document {position} was left out: {error!r}", True)
        yield from rows.full()
    yield from rows.rest()


def _take(value: Json, position: int, size: int, rows: Rows) -> None:
    review, version = text(value.get("review")), value.get("version")
    title = clean_title(text(value.get("title")))
    if value.get("form") != _FORM or not review or not isinstance(version, int) or version < 1:
        message = f"document {position} is no review that evigraph published; it was left out"
        rows.defect(position, "unexpected_form", message, True)
        return
    if title is None or not is_usable_title(title):
        message = f"review {review} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    key = f"{review}.v{version}"
    own = [{"scheme": SCHEME, "value": review}, {"scheme": SCHEME, "value": key}]
    if value.get("is_withdrawn"):
        stub = {"source_key": key, "position": position, "is_deleted": True, "title": title, "alternate_ids": own}
        rows.record(stub, size)
        return
    if not rows.record({**_record(value, title), "source_key": key, "position": position, "alternate_ids": own}, size):
        return
    is_illustration = value.get("is_illustration") is True
    for report in (report for study in objects(value.get("studies")) for report in objects(study.get("reports"))):
        pids = [pid for given in texts(report.get("pids")) if (pid := _pid(given)) is not None]
        if pids:
            rows.link({"relation": "Reviews", "scheme": pids[0].scheme, "value": pids[0].value, "note": "included"})
        if not is_illustration:
            rows.reference(
                {
                    "pids": [{"scheme": pid.scheme, "value": pid.value} for pid in pids],
                    "text": clean_line(text(report.get("reference"))),
                }
            )


def _record(value: Json, title: str) -> Json:
    kind = resource_type("systematic review", "pubmed")
    doi = normalise_doi(text(value.get("doi")))
    pids = [{"scheme": "doi", "value": doi}] if doi else []
    published_on = text(value.get("published_on"))
    license_url = text(value.get("license_url"))
    authors = [
        {"rank": rank, "full_name": name, "orcid": normalise_orcid(text(author.get("orcid")))}
        for rank, author in enumerate(objects(value.get("authors")), start=1)
        if (name := clean_line(text(author.get("name"))))
    ]
    abstract = clean_text(text(value.get("abstract")))
    return {
        "datestamp": published_on,
        "type": kind.type,
        "title": title,
        "authors": authors,
        "descriptions": [abstract] if abstract else [],
        "published_on": published_on,
        "language": language_code(text(value.get("language"))),
        "subjects": [
            {"scheme": "keyword", "value": word}
            for given in texts(value.get("keywords"))
            if (word := clean_line(given))
        ],
        "pids": pids,
        "instances": [
            {
                "resource_type": "Systematic review",
                "resource_type_id": kind.coar_uri,
                "urls": [f"https://doi.org/{doi}"] if doi else [],
                "pids": pids,
                "license_url": license_url,
                "published_on": published_on,
                "collected_from": _COLLECTED_FROM,
            }
        ],
        "extras": list(_extras(value)),
    }


def _extras(value: Json) -> Iterator[Json]:
    for name in ("question", "method"):
        if given := clean_text(text(value.get(name))):
            yield {"name": name, "value": given}
    for name, field in (("prisma", "counts"), ("theme", "themes"), ("study", "studies")):
        for part in objects(value.get(field)):
            yield {"name": name, "value": orjson.dumps(part, option=orjson.OPT_SORT_KEYS).decode()}
    if value.get("is_illustration") is True:
        yield {"name": "is_illustration", "value": "true"}


def _pid(stated: str) -> Pid | None:
    scheme, _, value = stated.partition(":")
    return make_pid(scheme, value)
