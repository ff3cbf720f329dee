"""Several bylines of one work as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from evigraph.deduplicate.comparables import folded_name
from evigraph.deduplicate.names import is_same_name, parse_name
from evigraph.deduplicate.precedence import Record

Author = dict[str, Any]


def _name(author: Author) -> str:
    return folded_name(author.get("full_name"), author.get("given_name"), author.get("family_name"))


def matched_authors(base: Sequence[Author], other: Sequence[Author]) -> dict[int, int]:
    """Which author of another byline is which of the base, by place; only where both ways leave no doubt."""
    names = [_name(author) for author in other]
    by_token: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        for token in set(parse_name(name).tokens):
            if len(token) > 1:
                by_token[token].append(place)
    found: dict[int, int] = {}
    claims: defaultdict[int, int] = defaultdict(int)
    for place, author in enumerate(base):
        name = _name(author)
        candidates = {
            candidate for token in set(parse_name(name).tokens) if len(token) > 1 for candidate in by_token[token]
        }
        alike = [candidate for candidate in candidates if names[candidate] == name] or [
            candidate for candidate in candidates if is_same_name(name, names[candidate])
        ]
        if len(alike) == 1:
            found[place] = alike[0]
            claims[alike[0]] += 1
    return {place: candidate for place, candidate in found.items() if claims[candidate] == 1}


def _contribute(author: Author, other: Author, known_orcids: set[str]) -> None:
    """Fills what the base does not say of an author: ORCID, parts of the name, affiliations."""
    orcid = other.get("orcid")
    if orcid and not author.get("orcid") and orcid not in known_orcids:
        author["orcid"] = orcid
        known_orcids.add(orcid)
    if not author.get("family_name") and not author.get("given_name"):
        author["family_name"], author["given_name"] = other.get("family_name"), other.get("given_name")
    if not author.get("affiliations") and other.get("affiliations"):
        author["affiliations"] = other["affiliations"]


def merge_bylines(records: Sequence[Record]) -> tuple[list[Author] | None, list[list[str]]]:
    """The authors of a work, and for each the records that name them; None where no record has a byline.

    The longest byline is the base (of equally long ones that with more ORCID iDs, then the leading record's); it
    keeps its order and names. The others add what it does not say of authors whom it surely shares.
    """
    stated = [record for record in records if record.get("authors") is not None]
    if not stated:
        return None, []
    lead = max(
        stated,
        key=lambda record: (len(record["authors"]), sum(bool(author.get("orcid")) for author in record["authors"])),
    )
    authors = [dict(author) for author in lead["authors"]]
    told: list[list[str]] = [[lead["record_id"]] for _ in authors]
    known_orcids = {author["orcid"] for author in authors if author.get("orcid")}
    for record in stated:
        if record is lead:
            continue
        for place, other in matched_authors(authors, record["authors"]).items():
            _contribute(authors[place], record["authors"][other], known_orcids)
            told[place].append(record["record_id"])
    return authors, told
