"""Parts of a DataCite record that need rules of their own: types, creators, dates, rights, related works.

Names and controlled lists are those of the DataCite Metadata Schema 4 (schema.datacite.org) and of the JSON in which
the REST API gives them; a list of one may stand as the one itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from evigraph.clean.dates import date_from_text
from evigraph.clean.json_values import member, objects, text
from evigraph.clean.licences import UNSTATED, License, license_of
from evigraph.clean.names import author
from evigraph.clean.relations import relation_type
from evigraph.clean.resource_types import ResourceType, resource_type
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import CLOSED, OPEN, access_right, is_placeholder_doi
from evigraph.model.pid import Pid, make_pid, normalise_doi, normalise_ror

Json = dict[str, Any]

_COAR = "http://purl.org/coar/resource_type/"


def _kind(label: str, coar: str | None = None) -> ResourceType:
    """OpenAIRE's instance type of that name, with a narrower COAR type where one is given."""
    kind = resource_type(label, "openaire")
    return kind._replace(coar_uri=_COAR + coar) if coar else kind


_OTHER_PRODUCT = _kind("Other ORP type")
_OTHER_LITERATURE = _kind("Other literature type")
_CHAPTER = _kind("Part of book or chapter of book")
_CONFERENCE_PAPER = _kind("Conference object", "c_5794")

#: `resourceTypeGeneral` (schema 4.6) as OpenAIRE names it; `Text` is decided by the free `resourceType`.
_GENERAL: dict[str, ResourceType] = {
    "audiovisual": _kind("Audiovisual"),
    "award": _OTHER_PRODUCT,
    "book": _kind("Book"),
    "bookchapter": _CHAPTER,
    "collection": _kind("Collection"),
    "computationalnotebook": _kind("Software"),
    "conferencepaper": _CONFERENCE_PAPER,
    "conferenceproceeding": _kind("Conference object", "c_f744"),
    "datapaper": _kind("Data Paper"),
    "dataset": _kind("Dataset"),
    "dissertation": _kind("Thesis"),
    "event": _kind("Event"),
    "film": _kind("Film"),
    "image": _kind("Image"),
    "instrument": _OTHER_PRODUCT,
    "interactiveresource": _kind("InteractiveResource"),
    "journal": _kind("Journal"),
    "journalarticle": _kind("Article"),
    "model": _kind("Model"),
    "other": _OTHER_PRODUCT,
    "outputmanagementplan": _kind("Data Management Plan"),
    "peerreview": _kind("Review", "H9BQ-739P/"),
    "physicalobject": _kind("PhysicalObject"),
    "poster": _kind("Conference object", "c_6670"),
    "preprint": _kind("Preprint"),
    "presentation": _kind("Lecture", "R60J-J5BD"),
    "project": _OTHER_PRODUCT,
    "report": _kind("Report"),
    "service": _OTHER_PRODUCT,
    "software": _kind("Software"),
    "sound": _kind("Sound"),
    "standard": _OTHER_LITERATURE,
    "studyregistration": _OTHER_PRODUCT,
    "workflow": _OTHER_PRODUCT,
}

#: What repositories write into `resourceType` beside `Text`, letters only, in lower case.
_WORDS: dict[str, ResourceType] = {
    **{name: _kind("Article") for name in ("article", "journalarticle", "researcharticle", "researchpaper")},
    **dict.fromkeys(("bookchapter", "chapter", "bookpart", "booksection"), _CHAPTER),
    **dict.fromkeys(("conferencepaper", "proceedingsarticle", "inproceedings", "paper"), _CONFERENCE_PAPER),
    **{name: _kind("Preprint") for name in ("preprint", "postedcontent", "eprint")},
    **{name: _kind("Thesis") for name in ("thesis", "dissertation", "theses")},
    **{name: _kind("Doctoral thesis") for name in ("doctoralthesis", "phdthesis", "doctoraldissertation")},
    **{name: _kind("Master thesis") for name in ("masterthesis", "mastersthesis")},
    **{name: _kind("Bachelor thesis") for name in ("bachelorthesis", "bachelorsthesis")},
    **{name: _kind("Report") for name in ("report", "technicalreport", "researchreport", "projectreport")},
    **{name: _kind("Book") for name in ("book", "monograph", "ebook")},
    "workingpaper": _kind("Preprint", "c_8042"),
    "review": _kind("Review"),
    "lecture": _kind("Lecture"),
    "newsletter": _kind("Newsletter"),
    "patent": _kind("Patent"),
    "journal": _kind("Journal"),
    "datamanagementplan": _kind("Data Management Plan"),
}


