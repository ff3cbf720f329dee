"""What a PubMed record says of other works: its reference list, and links of correction and republication."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from lxml import etree

from evigraph.clean.pubmed.fields import children, first_text, markup_of
from evigraph.clean.text import clean_line, clean_lines
from evigraph.clean.vocabularies import identifying_pid
from evigraph.model.pid import Pid

#: NLM's RefType of CommentsCorrections as DataCite relation types (Metadata Schema 4), read from the record to the
#: target. A notice that ends a work's validity obsoletes it, one that corrects it supplements it. DataCite has
#: no word for a comment: it references.
RELATIONS: dict[str, str] = {
    "AssociatedDataset": "IsSupplementedBy",
    "AssociatedPublication": "IsSupplementTo",
    "CommentIn": "IsReferencedBy",
    "CommentOn": "References",
    "CorrectedandRepublishedFrom": "IsNewVersionOf",
    "CorrectedandRepublishedIn": "IsPreviousVersionOf",
    "ErratumFor": "IsSupplementTo",
    "ErratumIn": "IsSupplementedBy",
    "ExpressionOfConcernFor": "IsSupplementTo",
    "ExpressionOfConcernIn": "IsSupplementedBy",
    "OriginalReportIn": "IsDerivedFrom",
    "PartialRetractionIn": "IsSupplementedBy",
    "PartialRetractionOf": "IsSupplementTo",
    "ReprintIn": "IsOriginalFormOf",
    "ReprintOf": "IsVariantFormOf",
    "RepublishedFrom": "IsVariantFormOf",
    "RepublishedIn": "IsOriginalFormOf",
    "RetractedandRepublishedFrom": "IsNewVersionOf",
    "RetractedandRepublishedIn": "IsPreviousVersionOf",
    "RetractionIn": "IsObsoletedBy",
    "RetractionOf": "Obsoletes",
    "SummaryForPatientsIn": "IsSourceOf",
    "UpdateIn": "IsPreviousVersionOf",
    "UpdateOf": "IsNewVersionOf",
}

#: RefTypes that say that the record was retracted.
RETRACTED = frozenset({"RetractionIn", "RetractedandRepublishedIn"})

#: The schemes of identifiers in reference lists; others (pii, mid) identify nothing by themselves.
_SCHEMES = {"pubmed": "pmid", "doi": "doi", "pmc": "pmc", "pmcid": "pmc"}
_DOI = re.compile(r"\b10\.\d{4,9}/\S+")


class Listed(NamedTuple):
    """The entries of a reference list: of each its identifiers, and its text."""

    pids: list[list[Pid]]
    texts: list[str | None]


def references(data: etree._Element | None) -> Listed:
    """What a record's reference lists hold in reading order, lists inside lists included."""
    pids: list[list[Pid]] = []
    texts: list[str | None] = []
    for part in () if data is None else data:
        if part.tag == "ReferenceList":
            _gather(part, pids, texts)
        elif part.tag == "Reference":
            _gather((part,), pids, texts)
    return Listed(pids, clean_lines(texts))


def _gather(entries: Iterable[etree._Element], pids: list[list[Pid]], texts: list[str | None]) -> None:
    """Adds the identifiers and the markup of each entry of a list, lists inside it included."""
    for entry in entries:
        if entry.tag == "ReferenceList":
            _gather(entry, pids, texts)
        if entry.tag != "Reference":
            continue
        text: str | None = None
        found: list[Pid] = []
        for part in entry:
            tag = part.tag
            if tag == "Citation":
                text = part.text if len(part) == 0 else markup_of(part)
            elif tag == "ArticleIdList":
                ids = ((given.get("IdType", "pubmed"), given.text) for given in part)
                found += [pid for scheme, value in ids if (pid := pid_of(scheme, value))]
        pids.append(found)
        texts.append(text)


def pid_of(id_type: str, text: str | None) -> Pid | None:
    """The identifier of an ArticleId, if it is one that identifies a work."""
    scheme = _SCHEMES.get(id_type)
    if not text or scheme is None:
        return None
    return _pmid(text) if scheme == "pmid" else identifying_pid(scheme, text)


def _pmid(text: str | None) -> Pid | None:
    if text and len(text) <= 8 and text.isascii() and text.isdecimal() and text[0] != "0":
        return Pid("pmid", text)  # in normal form already, as nearly all are
    return identifying_pid("pmid", text)


def corrections(element: etree._Element | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """LINK rows, REFERENCE rows and targets without an identifier of a CommentsCorrectionsList.

    A RefType `Cites` is a reference (PubMed's older files kept them here). A target without a PMID or DOI cannot
    be a link; it is given as text, "ErratumIn: J Synth. 2020;1(1):3".
    """
    links: list[dict[str, Any]] = []
    cited: list[dict[str, Any]] = []
    others: list[str] = []
    for item in () if element is None else element:
        ref_type = item.get("RefType", "")
        parts = children(item)
        pid = _pmid(first_text(parts, "PMID"))
        text = clean_line(first_text(parts, "RefSource"))
        if pid is None and text and (doi := _DOI.search(text)):
            pid = identifying_pid("doi", doi.group().rstrip(".,;"))
        if ref_type == "Cites":
            cited.append({"pids": [pid] if pid else [], "text": text})
        elif pid is not None:
            relation = RELATIONS.get(ref_type, "IsRelatedTo")
            links.append({"relation": relation, "scheme": pid.scheme, "value": pid.value, "note": ref_type or None})
        elif text:
            others.append(f"{ref_type}: {text}")
    return links, cited, others
