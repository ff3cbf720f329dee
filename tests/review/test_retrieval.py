"""Texts told by what they are, and open copies fetched through the guarded client."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evigraph.errors import HarvestError, InputError
from evigraph.review.retrieval import JATS, PDF, fetch_open, is_free, media_type_of, open_copies
from evigraph.store.release import Release
from store import small_release


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7\n...", PDF),
        (b"\x00\x00junk before %PDF-1.4", PDF),
        (b'<?xml version="1.0"?><article xmlns:xlink="x"><body/></article>', JATS),
        (b"\xef\xbb\xbf<article/>", JATS),
        (b"<!DOCTYPE article PUBLIC 'x' 'y.dtd'><pmc-articleset><article/></pmc-articleset>", JATS),
    ],
)
def test_a_text_is_told_by_its_content(content: bytes, told: str) -> None:
    assert media_type_of(content) == told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "neither a PDF nor"),
        (b"MZ\x90\x00", "neither a PDF nor"),
        (b"<html><body>Sign in</body></html>", "is a html, not a JATS"),
        (b"<article", "neither a PDF nor|cannot be read"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>", "not a JATS|cannot be read"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        media_type_of(content)


def test_only_free_licences_let_a_text_leave() -> None:
    assert is_free("https://creativecommons.org/licenses/by/4.0/")
    assert is_free("http://creativecommons.org/publicdomain/zero/1.0/")
    assert not is_free("https://creativecommons.org/licenses/by-nc-nd/4.0/")
    assert not is_free("")


@dataclass
class Answered:
    url: str
    content: bytes


@dataclass
class Host:
    """Answers some addresses; every other is refused."""

    texts: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def get(self, url: str) -> Answered:
        self.asked.append(url)
        if url not in self.texts:
            raise HarvestError("no answer")
        return Answered(url, self.texts[url])


def test_the_first_open_copy_that_is_a_text_is_taken() -> None:
    host = Host({"https://a.example/login": b"<html/>", "https://b.example/x": b"%PDF-1.5"})
    copies = [("https://gone.example", ""), ("https://a.example/login", ""), ("https://b.example/x", "CC")]
    assert fetch_open(host, copies) == (b"%PDF-1.5", PDF, "https://b.example/x", "CC")
    assert host.asked == [url for url, _ in copies]
    with pytest.raises(InputError, match=r"no open copy could be fetched .*gone\.example: no answer"):
        fetch_open(host, copies[:2])
    with pytest.raises(InputError, match="knows no open copy"):
        fetch_open(host, [])


def test_open_copies_are_those_that_the_graph_says_are_open(tmp_path: Path) -> None:
    rows, _ = small_release.small_rows(40)
    small_release.write_release(tmp_path, rows)
    release = Release.open(tmp_path)
    for product in rows["product"]:
        expected = {
            url
            for instance in product["instances"]
            if instance.get("access_right") == "c_abf2" or is_free(instance.get("license_url") or "")
            for url in instance.get("urls") or ()
        }
        assert {url for url, _ in open_copies(release, [product["product_id"]])} == expected
    assert open_copies(release, ["doi:10.5555/none"]) == []