def datacite_resource_type(general: str | None, stated: str | None) -> ResourceType:
    """What a record is, from `resourceTypeGeneral` and, for `Text` or none, from the free text `resourceType`.

    A text of no stated kind is "Other literature type", anything else "Other ORP type", as in the OpenAIRE Graph.
    """
    folded, word = _folded(general), _folded(stated)
    if folded == "text":
        found = _WORDS.get(word) or _GENERAL.get(word, _OTHER_LITERATURE)
        return found if found.type == "publication" else _OTHER_LITERATURE
    return _GENERAL.get(folded) or _WORDS.get(word) or _GENERAL.get(word, _OTHER_PRODUCT)


def _folded(name: str | None) -> str:
    return re.sub(r"[^a-z]", "", name.lower()) if name else ""


def people_of(value: Any) -> list[Json]:
    """The AUTHORs of `creators` or `contributors`, each with its `contributorType` under `role` (null: none)."""
    people: list[Json] = []
    for person in objects(value):
        get = person.get
        name, given, family = text(get("name")), text(get("givenName")), text(get("familyName"))
        is_group = (text(get("nameType")) or text(get("type")) or "").lower().startswith("organi")
        found = author(
            given_name=given,
            family_name=family,
            full_name=name,
            orcid=_orcid(person),
            is_group=is_group and not (given and family),
            affiliations=_affiliations(get("affiliation")),
        )
        if found is None:
            continue
        if not (is_group or given or family) and name and "," not in name:
            # Neither a person nor an organization is stated, so the name is not taken apart.
            found.update(full_name=clean_line(name), given_name=None, family_name=None)
        people.append({"author": found, "role": text(get("contributorType"))})
    return people


def _orcid(person: Json) -> str | None:
    for entry in objects(person.get("nameIdentifiers")):
        stated = text(entry.get("nameIdentifier")) or ""
        scheme = (text(entry.get("nameIdentifierScheme")) or text(entry.get("schemeUri")) or "").lower()
        if "orcid" in scheme or "orcid.org/" in stated.lower():
            return stated
    stated = text(person.get("id")) or ""
    return stated if "orcid.org/" in stated else None


def _affiliations(value: Any) -> list[dict[str, str | None]]:
    stated = value if type(value) is list else [value]
    found: list[dict[str, str | None]] = []
    for entry in stated:
        if type(entry) is dict:
            ror = normalise_ror(text(entry.get("affiliationIdentifier")))
            found.append({"name": text(entry.get("name")), "ror_id": ror})
        elif name := text(entry):
            found.append({"name": name, "ror_id": None})
    return found


class Dates(NamedTuple):
    """When a work was published, whether it was withdrawn, and the dates that say something else."""

    published_on: str | None
    is_withdrawn: bool
    others: list[tuple[str, str]]


#: Which dates stand for publication, best first.
_PUBLISHED = ("Issued", "Available", "Accepted", "Submitted", "Created")


def dates_of(attributes: Json) -> Dates:
    """The dates of a record. Publication: `Issued`, `Available`, then `publicationYear`, then what came before it."""
    stated: list[tuple[str, str]] = []
    for entry in objects(attributes.get("dates")):
        if given := text(entry.get("date")):
            information = text(entry.get("dateInformation"))
            value = f"{given} ({information})" if information else given
            stated.append((text(entry.get("dateType")) or "Other", value))
    years = {"publicationYear": text(attributes.get("publicationYear")), "published": text(attributes.get("published"))}
    order = [*_PUBLISHED[:2], *years, *_PUBLISHED[2:]]
    published_on, used = None, ""
    for name in order:
        given_dates = [years[name]] if name in years else [given for kind, given in stated if kind == name]
        published_on = next((found for given in given_dates if (found := date_from_text(given))), None)
        if published_on:
            used = name
            break
    others = [(kind, given) for kind, given in stated if kind != used or given != published_on]
    if (year := years["publicationYear"]) and (published_on is None or published_on[:4] != year):
        others.append(("publicationYear", year))
    return Dates(published_on, any(kind == "Withdrawn" for kind, _ in stated), others)


