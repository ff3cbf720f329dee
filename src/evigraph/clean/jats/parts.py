"""Parts of a JATS article that need rules of their own: people, dates, licence, funding, related works, references.

Elements as the Journal Article Tag Suite 1.3 (ANSI/NISO Z39.96-2021) and its predecessors, the NLM tag sets 2 and 3,
define them; elements are found by their local names.
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from evigraph.clean.dates import date_from_parts, date_from_text
from evigraph.clean.licences import UNSTATED, License, license_of
from evigraph.clean.names import author
from evigraph.clean.oai_pmh.element import attribute, children, descendants, first, local_name
from evigraph.clean.text import clean_line
from evigraph.clean.vocabularies import OPEN, identifying_pid
from evigraph.model.pid import Pid, normalise_doi, normalise_ror

Json = dict[str, Any]
Element = etree._Element

#: What stands in a text without being part of it.
_MARKS = frozenset({"xref", "fn", "label"})

#: What stands apart from the text before it.
_BLOCKS = frozenset({"p", "license-p", "break", "compound-kwd-part", "td"})


def inner(element: Element | None, without: frozenset[str] = _MARKS) -> str | None:
    """What is in an element as markup, without elements of these names; None where there is nothing."""
    if element is None:
        return None
    element = copy.deepcopy(element)
    for found in [part for part in element.iter() if local_name(part) in without and part is not element]:
        if (parent := found.getparent()) is not None:
            tail, before = found.tail or "", found.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + tail
            else:
                parent.text = (parent.text or "") + tail
            parent.remove(found)
    markup = etree.tostring(element, encoding="unicode", with_tail=False)
    start, end = markup.find(">"), markup.rfind("</")
    return markup[start + 1 : end] or None if end > start else None


def line(element: Element | None, without: frozenset[str] = _MARKS) -> str | None:
    """The text in an element on one line, without elements of these names."""
    if element is None:
        return None
    parts: list[str] = []
    _gather(element, without, parts)
    return clean_line(html.escape("".join(parts), quote=False))


#: Parts of an affiliation, which often have no punctuation between them.
_PLACES = frozenset({"institution", "institution-wrap", "addr-line", "city", "state", "postal-code", "country"})


def _gather(element: Element, without: frozenset[str], parts: list[str]) -> None:
    is_affiliation = local_name(element) in ("aff", "institution-wrap")
    parts.append(element.text or "")
    for child in element:
        name = local_name(child)
        if name and name not in without:
            if is_affiliation and name in _PLACES:
                before = "".join(parts).rstrip()
                if before[-1:].isalnum():
                    parts[:] = [before, ", "]
            elif name in _BLOCKS:
                parts.append(" ")
            _gather(child, without, parts)
        parts.append(child.tail or "")


def people_of(meta: Element) -> Iterator[tuple[str, Json]]:
    """The contributors of an article in order: what they are (`author`, `editor`, …) and the AUTHOR.

    Affiliations are those named in the contributor, those it points to, and those of its group as a whole.
    """
    known = {key: aff for aff in descendants(meta, "aff") if (key := attribute(aff, "id"))}
    for group in children(meta, "contrib-group"):
        shared = [aff for aff in children(group, "aff") if not attribute(aff, "id")]
        for person in children(group, "contrib"):
            kind = attribute(person, "contrib-type") or attribute(group, "content-type") or "author"
            pointed = [
                known[rid]
                for xref in descendants(person, "xref")
                if attribute(xref, "ref-type") in ("aff", None)
                for rid in (attribute(xref, "rid") or "").split()
                if rid in known
            ]
            affs = [*children(person, "aff"), *pointed] or shared
            if found := _person(person, [_affiliation(aff) for aff in affs]):
                yield kind.lower().removesuffix("s"), found


def _person(person: Element, affiliations: list[Json]) -> Json | None:
    alternatives = first(person, "name-alternatives")
    for holder in (person, alternatives):
        for name in children(holder, "name", "string-name", "collab"):
            if local_name(name) == "collab":
                group = first(name, "institution") or first(name, "named-content")
                without = _MARKS | {"contrib-group", "aff"}
                stated = line(name, without) or line(group)
                return author(full_name=stated, is_group=True, affiliations=affiliations)
            family, given, suffix = (line(first(name, part)) for part in ("surname", "given-names", "suffix"))
            return author(
                family_name=family,
                given_name=given,
                full_name=None if family or given else line(name),
                suffix=suffix,
                orcid=_orcid(person),
                affiliations=affiliations,
            )
    return None


def _orcid(person: Element) -> str | None:
    for found in descendants(person, "contrib-id", "uri", "ext-link"):
        stated = attribute(found, "href") or line(found) or ""
        kind = attribute(found, "contrib-id-type") or attribute(found, "content-type") or ""
        if kind.lower() == "orcid" or "orcid.org/" in stated:
            return line(found) if kind.lower() == "orcid" and line(found) else stated
    return None


def _affiliation(aff: Element) -> Json:
    ids = [line(found) for found in descendants(aff, "institution-id")]
    without = frozenset({"label", "institution-id", "xref", "fn", "email"})
    name = line(aff, without)
    # In older articles the mark that points here is a superscript of its own.
    if first(aff, "label") is None and (mark := first(aff, "sup")) is not None and not (aff.text or "").strip():
        name = line(aff, without | {"sup"}) if aff.index(mark) == 0 else name
    return {"name": name, "ror_id": next((ror for given in ids if (ror := normalise_ror(given))), None)}


def date_of(element: Element) -> str | None:
    """The date that `pub-date` or `date` states, as precise as it does; of a season the year."""
    year, month, day = (line(first(element, name)) for name in ("year", "month", "day"))
    if year and (found := date_from_parts([part for part in (year, month, day) if part][: 3 if month else 1])):
        return found
    return date_from_text(attribute(element, "iso-8601-date") or line(first(element, "string-date")) or year)


def dates_of(meta: Element) -> tuple[str | None, list[tuple[str, str]]]:
    """The publication date (online, in print, of the collection; the first that there is), and the other dates."""
    stated: list[tuple[str, str]] = []
    for found in children(meta, "pub-date"):
        kind = attribute(found, "pub-type") or attribute(found, "date-type") or "pub"
        if (form := attribute(found, "publication-format")) and not attribute(found, "pub-type"):
            kind = f"{kind}-{form}"
        if day := date_of(found):
            stated.append((kind.lower(), day))
    order = ("epub", "pub-electronic", "epub-ppub", "pub", "ppub", "pub-print", "ecollection", "collection")
    ranked = sorted((order.index(kind), number) for number, (kind, _) in enumerate(stated) if kind in order)
    published_on = stated[ranked[0][1]][1] if ranked else None
    used = ranked[0][1] if ranked else -1
    others = [(f"pub-date.{kind}", day) for number, (kind, day) in enumerate(stated) if number != used]
    others += [
        (f"history.{attribute(found, 'date-type') or 'date'}", day)
        for found in descendants(first(meta, "history"), "date")
        if (day := date_of(found))
    ]
    return published_on, others


def terms_of(meta: Element) -> tuple[License, str | None]:
    """The licence, and the access right where the article says that it is open or its licence does."""
    permissions = first(meta, "permissions")
    licences = children(permissions, "license") or children(meta, "license")
    is_free = any(True for _ in descendants(permissions, "free_to_read"))
    chosen = UNSTATED
    for stated in licences:
        is_free |= (attribute(stated, "license-type") or "").lower().replace("-", "").startswith("openaccess")
        refs = [line(found) for found in descendants(stated, "license_ref")]
        links = [attribute(found, "href") for found in descendants(stated, "ext-link")]
        for given in (*refs, attribute(stated, "href"), *links, line(stated)):
            found = license_of(given)
            if found is not UNSTATED and (chosen is UNSTATED or (found.is_open and not chosen.is_open)):
                chosen = found
    return chosen, OPEN if is_free or chosen.is_open else None


def funding_of(meta: Element) -> list[Json]:
    """One FUNDING an award; the funder's id is its ROR, else its DOI, as an address."""
    found: list[Json] = []
    for group in descendants(first(meta, "funding-group"), "award-group"):
        sources: list[Element | None] = [*children(group, "funding-source")] or [None]
        awards: list[str | None] = [award for part in children(group, "award-id") if (award := line(part))]
        for source in sources:
            ids = [line(part) for part in descendants(source, "institution-id")]
            dois = [doi for given in ids if (doi := normalise_doi(given))]
            ror = next((ror for given in ids if (ror := normalise_ror(given))), None)
            name = line(source, _MARKS | {"institution-id"})
            funder_id = ror or (f"https://doi.org/{dois[0]}" if dois else None)
            if name or funder_id or awards:
                rows = awards or [None]
                found += [{"funder_name": name, "funder_id": funder_id, "award": award} for award in rows]
    return found


