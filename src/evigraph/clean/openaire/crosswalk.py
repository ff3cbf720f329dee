"""OpenAIRE Graph products and relations as records, references and links; its other entities beside them.

The public shape: the dump since version 10 and the API (plural names: `authors`, `instances`, `pids`), and the
older dumps (singular names in lower case: `author`, `instance`, `pid`, `maintitle`). Every field may be null.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from evigraph.clean.batches import Rows
from evigraph.clean.dates import date_from_text
from evigraph.clean.entity_rows import EntityRows
from evigraph.clean.json_payload import json_objects
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.languages import language_code
from evigraph.clean.licences import license_of
from evigraph.clean.names import author
from evigraph.clean.openaire.entities import entity_table, take_entity, take_product_links
from evigraph.clean.openaire.relations import Relations, is_relation
from evigraph.clean.resource_types import OTHER_LITERATURE, resource_type
from evigraph.clean.text import clean_line, clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import access_right, identifying_pid, peer_reviewed, says_retracted
from evigraph.model.pid import IDENTITY_SCHEMES, normalise_issn, normalise_openaire

Json = dict[str, Any]

SOURCE = "openaire"

_PRODUCT_TYPES = frozenset({"publication", "dataset", "software", "other"})

#: Names that only a product has.
_PRODUCT_NAMES = ("mainTitle", "maintitle", "instances", "instance", "bestAccessRight", "bestaccessright")

#: OpenAIRE's name for a host that it does not know.
_UNKNOWN_HOSTS = frozenset({"unknown repository", "unknown", ""})

#: Fields that are kept under OpenAIRE's own name, a dot for each level.
_EXTRAS = (
    *("indicators.citationImpact.citationCount", "indicators.citationImpact.influence"),
    *("indicators.citationImpact.popularity", "indicators.citationImpact.impulse"),
    *("indicators.citationImpact.citationClass", "indicators.citationImpact.influenceClass"),
    *("indicators.citationImpact.popularityClass", "indicators.citationImpact.impulseClass"),
    *("indicators.usageCounts.downloads", "indicators.usageCounts.views"),
    *("openAccessColor", "isGreen", "isInDiamondJournal", "publiclyFunded", "embargoEndDate"),
    *("codeRepositoryUrl", "programmingLanguage", "size", "version"),
)

#: Lists that are kept under OpenAIRE's own name: the plural name, and where the text stands in an element.
_EXTRA_LISTS = (
    *(("countries", "code"), ("communities", "code"), ("organizations", "legalName"), ("sources", None)),
    *(("formats", None), ("contributors", None), ("coverages", None), ("documentationUrls", None)),
    *(("contactPeople", None), ("contactGroups", None), ("tools", None)),
)

#: Plural names since version 10 and the older ones, where they are not simply without the last letter.
_OLDER = {"countries": "country", "communities": "context", "publicationDate": "publicationdate"}


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables that a payload of the OpenAIRE Graph gives.

    Products become records, relations references and links (`Relations`), organizations, projects, data sources and
    communities rows of their own tables (`openaire_entities`); all may stand in one file. A product without a usable
    title is lost as `no_title`, what has no id as `no_identifier`; persons are counted as `not_a_product`.
    """
    name = Path(path).name
    rows = Rows(SOURCE, name)
    entities = EntityRows(rows)
    relations = Relations(rows, entities)
    for position, value, size in json_objects(path, rows.defect):
        try:
            if is_relation(value):
                relations.take(value, position)
            else:
                _take(value, position, size, rows, entities)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            what = text(value.get("id")) or f"record {position}"
            rows.defect(position, "unexpected_form", f"{name}: {what} was left out: {error!r}", True)
        yield from entities.full()
        yield from rows.full()
        yield from relations.full()
    yield from relations.rest()
    yield from entities.rest()
    yield from rows.rest()


def _take(product: Json, position: int, size: int, rows: Rows, entities: EntityRows) -> None:
    stated_id = text(product.get("id"))
    key = normalise_openaire(stated_id) or (stated_id.split("|", 1)[-1] if stated_id else None)
    if not any(name in product for name in _PRODUCT_NAMES):
        table = entity_table(product)
        if table is None:
            what = "a person" if "familyName" in product or "familyname" in product else "something else"
            message = f"{key or f'record {position}'} is {what}, not a research product; it was left out"
            rows.defect(position, "not_a_product", message, True)
        elif not take_entity(table, product, position, size, entities):
            rows.defect(position, "no_identifier", f"record {position} has no id; it was left out", True)
        return
    if key is None:
        rows.defect(position, "no_identifier", f"record {position} has no id; it was left out", True)
        return
    title = clean_title(text(product.get("mainTitle")) or text(product.get("maintitle")))
    if title is None or not is_usable_title(title):
        message = f"{key} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    if rows.record(_record(product, key, title, position), size):
        try:
            take_product_links(product, f"{SOURCE}:{key}", position, entities)
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            rows.defect(position, "unexpected_form", f"{key}: what it belongs to was left out: {error!r}", False)


