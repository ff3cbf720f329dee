"""Links that people made: as a page shows them, and what can be linked to what."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
from fastapi import Request

from evigraph.harvest.api import RegistryWork
from evigraph.model.pid import IDENTITY_SCHEMES, is_product_id, parse_pid
from evigraph.model.said import ENTITY_RELATIONS
from evigraph.portal import wording
from evigraph.portal.entity_page import entity_name
from evigraph.portal.people.access import People, people_of
from evigraph.portal.rendering import entity_path, product_path
from evigraph.store.event import instant_text
from evigraph.store.keyed import Row
from evigraph.store.kinds import CLAIMED, SETTLED
from evigraph.store.ledger import Standing
from evigraph.store.release import Release, Superseded

#: Columns in which an entity is looked for.
_SOUGHT: dict[str, tuple[str, ...]] = {
    "project": ("title", "acronym", "code"),
    "community": ("name", "acronym"),
    "organization": ("legal_name", "short_name", "alternative_names"),
}

#: Candidates that are shown, and identifiers that are taken at once.
CANDIDATES, PASTED = 20, 5_000

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'|]+")
_PARTS = re.compile(r"[\s\",|]")
_ORCID = re.compile(r"(?:orcid\.org/|orcid:|^)(\d{4}-\d{4}-\d{4}-\d{3}[\dX])$", re.IGNORECASE)
_NAMED_ID = re.compile(
    r"(?:pmid|pubmed|pmc|pmcid|arxiv|handle|openalex|doi)\s*:\s*\S+|PMC\d+|\S+::[0-9a-f]{32}", re.IGNORECASE
)


@dataclass(frozen=True)
class Target:
    """What a product can be linked to."""

    kind: str
    target_id: str
    name: str
    note: str
    path: str


@dataclass(frozen=True)
class Link:
    """A link that somebody made, as pages show it."""

    event_id: str
    subject: str
    product_id: str | None
    title: str
    kind: str
    target_id: str
    target_name: str
    target_path: str | None
    relation: str
    actor: str
    shown_name: str
    when: str
    outcome: str
    settled_because: str
    is_known: bool

    @property
    def reads(self) -> str:
        """The relation in words."""
        return wording.relation(self.relation)


@dataclass(frozen=True)
class Pasted:
    """An identifier that was pasted: `state` is new, linked, unknown, or found (not here, but at a registry)."""

    subject: str
    product_id: str | None
    title: str
    line: str
    state: str


def subject_of(product: Row) -> str:
    """The identifier by which a decision names a product: its best one, else its first record."""
    pids = sorted(
        (IDENTITY_SCHEMES.index(pid["scheme"]), pid["scheme"], pid["value"])
        for pid in product["pids"] or ()
        if pid["scheme"] in IDENTITY_SCHEMES
    )
    return f"{pids[0][1]}:{pids[0][2]}" if pids else str((product["record_ids"] or [product["product_id"]])[0])


def subjects_of(product: Row) -> set[str]:
    """Everything by which a decision can name a product."""
    return {*(product["record_ids"] or ()), *(f"{pid['scheme']}:{pid['value']}" for pid in product["pids"] or ())}


def links_about(people: People, release: Release, subjects: Iterable[str]) -> list[Link]:
    """The links in force that have one of some subjects at either end, the oldest first."""
    ledger = people.known_ledger()
    return as_links(people, release, ledger.standing([CLAIMED], about=subjects)) if ledger else []


def shown_links(request: Request, release: Release, product: Row) -> list[Link]:
    """The links that the page of a product shows: those of other products to it too, not those that were refused."""
    found = links_about(people_of(request), release, subjects_of(product))
    return [link for link in found if link.outcome != "refused" and link.product_id]


def links_by(people: People, release: Release, actor: str, newest: int = 1_000) -> list[Link]:
    """The links in force that somebody made, the newest first."""
    ledger = people.known_ledger()
    found = ledger.standing([CLAIMED], actor=actor, newest=newest) if ledger else []
    return as_links(people, release, found)[::-1]


def as_links(people: People, release: Release, found: Sequence[Standing]) -> list[Link]:
    """Claims as pages show them, with what curators said of them."""
    if not found:
        return []
    events = [one.event for one in found]
    settled = {
        one.event.subject_l: one.event
        for one in people.ledger().standing([SETTLED], about=[event.event_id for event in events])
    }
    names = people.shown_names({event.actor for event in events})
    known = release.manifest.ledger_ordinal
    products = {event.subject_l: product_of(release, event.subject_l) for event in events}
    links = []
    for event in events:
        kind, relation = str(event.payload["target_kind"]), str(event.payload["relation"])
        product, last = products[event.subject_l], settled.get(event.event_id)
        target_id = event.subject_r or ""
        links.append(
            Link(
                event_id=event.event_id,
                subject=event.subject_l,
                product_id=product["product_id"] if product else None,
                title=(product["title"] or "Untitled") if product else event.subject_l,
                kind=kind,
                target_id=target_id,
                target_name=str(event.payload["target_name"]) or target_id,
                target_path=_target_path(release, kind, target_id),
                relation=relation,
                actor=event.actor,
                shown_name=names[event.actor],
                when=wording.instant(instant_text(event.decided_at)),
                outcome=str(last.payload["outcome"]) if last else "",
                settled_because=last.reason if last else "",
                is_known=event.ordinal <= known,
            )
        )
    return links


def product_of(release: Release, subject: str) -> Row | None:
    """The product that an identifier or record id names in this release."""
    answer = release.resolve(subject)
    product_id = answer.product_id if isinstance(answer, Superseded) else answer
    return release.product(product_id, ("product_id", "title", "year", "pids", "record_ids")) if product_id else None


def _target_path(release: Release, kind: str, target_id: str) -> str | None:
    if kind != "product":
        return entity_path(kind, target_id)
    product = product_of(release, target_id)
    return product_path(product["product_id"]) if product else None


def target(release: Release, kind: str, target_id: str) -> Target | None:
    """What an id names, where this release holds it."""
    if kind == "product":
        product = product_of(release, target_id)
        if product is None:
            return None
        path = product_path(product["product_id"])
        return Target(kind, subject_of(product), product["title"] or "Untitled", str(product["year"] or ""), path)
    if kind not in ENTITY_RELATIONS:
        return None
    row = release.entities.kind(kind).get(target_id)
    return _entity(kind, row) if row else None


def find_targets(release: Release, kind: str, text: str) -> list[Target]:
    """What some words, a number or an identifier may mean, at most `CANDIDATES`."""
    text = text.strip()
    if not text:
        return []
    if (exact := target(release, kind, text)) is not None:
        return [exact]
    if kind == "product":
        hits = release.search.search(text, {}, "relevance", 0, CANDIDATES, facets=()).hits
        return [found for hit in hits if (found := target(release, kind, hit["product_id"])) is not None]
    if kind not in ENTITY_RELATIONS:
        return []
    table = release.entities.kind(kind)
    chosen = table.containing(_SOUGHT[kind], text)
    if "pids" in table.table.names:
        chosen = pc.or_kleene(chosen, table.having_pid(text.rpartition("/")[2]))
    rows, _ = table.rows(chosen, 0, CANDIDATES)
    return [_entity(kind, row) for row in rows]


def _entity(kind: str, row: Row) -> Target:
    key = str(row[f"{kind}_id"])
    notes = {
        "project": [row.get("acronym"), row.get("code"), *(one["short_name"] for one in row.get("fundings") or ())],
        "community": [row.get("acronym")],
        "organization": [row.get("short_name"), row.get("city"), row.get("country_name")],
    }[kind]
    note = " · ".join(str(one) for one in notes if one)
    return Target(kind, key, entity_name(kind, row) or key, note, entity_path(kind, key))


def pasted_identifiers(text: str) -> list[str]:
    """The identifiers in what was pasted: one a line, in the cells of a CSV, or anywhere in a text; each once."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        whole = line.strip().strip('"')
        if not whole:
            continue
        # Older DOIs hold semicolons (SICI), which part cells elsewhere; they hold angle brackets too.
        is_single = not _PARTS.search(whole) and (";" not in whole or "<" in whole)
        if is_single and (parse_pid(whole) is not None or is_product_id(whole) or _ORCID.search(whole)):
            found[whole] = None
            continue
        delimiter = next((mark for mark in ("\t", ";", ",") if mark in whole), ",")
        for cell in next(csv.reader([line], delimiter=delimiter), []):
            if match := _ORCID.search(cell.strip()):
                found[f"orcid:{match[1]}"] = None
                continue
            for one in (*_DOI.findall(cell), *_NAMED_ID.findall(cell)):
                if (one := one.rstrip(").,;]")) and one not in found and not any(one in other for other in found):
                    found[one] = None
    return list(found)[:PASTED]