#: The `related-article-type`s that JATS suggests, and PMC's own, as relations of this article to the other.
_RELATED: dict[str, str] = {
    "addended-article": "IsSupplementTo",
    "addendum": "IsSupplementedBy",
    "article-reference": "References",
    "commentary": "IsReferencedBy",
    "commentary-article": "References",
    "concurrent-pub": "IsIdenticalTo",
    "corrected-article": "IsSupplementTo",
    "correction-forward": "IsSupplementedBy",
    "letter": "IsReferencedBy",
    "letter-reply": "IsReferencedBy",
    "object-of-concern": "IsSupplementTo",
    "peer-review": "IsReviewedBy",
    "peer-reviewed-article": "Reviews",
    "preprint": "IsNewVersionOf",
    "reply-to": "References",
    "republished-article": "IsNewVersionOf",
    "retracted-article": "Obsoletes",
    "retraction-forward": "IsObsoletedBy",
    "reviewed-article": "Reviews",
    "update": "IsPreviousVersionOf",
    "updated-article": "IsNewVersionOf",
}

#: Links by which an article says that it was itself retracted.
RETRACTED = frozenset({"retraction-forward"})


def links_of(meta: Element) -> Iterator[Json]:
    """The links of `related-article` and `related-object`, with JATS's own word as the note."""
    for found in children(meta, "related-article", "related-object"):
        kind = (attribute(found, "related-article-type") or attribute(found, "link-type") or "").lower()
        href = attribute(found, "href") or attribute(found, "source-id") or attribute(found, "document-id")
        scheme = (attribute(found, "ext-link-type") or attribute(found, "source-id-type") or "").lower()
        pids = [pid for child in descendants(found, "pub-id", "object-id", "article-id") if (pid := _pid_of(child))]
        pid = _pid_of_text(scheme, href) or (pids[0] if pids else None)
        if pid:
            relation = _RELATED.get(kind, "IsRelatedTo")
            yield {"relation": relation, "scheme": pid.scheme, "value": pid.value, "note": kind or None}


