"""Publication: what the review will say of itself in the graph, what stands in the way, and its versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph.errors import InputError, ReleaseError
from evigraph.model.pid import normalise_doi, normalise_orcid
from evigraph.portal.rendering import product_path
from evigraph.portal.review.desk import form, member_of, see, told, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.portal.serving import served
from evigraph.review.publication.checks import MAX_ABSTRACT, MAX_TITLE, missing, published
from evigraph.review.publication.draft import Words, draft, suggested
from evigraph.review.publication.kinds import PublishedAuthor

router = APIRouter(include_in_schema=False)

#: Licences that are offered: address, name.
LICENSES = (
    ("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
    ("https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0"),
    ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
)


@router.get("/reviews/{review_id}/publish")
def publish(request: Request, review_id: str) -> Response:
    """The versions that were published, and the form of the next one."""
    state, who = member_of(request, review_id)
    versions = published(state)
    words = versions[-1] if versions else suggested(state, _today())
    return framed(
        request,
        state,
        who,
        "publish",
        "publication/publish.html",
        versions=[(one, _product(request, review_id, one.version)) for one in versions],
        words=words,
        today=_today(),
        made=draft(state, suggested(state, _today())),
        problems=missing(state),
        may_publish="lead" in state.roles(who.account),
        licenses=LICENSES,
        max_title=MAX_TITLE,
        max_abstract=MAX_ABSTRACT,
    )


@router.post("/reviews/{review_id}/publish")
async def keep(request: Request, review_id: str) -> Response:
    """Publishes the review as it stands: the graph holds it from the next run on."""
    fields = await form(request)

    def act() -> Response:
        state, who = member_of(request, review_id)

        def say() -> str:
            made = draft(state, _words(fields))
            once = fields.get("once", "")
            return workspace_of(request).say(review_id, who.account, review_id, made, once=once)

        return see(review_path(review_id, "publish", done=told(say)))

    return await run_in_threadpool(act)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _words(fields: Mapping[str, str]) -> Words:
    doi = fields.get("doi", "").strip()
    return Words(
        title=fields.get("title", "").strip(),
        abstract=fields.get("abstract", "").strip(),
        authors=tuple(_author(line) for line in fields.get("authors", "").splitlines() if line.strip()),
        published_on=fields.get("published_on", "").strip(),
        keywords=tuple(dict.fromkeys(word for one in fields.get("keywords", "").split(";") if (word := one.strip()))),
        language=fields.get("language", "").strip() or "und",
        license_url=fields.get("license_url", "").strip(),
        doi=(normalise_doi(doi) or doi),
    )


def _author(line: str) -> PublishedAuthor:
    """An author from a line: the name, and behind a bar the ORCID iD.

    Raises:
        InputError: what stands behind the bar is no ORCID iD.
    """
    name, bar, stated = (part.strip() for part in line.partition("|"))
    orcid = normalise_orcid(stated)
    if bar and stated and orcid is None:
        raise InputError(f"{stated[:40]!r} is no ORCID iD: check its digits, or leave it out")
    return PublishedAuthor(" ".join(name.split()), orcid or "")


def _product(request: Request, review_id: str, version: int) -> str:
    """The address of the product that the served release has made of a version; empty where it has none yet."""
    try:
        found = served(request).resolve(f"reviews:{review_id}.v{version}")
    except ReleaseError:
        return ""
    return product_path(found) if isinstance(found, str) else ""
