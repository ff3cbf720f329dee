"""What a repository says of itself: its name, its dates, its metadata formats and its sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from evigraph.errors import HarvestError, InputError
from evigraph.harvest.oai_pmh_answer import OaiAnswer, child_text, children, read_answer, verb_element
from evigraph.net.client import AnswerError, Client

#: How often an answer that cannot be read is asked for, and the pause in seconds between.
READINGS = 3
READING_PAUSE = 5.0

#: The most pages of sets that are read, and the most equal ones.
_MOST_SET_PAGES = 1000

#: What the metadata formats are known by, best first: their prefixes, and their namespaces.
_FORMATS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(prefix, re.IGNORECASE), re.compile(namespace))
    for prefix, namespace in (
        (r"oai_openaire$", r"https?://namespace\.openaire\.eu/schema/oaire/?$"),
        (r"(?:oai_)?datacite[\d._]*$", r"https?://(?:schema\.)?datacite\.org/(?:schema/kernel-\d|oai/oai-1\.\d)"),
        (r"(?:cr_)?unix(?:ref|sd|ml)$", r"https?://www\.crossref\.org/(?:xschema|qrschema)/"),
        (r"oai_dc$", r"https?://www\.openarchives\.org/OAI/2\.0/oai_dc/?$"),
    )
)

_ARGUMENTS = frozenset({"verb", "metadataPrefix", "set", "from", "until", "resumptionToken", "identifier"})


@dataclass(frozen=True)
class Repository:
    """What `Identify` says (§4.2).

    Attributes:
        name: the repository's name, null where it does not say.
        has_seconds: its datestamps are as fine as seconds; else days.
        deleted_record: `no`, `persistent` or `transient`: whether deletions are told.
        response_date: its own time of answering.
    """

    name: str | None
    has_seconds: bool
    deleted_record: str
    response_date: str | None


@dataclass(frozen=True)
class RepositorySet:
    """A set that a repository offers: its `setSpec` and its name."""

    spec: str
    name: str | None


def clean_base_url(text: str) -> str:
    """A repository's base address without the arguments of a request, which people paste along.

    Raises:
        InputError: it is no http address.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(f"{text!r} is no address of a repository: write it as https://host/path")
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in _ARGUMENTS]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept, quote_via=quote), ""))


def request_address(base_url: str, arguments: Mapping[str, str]) -> str:
    """The address of a request, its arguments encoded as §3.1.1.3 asks."""
    return f"{base_url}{'&' if '?' in base_url else '?'}{urlencode(arguments, quote_via=quote, safe='')}"


def ask(client: Client, base_url: str, arguments: Mapping[str, str]) -> tuple[OaiAnswer, bytes]:
    """The answer to a request and its content; one that cannot be read, or was cut off, is asked for again.

    An error of the protocol that came with an error status is given as the answer that it is.

    Raises:
        AnswerError: the host answered with an error status and no error of the protocol.
        HarvestError: it cannot be reached.
    """
    address = request_address(base_url, arguments)
    host = urlsplit(base_url).hostname or ""
    answer, content = OaiAnswer(None, False, False), b""
    for reading in range(READINGS):
        if reading:
            client.hold(host, READING_PAUSE)
        try:
            content = client.get(address).content
        except AnswerError as error:
            answer = read_answer(error.content)
            if answer.errors:
                return answer, error.content
            raise
        answer = read_answer(content)
        if answer.root is not None and answer.is_whole:
            break
    return answer, content


def identify(client: Client, base_url: str) -> Repository:
    """What the repository says of itself.

    Raises:
        HarvestError: it does not answer, or not as a repository does.
    """
    answer, content = ask(client, base_url, {"verb": "Identify"})
    said = None if answer.root is None else verb_element(answer.root, "Identify")
    if said is None:
        stated = "; ".join(f"{error.code} {error.message}".strip() for error in answer.errors)
        what = f"it said {stated}" if stated else f"it sent {what_it_is(content)}"
        raise HarvestError(f"{place(base_url)} does not answer as an OAI-PMH repository ({what}): check the address")
    return Repository(
        name=child_text(said, "repositoryName"),
        has_seconds="ss" in (child_text(said, "granularity") or "").lower(),
        deleted_record=(child_text(said, "deletedRecord") or "no").lower(),
        response_date=answer.response_date,
    )


def metadata_formats(client: Client, base_url: str) -> tuple[tuple[str, str], ...]:
    """The prefix and namespace of each metadata format on offer; empty where the repository does not say."""
    answer, _ = ask(client, base_url, {"verb": "ListMetadataFormats"})
    if answer.root is None:
        return ()
    offered = children(answer.root, "ListMetadataFormats", "metadataFormat")
    stated = ((child_text(entry, "metadataPrefix"), child_text(entry, "metadataNamespace")) for entry in offered)
    return tuple((prefix, namespace or "") for prefix, namespace in stated if prefix)


def usable_prefixes(formats: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The prefixes of the formats that can be cleaned, the richest first: OpenAIRE, DataCite, Crossref, Dublin Core."""
    ranked: list[tuple[int, int, str]] = []
    for at, (prefix, namespace) in enumerate(formats):
        for rank, (known_prefix, known_namespace) in enumerate(_FORMATS):
            if known_prefix.match(prefix) or known_namespace.match(namespace.strip()):
                ranked.append((rank, at, prefix))
                break
    return tuple(prefix for _, _, prefix in sorted(ranked))


def list_sets(client: Client, base_url: str) -> tuple[RepositorySet, ...]:
    """The sets on offer; empty where there are none. Ends at a page that repeats what was listed.

    Raises:
        HarvestError: the repository cannot be reached.
    """
    found: dict[str, RepositorySet] = {}
    arguments = {"verb": "ListSets"}
    for _ in range(_MOST_SET_PAGES):
        answer, _ = ask(client, base_url, arguments)
        if answer.root is None:
            break
        n_before = len(found)
        for entry in children(answer.root, "ListSets", "set"):
            if spec := child_text(entry, "setSpec"):
                found.setdefault(spec, RepositorySet(spec, child_text(entry, "setName")))
        if not answer.token or len(found) == n_before:
            break
        arguments = {"verb": "ListSets", "resumptionToken": answer.token}
    return tuple(found.values())


def instant(text: str | None) -> datetime | None:
    """The moment that a datestamp or a date states, in UTC; None where it states none."""
    if not text:
        return None
    try:
        stated = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated.astimezone(UTC)


def datestamp(moment: datetime, has_seconds: bool) -> str:
    """A moment as a repository of that granularity writes it (§3.3)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if has_seconds else "%Y-%m-%d")


def overlapped(moment: datetime, has_seconds: bool) -> datetime:
    """The moment one step of the granularity earlier, for what was changed while the repository answered."""
    return moment - (timedelta(seconds=1) if has_seconds else timedelta(days=1))


def what_it_is(content: bytes) -> str:
    """What an answer is that is none, in words."""
    head = content.lstrip()[:200].lower()
    if not head:
        return "nothing"
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "something that is no OAI-PMH answer"


def place(base_url: str) -> str:
    """A repository's address in messages: without scheme and query."""
    parts = urlsplit(base_url)
    return f"{parts.hostname}{parts.path}"
