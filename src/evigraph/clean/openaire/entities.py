"""Organizations, projects, data sources and communities of the OpenAIRE Graph, from dumps and answers of the API.

Names of fields are read without regard to case and underscores, plural or singular: version 10 and the API say
`legalName` and `fundings`, older dumps `legalname` and `funding`. Every field may be null.
"""

from __future__ import annotations

from typing import Any

from evigraph.clean.dates import date_from_text
from evigraph.clean.entity_rows import EntityLink, EntityRows, extras_of
from evigraph.clean.json_values import member, objects, text, texts
from evigraph.clean.text import clean_line, clean_text
from evigraph.model.entities import COMMUNITY, DATA_SOURCE, ORGANIZATION, PROJECT
from evigraph.model.pid import normalise_issn, normalise_openaire, normalise_ror
from evigraph.model.table import Table

Json = dict[str, Any]

#: Names by which an entity is known for what it is, folded, in the order in which they decide.
_SIGNS: tuple[tuple[str, Table], ...] = (
    *((name, COMMUNITY) for name in ("zenodocommunity", "zenodocommunities")),
    *((name, DATA_SOURCE) for name in ("officialname", "openairecompatibility", "datasourcetype")),
    *((name, ORGANIZATION) for name in ("legalname", "legalshortname")),
    *((name, PROJECT) for name in ("callidentifier", "fundings", "funding", "openaccessmandateforpublications")),
    *((name, PROJECT) for name in ("h2020programmes", "h2020programme", "granted")),
)

#: What OpenAIRE calls the kinds of things at the ends of a relation.
_KINDS: dict[str, str] = {
    **dict.fromkeys(("product", "result", "researchproduct", "publication", "dataset", "software", "other"), "product"),
    **dict.fromkeys(("organization", "organisation"), "organization"),
    **dict.fromkeys(("datasource", "service"), "data_source"),
    **dict.fromkeys(("community", "context", "researchcommunity", "researchinfrastructure"), "community"),
    "project": "project",
}


class Fields:
    """The fields of an entity by folded name; knows which of them nobody asked for."""

    def __init__(self, value: Json) -> None:
        self._values = {name.replace("_", "").lower(): (name, stated) for name, stated in value.items()}
        self._asked: set[str] = set()

    def get(self, name: str) -> Any:
        """The value under a folded name, or under its singular."""
        for form in (name, name[:-1] if name.endswith("s") else name):
            if form in self._values:
                self._asked.add(form)
                return self._values[form][1]
        return None

    def text(self, name: str) -> str | None:
        """The value as a stripped text."""
        return text(self.get(name))

    def line(self, name: str) -> str | None:
        """The value as one line of plain text."""
        return clean_line(text(self.get(name)))

    def texts(self, name: str) -> list[str]:
        """The different texts of a list, each in one line."""
        value = self.get(name)
        stated = [text(member(entry, "value")) or text(member(entry, "name")) for entry in objects(value)]
        lines = (clean_line(found) for found in (stated or texts(value)))
        return list(dict.fromkeys(line for line in lines if line))

    def date(self, name: str) -> str | None:
        """The value as a date in ISO 8601."""
        return date_from_text(text(self.get(name)))

    def truth(self, name: str) -> bool | None:
        """The value as true or false; None where it is neither."""
        value = self.get(name)
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False}.get((text(value) or "").lower())

    def rest(self) -> list[Json]:
        """The fields that nobody asked for, under their own names."""
        return extras_of({name: stated for folded, (name, stated) in self._values.items() if folded not in self._asked})


def entity_table(value: Json) -> Table | None:
    """The table that an object of the graph belongs to; None for products, persons and what is not known."""
    folded = {name.replace("_", "").lower() for name in value}
    stated_id = text(value.get("id")) or ""
    if "context_____::" in stated_id or stated_id.startswith("00|"):
        return COMMUNITY
    return next((table for sign, table in _SIGNS if sign in folded), None)


