"""Full texts of Europe PMC, live: a search for open-access articles, then each article's JATS as a payload.

The REST services as europepmc.org/RestfulWebService documents them. A cursor of the walk holds what the search has
found and was not yet fetched, so that a harvest goes on at the article where it stood.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from evigraph.harvest.answers import dig, integer, parse_json
from evigraph.harvest.live import Page, Search
from evigraph.net.client import AnswerError, Client

_ADDRESS = "https://www.ebi.ac.uk/europepmc/webservices/rest"

#: Ids that are asked of the search at a time; Europe PMC gives at most 1,000.
SEARCH_SIZE = 200

#: Answers by which Europe PMC says that it has no full text of an article after all.
_NO_TEXT = frozenset({404, 410})


class EuropePmc:
    """Open-access articles that match a query in Europe PMC's syntax, as JATS full text.

    `since` means that Europe PMC changed the article on or after that day (`UPDATE_DATE`). An article that the search
    finds and whose text is not there is left out, and shows as missing when the harvest is reconciled with what was
    announced. There is no key.
    """

    name = "europepmc"
    host = "www.ebi.ac.uk"
    suffix = "xml"
    page_size = 1

    def __init__(self, key: str | None = None) -> None:
        self._key = key

    def prepare(self, client: Client) -> None:
        """Three requests a second; Europe PMC states no rate."""
        client.set_rate(self.host, 3.0)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """One article; the page after the last one is null."""
        waiting: list[str] = []
        mark: str | None = "*"
        n_total: int | None = None
        if cursor is not None:
            waiting, mark, n_total = _stored(cursor)
        while not waiting and mark is not None:
            found = self._search(client, search, mark)
            if isinstance(found, Page):
                return found
            waiting, mark, n_total = found
        if not waiting:
            return Page(b"", f"{_ADDRESS}/search", (), n_total, None)
        pmcid, *waiting = waiting
        origin = f"{_ADDRESS}/{quote(pmcid)}/fullTextXML"
        following = json.dumps([waiting, mark, n_total]) if waiting or mark is not None else None
        try:
            answer = client.get(origin)
        except AnswerError as error:
            if error.status not in _NO_TEXT:
                raise
            return Page(b"", origin, (), n_total, following)
        return Page(answer.content, origin, (pmcid,), n_total, following)

    def _search(self, client: Client, search: Search, mark: str) -> tuple[list[str], str | None, int | None] | Page:
        """The ids of a page of the search, the mark of the next (null: the last), the total; or a page to halt at."""
        parts = [f"({search.query})"] if search.query else []
        parts += ["OPEN_ACCESS:y", "IN_EPMC:y"]
        if search.since:
            parts.append(f"UPDATE_DATE:[{search.since} TO 3000-12-31]")
        params: dict[str, str | int] = {
            "query": " AND ".join(parts),
            "format": "json",
            "resultType": "lite",
            # As on the site: without it the search finds less than a reader would.
            "synonym": "true",
            "pageSize": SEARCH_SIZE,
            "cursorMark": mark,
        }
        answer = client.get(f"{_ADDRESS}/search", params)
        parsed = parse_json(answer.content)
        results: Any = dig(parsed, "resultList", "result")
        if not isinstance(results, list):
            return Page(answer.content, f"{_ADDRESS}/search", None, None, None)
        ids = [pmcid for result in results if isinstance(pmcid := dig(result, "pmcid"), str) and pmcid]
        following = dig(parsed, "nextCursorMark")
        # The end is the same mark again, not none.
        is_last = not results or not isinstance(following, str) or following in ("", mark)
        return ids, None if is_last else following, integer(dig(parsed, "hitCount"))


def _stored(cursor: str) -> tuple[list[str], str | None, int | None]:
    waiting, mark, n_total = json.loads(cursor)
    return waiting, mark, n_total
