"""The terms of a deposit: which version of the work it is, and under which licence others may use it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_COAR = "http://purl.org/coar/version/"


@dataclass(frozen=True)
class Version:
    """A version of a work, by COAR's vocabulary of version types.

    Attributes:
        name: in settings, policies and forms.
        label: what people call it.
        note: how to tell it from the others.
        address: its COAR address.
        relation: DataCite's relation from the copy to the published work.
    """

    name: str
    label: str
    note: str
    address: str
    relation: str


#: COAR version types 1.0 that a copy can have; the one that most publishers allow comes first.
VERSIONS: dict[str, Version] = {
    version.name: version
    for version in (
        Version(
            "accepted",
            "Accepted manuscript",
            "after peer review, without the publisher's typesetting",
            f"{_COAR}c_ab4af688f83e57aa",
            "IsVersionOf",
        ),
        Version(
            "published",
            "Published version",
            "the publisher's own PDF; mostly only of articles under an open licence",
            f"{_COAR}c_970fb48d4fbd8a85",
            "IsIdenticalTo",
        ),
        Version(
            "submitted",
            "Submitted manuscript",
            "as it was sent in, before peer review",
            f"{_COAR}c_71e4c1898caa6e32",
            "IsVersionOf",
        ),
    )
}

#: The right to read and nothing more, stated as rightsstatements.org does.
IN_COPYRIGHT = "in-copyright"

_CC = re.compile(r"cc-(?P<kind>by(?:-nc)?(?:-nd|-sa)?)-(?P<version>\d\.\d)")
_CC_ADDRESS = re.compile(r"creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/(\d\.\d)/?$", re.IGNORECASE)

#: The licences that a form offers, by SPDX id in lower case, as InvenioRDM's vocabulary has them.
LICENCES: dict[str, str] = {
    "cc-by-4.0": "CC BY 4.0",
    "cc-by-nc-4.0": "CC BY-NC 4.0",
    "cc-by-nc-nd-4.0": "CC BY-NC-ND 4.0",
    "cc-by-nc-sa-4.0": "CC BY-NC-SA 4.0",
    "cc-by-nd-4.0": "CC BY-ND 4.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "cc0-1.0": "CC0 1.0",
    IN_COPYRIGHT: "No licence: in copyright, free to read",
}


def licence_label(licence: str) -> str | None:
    """What a licence is called; None where it is none that can be chosen."""
    if licence in LICENCES:
        return LICENCES[licence]
    match = _CC.fullmatch(licence)
    return f"CC {match['kind'].upper()} {match['version']}" if match else None


def licence_address(licence: str) -> str | None:
    """Where the text of a licence stands; None where it is none that can be chosen."""
    if licence == IN_COPYRIGHT:
        return "https://rightsstatements.org/vocab/InC/1.0/"
    if licence == "cc0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    match = _CC.fullmatch(licence)
    return f"https://creativecommons.org/licenses/{match['kind']}/{match['version']}/" if match else None


def licence_of(address: str | None) -> str | None:
    """The licence of an address of Creative Commons; None where it is another's, or a ported one."""
    text = (address or "").strip()
    if re.search(r"creativecommons\.org/publicdomain/zero/1\.0/?$", text, re.IGNORECASE):
        return "cc0-1.0"
    match = _CC_ADDRESS.search(text)
    return f"cc-{match[1].lower()}-{match[2]}" if match else None


def licence_in(instances: Iterable[Mapping[str, Any]]) -> str | None:
    """The licence under which a work is known to be published; None where none of its copies states a usable one."""
    return next((found for one in instances if (found := licence_of(one.get("license_url")))), None)