def kind_of(stated: str | None) -> str | None:
    """The kind of thing that OpenAIRE's word for the end of a relation means; None where it is not one of ours."""
    return _KINDS.get(stated.replace("_", "").replace(" ", "").lower()) if stated else None


def openaire_id(stated: str | None) -> str | None:
    """An id of the graph without its numeric type (`20|openorgs____::…`)."""
    return normalise_openaire(stated) or (stated.split("|", 1)[-1].strip() or None if stated else None)


def take_entity(table: Table, value: Json, position: int, size: int, entities: EntityRows) -> bool:
    """Whether the entity was taken; one without an id is not."""
    fields = Fields(value)
    key = openaire_id(fields.text("id"))
    if key is None:
        return False
    row = {"source_key": key, "position": position, **_READERS[table](fields)}
    row["original_ids"] = fields.texts("originalids")
    row["extras"] = fields.rest()
    entities.take(table, row, size)
    return True


def take_product_links(product: Json, record_id: str, position: int, entities: EntityRows) -> None:
    """Takes what a product says of its projects, organizations, communities and data sources: links and mentions.

    A community is named by its code, a data source by its id; data sources that state no id of the graph are left
    to the instances, which name them.
    """

    def take(table: Table, relation: str, key: str, said: Json) -> None:
        entities.link(EntityLink("product", record_id, relation, table.name, f"openaire:{key}"), record_id)
        entities.mention(table, {"source_key": key, "position": position, **said})

    for table, name, relation in (
        (PROJECT, "projects", "isProducedBy"),
        (ORGANIZATION, "organizations", "hasAuthorInstitution"),
    ):
        for entry in objects(product.get(name)):
            if key := openaire_id(text(entry.get("id"))):
                fields = Fields(entry)
                said = _READERS[table](fields)
                if table is ORGANIZATION:
                    said["short_name"] = said["short_name"] or fields.line("acronym")
                fields.get("id")
                take(table, relation, key, {**said, "extras": fields.rest()})
    for entry in objects(product.get("communities") or product.get("context")):
        if code := text(entry.get("code")) or text(entry.get("id")):
            take(COMMUNITY, "IsRelatedTo", code, {"acronym": code, "name": clean_line(text(entry.get("label")))})
    instances = objects(product.get("instances") or product.get("instance"))
    hosts = [host for entry in instances for host in objects(entry.get("hostedBy") or entry.get("hostedby"))]
    for stated, relation in (
        (objects(product.get("collectedFrom") or product.get("collectedfrom")), "isProvidedBy"),
        (hosts, "isHostedBy"),
    ):
        named = {normalise_openaire(text(entry.get("key")) or text(entry.get("id"))): entry for entry in stated}
        for data_source_id, entry in named.items():
            if data_source_id:
                official_name = clean_line(text(entry.get("value")) or text(entry.get("name")))
                take(DATA_SOURCE, relation, data_source_id, {"official_name": official_name})


def _pids(value: Any) -> list[Json]:
    """The identifiers by lower-case scheme, each once; ROR ids as addresses."""
    found: dict[tuple[str, str], Json] = {}
    for entry in objects(value):
        scheme, stated = text(entry.get("scheme")) or text(entry.get("type")), text(entry.get("value"))
        if scheme and stated:
            scheme = scheme.lower()
            stated = (normalise_ror(stated) or stated) if scheme == "ror" else stated
            found.setdefault((scheme, stated), {"scheme": scheme, "value": stated})
    return list(found.values())


def _organization(fields: Fields) -> Json:
    country = fields.get("country")
    return {
        "legal_name": fields.line("legalname"),
        "short_name": fields.line("legalshortname"),
        "alternative_names": fields.texts("alternativenames"),
        "country_code": text(member(country, "code")) or (text(country) if type(country) is str else None),
        "country_name": text(member(country, "label")),
        "website_url": fields.text("websiteurl"),
        "pids": _pids(fields.get("pids")),
    }