def _record(product: Json, key: str, title: str, position: int) -> Json:
    stated_type = text(product.get("type"))
    stated_instances = objects(_several(product, "instances"))
    pids = _pids(product, "pids")
    alternate_ids: list[Json] = []
    for instance in stated_instances:
        pids += _pids(instance, "pids")
        alternate_ids += _alternates(instance)
    if normalise_openaire(key):
        pids.append({"scheme": "openaire", "value": key})
    stated_pids = {pid["value"] for pid in pids}
    alternate_ids += [pid for pid in pids if pid["scheme"] not in IDENTITY_SCHEMES]
    pids = [pid for pid in pids if pid["scheme"] in IDENTITY_SCHEMES]
    alternate_ids += [
        {"scheme": "original", "value": given}
        for given in texts(_several(product, "originalIds"))
        if given.lower() not in stated_pids
    ]
    published_on = date_from_text(text(product.get("publicationDate")) or text(product.get("publicationdate")))
    subtitle = clean_title(text(product.get("subTitle")) or text(product.get("subtitle")))
    container = _container(product.get("container"))
    abstracts = (clean_text(given) for given in texts(_several(product, "descriptions")))
    instances = _instances(product, stated_instances, published_on)
    return {
        "source_key": key,
        "position": position,
        "datestamp": _datestamp(product),
        "type": stated_type if stated_type in _PRODUCT_TYPES else "publication",
        "title": title,
        "subtitle": subtitle,
        "authors": _authors(_several(product, "authors")),
        "descriptions": list(dict.fromkeys(abstract for abstract in abstracts if abstract)),
        "published_on": published_on,
        "publisher": clean_line(text(product.get("publisher"))),
        "language": language_code(text(member(product.get("language"), "code")) or text(product.get("language"))),
        "subjects": _subjects(_several(product, "subjects")),
        "container": container,
        "pids": pids,
        "alternate_ids": alternate_ids,
        "instances": instances,
        "funding": _funding(product),
        "is_retracted": says_retracted(title),
        "extras": _extras(product),
    }


def _several(value: Json, plural: str) -> Any:
    """The value under the plural name of version 10, or under the older one."""
    found = value.get(plural)
    if found is None:
        found = value.get(_OLDER.get(plural) or plural[:-1])
    return value.get(plural.lower()[:-1]) if found is None else found


def _pids(value: Json, name: str) -> list[Json]:
    """The identifiers in a list; placeholders are left out."""
    found: list[Json] = []
    for entry in objects(_several(value, name)):
        stated = entry.get("id") if type(entry.get("id")) is dict else entry
        scheme = text(member(stated, "scheme"))
        pid = identifying_pid(scheme, text(member(stated, "value"))) if scheme else None
        if pid:
            found.append({"scheme": pid.scheme, "value": pid.value})
    return found


def _alternates(instance: Json) -> list[Json]:
    return _pids(instance, "alternateIdentifiers")


def _authors(value: Any) -> list[Json]:
    authors: list[Json] = []
    entries = objects(value)
    if all(type(entry.get("rank")) is int for entry in entries):
        entries.sort(key=lambda entry: int(entry["rank"]))
    for entry in entries:
        pid = entry.get("pid")
        pid = pid.get("id") if type(pid) is dict else None
        scheme = text(member(pid, "scheme")) or ""
        found = author(
            given_name=text(entry.get("name")),
            family_name=text(entry.get("surname")),
            full_name=text(entry.get("fullName")) or text(entry.get("fullname")),
            orcid=text(member(pid, "value")) if scheme.lower().startswith("orcid") else None,
        )
        if found:
            authors.append(found)
    return authors


def _subjects(value: Any) -> list[Json]:
    subjects: dict[tuple[str, str], Json] = {}
    for entry in objects(value):
        subject = entry.get("subject") if type(entry.get("subject")) is dict else entry
        name = clean_line(text(member(subject, "value")))
        if name:
            scheme = (text(member(subject, "scheme")) or "keyword").lower()
            subjects.setdefault((scheme, name), {"scheme": scheme, "value": name, "term_id": None})
    return list(subjects.values())


