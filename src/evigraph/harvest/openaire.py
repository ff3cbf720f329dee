"""OpenAIRE research products, live: the Graph API version 2 with a cursor."""

from __future__ import annotations

from evigraph.harvest.answers import dig, integer, parse_json, public_address, text_ids
from evigraph.harvest.live import Page, Search
from evigraph.net.client import Client

_ADDRESS = "https://api.openaire.eu/graph/v2/researchProducts"


class OpenAire:
    """Research products that match a search; `since` means published on or after that day.

    The Graph API cannot select by date of change (`fromPublicationDate` is its only lower bound), so a later
    harvest brings new publications, not corrections of old ones. `key` is an access token.
    """

    name = "openaire"
    host = "api.openaire.eu"
    suffix = "json"
    page_size = 100

    def __init__(self, key: str | None = None) -> None:
        self._key = key

    def prepare(self, client: Client) -> None:
        """Two requests a second with a token (7,200 an hour); without one 60 an hour, the first 30 at once."""
        if self._key:
            client.set_rate(self.host, 2.0)
        else:
            client.set_rate(self.host, 1 / 60, burst=30)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """The products at `cursor`; the last page has no next cursor, or no products."""
        params: dict[str, str | int] = {"cursor": cursor or "*", "pageSize": size}
        if search.query:
            params["search"] = search.query
        if search.since:
            params["fromPublicationDate"] = search.since
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        answer = client.get(_ADDRESS, params, headers)
        parsed = parse_json(answer.content)
        record_ids = text_ids(dig(parsed, "results"), "id")
        following = dig(parsed, "header", "nextCursor")
        return Page(
            content=answer.content,
            origin=public_address(_ADDRESS, params),
            record_ids=record_ids,
            n_total=integer(dig(parsed, "header", "numFound")),
            next_cursor=following if isinstance(following, str) and following and record_ids else None,
        )
