"""Whole releases: their Parquet files, what the columns mean, descriptions for machines, and what changed."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from evigraph.errors import ReleaseError
from evigraph.portal.serving import OrjsonResponse, base_address, problems, served
from evigraph.publish.api import croissant, data_dictionary, ro_crate
from evigraph.store.changes import changes
from evigraph.store.manifest import MANIFEST, Manifest, read_manifest
from evigraph.store.release import releases

router = APIRouter(prefix="/bulk", tags=["bulk"], default_response_class=OrjsonResponse)

LATEST = "latest"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*$")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.parquet$")
_NO_RELEASE = "This graph keeps no release of this id."
_OBJECT = {"application/json": {"schema": {"type": "object"}}}


def _answers(what: str, kind: str = "application/json", **told: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": what, "content": {kind: {"schema": {"type": "object"}}}},
        307: {"description": "`latest` leads to the release that is served."},
        **problems(s404=_NO_RELEASE, **told),
    }


def _home(request: Request) -> Path:
    return served(request).folder.parent.parent


def _kept(request: Request, release_id: str) -> Manifest:
    folder = _home(request) / "releases" / release_id
    if not _NAME.match(release_id) or not (folder / MANIFEST).is_file():
        raise HTTPException(404, f"This graph keeps no release {release_id!r}.")
    try:
        return read_manifest(folder)
    except ReleaseError as error:
        raise HTTPException(404, str(error)) from error


def _address(request: Request, release_id: str) -> str:
    return f"{base_address(request)}/bulk/{release_id}"


def _to_latest(request: Request, release_id: str) -> RedirectResponse | None:
    """Where `latest` leads: the same path under the id of the served release, so that a walk stays in one."""
    if release_id != LATEST:
        return None
    path = request.url.path.replace(f"/bulk/{LATEST}", f"/bulk/{served(request).manifest.release_id}", 1)
    return RedirectResponse(f"{path}?{request.url.query}" if request.url.query else path, 307)


@router.get("", responses={200: {"description": "The releases", "content": _OBJECT}, **problems()}, summary="Releases")
def listing(request: Request) -> Response:
    """The releases that are kept, the newest first."""
    return OrjsonResponse(
        {
            "releases": [
                {
                    "release_id": one.manifest.release_id,
                    "created_at": one.manifest.created_at,
                    "is_served": one.is_served,
                    "counts": dict(one.manifest.counts),
                    "url": _address(request, one.manifest.release_id),
                }
                for one in releases(_home(request))
            ]
        }
    )


@router.get("/{release_id}", responses=_answers("The release and its files"), summary="One release")
def release(request: Request, release_id: str) -> Response:
    """A release: its tables with the addresses, sizes and hashes of their files, and where it is described."""
    if latest := _to_latest(request, release_id):
        return latest
    manifest = _kept(request, release_id)
    address = _address(request, release_id)
    tables = {
        name: {
            "rows": told.get("rows"),
            "files": [{**file, "url": f"{address}/{name}/{file['name']}"} for file in told.get("files") or ()],
        }
        for name, told in (manifest.document.get("tables") or {}).items()
    }
    described = ("manifest.json", "data-dictionary.json", "croissant.json", "ro-crate-metadata.json", "changes")
    return OrjsonResponse(
        {
            "release_id": release_id,
            "created_at": manifest.created_at,
            "release_hash": manifest.release_hash,
            "tables": tables,
            "described_by": [f"{address}/{name}" for name in described],
        }
    )


@router.get("/{release_id}/manifest.json", responses=_answers("The manifest"), summary="Manifest of a release")
def manifest_of(request: Request, release_id: str) -> Response:
    """The manifest as it stands beside the tables: sources, counts, hashes, steps, defects."""
    return _to_latest(request, release_id) or OrjsonResponse(dict(_kept(request, release_id).document))


@router.get("/{release_id}/data-dictionary.json", responses=_answers("The data dictionary"), summary="Data dictionary")
def dictionary(request: Request, release_id: str) -> Response:
    """What each table and column means."""
    return _to_latest(request, release_id) or OrjsonResponse(data_dictionary(_kept(request, release_id).document))


@router.get(
    "/{release_id}/croissant.json", responses=_answers("Croissant 1.0", "application/ld+json"), summary="Croissant"
)
def as_croissant(request: Request, release_id: str) -> Response:
    """The release as Croissant, for those who train models."""
    if latest := _to_latest(request, release_id):
        return latest
    document = croissant(_kept(request, release_id).document, _address(request, release_id))
    return OrjsonResponse(document, media_type="application/ld+json")


@router.get(
    "/{release_id}/ro-crate-metadata.json",
    responses=_answers("RO-Crate 1.1", "application/ld+json"),
    summary="RO-Crate",
)
def as_ro_crate(request: Request, release_id: str) -> Response:
    """The release as RO-Crate, for archives."""
    if latest := _to_latest(request, release_id):
        return latest
    document = ro_crate(_kept(request, release_id).document, _address(request, release_id))
    return OrjsonResponse(document, media_type="application/ld+json")


@router.get(
    "/{release_id}/changes",
    responses=_answers("Ids of products", s400="`since` names no older release that is kept."),
    summary="What changed",
)
def changed(
    request: Request, release_id: str, since: Annotated[str, Query(description="id of another release that is kept")]
) -> Response:
    """The ids of products that a release has added, changed, or no longer has since another."""
    if latest := _to_latest(request, release_id):
        return latest
    _kept(request, release_id)
    try:
        _kept(request, since)
    except HTTPException as error:
        raise HTTPException(400, f"since: {error.detail}") from error
    found = changes(_home(request), since, release_id)
    counts = {"added": len(found.added), "changed": len(found.changed), "deleted": len(found.deleted)}
    ids = {"added": found.added, "changed": found.changed, "deleted": found.deleted}
    return OrjsonResponse({"release_id": release_id, "since": since, "counts": counts, **ids})


@router.get(
    "/{release_id}/{table}/{file}",
    response_class=FileResponse,
    responses={
        200: {
            "description": "A Parquet file",
            "content": {"application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}}},
        },
        206: {"description": "The bytes asked for by Range"},
        307: {"description": "`latest` leads to the release that is served."},
        416: {"description": "There are no such bytes."},
        **problems(s404="This release has no such file.", s400="Range cannot be understood."),
    },
    summary="A file of a table",
)
def table_file(request: Request, release_id: str, table: str, file: str) -> Response:
    """A file of a table, whole or by Range; a table's files in the order of their names are in the order of its key."""
    if latest := _to_latest(request, release_id):
        return latest
    told = (_kept(request, release_id).document.get("tables") or {}).get(table) or {}
    entry = next((one for one in told.get("files") or () if one.get("name") == file), None)
    path = _home(request) / "releases" / release_id / "tables" / table / file
    # Only what the manifest lists is given, so that no name leads out of the folder.
    if entry is None or not _FILE.match(file) or not path.is_file():
        raise HTTPException(404, f"Release {release_id} has no file {table}/{file}.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    if entry.get("sha256"):
        headers["Repr-Digest"] = f"sha-256=:{_base64(entry['sha256'])}:"
    return FileResponse(path, media_type="application/vnd.apache.parquet", headers=headers)


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()
