"""Dublin Core as repositories give it: one record of it; each element may stand any number of times.

Sources: the DCMI element set 1.1, and how the OpenAIRE guidelines for literature repositories 3.0 and the DRIVER
guidelines use it (info:eu-repo terms).
"""

from __future__ import annotations

import re

from lxml import etree

from evigraph.clean.dates import date_from_text
from evigraph.clean.languages import UNDETERMINED, language_code
from evigraph.clean.names import author_from_text
from evigraph.clean.oai_pmh.element import Json, attribute, block, extras_of, line, local_name, text_of, title
from evigraph.clean.oai_pmh.statement import Identifiers, Origin, Statement, grant_of, rights_of, stated_identifier
from evigraph.clean.oai_pmh.types import kind_of
from evigraph.clean.text import is_usable_title
from evigraph.clean.vocabularies import says_retracted
from evigraph.model.pid import IDENTITY_SCHEMES

#: The elements of Dublin Core that have a home, wholly or by a rule of their own.
_HOMED = frozenset(
    {
        *("title", "alternative", "creator", "subject", "description", "abstract", "publisher", "date", "issued"),
        *("type", "identifier", "source", "language", "relation", "rights", "license", "accessRights"),
    }
)
_EMBARGO = re.compile(r"info:eu-repo/date/embargoEnd/(\S+)", re.IGNORECASE)
_CLASSIFICATION = re.compile(r"info:eu-repo/classification/([^/]+)/(.+)", re.IGNORECASE)
_REFERENCE = re.compile(r"info:eu-repo/semantics/reference/([^/]+)/(.+)", re.IGNORECASE)
_RELATED = re.compile(r"info:eu-repo/semantics/(dataset|humanreadable|software)/([^/]+)/(.+)", re.IGNORECASE)

#: How Open Journal Systems writes the issue into `source`.
_OJS = re.compile(
    r"(?P<name>[^;]{2,300}); (?:Vol|Bd|Jg|v)\.? ?(?P<volume>[\w-]+)"
    r"(?:,? (?:No|Nr|N[oº°]|N[úu]m|n)\.? ?(?P<issue>[\w/-]+))? \((?P<year>\d{4})\)"
    r"(?:[:;] .*?)??(?:; (?P<first>[A-Za-z]?\d+)(?:[-\u2013](?P<last>[A-Za-z]?\d+))?)?$"
)


def dublin_core(metadata: etree._Element, origin: Origin) -> Statement:
    """What Dublin Core states of a record; its title may be missing."""
    found: dict[str, list[etree._Element]] = {}
    for element in metadata.iter():
        if element is not metadata and (name := local_name(element)):
            found.setdefault(name, []).append(element)
    texts = {name: [text for element in elements if (text := text_of(element))] for name, elements in found.items()}
    extras: list[Json] = []

    def keep(name: str, values: list[str] | tuple[str, ...]) -> None:
        extras.extend({"name": name, "value": value} for value in values)

    titles = [cleaned for element in found.get("title", []) if (cleaned := title(element))]
    main = next((stated for stated in titles if is_usable_title(stated)), None)
    alternatives = [cleaned for element in found.get("alternative", []) if (cleaned := title(element))]
    kind = kind_of(texts.get("type", []))
    keep("type", kind.others)
    rights = rights_of([text for name in ("accessRights", "rights", "license") for text in texts.get(name, [])])
    keep("rights", rights.others)
    identifiers = Identifiers()
    for element in found.get("identifier", []):
        identifiers.add(text_of(element), _scheme_of(element))
    funding, links, references = _relations(texts.get("relation", []), identifiers, extras)
    container = _container(texts.get("source", []), identifiers, extras)
    published_on = _dates(texts, extras)
    subjects = [subject for element in found.get("subject", []) if (subject := _subject(element))]
    language = _language(texts.get("language", []), extras)
    authors = [person for element in found.get("creator", []) if (person := author_from_text(text_of(element)))]
    publishers = [cleaned for element in found.get("publisher", []) if (cleaned := line(element))]
    keep("publisher", publishers[1:])
    keep("identifier", identifiers.others)
    keep("ISSN", list(dict.fromkeys(identifiers.issns)))
    extras += extras_of(
        [element for name, elements in found.items() if name not in _HOMED for element in elements if not len(element)]
    )
    instance = {
        "resource_type": kind.resource_type.label,
        "resource_type_id": kind.resource_type.coar_uri,
        "version_type": kind.version_type,
        "urls": identifiers.addresses(),
        "pids": identifiers.pids,
        "alternate_ids": [],
        "access_right": rights.access_right,
        "license": rights.license.label,
        "license_url": rights.license.url,
        "refereed": kind.refereed,
        "published_on": published_on,
        "hosted_by": origin.repository,
        "collected_from": origin.collected_from,
    }
    row = {
        "type": kind.resource_type.type,
        "title": main,
        "alternative_titles": [stated for stated in dict.fromkeys([*titles, *alternatives]) if stated != main],
        "authors": authors,
        "descriptions": [
            text for name in ("description", "abstract") for element in found.get(name, []) if (text := block(element))
        ],
        "published_on": published_on,
        "publisher": publishers[0] if publishers else None,
        "language": language,
        "subjects": subjects,
        "container": container,
        "pids": identifiers.pids,
        "alternate_ids": identifiers.alternate_ids,
        "instances": [instance],
        "funding": funding,
        "is_retracted": main is not None and says_retracted(main),
        "extras": extras,
    }
    key = next(iter(texts.get("identifier", [])), None)
    return Statement(row, references, links, key=key)


