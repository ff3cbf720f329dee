"""An OAI-PMH 2.0 provider (openarchives.org/OAI/openarchivesprotocol.html): the graph, harvested by others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import orjson
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from lxml import etree

from evigraph.model.pid import is_product_id
from evigraph.portal.doors.cursors import release_of
from evigraph.portal.doors.negotiation import page_address
from evigraph.portal.doors.oai_list import Asked, Entry, history_of, page_of, sets, sets_of
from evigraph.portal.serving import base_address, problems, served
from evigraph.publish.api import OAI_FORMATS
from evigraph.store.release import Release

router = APIRouter(tags=["OAI-PMH"])

PAGE_SIZE = 100
_LONGEST_FORM = 16_384
_OAI = "http://www.openarchives.org/OAI/2.0/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")

#: The arguments of each verb: those that are required, and those that may be given.
_VERBS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"})),
}


class _OaiError(Exception):
    """An error condition of the protocol: its code and what is told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class _Token:
    """A resumption token: all that a list needs to go on, so that it may be used again, by any server, at any time."""

    release_id: str
    prefix: str
    set: str | None
    first: str | None
    last: str | None
    at: str
    before: int

    def __str__(self) -> str:
        parts = [self.release_id, self.prefix, self.set, self.first, self.last, self.at, self.before]
        return orjson.dumps(parts).hex()

    @classmethod
    def read(cls, text: str) -> _Token:
        try:
            release_id, prefix, name, first, last, at, before = orjson.loads(bytes.fromhex(text))
            texts = [release_id, prefix, at, name or "", first or "", last or ""]
            if not all(isinstance(one, str) for one in texts) or not re.match(r"p\d{1,9}$|[gi].", at):
                raise ValueError(text)
            return cls(release_id, prefix, name, first, last, at, int(before))
        except (ValueError, TypeError) as error:
            raise _OaiError("badResumptionToken", "This is no resumption token of this repository.") from error


_RESPONSES = {
    200: {"description": "An answer of OAI-PMH 2.0", "content": {"text/xml": {"schema": {"type": "string"}}}},
    **problems(s413="The form is too large."),
}


@router.get("/oai", response_class=Response, responses=_RESPONSES, summary="OAI-PMH 2.0", name="oai_pmh")
@router.get("/oai_pmh", include_in_schema=False)
def by_get(request: Request) -> Response:
    """An answer to one of the protocol's six verbs, `verb=…` and its arguments in the query."""
    return _answered(request, request.query_params.multi_items())


@router.post(
    "/oai", response_class=Response, responses=_RESPONSES, summary="OAI-PMH 2.0 by a form", name="oai_pmh_form"
)
@router.post("/oai_pmh", include_in_schema=False)
async def by_post(request: Request) -> Response:
    """The same; the arguments are a form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise HTTPException(413, "The form is too large.")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return await run_in_threadpool(_answered, request, pairs)


def _answered(request: Request, pairs: list[tuple[str, str]]) -> Response:
    release = served(request)
    nsmap: dict[str, str] = {None: _OAI, "xsi": _XSI}  # type: ignore[dict-item]
    root = etree.Element(f"{{{_OAI}}}OAI-PMH", nsmap=nsmap)
    root.set(f"{{{_XSI}}}schemaLocation", f"{_OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd")
    _add(root, "responseDate", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    base = f"{base_address(request)}{request.url.path}"
    told = _add(root, "request", base)
    try:
        arguments = _arguments(pairs)
        for name, value in arguments.items():
            told.set(name, _plain(value))
        _ANSWERS[arguments["verb"]](_Repository(request, release, base), arguments, root)
    except _OaiError as error:
        if error.code in ("badVerb", "badArgument"):
            told.attrib.clear()
        _add(root, "error", str(error)).set("code", error.code)
    return Response(etree.tostring(root, xml_declaration=True, encoding="UTF-8"), media_type="text/xml")


def _arguments(pairs: list[tuple[str, str]]) -> dict[str, str]:
    arguments = dict(pairs)
    verb = arguments.get("verb", "")
    if verb not in _VERBS or sum(name == "verb" for name, _ in pairs) > 1:
        raise _OaiError("badVerb", f"The verb is one of {', '.join(_VERBS)}, given once.")
    if len(arguments) != len(pairs):
        raise _OaiError("badArgument", "An argument is given twice.")
    required, optional = _VERBS[verb]
    given = set(arguments) - {"verb"}
    if "resumptionToken" in given and verb in ("ListIdentifiers", "ListRecords"):
        if given != {"resumptionToken"}:
            raise _OaiError("badArgument", "resumptionToken is given alone.")
        return arguments
    if unknown := sorted(given - required - optional):
        raise _OaiError("badArgument", f"{verb} has no argument {_plain(unknown[0])}.")
    if missing := sorted(required - given):
        raise _OaiError("badArgument", f"{verb} needs the argument {missing[0]}.")
    return arguments


@dataclass(frozen=True)
class _Repository:
    """What the answers need: the request, the served release, and the address of this door."""

    request: Request
    release: Release
    base: str

    def identifier(self, product_id: str) -> str:
        return f"oai:{self.host}:{product_id}"

    @property
    def host(self) -> str:
        """The host of this door's address."""
        return urlsplit(self.base).hostname or "localhost"

    def product_id(self, identifier: str) -> str:
        product_id = identifier.split(":", 2)[-1]
        if not identifier.startswith("oai:") or not is_product_id(product_id):
            raise _OaiError("idDoesNotExist", "An identifier is oai:HOST:PRODUCT_ID.")
        return product_id

    def entry(self, identifier: str) -> Entry:
        product_id = self.product_id(identifier)
        row, dated = self.release.product(product_id), history_of(self.release).of(product_id)
        if row is None and not dated.is_deleted:
            raise _OaiError("idDoesNotExist", "This repository has no record of this identifier.")
        return Entry(product_id, dated.datestamp, row)

    def header(self, parent: etree._Element, entry: Entry) -> None:
        header = _add(parent, "header")
        if entry.row is None:
            header.set("status", "deleted")
        _add(header, "identifier", self.identifier(entry.product_id))
        _add(header, "datestamp", entry.datestamp)
        for name in sets_of(entry.row) if entry.row else ():
            _add(header, "setSpec", name)

    def record(self, parent: etree._Element, entry: Entry, prefix: str) -> None:
        record = _add(parent, "record")
        self.header(record, entry)
        if entry.row is not None:
            address = page_address(self.request, entry.product_id)
            _add(record, "metadata").append(OAI_FORMATS[prefix].record(entry.row, address))


