"""What is found in pasted text: identifiers one a line, in a CSV, in prose; each once."""

from __future__ import annotations

import pytest

from evigraph.portal.people.links import pasted_identifiers
from evigraph.portal.people.visitor import local_path

SICI = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.5555/a\n10.5555/b\n10.5555/a\n", ["10.5555/a", "10.5555/b"]),
        ("https://doi.org/10.5555/A.1", ["https://doi.org/10.5555/A.1"]),
        (SICI, [SICI]),
        ("39252191\npmid:1 \nPMC12", ["39252191", "pmid:1", "PMC12"]),
        ('DOI;title\n10.5555/a;"One; two"\n', ["10.5555/a"]),
        ('title,doi\n"One, two","10.5555/a"\n"x",10.5555/b', ["10.5555/a", "10.5555/b"]),
        ("a\t10.5555/a\tb\n", ["10.5555/a"]),
        ("See 10.5555/a, 10.5555/b (and pmid: 12).", ["10.5555/a", "10.5555/b", "pmid: 12"]),
        ("https://orcid.org/0000-0002-1825-0097", ["https://orcid.org/0000-0002-1825-0097"]),
        ("Carberry,0000-0002-1825-0097", ["orcid:0000-0002-1825-0097"]),
        ("doi_________::" + "a" * 32, ["doi_________::" + "a" * 32]),
        ("no identifier in 1998, and 12", []),
        ("", []),
    ],
)
def test_identifiers_are_found(text: str, expected: list[str]) -> None:
    assert pasted_identifiers(text) == expected


@pytest.mark.parametrize(
    "text", ["https://x.example/a", "//x.example", "/\\x", "\\\\x", "javascript:1", "", "a", "/a\nb"]
)
def test_a_path_of_another_place_is_none_of_ours(text: str) -> None:
    assert local_path(text, "/here") == "/here"


def test_a_path_of_ours_is_kept() -> None:
    assert local_path("/product/x?a=b#c") == "/product/x?a=b#c"