def _scheme_of(element: etree._Element) -> str | None:
    """The scheme that a qualified element names (`xsi:type="dcterms:DOI"`, `scheme="DOI"`), or None."""
    stated = attribute(element, "scheme") or attribute(element, "type")
    return stated.rpartition(":")[2] if stated else None


def _relations(
    stated: list[str], identifiers: Identifiers, extras: list[Json]
) -> tuple[list[Json], list[Json], list[Json]]:
    """Funding, links and references from `relation`; other identifiers of the work go to `identifiers`."""
    funding: list[Json] = []
    links: list[Json] = []
    references: list[Json] = []
    for text in stated:
        if (grant := grant_of(text)) is not None:
            funding.append(grant)
            # Programme, title and acronym have no column.
            extras.append({"name": "relation", "value": text})
        elif text.lower().startswith("info:eu-repo/semantics/altidentifier/"):
            identifiers.add(text, is_own=False)
        elif match := _REFERENCE.match(text):
            found = stated_identifier(match[2], match[1])
            pids = [{"scheme": found[0], "value": found[1]}] if found and found[0] in IDENTITY_SCHEMES else []
            references.append({"pids": pids, "text": None if pids else match[2]})
        else:
            match = _RELATED.match(text)
            found = stated_identifier(match[3], match[2]) if match else stated_identifier(text)
            if found is not None and found[0] in IDENTITY_SCHEMES:
                note = match[1] if match else "relation"
                links.append({"relation": "IsRelatedTo", "scheme": found[0], "value": found[1], "note": note})
            else:
                extras.append({"name": "relation", "value": text})
    return funding, links, references


def _container(sources: list[str], identifiers: Identifiers, extras: list[Json]) -> Json | None:
    """The journal that `source` states where it does so in a known form; other sources are kept as they are."""
    container: Json | None = None
    for stated in sources:
        found = stated_identifier(stated)
        if found is not None and found[0] == "issn":
            identifiers.issns.append(found[1])
            continue
        match = _OJS.match(stated) if len(stated) <= 600 else None
        if match and container is None:
            container = {
                "name": match["name"].strip(),
                "volume": match["volume"],
                "issue": match["issue"],
                "first_page": match["first"],
                "last_page": match["last"],
            }
        elif not match or container is None or container["name"] != match["name"].strip():
            # Journals in two languages state the same issue twice.
            extras.append({"name": "source", "value": stated})
    return container


def _dates(texts: dict[str, list[str]], extras: list[Json]) -> str | None:
    """The date of publication: `issued`, else the first `date` without a time of day, else the earliest.

    Repositories add the moments of deposit and release to `date`, which have a time. All dates are kept where there
    are several.
    """
    stated: list[str] = []
    for text in texts.get("date", []):
        if match := _EMBARGO.match(text):
            extras.append({"name": "embargoEnd", "value": match[1]})
        else:
            stated.append(text)
    issued = [found for text in texts.get("issued", []) if (found := date_from_text(text))]
    days = [found for text in stated if "T" not in text and (found := date_from_text(text))]
    moments = sorted(found for text in stated if "T" in text and (found := date_from_text(text)))
    chosen = next(iter([*issued, *days, *moments]), None)
    if len(stated) + len(issued) > 1 or (stated and chosen is None):
        extras.extend({"name": "date", "value": text} for text in [*texts.get("issued", []), *stated])
    return chosen


def _subject(element: etree._Element) -> Json | None:
    text = line(element)
    if not text:
        return None
    if match := _CLASSIFICATION.match(text):
        return {"scheme": match[1].lower(), "value": match[2], "term_id": match[2]}
    scheme = _scheme_of(element)
    return {"scheme": scheme.lower() if scheme else "keyword", "value": text, "term_id": None}


def _language(stated: list[str], extras: list[Json]) -> str:
    """The first language that is known; what is not, and further ones, are kept."""
    chosen = next((code for text in stated if (code := language_code(text)) != UNDETERMINED), UNDETERMINED)
    if len(stated) > 1 or (stated and chosen == UNDETERMINED):
        extras.extend({"name": "language", "value": text} for text in stated)
    return chosen
