"""JATS full-text articles as records: PubMed Central, Europe PMC, publishers.

The front matter becomes the record, the reference list of the back matter its references. The body, notes to the
authors and acknowledgements stay in the payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from lxml import etree

from evigraph.clean.batches import Rows
from evigraph.clean.crossref.crosswalk import doi_address
from evigraph.clean.jats.parts import (
    RETRACTED,
    date_of,
    dates_of,
    funding_of,
    inner,
    line,
    links_of,
    people_of,
    references_of,
    terms_of,
)
from evigraph.clean.jats.stream import articles
from evigraph.clean.languages import language_code
from evigraph.clean.oai_pmh.element import attribute, children, descendants, first
from evigraph.clean.resource_types import ARTICLE, ResourceType, resource_type
from evigraph.clean.text import clean_text, clean_title, is_usable_title
from evigraph.clean.vocabularies import OTHER_LITERATURE, identifying_pid, says_retracted
from evigraph.model.pid import IDENTITY_SCHEMES, Pid, normalise_issn

Json = dict[str, Any]
Element = etree._Element

SOURCE = "jats"

#: Where the articles of a source were collected, as pages show it.
_COLLECTED_FROM = {"jats": "JATS full text", "europepmc": "Europe PMC"}

#: `article-type`s (JATS 1.3, PMC's tagging guidelines) that are no plain articles.
_TYPES: dict[str, ResourceType] = {
    "abstract": resource_type("conference-abstract", "openalex"),
    "article-commentary": resource_type("comment", "pubmed"),
    "addendum": resource_type("published erratum", "pubmed"),
    "book-review": resource_type("book-review", "openalex"),
    "brief-report": resource_type("case reports", "pubmed"),
    "case-report": resource_type("case reports", "pubmed"),
    "correction": resource_type("published erratum", "pubmed"),
    "data-paper": resource_type("data-paper", "openalex"),
    "dissertation": resource_type("dissertation", "crossref"),
    "editorial": resource_type("editorial", "pubmed"),
    "expression-of-concern": resource_type("expression of concern", "pubmed"),
    "letter": resource_type("letter", "pubmed"),
    "meeting-report": resource_type("congress", "pubmed"),
    "news": resource_type("news", "pubmed"),
    "partial-retraction": resource_type("retraction notice", "pubmed"),
    "preprint": resource_type("preprint", "crossref"),
    "protocol": resource_type("clinical trial protocol", "pubmed"),
    "rapid-communication": resource_type("case reports", "pubmed"),
    "reply": resource_type("letter", "pubmed"),
    "research-article": resource_type("case reports", "pubmed"),
    "retraction": resource_type("retraction notice", "pubmed"),
    "review-article": resource_type("review", "pubmed")._replace(label="Article"),
    "reviewer-report": resource_type("peer-review", "crossref"),
    "systematic-review": resource_type("review", "pubmed")._replace(label="Article"),
    **dict.fromkeys(("announcement", "calendar", "collection", "index", "obituary", "other"), OTHER_LITERATURE),
}

_SCHEMES = {"pmcid": "pmc", "pmc": "pmc", "pmid": "pmid", "doi": "doi", "arxiv": "arxiv"}
_KEY_ORDER = ("pmc", "doi", "pmid", "arxiv")


def crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of the tables record, reference, link and defect that a file of JATS articles gives.

    A file is one `<article>` or any number of them in a set. An article without a usable title is lost as
    `no_title`, one without an identifier as `no_identifier`; for others see `evigraph.clean.jats.stream.articles`.
    """
    return _batches(path, SOURCE)