def _identify(repository: _Repository, _: dict[str, str], root: etree._Element) -> None:
    manifest = repository.release.manifest
    said = _add(root, "Identify")
    _add(said, "repositoryName", manifest.graph_name)
    _add(said, "baseURL", repository.base)
    _add(said, "protocolVersion", "2.0")
    _add(said, "adminEmail", manifest.contact or f"postmaster@{repository.host}")
    _add(said, "earliestDatestamp", history_of(repository.release).oldest)
    # Deletions are known as far back as releases are kept.
    _add(said, "deletedRecord", "transient")
    _add(said, "granularity", "YYYY-MM-DDThh:mm:ssZ")


def _formats(repository: _Repository, arguments: dict[str, str], root: etree._Element) -> None:
    if "identifier" in arguments:
        repository.entry(arguments["identifier"])
    place = _add(root, "ListMetadataFormats")
    for one in OAI_FORMATS.values():
        told = _add(place, "metadataFormat")
        _add(told, "metadataPrefix", one.prefix)
        _add(told, "schema", one.schema)
        _add(told, "metadataNamespace", one.namespace)


def _sets(repository: _Repository, arguments: dict[str, str], root: etree._Element) -> None:
    if "resumptionToken" in arguments:
        raise _OaiError("badResumptionToken", "The list of sets is given whole.")
    place = _add(root, "ListSets")
    for spec, name in sets(repository.release).items():
        told = _add(place, "set")
        _add(told, "setSpec", spec)
        _add(told, "setName", name)


def _get(repository: _Repository, arguments: dict[str, str], root: etree._Element) -> None:
    entry = repository.entry(arguments["identifier"])
    prefix = _known_prefix(arguments["metadataPrefix"])
    repository.record(_add(root, "GetRecord"), entry, prefix)


def _list(repository: _Repository, arguments: dict[str, str], root: etree._Element) -> None:
    release, at, before = repository.release, None, 0
    if "resumptionToken" in arguments:
        token = _Token.read(arguments["resumptionToken"])
        try:
            release = release_of(repository.request, token.release_id)
        except HTTPException as error:
            raise _OaiError("badResumptionToken", "The release that this list is of is not kept any more.") from error
        prefix, at, before = _known_prefix(token.prefix), token.at, token.before
        asked = Asked(token.set, token.first, token.last)
    else:
        prefix = _known_prefix(arguments["metadataPrefix"])
        asked = _asked(arguments, release)
    page = page_of(release, history_of(release), asked, at, PAGE_SIZE)
    if not page.entries and at is None:
        raise _OaiError("noRecordsMatch", "There is no such record.")
    verb = arguments["verb"]
    place = _add(root, verb)
    here = _Repository(repository.request, release, repository.base)
    for entry in page.entries:
        if verb == "ListRecords":
            here.record(place, entry, prefix)
        else:
            here.header(place, entry)
    if page.next is not None or at is not None:
        following = ""
        if page.next is not None:
            name = release.manifest.release_id
            end = before + len(page.entries)
            following = str(_Token(name, prefix, asked.set, asked.first, asked.last, page.next, end))
        told = _add(place, "resumptionToken", following)
        told.set("cursor", str(before))
        if page.total is not None:
            told.set("completeListSize", str(page.total))


def _asked(arguments: dict[str, str], release: Release) -> Asked:
    if "set" in arguments and arguments["set"] not in sets(release):
        raise _OaiError("noRecordsMatch", f"There is no set {_plain(arguments['set'])}.")
    first, last = arguments.get("from"), arguments.get("until")
    for text in (first, last):
        if text is not None and not _is_instant(text):
            raise _OaiError("badArgument", f"{_plain(text)} is no date: write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.")
    if first and last and len(first) != len(last):
        raise _OaiError("badArgument", "from and until have the same granularity.")
    if first and last and first > last:
        raise _OaiError("badArgument", "from lies after until.")
    if first and len(first) == 10:
        first = f"{first}T00:00:00Z"
    if last and len(last) == 10:
        last = f"{last}T23:59:59Z"
    return Asked(arguments.get("set"), first, last)


def _is_instant(text: str) -> bool:
    if not (_DAY.match(text) or _SECOND.match(text)):
        return False
    try:
        datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return False
    return True


def _known_prefix(prefix: str) -> str:
    if prefix not in OAI_FORMATS:
        raise _OaiError("cannotDisseminateFormat", f"metadataPrefix is one of {', '.join(OAI_FORMATS)}.")
    return prefix


_ANSWERS: dict[str, Callable[[_Repository, dict[str, str], etree._Element], None]] = {
    "Identify": _identify,
    "ListMetadataFormats": _formats,
    "ListSets": _sets,
    "GetRecord": _get,
    "ListIdentifiers": _list,
    "ListRecords": _list,
}


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_OAI}}}{name}")
    if text:
        element.text = _plain(text)
    return element


def _plain(text: str) -> str:
    """The text without what XML cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
