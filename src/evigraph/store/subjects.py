"""What events are about, in the one form in which subjects are compared."""

from __future__ import annotations

from evigraph.errors import InputError
from evigraph.model.pid import NORMALISERS, make_pid
from evigraph.store.event import check_text


def normalise_subject(text: str) -> str:
    """A subject in the form in which decisions are compared: identifiers normalised, record ids as they are.

    Raises:
        InputError: it has not the form `source:key` or `scheme:value`.
    """
    text = check_text("subject", text)
    scheme, colon, value = text.partition(":")
    if not (scheme and colon and value.strip()):
        raise InputError(f"{text!r} is neither a record id nor an identifier: write it as doi:10.5555/1 or pubmed:1")
    if scheme.lower() in NORMALISERS and (pid := make_pid(scheme, value)) is not None:
        return str(pid)
    return text