def look_up(release: Release, identifiers: Iterable[str], linked: set[str]) -> list[Pasted]:
    """What each identifier names in this release; an ORCID iD names all works of its holder.

    Args:
        linked: subjects that are linked to the target already, by any of their identifiers.
    """
    rows: dict[str, Pasted] = {}
    for text in identifiers:
        if match := _ORCID.search(text):
            for owned in release.entity_products("author", f"orcid:{match[1]}"):
                product = product_of(release, owned["product_id"])
                if product is not None:
                    rows.setdefault(product["product_id"], _found(product, linked))
            continue
        product = product_of(release, text)
        if product is not None:
            rows.setdefault(product["product_id"], _found(product, linked))
        elif (pid := parse_pid(text)) is not None:
            state = "linked" if str(pid) in linked else "unknown"
            rows.setdefault(str(pid), Pasted(str(pid), None, str(pid), "", state))
        else:
            rows.setdefault(text, Pasted("", None, text, "this is no identifier", "unknown"))
    return list(rows.values())


def with_registries(rows: Iterable[Pasted], works: Mapping[str, RegistryWork]) -> list[Pasted]:
    """The same rows, with what registries know of the works that this graph does not hold."""
    told = []
    for row in rows:
        work = works.get(row.subject.removeprefix("doi:")) if row.state == "unknown" else None
        if work is not None:
            line = " · ".join(part for part in (row.subject, work.year, work.registry) if part)
            row = Pasted(row.subject, None, work.title, line, "found")
        told.append(row)
    return told


def orcids_in(identifiers: Iterable[str]) -> list[str]:
    """The ORCID iDs among some identifiers."""
    return [match[1].upper() for text in identifiers if (match := _ORCID.search(text))]


def _found(product: Row, linked: set[str]) -> Pasted:
    state = "linked" if subjects_of(product) & linked else "new"
    line: Any = " · ".join(str(part) for part in (subject_of(product), product["year"]) if part)
    return Pasted(subject_of(product), product["product_id"], product["title"] or "Untitled", line, state)
