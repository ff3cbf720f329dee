"""What every page of a review needs: who asks, the review they ask about, forms, and how refusals are told."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar
from urllib.parse import quote, unquote

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from evigraph.errors import InputError, ReleaseError
from evigraph.portal.people.access import People
from evigraph.portal.people.gate import check_token, form_of
from evigraph.portal.people.visitor import visitor
from evigraph.portal.rendering import page as render
from evigraph.portal.review.orders import Orders
from evigraph.portal.review.readings import Readings
from evigraph.portal.review.reservations import Reservations
from evigraph.portal.serving import served
from evigraph.review.journal import LedgerJournal
from evigraph.review.on_graph import links, pids_of
from evigraph.review.state import ReviewState
from evigraph.review.workspace import Workspace
from evigraph.store.manifest import Manifest
from evigraph.store.release import ServedRelease

_T = TypeVar("_T")


#: What is uploaded at once: exports of a few hundred thousand records, or the full texts of some reports.
MAX_UPLOAD_BYTES = 500_000_000

_MAX_FILES = 40
_MAX_NAME = 120
_BLOCK = 1024 * 1024

#: Where the name that somebody works under is remembered, on a graph of one's own without accounts.
WORKS_AS = "works_as"


@dataclass(frozen=True)
class Person:
    """Who asks: an account's id, which events name, and the name that pages show."""

    account: str
    name: str


class Desk:
    """The reviews of one graph, opened when they are first needed."""

    def __init__(self, people: People, folder: Path, releases: ServedRelease) -> None:
        self._people, self._folder, self._releases = people, folder, releases
        self._lock = Lock()
        self._workspace: Workspace | None = None
        self.reservations = Reservations()
        self.readings = Readings()
        self.orders = Orders(folder, self._links)

    def _links(self, state: ReviewState) -> list[tuple[str, str]]:
        """The citations of a review's works as the served release has them; none where nothing is served."""
        library = state.library
        works = {head: pids_of(library.of(head)) for head in library.groups}
        try:
            return links(self._releases.get(), works)
        except ReleaseError:
            return []

    def workspace(self) -> Workspace:
        """The workspace of all reviews."""
        with self._lock:
            if self._workspace is None:
                self._workspace = Workspace(LedgerJournal(self._people.ledger()), self._folder)
            return self._workspace


def desk_of(request: Request) -> Desk:
    """What is open on the desk of the graph that is served."""
    desk: Desk = request.app.state.reviews
    return desk


def workspace_of(request: Request) -> Workspace:
    """The reviews of the graph that is served."""
    return desk_of(request).workspace()


def person(request: Request) -> Person:
    """Who asks: their account; where there are no accounts, the name that they chose on the machine that serves.

    Raises:
        HTTPException: 403, they are nobody here; 303 to the page that asks for a name, where there are no accounts
            and none is chosen.
    """
    me = visitor()
    if me.account is not None:
        return Person(me.account.account_id, me.shown_name)
    if not me.is_local:
        raise HTTPException(403, "A review is worked on by its team: sign in.")
    name = unquote(request.cookies.get(WORKS_AS, "")).strip()[:80]
    if not name:
        raise HTTPException(303, "Choose a name first.", {"Location": f"/reviews/as?next={quote(request.url.path)}"})
    return Person(account_of(name), name)


def account_of(name: str) -> str:
    """The account that stands for a name where there are no accounts: the same for the same name, however written."""
    folded = " ".join(name.casefold().split())
    return f"local:{hashlib.sha256(folded.encode()).hexdigest()[:12]}"


def remember(answer: Response, name: str) -> None:
    """Lets an answer set the name that its reader works under."""
    answer.set_cookie(
        WORKS_AS, quote(name.strip()[:80]), max_age=365 * 24 * 3600, path="/reviews", httponly=True, samesite="strict"
    )


def review_of(request: Request, review_id: str) -> ReviewState:
    """The review that is asked about, as it stands now.

    Raises:
        HTTPException: 404, there is none.
    """
    return told(lambda: workspace_of(request).state(review_id), 404)


def member_of(request: Request, review_id: str) -> tuple[ReviewState, Person]:
    """The review that is asked about, and who asks, if they are of its team; an illustration is open to everybody.

    Raises:
        HTTPException: 404, there is no such review; 403, they are not of its team.
    """
    who, state = person(request), review_of(request, review_id)
    if not state.roles(who.account) and not state.opened.is_illustration:
        raise HTTPException(403, f"{who.name} is not of the team of this review: ask its lead to add you.")
    return state, who


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a form that a page of this server sent, after it passed the gate."""
    return form_of(request)


@dataclass(frozen=True)
class Upload:
    """A form with files: its other fields, and the files under their own names in a folder that will be gone."""

    fields: Mapping[str, str]
    paths: tuple[Path, ...]


@asynccontextmanager
async def upload(request: Request, max_bytes: int = MAX_UPLOAD_BYTES) -> AsyncIterator[Upload]:
    """The fields and files of a form that a page of this server sent; the files go to disk as they come.

    Raises:
        HTTPException: 403, it came without a token; 413, it is too large; 400, it is no such form.
    """
    parser = MultiPartParser(request.headers, _bounded(request, max_bytes), max_files=_MAX_FILES, max_fields=50)
    try:
        parsed = await parser.parse()
    except (MultiPartException, KeyError) as error:
        message = getattr(error, "message", "it is no form with files")
        raise HTTPException(400, f"The files could not be read ({message}): choose them again.") from error
    try:
        fields = {name: value for name, value in parsed.multi_items() if isinstance(value, str)}
        check_token(fields)
        files = [value for _, value in parsed.multi_items() if isinstance(value, UploadFile) and value.filename]
        with tempfile.TemporaryDirectory(prefix="evigraph-upload-") as folder:
            paths = await run_in_threadpool(
                lambda: tuple(_kept(file, Path(folder) / str(n)) for n, file in enumerate(files))
            )
            yield Upload(fields, paths)
    finally:
        await parsed.close()


async def _bounded(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    n = 0
    async for chunk in request.stream():
        n += len(chunk)
        if n > max_bytes:
            raise HTTPException(
                413, f"The files are larger than {max_bytes // 1_000_000} MB together: send them in parts."
            )
        yield chunk


def _kept(file: UploadFile, folder: Path) -> Path:
    """The file in a folder of its own, under the last part of the name that its sender gave it."""
    folder.mkdir()
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if sign.isprintable()).lstrip(".")[-_MAX_NAME:]
    path = folder / (name or "export")
    with path.open("wb") as kept:
        while block := file.file.read(_BLOCK):
            kept.write(block)
    return path


def told(act: Callable[[], _T], status: int = 400) -> _T:
    """What an act gives; what it refuses becomes an answer that says why.

    Raises:
        HTTPException: the act was refused.
    """
    try:
        return act()
    except InputError as error:
        raise HTTPException(status, f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def see(path: str) -> RedirectResponse:
    """An answer that leads to a page after something was done."""
    return RedirectResponse(path, 303)


def page(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """A page of a review: `template` lies in `templates/review`; forms on it carry `token`."""
    manifest: Manifest | None = None
    try:
        manifest = served(request).manifest
    except ReleaseError:
        # A review can be worked on before the graph has a release.
        manifest = None
    return render(f"review/{template}", manifest, status, token=visitor().token, **values)
