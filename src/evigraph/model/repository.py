"""The name of a payload that came from a repository: it carries the repository's own name from harvest to cleaning.

A page of OAI-PMH records does not say which repository it is from, its `Identify` answer does. The payload's name
holds it in letters that file names may have, so that a page can be read by itself.
"""

from __future__ import annotations

import re

#: A longer name is left out, for payload names are cut at 120 characters.
MOST_CHARACTERS = 88

_NAME = re.compile(r"(?:^|-)oai_pmh-[0-9a-f]{8}-(?P<repository>[A-Za-z0-9._-]*)-p\d{6,}\.xml$")
_ESCAPE = re.compile(r"\.([0-9A-F]{2})")
_OTHER_THAN_ASCII = "xn--"


def payload_name(repository: str | None, key: str, ordinal: int) -> str:
    """The name of a page's payload; `key` is 8 hex digits that stand for the harvest, `ordinal` counts from 1."""
    return f"oai_pmh-{key}-{_encoded(repository or '')}-p{ordinal:06d}.xml"


def repository_of(payload: str) -> str | None:
    """The repository's name that a payload's name holds, or None."""
    match = _NAME.search(payload)
    if match is None or not match["repository"]:
        return None
    part = match["repository"]
    is_encoded = part.startswith(_OTHER_THAN_ASCII)
    text = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), part.removeprefix(_OTHER_THAN_ASCII).replace("_", " "))
    if not is_encoded:
        return text
    try:
        return text.encode("ascii").decode("punycode")
    except ValueError:
        return None


def _encoded(repository: str) -> str:
    name = " ".join(repository.encode("utf-8", "ignore").decode().split())
    is_ascii = name.isascii() and not name.startswith(_OTHER_THAN_ASCII)
    plain = name if is_ascii else name.encode("punycode").decode("ascii")
    escaped = re.sub(r"[^A-Za-z0-9 -]", lambda found: f".{ord(found[0]):02X}", plain).replace(" ", "_")
    part = escaped if is_ascii else _OTHER_THAN_ASCII + escaped
    return part if len(part) <= MOST_CHARACTERS else ""
