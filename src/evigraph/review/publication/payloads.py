"""What the ledger says of published reviews, as payloads of the source `reviews` that a run harvests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from evigraph.review.publication.kinds import Publication
from evigraph.store.ledger import Ledger

#: The source by which published reviews enter the graph.
SOURCE = "reviews"

#: What a payload is written as; it changes with its form.
FORM = "evigraph review 1"

_KIND = "review.publication"

#: A payload's own name behind the digest: review, version, how often that version was told before, whether withdrawn.
_NAME = re.compile(r"[0-9a-f]{16}-([0-9a-f]+)-v(\d+)-(\d+)(-withdrawn)?\.json$")


def due(ledger: Ledger, harvested: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """A name and a JSON document for each version of a review of which the payloads do not yet say what stands.

    That is a version that is new, that was withdrawn since it was harvested, or that stands again. The document holds
    `form`, `review`, `told` (how often that version was told before), `is_withdrawn` and the fields of `Publication`.

    Args:
        ledger: that reviews are published in.
        harvested: names of the payloads of the source `reviews`, in the order of harvest.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    told: dict[tuple[str, int], tuple[int, bool]] = {}
    for name in harvested:
        if match := _NAME.match(name):
            review, version, n, withdrawn = match.groups()
            told[review, int(version)] = int(n), withdrawn is not None
    for found in ledger.standing((_KIND,), in_force=None):
        said = {name: one for name, one in found.event.payload.items() if name in Publication.__struct_fields__}
        review, version = (found.event.scope or "").partition(":")[2], said.get("version")
        is_withdrawn = found.state.is_withdrawn
        if not isinstance(version, int):
            continue
        n, was_withdrawn = told.get((review, version), (-1, True))
        if is_withdrawn is was_withdrawn:
            continue
        document = {"form": FORM, "review": review, "told": n + 1, "is_withdrawn": is_withdrawn, **said}
        name = f"{review}-v{version}-{n + 1}{'-withdrawn' if is_withdrawn else ''}.json"
        yield name, json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
