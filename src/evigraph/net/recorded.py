"""Recorded answers: a transport that plays hosts' answers from a folder and fails loudly on anything else.

Each `*.json` file of the folder is one answer, or a list of them; they are tried in the order of the files'
names. The fields of an answer:

- `url`: the address without its query; `*` stands for any run of characters;
- `params`: query parameters the request must carry, with their values; a value of null: must not be there.
  Parameters that are not named may have any value;
- `method` (GET), `status` (200), `headers`;
- `body`: the content, as text; or `json`: the content as a JSON value; or `file`: a file of the folder;
- `times` (1): how many requests it answers; 0: any number;
- `cut`: the connection breaks after so many bytes of the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

_FIELDS = frozenset({"url", "params", "method", "status", "headers", "body", "json", "file", "times", "cut"})


class UnrecordedRequestError(AssertionError):
    """A request was made for which no answer is recorded, or no longer."""


@dataclass
class RecordedAnswer:
    """One recorded answer and how often it has been given."""

    origin: str
    url: str
    params: dict[str, str | None]
    method: str
    status: int
    headers: dict[str, str]
    content: bytes
    times: int
    cut: int | None
    n_given: int = field(default=0)

    def is_for(self, request: httpx2.Request) -> bool:
        """Whether this answer can be given to `request` now."""
        if self.times and self.n_given >= self.times:
            return False
        address = str(request.url.copy_with(query=None, fragment=None)).rstrip("?")
        pattern = ".*".join(re.escape(part) for part in self.url.split("*"))
        asked = request.url.params
        return (
            request.method == self.method
            and re.fullmatch(pattern, address) is not None
            and all(asked.get(name) == value for name, value in self.params.items())
        )


class RecordedTransport(httpx2.BaseTransport):
    """Answers from a folder. `requests` keeps what was asked; `unused()` names answers nobody asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[httpx2.Request] = []
        self._answers = [answer for file in sorted(folder.glob("*.json")) for answer in _load(file)]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The first recorded answer that is for this request and not used up.

        Raises:
            UnrecordedRequestError: there is none.
        """
        self.requests.append(request)
        for answer in self._answers:
            if answer.is_for(request):
                answer.n_given += 1
                return httpx2.Response(
                    status_code=answer.status, headers=answer.headers, stream=_Playback(answer.content, answer.cut)
                )
        raise UnrecordedRequestError(
            f"no answer is recorded in {self.folder.name} for {request.method} {request.url}; "
            f"still unused: {', '.join(self.unused()) or 'none'}"
        )

    def unused(self) -> list[str]:
        """The origins of answers that were given less often than recorded."""
        return [answer.origin for answer in self._answers if answer.n_given < max(answer.times, 1)]


class _Playback(httpx2.SyncByteStream):
    def __init__(self, content: bytes, cut: int | None) -> None:
        self._content = content
        self._cut = cut

    def __iter__(self) -> Iterator[bytes]:
        if self._cut is None:
            yield self._content
            return
        yield self._content[: self._cut]
        raise httpx2.RemoteProtocolError("the recorded connection breaks here")


def _load(file: Path) -> Iterator[RecordedAnswer]:
    loaded: Any = json.loads(file.read_text(encoding="utf-8"))
    for place, entry in enumerate(loaded if isinstance(loaded, list) else [loaded]):
        origin = f"{file.name}[{place}]"
        if unknown := sorted(set(entry) - _FIELDS):
            raise ValueError(f"{origin}: unknown field {unknown[0]}; known are {', '.join(sorted(_FIELDS))}")
        if "json" in entry:
            content = json.dumps(entry["json"], ensure_ascii=False).encode()
        elif "file" in entry:
            content = (file.parent / entry["file"]).read_bytes()
        else:
            content = entry.get("body", "").encode()
        yield RecordedAnswer(
            origin=origin,
            url=entry["url"],
            params={name: None if value is None else str(value) for name, value in entry.get("params", {}).items()},
            method=entry.get("method", "GET"),
            status=entry.get("status", 200),
            headers=entry.get("headers", {}),
            content=content,
            times=entry.get("times", 1),
            cut=entry.get("cut"),
        )