class Rights(NamedTuple):
    """The licence of a work, the access right, and the statements as they stand."""

    license: License
    access_right: str | None
    statements: list[str]


def rights_of(attributes: Json) -> Rights:
    """The terms in `rightsList`: a stated access right first, else the one that follows from the licence.

    The licence is the first that says whether everybody may read, else the first stated at all.
    """
    licences: list[License] = []
    access: str | None = None
    statements: list[str] = []
    for entry in objects(attributes.get("rightsList")):
        uri, words, identifier = (text(entry.get(name)) for name in ("rightsUri", "rights", "rightsIdentifier"))
        if parts := [part for part in (clean_line(words), uri, identifier) if part]:
            statements.append("; ".join(parts))
        says = access_right(uri, words)
        access = access or says
        found = [license_of(part) for part in (uri, identifier, words) if part and access_right(part) is None]
        licences += [licence for licence in found if licence is not UNSTATED]
    chosen = next(
        (licence for licence in licences if licence.is_open is not None), licences[0] if licences else UNSTATED
    )
    if access is None and chosen.is_open is not None:
        access = OPEN if chosen.is_open else CLOSED
    return Rights(chosen, access, list(dict.fromkeys(statements)))


def funding_of(attributes: Json) -> list[Json]:
    """One FUNDING an entry of `fundingReferences`; the funder's id is its ROR, else its DOI, as an address."""
    found: list[Json] = []
    for entry in objects(attributes.get("fundingReferences")):
        name, award = clean_line(text(entry.get("funderName"))), clean_line(text(entry.get("awardNumber")))
        stated = text(entry.get("funderIdentifier"))
        doi = normalise_doi(stated)
        funder_id = normalise_ror(stated) or (f"https://doi.org/{doi}" if doi else stated)
        if name or funder_id or award:
            found.append({"funder_name": name, "funder_id": funder_id, "award": award})
    return found


class Related(NamedTuple):
    """Another work that a record names: DataCite's relation type, its own word, the target, the target as text."""

    relation: str
    stated: str
    pid: Pid | None
    text: str | None


#: Relations by which a record lists what it draws on.
CITING = frozenset({"Cites", "References"})

#: Schemes by which a cited work can be found.
CITABLE = frozenset({"doi", "pmid", "pmc", "arxiv"})


def related_of(attributes: Json) -> Iterator[Related]:
    """The works in `relatedIdentifiers` and `relatedItems`, in their order."""
    for entry in objects(attributes.get("relatedIdentifiers")):
        stated = text(entry.get("relationType")) or ""
        value = text(entry.get("relatedIdentifier"))
        yield Related(relation_type(stated), stated, _target(text(entry.get("relatedIdentifierType")), value), None)
    for item in objects(attributes.get("relatedItems")):
        stated = text(item.get("relationType")) or ""
        identifier = item.get("relatedItemIdentifier")
        value = text(member(identifier, "relatedItemIdentifier")) or text(identifier)
        scheme = text(member(identifier, "relatedItemIdentifierType")) or text(item.get("relatedItemIdentifierType"))
        yield Related(relation_type(stated), stated, _target(scheme, value), _described(item))


def _target(scheme: str | None, value: str | None) -> Pid | None:
    """The identifier of a related work; an address of a DOI is that DOI."""
    if not value or not scheme:
        return None
    folded = scheme.strip().lower()
    if folded in ("url", "purl", "other") and re.search(r"doi\.org/10\.", value, re.IGNORECASE):
        folded = "doi"
    pid = make_pid(folded, value)
    return None if pid is None or (pid.scheme == "doi" and is_placeholder_doi(pid.value)) else pid


def _described(item: Json) -> str | None:
    """A related item in words: "author (year) title, publisher, volume, issue, first page"."""
    get = item.get
    names = "; ".join(name for entry in objects(get("creators")) if (name := text(entry.get("name"))))
    year = text(get("publicationYear"))
    title = next((found for entry in objects(get("titles")) if (found := text(entry.get("title")))), None)
    head = " ".join(part for part in (names, f"({year})" if year else None, title) if part)
    tail = [text(get(name)) for name in ("publisher", "volume", "issue", "firstPage")]
    return clean_line(", ".join(part for part in (head, *tail) if part))
