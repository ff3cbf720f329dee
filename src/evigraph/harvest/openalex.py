"""OpenAlex works, live: the API's `/works` with a cursor."""

from __future__ import annotations

from evigraph.harvest.answers import dig, integer, parse_json, public_address, text_ids
from evigraph.harvest.live import Page, Search
from evigraph.net.client import Client

_ADDRESS = "https://api.openalex.org/works"


class OpenAlex:
    """Works that match a search; `since` means updated on or after that day, which OpenAlex sells.

    `key` is an API key; without one OpenAlex answers only a few requests a day.
    """

    name = "openalex"
    host = "api.openalex.org"
    suffix = "json"
    page_size = 100

    def __init__(self, key: str | None = None) -> None:
        self._key = key

    def prepare(self, client: Client) -> None:
        """Ten requests a second, well under OpenAlex's hundred."""
        client.set_rate(self.host, 10.0)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """The works at `cursor`; the last page has no next cursor, or no works."""
        params: dict[str, str | int] = {"cursor": cursor or "*", "per_page": size}
        if search.query:
            params["search"] = search.query
        if search.since:
            params["filter"] = f"from_updated_date:{search.since}"
        origin = public_address(_ADDRESS, params)
        if self._key:
            params["api_key"] = self._key
        answer = client.get(_ADDRESS, params)
        parsed = parse_json(answer.content)
        record_ids = text_ids(dig(parsed, "results"), "id")
        following = dig(parsed, "meta", "next_cursor")
        return Page(
            content=answer.content,
            origin=origin,
            record_ids=record_ids,
            n_total=integer(dig(parsed, "meta", "count")),
            next_cursor=following if isinstance(following, str) and following and record_ids else None,
        )
