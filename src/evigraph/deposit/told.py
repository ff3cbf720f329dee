"""Beginning a deposit, and what the published ones tell the next run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from evigraph.deposit.metadata import Choice, draft_of, file_name_of
from evigraph.deposit.state import published_deposits
from evigraph.errors import InputError
from evigraph.model.pid import IDENTITY_SCHEMES
from evigraph.store.content import ContentFolder
from evigraph.store.event import JsonValue, instant_text
from evigraph.store.kinds import DEPOSIT_BEGUN, ONCE
from evigraph.store.ledger import Ledger, Statement
from evigraph.store.subjects import normalise_subject

#: The name of the source that deposits are to the graph.
SOURCE = "deposits"

#: How far into a PDF its mark may stand (ISO 32000-1 Annex H, as readers do).
_HEAD = 1024


def check_pdf(content: bytes) -> None:
    """Nothing, if these bytes are a PDF by what they begin with.

    Raises:
        InputError: they are not.
    """
    if b"%PDF-" not in content[:_HEAD]:
        raise InputError("the file is no PDF: save the manuscript as PDF, and choose that")


def begin(
    ledger: Ledger,
    actor: str,
    subject: str,
    product: Mapping[str, Any],
    kind: str,
    choice: Choice,
    content: bytes,
    files: ContentFolder,
    repository: tuple[str, str],
    today: date,
    once: str = "",
    is_own_token: bool = False,
) -> str:
    """The id of a deposit that begins. Sent twice under one `once`, it is one.

    Args:
        subject: what names the product in the ledger.
        product: a row of the table `product`.
        kind: its type as its page names it.
        content: the bytes of the file.
        files: where they wait.
        repository: the address of the repository, and its name.
        is_own_token: whether it goes there under the name of who deposits, not of the graph.

    Raises:
        InputError: the graph does not know enough of the work, the file is no PDF, or it cannot be kept.
        LedgerError: the ledger cannot be written.
    """
    check_pdf(content)
    payload: dict[str, JsonValue] = {
        "repository": repository[0],
        "repository_name": repository[1],
        "version": choice.version.address,
        "draft": draft_of(product, kind, choice, repository[1], today),
        "pids": [
            {"scheme": pid["scheme"], "value": pid["value"]}
            for pid in product.get("pids") or ()
            if pid["scheme"] in IDENTITY_SCHEMES
        ],
        "product_type": str(product.get("type") or "other"),
        "resource_type": kind,
        "file_name": file_name_of(product, choice.version),
        "sha256": hashlib.sha256(content).hexdigest(),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "size": len(content),
        "is_own_token": is_own_token,
    }
    if once:
        payload[ONCE] = f"{actor} {once}"
    # Kept first: an event without its file could not be carried on.
    files.keep(content)
    said = Statement(DEPOSIT_BEGUN, normalise_subject(subject), None, "", payload)
    return ledger.append(actor, [said])[0].event_id


def deposits_payload(ledger: Ledger) -> tuple[bytes, str] | None:
    """The published deposits as the payload of a source, a JSON object a line, and when the last was published.

    The same ledger gives the same bytes. None where nothing was deposited.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    lines, last = [], ""
    for deposit in published_deposits(ledger):
        assert deposit.published is not None
        facts, when = deposit.facts, instant_text(deposit.published.decided_at)
        last = max(last, when)
        line = {
            "id": deposit.deposit_id,
            "published_at": when,
            "address": deposit.address,
            "doi": deposit.doi,
            **{name: facts.get(name) for name in _TOLD},
        }
        lines.append(orjson.dumps(line, option=orjson.OPT_SORT_KEYS) + b"\n")
    return (b"".join(lines), last) if lines else None


_TOLD = ("repository_name", "version", "draft", "pids", "product_type", "resource_type")
