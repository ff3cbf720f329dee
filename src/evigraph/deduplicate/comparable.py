"""A record in the form in which records are compared, and what comparison derives from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from evigraph.deduplicate.names import NameKey, name_key
from evigraph.deduplicate.rarity import information
from evigraph.model.pid import Pid


class ToldWords(frozenset[str]):
    """Words that a record tells; an abbreviation of three letters or more tells the word that it begins."""

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        """The words of three letters or more by their first three: no other can begin a word, or a word them."""
        found: dict[str, list[str]] = {}
        for told in self:
            if len(told) > 2:
                found.setdefault(told[:3], []).append(told)
        return found

    def __contains__(self, word: object) -> bool:
        if super().__contains__(word):
            return True
        text = str(word)
        return len(text) > 3 and any(
            text.startswith(told) or told.startswith(text) for told in self._by_head.get(text[:3], ())
        )


def told_words(names: Iterable[str], texts: Iterable[str | None], year: int | None) -> set[str]:
    """The words that a record tells in other fields than the title: names, venue, year, volume, pages."""
    said = {word for name in names for word in name.replace(",", "").split()}
    for text in texts:
        if text:
            said.update(text.split())
    if year:
        said.add(str(year))
    return said


@dataclass(frozen=True)
class Comparable:
    """A record in the form in which records are compared; the columns of the table of that name."""

    record_id: str
    type: str
    title_key: str | None = None
    is_generic: bool = False
    note: str | None = None
    other_titles: tuple[str, ...] = ()
    author_names: tuple[str, ...] = ()
    n_authors: int = 0
    year: int | None = None
    venue: str | None = None
    venue_short: str | None = None
    issns: tuple[str, ...] = ()
    volume: str | None = None
    issue: str | None = None
    first_page: str | None = None
    last_page: str | None = None
    is_preprint: bool = False
    is_abstract: bool = False
    language: str | None = None
    pids: tuple[Pid, ...] = ()
    urls: tuple[str, ...] = ()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the title."""
        return tuple(self.title_key.split()) if self.title_key else ()

    @cached_property
    def information(self) -> float:
        """How much the title says, in nats."""
        return information(self.words)

    @cached_property
    def name_keys(self) -> tuple[NameKey, ...]:
        """The authors as surname and initials."""
        return tuple(name_key(name) for name in self.author_names)

    @cached_property
    def told(self) -> ToldWords:
        """The words that the record tells in other fields than the title: names, venue, year, volume, pages."""
        texts = (self.venue, self.venue_short, self.volume, self.issue, self.first_page, self.last_page)
        return ToldWords(told_words(self.author_names, texts, self.year))
