"""What a repository is told of a copy: the metadata of a product in the form that InvenioRDM takes.

Fields and vocabularies as InvenioRDM's metadata reference has them
(inveniordm.docs.cern.ch/reference/metadata), which follow DataCite's schema.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from evigraph.deposit.terms import IN_COPYRIGHT, Version, licence_address
from evigraph.errors import InputError

Json = dict[str, Any]

#: InvenioRDM's resource types by the type of an instance as OpenAIRE names it; others go by the product's type.
_RESOURCE_TYPES: dict[str, str] = {
    "Article": "publication-article",
    "Book": "publication-book",
    "Part of book or chapter of book": "publication-section",
    "Conference object": "publication-conferencepaper",
    "Data Management Plan": "publication-datamanagementplan",
    "Data Paper": "publication-datapaper",
    "Preprint": "publication-preprint",
    "Report": "publication-report",
    "Review": "publication-article",
    "Software": "software",
    "Dataset": "dataset",
    "Thesis": "publication-thesis",
    "Bachelor thesis": "publication-thesis",
    "Doctoral thesis": "publication-thesis",
    "Master thesis": "publication-thesis",
}
_OF_PRODUCTS: dict[str, str] = {"publication": "publication-other", "dataset": "dataset", "software": "software"}

#: Schemes of a product's identifiers that a repository takes as a related work.
_RELATED = ("doi", "pmid", "arxiv", "handle")

#: Keywords that a draft is given at most, and the longest of them.
_MOST_KEYWORDS, _LONGEST_KEYWORD = 40, 100


@dataclass(frozen=True)
class Choice:
    """What whoever deposits decides: the version, the licence, and until when the file stays closed (ISO date)."""

    version: Version
    licence: str
    closed_until: str | None = None


def draft_of(product: Mapping[str, Any], kind: str, choice: Choice, repository_name: str, today: date) -> Json:
    """The body of a draft: metadata, access and files, without the marker of the deposit.

    Args:
        product: a row of the table `product`.
        kind: its type as its page names it, such as Article.
        repository_name: who publishes the copy.
        today: stands for the date of publication where the graph does not know it.

    Raises:
        InputError: the graph knows no title or no author, without which no repository takes a work; or the licence
            is none.
    """
    title = product.get("title")
    creators = [creator for author in product.get("authors") or () if (creator := _creator(author))]
    if not title or not creators:
        what = "author" if title else "title"
        raise InputError(f"this graph knows no {what} of the work, and a repository needs one: correct the product")
    metadata: Json = {
        "resource_type": {"id": resource_type_of(kind, product.get("type"), choice.version)},
        "title": title,
        "creators": creators,
        "publication_date": product.get("published_on") or str(product.get("year") or today.isoformat()),
        "publisher": repository_name,
        "version": choice.version.label,
        "rights": [_rights(choice.licence)],
        "related_identifiers": list(_related(product, choice.version)),
        "additional_descriptions": [{"description": _statement(product, choice.version), "type": {"id": "other"}}],
    }
    if descriptions := product.get("descriptions"):
        metadata["description"] = _paragraphs(descriptions[0])
    if product.get("subtitle"):
        metadata["additional_titles"] = [{"title": product["subtitle"], "type": {"id": "subtitle"}}]
    if keywords := _keywords(product):
        metadata["subjects"] = [{"subject": keyword} for keyword in keywords]
    if re.fullmatch("[a-z]{3}", language := product.get("language") or "") and language != "und":
        metadata["languages"] = [{"id": language}]
    if funding := list(_funding(product)):
        metadata["funding"] = funding
    return {"access": _access(choice.closed_until), "files": {"enabled": True}, "metadata": metadata}


def marked(draft: Mapping[str, Any], marker: str) -> Json:
    """The draft with the marker by which it is found again: an identifier of its own, as `urn:uuid:…`."""
    metadata = dict(draft["metadata"])
    metadata["identifiers"] = [*metadata.get("identifiers", ()), {"identifier": marker, "scheme": "urn"}]
    return {**draft, "metadata": metadata}


def resource_type_of(kind: str, product_type: str | None, version: Version) -> str:
    """InvenioRDM's resource type: of an article that was not yet reviewed, a preprint."""
    found = _RESOURCE_TYPES.get(kind) or _OF_PRODUCTS.get(product_type or "", "other")
    return "publication-preprint" if found == "publication-article" and version.name == "submitted" else found