def _project(fields: Fields) -> Json:
    granted = fields.get("granted")
    return {
        "code": fields.text("code"),
        "acronym": fields.line("acronym"),
        "title": fields.line("title"),
        "call_identifier": fields.text("callidentifier"),
        "keywords": fields.line("keywords"),
        "subjects": fields.texts("subjects"),
        "summary": clean_text(fields.text("summary")),
        "started_on": fields.date("startdate"),
        "ended_on": fields.date("enddate"),
        "website_url": fields.text("websiteurl"),
        "publications_must_be_open": fields.truth("openaccessmandateforpublications"),
        "datasets_must_be_open": fields.truth("openaccessmandatefordataset"),
        "fundings": [_project_funding(Fields(entry)) for entry in objects(fields.get("fundings"))],
        "currency": text(member(granted, "currency")),
        "funded_amount": _number(granted, "fundedAmount", "fundedamount"),
        "total_cost": _number(granted, "totalCost", "totalcost"),
        "programmes": [
            {"code": text(entry.get("code")), "description": text(entry.get("description"))}
            for entry in objects(fields.get("h2020programmes"))
        ],
        "pids": _pids(fields.get("pids")),
    }


def _project_funding(fields: Fields) -> Json:
    stream = fields.get("fundingstream")
    return {
        "name": fields.line("name"),
        "short_name": fields.line("shortname"),
        "jurisdiction": fields.text("jurisdiction"),
        "stream_id": text(member(stream, "id")),
        "stream_description": clean_line(text(member(stream, "description"))),
    }


def _number(value: Any, *names: str) -> float | None:
    for name in names:
        stated = member(value, name)
        if type(stated) is float or (type(stated) is int and abs(stated) < 1 << 53):
            return float(stated)
    return None


def _data_source(fields: Fields) -> Json:
    kind = fields.get("type") or fields.get("datasourcetype")
    journal = fields.get("journal")
    return {
        "type": text(member(kind, "value")) or text(kind),
        "type_scheme": text(member(kind, "scheme")),
        "compatibility": fields.text("openairecompatibility"),
        "official_name": fields.line("officialname"),
        "english_name": fields.line("englishname"),
        "website_url": fields.text("websiteurl"),
        "logo_url": fields.text("logourl"),
        "validated_on": fields.date("dateofvalidation"),
        "description": clean_text(fields.text("description")),
        "subjects": fields.texts("subjects"),
        "languages": fields.texts("languages"),
        "content_types": fields.texts("contenttypes"),
        "release_started_on": fields.date("releasestartdate"),
        "release_ended_on": fields.date("releaseenddate"),
        "mission_statement_url": fields.text("missionstatementurl"),
        "access_rights": fields.text("accessrights"),
        "upload_rights": fields.text("uploadrights"),
        "database_access_restriction": fields.text("databaseaccessrestriction"),
        "data_upload_restriction": fields.text("datauploadrestriction"),
        "versioning": fields.truth("versioning"),
        "citation_guideline_url": fields.text("citationguidelineurl"),
        "pid_systems": fields.text("pidsystems"),
        "certificates": fields.text("certificates"),
        "policies": fields.texts("policies"),
        "journal": _journal(journal),
        "pids": _pids(fields.get("pids")),
    }


def _journal(value: Any) -> Json | None:
    if type(value) is not dict:
        return None
    journal = {
        "name": clean_line(text(value.get("name"))),
        "issn_print": normalise_issn(text(value.get("issnPrinted"))),
        "issn_online": normalise_issn(text(value.get("issnOnline"))),
        "issn_linking": normalise_issn(text(value.get("issnLinking"))),
    }
    return journal if any(journal.values()) else None


def _community(fields: Fields) -> Json:
    return {
        "acronym": fields.text("acronym"),
        "name": fields.line("name"),
        "description": clean_text(fields.text("description")),
        "type": fields.text("type"),
        "subjects": fields.texts("subjects"),
        "zenodo_community": fields.text("zenodocommunity"),
    }


_READERS = {ORGANIZATION: _organization, PROJECT: _project, DATA_SOURCE: _data_source, COMMUNITY: _community}
