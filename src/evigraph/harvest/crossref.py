"""Crossref works, live: the REST API's `/works` with a deep-paging cursor.

Crossref keeps a cursor's position on its own side and may hand out the same cursor with every page
(community.crossref.org, "Cursor based pagination"), so that only an equal page, not an equal cursor, shows a
loop; and a cursor is forgotten after some minutes.
"""

from __future__ import annotations

from evigraph.harvest.answers import dig, integer, parse_json, public_address, text_ids
from evigraph.harvest.live import Page, Search
from evigraph.net.client import Client

_ADDRESS = "https://api.crossref.org/works"


class Crossref:
    """Works that match a free-text query; `since` means indexed on or after that day (`from-index-date`).

    `key` is a Metadata Plus token.
    """

    name = "crossref"
    host = "api.crossref.org"
    suffix = "json"
    page_size = 500

    def __init__(self, key: str | None = None) -> None:
        self._key = key

    def prepare(self, client: Client) -> None:
        """Three list requests a second with a contact (the polite pool), one without."""
        client.set_rate(self.host, 3.0 if client.policy.contact else 1.0)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """The works at `cursor`; the last page is the one with fewer works than asked for."""
        params: dict[str, str | int] = {"cursor": cursor or "*", "rows": size}
        if search.query:
            params["query"] = search.query
        if search.since:
            params["filter"] = f"from-index-date:{search.since}"
        origin = public_address(_ADDRESS, params)
        if client.policy.contact and "@" in client.policy.contact:
            params["mailto"] = client.policy.contact
        headers = {"Crossref-Plus-API-Token": f"Bearer {self._key}"} if self._key else {}
        answer = client.get(_ADDRESS, params, headers)
        parsed = parse_json(answer.content)
        record_ids = text_ids(dig(parsed, "message", "items"), "DOI")
        following = dig(parsed, "message", "next-cursor")
        is_last = record_ids is not None and len(record_ids) < size
        return Page(
            content=answer.content,
            origin=origin,
            record_ids=record_ids,
            n_total=integer(dig(parsed, "message", "total-results")),
            next_cursor=following if isinstance(following, str) and following and not is_last else None,
        )
