"""Anchors as W3C Web Annotations (JSON-LD), out and in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from evigraph.errors import InputError
from evigraph.review.texts.anchor import Anchor

CONTEXT_URL = "http://www.w3.org/ns/anno.jsonld"


def to_annotation(anchor: Anchor, annotation_id: str, body: str = "") -> dict[str, Any]:
    """The annotation of a selection (W3C Web Annotation Data Model §4.2): position, quote, and page rectangles as a
    media fragment of the PDF (RFC 8118: `page=`, `viewrect=` is not used, as its origin is another)."""
    selectors: list[dict[str, Any]] = [
        {"type": "TextPositionSelector", "start": anchor.start, "end": anchor.end},
        {"type": "TextQuoteSelector", "exact": anchor.exact, "prefix": anchor.prefix, "suffix": anchor.suffix},
    ]
    if anchor.page:
        selectors.append(
            {
                "type": "FragmentSelector",
                "conformsTo": "http://tools.ietf.org/rfc/rfc3778",
                "value": f"page={anchor.page}",
                "evigraph:rectangles": [list(one) for one in anchor.rectangles],
            }
        )
    made: dict[str, Any] = {
        "@context": [CONTEXT_URL, {"evigraph": "urn:evigraph:"}],
        "id": annotation_id,
        "type": "Annotation",
        "target": {
            "source": f"urn:sha256:{anchor.text_sha256}",
            "evigraph:record": anchor.record_id,
            "selector": selectors,
        },
    }
    return made | ({"body": {"type": "TextualBody", "value": body}} if body else {})


def from_annotation(annotation: Mapping[str, Any]) -> Anchor:
    """The anchor of an annotation that `to_annotation` wrote.

    Raises:
        InputError: it has no position or quote, or they are not of the form.
    """
    try:
        target = annotation["target"]
        by_type = {one["type"]: one for one in target["selector"]}
        position, quote = by_type["TextPositionSelector"], by_type["TextQuoteSelector"]
        page = by_type.get("FragmentSelector", {})
        fields = {
            "record_id": target["evigraph:record"],
            "text_sha256": target["source"].removeprefix("urn:sha256:"),
            "start": position["start"],
            "end": position["end"],
            "exact": quote["exact"],
            "prefix": quote.get("prefix", ""),
            "suffix": quote.get("suffix", ""),
            "page": int(page.get("value", "page=0").removeprefix("page=")),
            "rectangles": page.get("evigraph:rectangles", []),
        }
        return msgspec.convert(fields, Anchor)
    except (KeyError, TypeError, AttributeError, ValueError, msgspec.ValidationError) as error:
        raise InputError(
            f"this annotation cannot be read ({error}): it needs a text position and a text quote selector"
        ) from error
