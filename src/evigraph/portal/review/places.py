"""Places in the attached texts of a study: found for what a sheet quotes, shown beside it, searched on a page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from evigraph.errors import InputError
from evigraph.portal.review.desk import desk_of, member_of, workspace_of
from evigraph.portal.review.frame import framed, review_path
from evigraph.review.sheet import Evidence
from evigraph.review.state import ReviewState
from evigraph.review.texts.again import find_again
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.quoted import find_quote

router = APIRouter(include_in_schema=False)

#: Places that the page of a search lists; characters around each.
_LISTED, _AROUND = 20, 80


@dataclass(frozen=True)
class Place:
    """Where words stand in a text: line and page (0 where it has none), the address there, the words and around them.

    Of words that stand in no attached text `line` is 0.
    """

    line: int = 0
    page: int = 0
    address: str = ""
    before: str = ""
    words: str = ""
    after: str = ""


def evidence_of(request: Request, state: ReviewState, study: str, words: str, page: str) -> tuple[Evidence, ...]:
    """What a sheet keeps of a place that its author names: with an anchor where the words stand in an attached text.

    The page is the author's; where they give none and the text has pages, it is the one on which the words stand.
    """
    if not words and not page:
        return ()
    for record_id, text in _texts(request, state, state.studies()[study]):
        for start, end in find_quote(text, words):
            anchor = text.anchor(record_id, start, end)
            return (Evidence(record_id, words, page or (str(anchor.page) if anchor.page else ""), anchor),)
    return (Evidence(state.studies()[study][0], words, page),)


def places_of(request: Request, state: ReviewState, said: Iterable[Evidence]) -> dict[Evidence, Place]:
    """Where what was quoted stands now; what has no words, or whose study has no text that can be read, is left out."""
    found: dict[Evidence, Place] = {}
    for one in said:
        heads = state.studies().get(state.study_of(one.record_id) or "", [one.record_id])
        texts = _texts(request, state, heads) if one.quote else []
        places = (place for record_id, text in texts if (place := _place(state, one, record_id, text)) is not None)
        if texts:
            found[one] = next(places, Place())
    return found


def _place(state: ReviewState, one: Evidence, record_id: str, text: CanonicalText) -> Place | None:
    if one.anchor is not None and one.anchor.record_id == record_id:
        again = find_again(one.anchor, text, by_likeness=False)
        if again is not None:
            return _at(state, record_id, text, again.anchor.start, again.anchor.end)
    span = next(find_quote(text, one.quote), None)
    return _at(state, record_id, text, *span) if span is not None else None


def _at(state: ReviewState, record_id: str, text: CanonicalText, start: int, end: int) -> Place:
    line = bisect_right([block.start for block in text.blocks], start)
    return Place(
        line,
        text.page_at(start),
        f"{review_path(state.review_id, f'coding/{quote(record_id)}')}#line-{line}",
        text.text[max(0, start - _AROUND) : start],
        text.text[start:end],
        text.text[end : end + _AROUND],
    )


def _texts(request: Request, state: ReviewState, heads: Iterable[str]) -> list[tuple[str, CanonicalText]]:
    """The texts of records that can be read now."""
    files, readings, found = workspace_of(request).files(state.review_id), desk_of(request).readings, []
    for head in heads:
        if state.report(head).sha256:
            try:
                text = readings.text(files, state.report(head))
            except InputError:
                # It is told where the text was attached; a sheet can be filled in without.
                continue
            if text is not None:
                found.append((head, text))
    return found


@router.get("/reviews/{review_id}/places/{study}")
def search(request: Request, review_id: str, study: str) -> Response:
    """Where the words that somebody gives (`words`) stand in the texts of a study."""
    state, who = member_of(request, review_id)
    if study not in state.studies():
        raise HTTPException(404, "This is no included study of this review.")
    words = " ".join(request.query_params.get("words", "").split())[:4000]
    texts = _texts(request, state, state.studies()[study])
    spans = [(head, text, span) for head, text in texts for span in find_quote(text, words)]
    return framed(
        request,
        state,
        who,
        "full-texts",
        "places.html",
        study=study,
        label=state.study_label(study),
        words=words,
        n_texts=len(texts),
        n_found=len(spans),
        places=[_at(state, head, text, *span) for head, text, span in spans[:_LISTED]],
    )