_SCHEMES = {"doi": "doi", "pmid": "pmid", "pmc": "pmc", "pmcid": "pmc", "arxiv": "arxiv", "pubmed": "pmid"}
_DOI_ADDRESS = re.compile(r"(?:doi\.org/|info:doi/|^doi:)\s*(10\.\d{4,9}\S*)", re.IGNORECASE)


def _pid_of(element: Element) -> Pid | None:
    return _pid_of_text(attribute(element, "pub-id-type") or "", line(element))


def _pid_of_text(kind: str, stated: str | None) -> Pid | None:
    if not stated:
        return None
    if scheme := _SCHEMES.get(kind.strip().lower()):
        return identifying_pid(scheme, stated)
    match = _DOI_ADDRESS.search(stated)
    return identifying_pid("doi", match[1].rstrip(".,;)")) if match else None


_CITATIONS = ("mixed-citation", "element-citation", "nlm-citation", "citation", "product")


def references_of(article: Element) -> Iterator[Json]:
    """The entries of the reference lists in the back matter, one a citation, with identifiers and text as given."""
    for ref in descendants(first(article, "back"), "ref"):
        holders = [*children(ref, "citation-alternatives"), *children(ref, *_CITATIONS)]
        citations = [
            children(found, *_CITATIONS)[0] if local_name(found) == "citation-alternatives" else found
            for found in holders
            if local_name(found) != "citation-alternatives" or children(found, *_CITATIONS)
        ]
        if not citations:
            if text := line(ref, _MARKS - {"fn"}):
                yield {"pids": [], "text": text}
            continue
        for citation in citations:
            yield {"pids": _cited_pids(citation), "text": _cited_text(citation)}


def _cited_pids(citation: Element) -> list[Pid]:
    """One identifier a scheme, those that are marked as such before those in addresses."""
    found: dict[str, Pid] = {}
    for element in descendants(citation, "pub-id", "object-id", "article-id"):
        if pid := _pid_of(element):
            found.setdefault(pid.scheme, pid)
    for element in descendants(citation, "ext-link", "uri"):
        kind = attribute(element, "ext-link-type") or ""
        pid = _pid_of_text(kind, line(element)) or _pid_of_text("", attribute(element, "href") or line(element))
        if pid:
            found.setdefault(pid.scheme, pid)
    return list(found.values())


def _cited_text(citation: Element) -> str | None:
    """The text as given; of a citation that is mere data: "names (year) title, source, volume, first page"."""
    is_text = local_name(citation) in ("mixed-citation", "citation") or bool((citation.text or "").strip())
    if is_text:
        return line(citation, frozenset({"label"}))
    people = [
        " ".join(part for part in (line(first(name, "surname")), line(first(name, "given-names"))) if part)
        for name in descendants(citation, "name", "string-name")
    ]
    people += [group for found in descendants(citation, "collab") if (group := line(found))]
    year, volume, page = (line(first(citation, name)) for name in ("year", "volume", "fpage"))
    title = line(first(citation, "article-title")) or line(first(citation, "chapter-title"))
    head = " ".join(part for part in (", ".join(people), f"({year})" if year else None, title) if part)
    tail = [line(first(citation, "source")), volume, page or line(first(citation, "elocation-id"))]
    composed = clean_line(", ".join(part for part in (head, *tail) if part))
    return composed or line(citation)