def _container(value: Any) -> Json | None:
    if type(value) is not dict:
        return None
    get = value.get
    container = {
        "name": clean_line(text(get("name"))),
        "issn_print": normalise_issn(text(get("issnPrinted"))),
        "issn_online": normalise_issn(text(get("issnOnline"))),
        "issn_linking": normalise_issn(text(get("issnLinking"))),
        "volume": text(get("vol")),
        "issue": text(get("iss")),
        "first_page": text(get("sp")),
        "last_page": text(get("ep")),
        "edition": text(get("edition")),
        "conference_place": clean_line(text(get("conferencePlace")) or text(get("conferenceplace"))),
        "conference_on": date_from_text(text(get("conferenceDate")) or text(get("conferencedate"))),
    }
    return container if any(container.values()) else None


def _instances(product: Json, stated: list[Json], published_on: str | None) -> list[Json]:
    """The hosted copies; one with the product's own facts where none is listed."""
    labels = [resource_type(text(entry.get("type")), SOURCE).label for entry in stated]
    sources = _names(product.get("collectedFrom") or product.get("collectedfrom"))
    return [_instance(product, entry, labels, sources, published_on) for entry in stated or [{}]]


def _instance(product: Json, entry: Json, labels: list[str], sources: list[str], published_on: str | None) -> Json:
    get = entry.get
    kind = resource_type(text(get("type")), SOURCE)
    if kind is OTHER_LITERATURE:
        kind = _OTHERS.get(text(product.get("type")) or "", kind)
    access = get("accessRight") or get("accessright")
    best = {} if entry else product.get("bestAccessRight") or product.get("bestaccessright")
    license_ = license_of(text(get("license")))
    collected_from = _names(get("collectedFrom") or get("collectedfrom")) or sources
    pids = _pids(entry, "pids")
    host = next(iter(_names(get("hostedBy") or get("hostedby"))), None)
    route = text(member(access, "openAccessRoute")) or text(member(access, "openaccessroute"))
    return {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "urls": list(dict.fromkeys(texts(_several(entry, "urls")))),
        "pids": pids,
        "alternate_ids": _alternates(entry),
        "access_right": access_right(
            *(text(member(found, name)) for found in (access, best) for name in ("code", "label"))
        ),
        "access_route": route.lower() if route else None,
        "license": license_.label,
        "license_url": license_.url,
        "refereed": peer_reviewed(
            kind.label,
            is_from_crossref="Crossref" in collected_from,
            has_doi=any(pid["scheme"] == "doi" for pid in pids),
            other_labels=labels,
            stated=text(get("refereed")),
        ),
        "published_on": date_from_text(text(get("publicationDate")) or text(get("publicationdate"))) or published_on,
        "hosted_by": host if host and host.lower() not in _UNKNOWN_HOSTS else None,
        "hosted_by_id": _key(get("hostedBy") or get("hostedby")),
        "collected_from": "; ".join(collected_from) or "OpenAIRE",
    }


#: What an instance without a known type is, by the type of its product.
_OTHERS = {
    "dataset": resource_type("Other dataset type", SOURCE),
    "software": resource_type("Software", SOURCE),
    "other": resource_type("Other ORP type", SOURCE),
}


def _names(value: Any) -> list[str]:
    """The names of data sources: `value` beside `key`, or `name` beside `id`."""
    stated = (text(entry.get("value")) or text(entry.get("name")) for entry in objects(value))
    return list(dict.fromkeys(name for name in stated if name))


def _key(value: Any) -> str | None:
    return next((text(entry.get("key")) or text(entry.get("id")) for entry in objects(value)), None)


def _funding(product: Json) -> list[Json]:
    found: list[Json] = []
    for project in objects(_several(product, "projects")):
        funding = next(iter(objects(project.get("fundings") or project.get("funding") or project.get("funder"))), {})
        name = text(funding.get("name")) or text(funding.get("shortName")) or text(project.get("funder"))
        award = text(project.get("code"))
        if name or award:
            found.append({"funder_name": name, "funder_id": None, "award": award})
    return found


def _datestamp(product: Json) -> str | None:
    stamp = product.get("lastUpdateTimeStamp") or product.get("lastupdatetimestamp")
    if type(stamp) is int and 0 < stamp < 1 << 43:
        return datetime.fromtimestamp(stamp / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return text(product.get("dateOfCollection")) or text(product.get("dateofcollection"))


def _extras(product: Json) -> list[Json]:
    extras: list[Json] = []
    for name in _EXTRAS:
        value = member(product, *name.split("."))
        if value is not None and (stated := str(value).lower() if isinstance(value, bool) else text(value)):
            extras.append({"name": name, "value": stated})
    for name, place in _EXTRA_LISTS:
        value = _several(product, name)
        stated_all = [text(entry.get(place)) for entry in objects(value)] if place else texts(value)
        extras += [{"name": name, "value": stated} for stated in dict.fromkeys(stated_all) if stated]
    return extras