def file_name_of(product: Mapping[str, Any], version: Version) -> str:
    """The name of the file in the repository: first author, year, version, in letters that every address can hold."""
    first: Mapping[str, Any] = (product.get("authors") or [{}])[0]
    name = first.get("family_name") or first.get("full_name") or "work"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:40] or "work"
    return "-".join(part for part in (words, str(product.get("year") or ""), version.name) if part) + ".pdf"


def _creator(author: Mapping[str, Any]) -> Json | None:
    full, family, given = author.get("full_name"), author.get("family_name"), author.get("given_name")
    if not (full or family):
        return None
    if author.get("is_group"):
        return {"person_or_org": {"type": "organizational", "name": full or family}}
    person: Json = {"type": "personal", "family_name": family or full}
    if family and given:
        person["given_name"] = given
    if author.get("orcid"):
        person["identifiers"] = [{"scheme": "orcid", "identifier": author["orcid"]}]
    names = [one["name"] for one in author.get("affiliations") or () if one.get("name")]
    affiliations = [{"name": name} for name in dict.fromkeys(names)]
    return {"person_or_org": person, **({"affiliations": affiliations} if affiliations else {})}


def _rights(licence: str) -> Json:
    address = licence_address(licence)
    if address is None:
        raise InputError(f"{licence!r} is no licence that can be chosen")
    return {"title": {"en": "In Copyright"}, "link": address} if licence == IN_COPYRIGHT else {"id": licence}


def _related(product: Mapping[str, Any], version: Version) -> Iterator[Json]:
    for pid in product.get("pids") or ():
        if pid["scheme"] in _RELATED:
            yield {
                "identifier": pid["value"],
                "scheme": pid["scheme"],
                "relation_type": {"id": version.relation.lower()},
            }


def _statement(product: Mapping[str, Any], version: Version) -> str:
    """Which version this is and where the work was published, in one sentence and with COAR's address."""
    container: Mapping[str, Any] = product.get("container") or {}
    doi = next((pid["value"] for pid in product.get("pids") or () if pid["scheme"] == "doi"), None)
    where = [container.get("name"), container.get("volume"), str(product.get("year") or "")]
    published = ", ".join(part for part in where if part)
    told = f"{version.label} ({version.address})"
    if published or doi:
        told += f" of a work published in {published}" if container.get("name") else " of a published work"
    if doi:
        told += f": https://doi.org/{doi}"
    return f"<p>{escape(told)}</p>"


def _paragraphs(text: str) -> str:
    """Plain text as the few tags that a description may have."""
    return "".join(f"<p>{escape(line.strip(), quote=False)}</p>" for line in text.splitlines() if line.strip())


def _keywords(product: Mapping[str, Any]) -> list[str]:
    values = [one["value"] for one in product.get("subjects") or () if one.get("value")]
    return [value for value in dict.fromkeys(values) if len(value) <= _LONGEST_KEYWORD][:_MOST_KEYWORDS]


def _funding(product: Mapping[str, Any]) -> Iterator[Json]:
    for grant in product.get("funding") or ():
        if name := grant.get("funder_name"):
            award = grant.get("award")
            number = {"award": {"title": {"en": f"Grant {award}"}, "number": award}} if award else {}
            yield {"funder": {"name": name}, **number}


def _access(closed_until: str | None) -> Json:
    if closed_until is None:
        return {"record": "public", "files": "public"}
    embargo = {"active": True, "until": closed_until, "reason": "The publisher's embargo."}
    return {"record": "public", "files": "restricted", "embargo": embargo}