def europepmc_crosswalk(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """As `crosswalk`, of articles that were harvested from Europe PMC."""
    return _batches(path, "europepmc")


def _batches(path: str, source: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    rows = Rows(source, Path(path).name)
    for position, article, size in articles(path, rows.defect):
        try:
            _take(article, position, size, rows)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
            message = f"{rows.payload}: article {position} was left out: {error!r}"
            rows.defect(position, "unexpected_form", message, True)
        yield from rows.full()
    yield from rows.rest()


def _take(article: Element, position: int, size: int, rows: Rows) -> None:
    front = first(article, "front")
    meta = first(front, "article-meta")
    if meta is None:
        rows.defect(position, "no_front_matter", f"article {position} has no article-meta; it was left out", True)
        return
    pids, others = _identifiers(meta)
    ranked = {scheme: pid for scheme in _KEY_ORDER for pid in pids if pid.scheme == scheme}
    key = next((ranked[scheme].value for scheme in _KEY_ORDER if scheme in ranked), None)
    key = key or next((str(pid) for pid in others), None)
    if key is None:
        rows.defect(position, "no_identifier", f"article {position} has no article-id; it was left out", True)
        return
    titles = first(meta, "title-group")
    title = clean_title(inner(first(titles, "article-title")))
    if title is None or not is_usable_title(title):
        message = f"{key} has no usable title, and a product without one is not shown; it was left out"
        rows.defect(position, "no_title", message, True)
        return
    links = list(links_of(meta))
    record = _record(article, meta, pids, others, title, rows.source)
    record.update(
        source_key=key,
        position=position,
        is_retracted=says_retracted(title) or any(link["note"] in RETRACTED for link in links),
    )
    if rows.record(record, size):
        for reference in references_of(article):
            rows.reference(reference)
        own = {(pid.scheme, pid.value) for pid in pids}
        for link in links:
            if (link["scheme"], link["value"]) not in own:
                rows.link(link)


def _identifiers(meta: Element) -> tuple[list[Pid], list[Pid]]:
    """The identifiers that make identity, and the others under the type that the article gives them."""
    pids: list[Pid] = []
    others: list[Pid] = []
    for found in children(meta, "article-id"):
        kind, value = (attribute(found, "pub-id-type") or "other").lower(), line(found)
        if not value:
            continue
        pid = identifying_pid(_SCHEMES[kind], value) if kind in _SCHEMES else None
        if pid is not None and pid.scheme in IDENTITY_SCHEMES:
            pids.append(pid)
        else:
            others.append(Pid(kind.removesuffix("-id"), value))
    return pids, others


def _record(article: Element, meta: Element, pids: list[Pid], others: list[Pid], title: str, source: str) -> Json:
    journal = first(article, "front", "journal-meta")
    kind = _TYPES.get((attribute(article, "article-type") or "").lower(), ARTICLE)
    published_on, other_dates = dates_of(meta)
    licence, access = terms_of(meta)
    publisher = line(first(journal, "publisher", "publisher-name"))
    container = _container(journal, meta)
    people = list(people_of(meta))
    titles = first(meta, "title-group")
    by_scheme = {pid.scheme: pid.value for pid in pids}
    urls = [doi_address(by_scheme["doi"])] if "doi" in by_scheme else []
    if pmc := by_scheme.get("pmc"):
        urls.append(f"https://pmc.ncbi.nlm.nih.gov/articles/{pmc}/")
    urls += [
        href for found in children(meta, "self-uri") if (href := attribute(found, "href")) and href.startswith("http")
    ]
    instance = {
        "resource_type": kind.label,
        "resource_type_id": kind.coar_uri,
        "urls": list(dict.fromkeys(urls)),
        "pids": pids,
        "access_right": access,
        "license": licence.label,
        "license_url": licence.url,
        "published_on": published_on,
        "hosted_by": (container or {}).get("name") or publisher,
        "collected_from": _COLLECTED_FROM[source],
    }
    alternatives = [clean_title(inner(found)) for found in _alternative_titles(titles)]
    extras = [{"name": name, "value": value} for name, value in (*other_dates, *_extras(article, journal, meta))]
    extras += [{"name": f"contrib.{role}", "value": person["full_name"]} for role, person in people if role != "author"]
    return {
        "type": kind.type,
        "title": title,
        "subtitle": clean_title(inner(first(titles, "subtitle"))),
        "alternative_titles": list(dict.fromkeys(found for found in alternatives if found and found != title)),
        "authors": [person for role, person in people if role == "author"],
        "descriptions": _descriptions(meta),
        "published_on": published_on,
        "publisher": publisher,
        "language": language_code(attribute(article, "lang")),
        "subjects": _subjects(meta),
        "container": container,
        "pids": pids,
        "alternate_ids": others,
        "instances": [instance],
        "funding": funding_of(meta),
        "extras": extras,
    }


def _alternative_titles(titles: Element | None) -> Iterator[Element]:
    """Titles in other languages and other forms, without the running heads."""
    for found in children(titles, "trans-title-group"):
        yield from children(found, "trans-title")
    yield from children(titles, "trans-title")
    for found in children(titles, "alt-title"):
        if "running" not in (attribute(found, "alt-title-type") or ""):
            yield found


def _descriptions(meta: Element) -> list[str]:
    """The abstracts, the one without a type first; sections on lines of their own."""
    stated = children(meta, "abstract")
    ordered = [found for found in stated if not attribute(found, "abstract-type")]
    ordered += [found for found in stated if attribute(found, "abstract-type")]
    ordered += children(meta, "trans-abstract")
    texts = (clean_text(inner(found)) for found in ordered)
    return list(dict.fromkeys(found for found in texts if found))


def _subjects(meta: Element) -> list[Json]:
    """Keywords, and the subjects of the article's groups, of nested ones the innermost; no headings."""
    found: dict[tuple[str, str], Json] = {}

    def put(scheme: str, value: str | None) -> None:
        if value:
            found.setdefault((scheme, value), {"scheme": scheme, "value": value, "term_id": None})

    for group in children(meta, "kwd-group"):
        scheme = (attribute(group, "kwd-group-type") or "keyword").lower()
        if scheme.startswith("abbrev"):
            continue
        scheme = "keyword" if scheme in ("author", "author-keywords", "author-generated") else scheme
        for keyword in descendants(group, "kwd", "compound-kwd"):
            put(scheme, line(keyword))
    for group in descendants(first(meta, "article-categories"), "subj-group"):
        kind = _group_type(group)
        if kind != "heading" and not children(group, "subj-group"):
            for subject in children(group, "subject"):
                put(kind, line(subject))
    return list(found.values())


def _group_type(group: Element) -> str:
    """The type of a group of subjects, or of the outermost group around it that has one."""
    at: Element | None = group
    while at is not None and at.tag != "article-categories":
        if stated := attribute(at, "subj-group-type"):
            return stated.lower()
        at = at.getparent()
    return "subject"


def _container(journal: Element | None, meta: Element) -> Json | None:
    issns: dict[str, str] = {}
    for found in children(journal, "issn", "issn-l"):
        kind = attribute(found, "pub-type") or attribute(found, "publication-format") or found.tag
        if issn := normalise_issn(line(found)):
            issns.setdefault(str(kind).lower(), issn)
    name = line(first(journal, "journal-title-group", "journal-title")) or line(first(journal, "journal-title"))
    ids = {attribute(found, "journal-id-type"): line(found) for found in children(journal, "journal-id")}
    abbreviated = line(first(journal, "journal-title-group", "abbrev-journal-title"))
    conference = first(meta, "conference")
    day = first(conference, "conf-date")
    container = {
        "name": name,
        "abbreviated_name": abbreviated or ids.get("iso-abbrev") or ids.get("nlm-ta"),
        "issn_print": issns.get("ppub") or issns.get("print"),
        "issn_online": issns.get("epub") or issns.get("electronic"),
        "issn_linking": issns.get("issn-l"),
        "volume": line(first(meta, "volume")),
        "issue": line(first(meta, "issue")),
        "first_page": line(first(meta, "fpage")) or line(first(meta, "elocation-id")),
        "last_page": line(first(meta, "lpage")),
        "conference_place": line(first(conference, "conf-loc")),
        "conference_on": date_of(day) if day is not None else None,
    }
    return container if any(container.values()) else None


def _extras(article: Element, journal: Element | None, meta: Element) -> Iterator[tuple[str, str]]:
    """The fields of the front matter that have no column, each under its own name."""
    if kind := attribute(article, "article-type"):
        yield "article-type", kind
    for found in children(journal, "journal-id"):
        if stated := line(found):
            yield f"journal-id.{attribute(found, 'journal-id-type') or 'other'}", stated
    if stated := line(first(journal, "publisher", "publisher-loc")):
        yield "publisher-loc", stated
    for found in descendants(first(meta, "article-categories"), "subj-group"):
        if attribute(found, "subj-group-type") == "heading":
            for subject in children(found, "subject"):
                if stated := line(subject):
                    yield "subject.heading", stated
    for found in children(first(meta, "title-group"), "alt-title"):
        form = attribute(found, "alt-title-type") or ""
        if "running" in form and (stated := line(found)):
            yield f"alt-title.{form}", stated
    for found in children(meta, "kwd-group"):
        if (attribute(found, "kwd-group-type") or "").lower().startswith("abbrev") and (stated := line(found)):
            yield "kwd-group.abbreviations", stated
    for name in ("supplement", "page-range", "issue-title", "volume-id", "issue-id"):
        if stated := line(first(meta, name)):
            yield name, stated
    if first(meta, "fpage") is not None and (stated := line(first(meta, "elocation-id"))):
        yield "elocation-id", stated
    for name in ("copyright-statement", "copyright-year", "copyright-holder"):
        if stated := line(first(meta, "permissions", name)):
            yield name, stated
    if stated := line(first(meta, "funding-group", "funding-statement")):
        yield "funding-statement", stated
    if stated := line(first(meta, "conference", "conf-name")):
        yield "conf-name", stated
    for found in children(first(meta, "counts")):
        if stated := attribute(found, "count"):
            yield f"counts.{found.tag}", stated
    for found in descendants(first(meta, "custom-meta-group"), "custom-meta"):
        named, stated = line(first(found, "meta-name")), line(first(found, "meta-value"))
        if named and stated:
            yield named, stated
