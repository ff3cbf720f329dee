"""The parameters of OpenAIRE's API for products, each made into a query of the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fastapi import HTTPException

from evigraph.model.pid import normalise_orcid, normalise_ror, parse_pid
from evigraph.portal.doors.expressions import Leaf, all_of, any_of, expression, words_in
from evigraph.store import marks
from evigraph.store.query import DATE, Between, Exact, Node, Not, Or, Phrase
from evigraph.store.release import Release, Superseded

_NOTHING = Or(())
_CLASS = re.compile(r"C[1-5]$")
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_ACCESS = {
    **dict.fromkeys(("open", "open access", "open source"), "c_abf2"),
    **dict.fromkeys(("embargo", "embargoed"), "c_f1cf"),
    "restricted": "c_16ec",
    **dict.fromkeys(("closed", "closed access"), "c_14cb"),
    **dict.fromkeys(("unknown", "not available"), "unknown"),
}

_OPERATORS = "; AND, OR, NOT, brackets and quotes are understood"

#: The parameters and what they mean.
PRODUCT_PARAMETERS: dict[str, str] = {
    "search": f"words in any field{_OPERATORS}",
    "mainTitle": f"words of the title{_OPERATORS}",
    "description": f"words of the abstract{_OPERATORS}",
    "id": "the product's id, or any other that leads to it",
    "pid": "an identifier: a DOI, PMID, PMCID, arXiv id, …",
    "originalId": "the id of a record in its source, as source:key or OpenAIRE's form",
    "type": "publication, dataset, software or other",
    "fromPublicationDate": "YYYY or YYYY-MM-DD, included",
    "toPublicationDate": "YYYY or YYYY-MM-DD, included",
    "fromPublicationYear": "YYYY, included",
    "toPublicationYear": "YYYY, included",
    "publicationYear": "YYYY",
    "subjects": f"words of a subject{_OPERATORS}",
    "fos": "words of a field of science",
    "sdg": "words of a sustainable development goal, or its number",
    "sdgLabel": "the same",
    "language": "ISO 639-3 code",
    "countryCode": "ISO 3166-1 alpha-2 code of an organization's country",
    "authorFullName": f"words of an author's name{_OPERATORS}",
    "authorOrcid": "an author's ORCID iD",
    "authorId": "the same",
    "publisher": f"words of the publisher's name{_OPERATORS}",
    "bestOpenAccessRightLabel": "OPEN, EMBARGO, RESTRICTED, CLOSED, OPEN SOURCE or unknown",
    "accessRightLabel": "the same, or Open Access, Closed Access, …",
    "influenceClass": "C1 to C5",
    "impulseClass": "C1 to C5",
    "popularityClass": "C1 to C5",
    "citationCountClass": "C1 to C5",
    "instanceType": "Article, Preprint, Dataset, …",
    "isPeerReviewed": "true or false",
    "isInDiamondJournal": "true or false",
    "isPubliclyFunded": "true or false: whether a funder is stated",
    "isGreen": "true or false",
    "hasLicense": "true or false",
    "hasProjectRel": "true or false",
    "openAccessColor": "gold, hybrid or bronze",
    "source": f"words of the journal's or book's name{_OPERATORS}",
    "relOrganizationId": "id of an organization",
    "relOrganization": "name of an organization",
    "relCommunityId": "code or id of a community",
    "relCommunityName": "name of a community",
    "relProjectId": "id of a project",
    "relProjectCode": "code of a project or grant",
    "relProject": "title or acronym of a project",
    "relProjectFundingShortName": "short name of a funder",
    "relFunder": "name of a funder",
    "relProjectFundingStreamId": "id of a stream of funding",
    "relHostingDataSourceId": "id of the data source that hosts a copy",
    "relHostingDataSource": "name of the data source that hosts a copy",
    "relCollectedFromDatasourceId": "a source of this graph",
    "rorId": "ROR id of an organization",
}

#: The most entities of a name that a filter follows to their products.
_FOLLOWED = 1_000


def product_query(release: Release, given: Mapping[str, list[str]], operator: str = "AND") -> Node | None:
    """The query that the parameters state: values of one are alternatives, parameters hold together.

    With `operator` OR one parameter is enough, with NOT none may hold. None where nothing is asked.

    Raises:
        HTTPException: 400, a value cannot be.
    """
    asked: list[Node] = []
    for name, values in given.items():
        found = [node for value in values if (node := _node(release, name, value)) is not None]
        asked.append(any_of(found) if found else _NOTHING)
    if not asked:
        return None
    if operator == "OR":
        return any_of(asked)
    return Not(any_of(asked)) if operator == "NOT" else all_of(asked)


def _node(release: Release, name: str, value: str) -> Node | None:
    if name in _TEXTS:
        return expression(value, words_in(_TEXTS[name]))
    if name in _YES_OR_NO:
        return _yes_or_no(name, value)
    if name in _CLASSES:
        return expression(value, _class_of(_CLASSES[name], name))
    if name in _DATES:
        return _dates(name, value)
    if name in _FOLLOW:
        return _following(release, name, value)
    return expression(value, _leaf(release, name))


_TEXTS: dict[str, str | None] = {
    "search": None,
    "mainTitle": "title",
    "description": "abstract",
    "subjects": "keyword",
    "fos": "keyword",
    "authorFullName": "author",
    "publisher": "publisher",
    "source": "journal",
}
_CLASSES = {
    "influenceClass": "influence_class",
    "impulseClass": "impulse_class",
    "popularityClass": "popularity_class",
    "citationCountClass": "citation_count_class",
}
_YES_OR_NO: dict[str, tuple[Node, Node | None]] = {
    "isPeerReviewed": (Exact("mark", marks.PEER_REVIEWED), Exact("mark", marks.NOT_PEER_REVIEWED)),
    "isInDiamondJournal": (Exact("mark", marks.route("diamond")), None),
    "isGreen": (Exact("mark", marks.route("green")), None),
    "isPubliclyFunded": (Exact("mark", marks.HAS_FUNDER), None),
    "hasLicense": (Exact("mark", marks.LICENSED), None),
    "hasProjectRel": (Exact("mark", marks.HAS_PROJECT), None),
}
_DATES = frozenset(
    {"fromPublicationDate", "toPublicationDate", "fromPublicationYear", "toPublicationYear", "publicationYear"}
)

#: Parameters that name entities: the table, and how its rows are chosen.
_FOLLOW: dict[str, tuple[str, tuple[str, ...]]] = {
    "relOrganization": ("organization", ("legal_name", "short_name")),
    "relCommunityName": ("community", ("name", "acronym")),
    "relProject": ("project", ("title", "acronym")),
}


def _yes_or_no(name: str, value: str) -> Node:
    if value.lower() not in ("true", "false"):
        raise HTTPException(400, f"{name} is true or false.")
    yes, no = _YES_OR_NO[name]
    return yes if value.lower() == "true" else no or Not(yes)


def _class_of(field: str, name: str) -> Leaf:
    def leaf(text: str, _: bool) -> Node:
        if not _CLASS.match(text.upper()):
            raise HTTPException(400, f"{name} is C1, C2, C3, C4 or C5.")
        return Exact(field, text.upper())

    return leaf


def _dates(name: str, value: str) -> Node:
    match = _DATE.match(value)
    if not match or not 1 <= int(match.group(2) or 1) <= 12 or not 1 <= int(match.group(3) or 1) <= 31:
        raise HTTPException(400, f"{name} is a date as YYYY or YYYY-MM-DD.")
    year, month, day = match.groups()
    first = int(f"{year}{month or '00'}{day or '00'}")
    last = int(f"{year}{month or '99'}{day or '99'}")
    if name.startswith("from"):
        return Between(DATE, first, None)
    return Between(DATE, None, last) if name.startswith("to") else Between(DATE, first, last)


def _following(release: Release, name: str, value: str) -> Node:
    """The products of the entities that a parameter names."""
    kind, columns = _FOLLOW[name]
    table = release.entities.kind(kind)

    def leaf(text: str, _: bool) -> Node:
        found = table.ids(table.containing(columns, text))[:_FOLLOWED]
        return any_of([Exact("mark", marks.entity(kind, one)) for one in found])

    return expression(value, leaf) or _NOTHING


def _leaf(release: Release, name: str) -> Leaf:
    """What one value of a parameter with values asks for."""

    def leaf(text: str, _: bool) -> Node:
        return _LEAVES[name](release, text)

    return leaf


def _by_id(release: Release, text: str) -> Node:
    answer = release.resolve(text)
    product_id = answer.product_id if isinstance(answer, Superseded) else answer
    return Exact("product_id", product_id) if product_id else _NOTHING


def _by_pid(_: Release, text: str) -> Node:
    pid = parse_pid(text)
    # A handle or another identifier whose scheme its form does not tell.
    return Exact("pid", str(pid)) if pid else any_of([Exact("pid", f"{scheme}:{text}") for scheme in _SCHEMES])


_SCHEMES = ("handle", "arxiv", "nct", "pdb", "w3id", "openaire")


def _by_original(_: Release, text: str) -> Node:
    plain = text.partition("|")[2] if text[2:3] == "|" else text
    return any_of([Exact("pid", one) for one in (text, plain, f"openaire:{plain}")])


def _by_access(_: Release, text: str) -> Node:
    if text.lower() not in _ACCESS:
        raise HTTPException(400, "The label of an access right is OPEN, EMBARGO, RESTRICTED, CLOSED or unknown.")
    return Exact("access", _ACCESS[text.lower()])


def _by_type(_: Release, text: str) -> Node:
    if text.lower() not in ("publication", "dataset", "software", "other"):
        raise HTTPException(400, "type is publication, dataset, software or other.")
    return Exact("mark", marks.kind(text.lower()))


def _by_community(release: Release, text: str) -> Node:
    table = release.entities.kind("community")
    ids = [*table.ids(table.having("acronym", text)), text, f"openaire:{text}"]
    return any_of([Exact("mark", marks.entity("community", one)) for one in ids])


def _by_project_code(release: Release, text: str) -> Node:
    table = release.entities.kind("project")
    ids = table.ids(table.having("code", text))[:_FOLLOWED]
    return any_of([Exact("mark", marks.award(text)), *(Exact("mark", marks.entity("project", one)) for one in ids)])


def _by_funder(release: Release, text: str) -> Node:
    """Funders that products state, and those of their projects."""
    table = release.entities.kind("project")
    ids = table.ids_where("fundings", ("short_name", "name", "stream_id"), text)[:_FOLLOWED]
    return any_of([Exact("mark", marks.funder(text)), *(Exact("mark", marks.entity("project", one)) for one in ids)])


def _by_ror(release: Release, text: str) -> Node:
    ror_id = normalise_ror(text) or normalise_ror(f"https://ror.org/{text}")
    if ror_id is None:
        raise HTTPException(400, "rorId is a ROR id: https://ror.org/ and nine letters and digits.")
    table = release.entities.kind("organization")
    ids = [f"ror:{ror_id}", *table.ids(table.having_pid(ror_id))]
    return any_of(
        [Exact("mark", marks.ror(ror_id)), *(Exact("mark", marks.entity("organization", one)) for one in ids)]
    )


def _entity_of(kind: str) -> Callable[[Release, str], Node]:
    def leaf(_: Release, text: str) -> Node:
        return any_of([Exact("mark", marks.entity(kind, one)) for one in (text, f"openaire:{text}")])

    return leaf


def _by_source(_: Release, text: str) -> Node:
    return any_of([Exact("source", text), _entity_of("data_source")(_, text)])


def _by_orcid(_: Release, text: str) -> Node:
    orcid = normalise_orcid(text)
    if orcid is None:
        raise HTTPException(400, "This is no ORCID iD: four groups of four, the last letter a check digit.")
    return Exact("orcid", orcid)


def _by_goal(_: Release, text: str) -> Node:
    return Phrase(text, "keyword")


_LEAVES: dict[str, Callable[[Release, str], Node]] = {
    "id": _by_id,
    "pid": _by_pid,
    "originalId": _by_original,
    "type": _by_type,
    "language": lambda _, text: Exact("language", text),
    "countryCode": lambda _, text: Exact("country", text.upper()),
    "authorOrcid": _by_orcid,
    "authorId": _by_orcid,
    "bestOpenAccessRightLabel": _by_access,
    "accessRightLabel": _by_access,
    "instanceType": lambda _, text: Exact("type", text),
    "openAccessColor": lambda _, text: Exact("mark", marks.route(text.lower())),
    "relOrganizationId": _entity_of("organization"),
    "relProjectId": _entity_of("project"),
    "relCommunityId": _by_community,
    "relProjectCode": _by_project_code,
    "relProjectFundingShortName": _by_funder,
    "relFunder": _by_funder,
    "relProjectFundingStreamId": _by_funder,
    "relHostingDataSourceId": lambda _, text: any_of(
        [Exact("mark", marks.host(text)), _entity_of("data_source")(_, text)]
    ),
    "relHostingDataSource": lambda _, text: Exact("mark", marks.host(text)),
    "relCollectedFromDatasourceId": _by_source,
    "rorId": _by_ror,
    "sdg": _by_goal,
    "sdgLabel": _by_goal,
}
