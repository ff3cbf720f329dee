"""Deposited copies as records: of each the work that it is of, and one instance, the copy in its repository.

A payload is written at the head of a run from the ledger (`evigraph.deposit.told.deposits_payload`). The metadata of a
copy are those that its draft was given, in the form of InvenioRDM.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.crossref.crosswalk import doi_address
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import member, objects, text
from evigraph.clean.licences import license_of
from evigraph.clean.names import author
from evigraph.clean.resource_types import resource_type
from evigraph.clean.text import clean_title
from evigraph.clean.vocabularies import EMBARGOED, NOT_PEER_REVIEWED, OPEN
from evigraph.model.pid import make_pid, normalise_doi

Json = dict[str, Any]

SOURCE = "deposits"
_COLLECTED_FROM = "Deposits"

_SUBMITTED = "http://purl.org/coar/version/c_71e4c1898caa6e32"


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record and defect that a payload of deposits gives.

    A record names the work by the identifiers of the work, so that it joins the product it was deposited for; the
    copy's own DOI stands on the instance. One of a work without identifiers has the copy's DOI for its own.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    for position, value, size in json_objects(path, rows.defect):
        try:
            rows.record(_record(value, position), size)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            what = text(value.get("id")) or f"deposit {position}"
            rows.defect(position, "unexpected_form", f"{name}: {what} was left out: {error!r}", True)
        yield from rows.full()
    yield from rows.rest()


def _record(value: Json, position: int) -> Json:
    draft: Json = value["draft"]
    metadata: Json = draft["metadata"]
    doi = normalise_doi(text(value.get("doi")))
    own = [{"scheme": "doi", "value": doi}] if doi else []
    stated = [make_pid(pid["scheme"], pid["value"]) for pid in objects(value.get("pids"))]
    version = text(value.get("version"))
    published_at = str(value["published_at"])
    license_ = license_of(_rights(metadata))
    kind = resource_type(text(value.get("resource_type")), "openaire")
    if version == _SUBMITTED and kind.label == "Article":
        kind = resource_type("Preprint", "openaire")
    embargo = draft.get("access", {}).get("embargo") or {}
    is_closed = bool(embargo.get("active")) and date.fromisoformat(embargo["until"]) > date.fromisoformat(
        published_at[:10]
    )
    addresses = [doi_address(doi)] if doi else []
    addresses += [address for address in [text(value.get("address"))] if address]
    instance = {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "version_type": version,
        "urls": addresses,
        "pids": own,
        "access_right": EMBARGOED if is_closed else OPEN,
        "access_route": "green",
        "license": license_.label,
        "license_url": license_.url,
        "refereed": NOT_PEER_REVIEWED if version == _SUBMITTED else None,
        "published_on": published_at[:10],
        "hosted_by": text(value.get("repository_name")),
        "collected_from": _COLLECTED_FROM,
    }
    return {
        "source_key": value["id"],
        "position": position,
        "datestamp": published_at,
        "type": text(value.get("product_type")),
        "title": clean_title(text(metadata.get("title"))),
        "authors": [found for one in objects(metadata.get("creators")) if (found := _author(one))],
        "published_on": text(metadata.get("publication_date")),
        "pids": [pid for pid in stated if pid] or own,
        "alternate_ids": own if any(stated) else [],
        "instances": [instance],
    }


def _author(creator: Json) -> Json | None:
    person = creator.get("person_or_org")
    orcid = next((one.get("identifier") for one in objects(member(person, "identifiers"))), None)
    return author(
        given_name=text(member(person, "given_name")),
        family_name=text(member(person, "family_name")),
        full_name=text(member(person, "name")),
        orcid=orcid,
        is_group=member(person, "type") == "organizational",
        affiliations=[one.get("name") for one in objects(creator.get("affiliations"))],
    )


def _rights(metadata: Json) -> str | None:
    stated = next(iter(objects(metadata.get("rights"))), {})
    return text(stated.get("id")) or text(stated.get("link"))
