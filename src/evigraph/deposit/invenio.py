"""A repository over InvenioRDM's REST API, as one user of it: drafts, their files, publishing, finding one's own.

Paths and answers as the REST API reference has them (inveniordm.docs.cern.ch/reference/rest_api_drafts_records).
Nothing here tries twice what changes something: `evigraph.deposit.course` looks first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from evigraph.errors import EvigraphError, HarvestError
from evigraph.model.pid import normalise_doi
from evigraph.net.client import Answer, AnswerError, Client, LostAnswerError
from evigraph.net.guard import ForbiddenAddressError

Json = dict[str, Any]

#: Statuses after which a second try may help.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

_BLOCK = 1024 * 1024

#: Without it Zenodo answers in the form of its older API.
_RECORD = "application/vnd.inveniordm.v1+json"


class RepositoryError(EvigraphError):
    """A repository did not do what it was asked.

    Attributes:
        needs_person: whether trying again alone does not help.
        is_surely_undone: whether it is certain that it did nothing.
        wait: seconds that it asked for, or null.
    """

    def __init__(
        self, message: str, *, needs_person: bool, is_surely_undone: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(message)
        self.needs_person = needs_person
        self.is_surely_undone = is_surely_undone
        self.wait = wait


@dataclass(frozen=True)
class Held:
    """A draft or record in the repository. `complaints` are what keeps a draft from being published."""

    record_id: str
    is_published: bool
    address: str
    doi: str | None
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldFile:
    """A file of a draft; `md5` of what arrived, where the repository tells it."""

    name: str
    is_complete: bool
    md5: str | None


class Repository:
    """One repository, asked with one user's token. The token goes into a header and nowhere else."""

    def __init__(self, address: str, name: str, token: str, client: Client) -> None:
        self.address = address.rstrip("/")
        self.name = name
        self._client = client
        self._token = token

    def create(self, draft: Mapping[str, Any]) -> Held:
        """A new draft.

        Raises:
            RepositoryError: there is none, or whether there is one is not known.
        """
        return self._held(self._send("POST", "/api/records", orjson.dumps(draft), _RECORD))

    def find(self, marker: str) -> list[Held]:
        """The user's drafts and records that carry a marker, the oldest first.

        The marker is asked for by its field; where a repository does not search that field, it is looked for among
        the newest ones.

        Raises:
            RepositoryError: the repository cannot be asked.
        """
        for query in ({"q": f'metadata.identifiers.identifier:"{marker}"'}, {"q": "", "sort": "newest"}):
            try:
                told = self._json(self._get("/api/user/records", {**query, "size": 25, "allversions": "true"}))
            except RepositoryError as error:
                if query["q"] and error.needs_person:
                    continue
                raise
            listed = told.get("hits")
            hits = listed.get("hits") if isinstance(listed, dict) else None
            if not isinstance(hits, list):
                # Not knowing is not the same as there being none.
                raise self._unreadable()
            mine = [hit for hit in hits if _carries(hit, marker)]
            if mine:
                return [self._as_held(hit) for hit in sorted(mine, key=lambda hit: str(hit.get("created") or ""))]
        return []

    def draft(self, record_id: str) -> Held | None:
        """The draft of an id as it stands, or the record that it has become; None where there is neither.

        Raises:
            RepositoryError: the repository cannot be asked.
        """
        for path in (f"/api/records/{_part(record_id)}/draft", f"/api/records/{_part(record_id)}"):
            try:
                return self._held(self._get(path, accept=_RECORD))
            except _MissingError:
                continue
        return None

    def files(self, record_id: str) -> list[HeldFile]:
        """The files of a draft.

        Raises:
            RepositoryError: the repository cannot be asked.
        """
        entries = self._json(self._get(f"/api/records/{_part(record_id)}/draft/files")).get("entries")
        if not isinstance(entries, list):
            raise self._unreadable()
        return [
            HeldFile(str(entry.get("key")), entry.get("status") == "completed", _md5(entry.get("checksum")))
            for entry in entries
            if isinstance(entry, dict)
        ]

    def declare(self, record_id: str, name: str) -> None:
        """Announces a file of a draft.

        Raises:
            RepositoryError: it is not announced, or whether it is is not known.
        """
        path = f"/api/records/{_part(record_id)}/draft/files"
        self._json(self._send("POST", path, orjson.dumps([{"key": name}])))

    def upload(self, record_id: str, name: str, path: Path) -> None:
        """Sends the content of an announced file.

        Raises:
            RepositoryError: it did not arrive, or whether it did is not known.
        """
        answer = self._send(
            "PUT",
            f"{self._file(record_id, name)}/content",
            _blocks(path),
            content_type="application/octet-stream",
            length=path.stat().st_size,
        )
        self._json(answer)

    def commit(self, record_id: str, name: str) -> None:
        """Says that a file is complete.

        Raises:
            RepositoryError: it is not, or whether it is is not known.
        """
        self._json(self._send("POST", f"{self._file(record_id, name)}/commit"))

    def remove_file(self, record_id: str, name: str) -> None:
        """Removes a file of a draft.

        Raises:
            RepositoryError: it is still there, or whether it is is not known.
        """
        self._send("DELETE", self._file(record_id, name))

    def publish(self, record_id: str) -> Held:
        """The record that a draft has become.

        Raises:
            RepositoryError: it was not published (the message says what is missing), or whether it was is not known.
        """
        return self._held(self._send("POST", f"/api/records/{_part(record_id)}/draft/actions/publish", accept=_RECORD))

    def discard(self, record_id: str) -> None:
        """Removes a draft; nothing, where it is gone already.

        Raises:
            RepositoryError: it is still there, or whether it is is not known.
        """
        try:
            self._send("DELETE", f"/api/records/{_part(record_id)}/draft")
        except _MissingError:
            return

    def _file(self, record_id: str, name: str) -> str:
        return f"/api/records/{_part(record_id)}/draft/files/{_part(name)}"

    def _headers(self, accept: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Accept": accept}

    def _get(
        self, path: str, params: Mapping[str, str | int] | None = None, accept: str = "application/json"
    ) -> Answer:
        if params is not None:
            accept = _RECORD
        try:
            return self._client.get(self.address + path, params, self._headers(accept))
        except HarvestError as error:
            raise self._told(error) from error

    def _send(
        self,
        method: str,
        path: str,
        content: bytes | Iterator[bytes] = b"",
        accept: str = "application/json",
        content_type: str = "application/json",
        length: int | None = None,
    ) -> Answer:
        headers = self._headers(accept) | ({"Content-Type": content_type} if content else {})
        if length is not None:
            headers["Content-Length"] = str(length)
        try:
            return self._client.send(method, self.address + path, content, headers)
        except HarvestError as error:
            raise self._told(error) from error

    def _told(self, error: HarvestError) -> RepositoryError:
        """What went wrong, for who deposits: never the token, and of a refusal what the repository says."""
        if isinstance(error, LostAnswerError):
            return RepositoryError(
                f"{self.name} did not answer", needs_person=False, is_surely_undone=not error.may_have_arrived
            )
        if isinstance(error, ForbiddenAddressError):
            return RepositoryError(f"{self.name}: {error}", needs_person=True, is_surely_undone=True)
        if not isinstance(error, AnswerError):
            return RepositoryError(f"{self.name} did not answer", needs_person=False)
        status, said = error.status, "; ".join(complaints_of(error.content))
        if status in (404, 410):
            return _MissingError(f"{self.name} does not hold it any more")
        if status == 401:
            message = f"{self.name} does not know the token: it was revoked, or is another repository's"
        elif status == 403:
            message = f"{self.name} does not allow this to the owner of the token (it needs deposit:write and "
            message += "deposit:actions), or the draft is somebody else's"
        elif status == 413:
            message = f"{self.name} does not take a file of this size"
        elif status in _PASSING:
            if status == 429:
                return RepositoryError(
                    f"{self.name} is busy", needs_person=False, is_surely_undone=True, wait=error.wait
                )
            message = f"{self.name} answered with an error of its own ({status})"
            return RepositoryError(message, needs_person=False, wait=error.wait)
        else:
            message = f"{self.name} refused it ({status}){f': {said}' if said else ''}"
        return RepositoryError(message, needs_person=True, is_surely_undone=True)

    def _held(self, answer: Answer) -> Held:
        return self._as_held(self._json(answer))

    def _json(self, answer: Answer) -> Json:
        try:
            told = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            told = None
        if not isinstance(told, dict):
            raise self._unreadable()
        return told

    def _unreadable(self) -> RepositoryError:
        return RepositoryError(f"{self.name} gave an answer that cannot be read", needs_person=False)

    def _as_held(self, told: Json) -> Held:
        record_id, is_published = told.get("id"), told.get("is_published") is True
        if not isinstance(record_id, str | int) or not record_id:
            raise self._unreadable()
        seen = str(_member(told, "links", "self_html") or "")
        doi = normalise_doi(str(_member(told, "pids", "doi", "identifier") or ""))
        if urlsplit(seen).scheme not in ("http", "https"):
            seen = f"{self.address}/{'records' if is_published else 'uploads'}/{_part(str(record_id))}"
        return Held(
            record_id=str(record_id),
            is_published=is_published,
            address=seen,
            doi=doi if is_published else None,
            complaints=tuple(_complaints(told.get("errors"))),
        )


class _MissingError(RepositoryError):
    def __init__(self, message: str) -> None:
        super().__init__(message, needs_person=True, is_surely_undone=True)


def complaints_of(content: bytes) -> list[str]:
    """What an error's JSON says is wrong, a sentence a field (`errors`, else `message`); nothing where it is none."""
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return []
    if not isinstance(told, dict):
        return []
    return list(_complaints(told.get("errors"))) or [text for text in (told.get("message"),) if isinstance(text, str)]


def _complaints(errors: Any) -> Iterator[str]:
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            said = error.get("messages") or [error.get("message")]
            texts = [str(one) for one in (said if isinstance(said, list) else [said]) if one]
            yield f"{error.get('field', 'the draft')}: {' '.join(texts)}"[:500]


def _carries(told: Any, marker: str) -> bool:
    metadata = told.get("metadata") if isinstance(told, dict) else None
    stated = metadata.get("identifiers") if isinstance(metadata, dict) else None
    listed = stated if isinstance(stated, list) else ()
    return any(isinstance(one, dict) and one.get("identifier") == marker for one in listed)


def _member(told: Any, *path: str) -> Any:
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _md5(checksum: Any) -> str | None:
    kind, _, digest = str(checksum or "").partition(":")
    return digest.lower() if kind == "md5" and digest else None


def _part(text: str) -> str:
    return quote(text, safe="")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
