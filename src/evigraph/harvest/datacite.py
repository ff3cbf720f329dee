"""DataCite DOIs, live: the REST API's `/dois` with a cursor (support.datacite.org/docs/pagination)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from evigraph.harvest.answers import dig, integer, parse_json, public_address, text_ids
from evigraph.harvest.live import Page, Search
from evigraph.net.client import Client

_ADDRESS = "https://api.datacite.org/dois"


class DataCite:
    """DOIs that match a query in DataCite's syntax; `since` means changed on or after that day (`updated`).

    Only DOIs that can be found are answered: one that was withdrawn is simply no longer there. There is no key.
    """

    name = "datacite"
    host = "api.datacite.org"
    suffix = "json"
    page_size = 500

    def __init__(self, key: str | None = None) -> None:
        self._key = key

    def prepare(self, client: Client) -> None:
        """Three requests a second with a contact, one without: 1,000 in five minutes are let through, or fewer."""
        client.set_rate(self.host, 3.0 if client.policy.contact else 1.0)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """The DOIs at `cursor`; the last page links to no next one, or holds no DOIs."""
        params: dict[str, str | int] = {
            "page[cursor]": cursor or "1",
            "page[size]": size,
            # Without these two the answer leaves out the ROR ids of affiliations and publishers.
            "affiliation": "true",
            "publisher": "true",
        }
        parts = [f"({search.query})"] if search.query and search.since else [search.query] if search.query else []
        if search.since:
            parts.append(f"updated:[{search.since} TO *]")
        if parts:
            params["query"] = " AND ".join(parts)
        origin = public_address(_ADDRESS, params)
        if client.policy.contact and "@" in client.policy.contact:
            params["mailto"] = client.policy.contact
        answer = client.get(_ADDRESS, params)
        parsed = parse_json(answer.content)
        record_ids = text_ids(dig(parsed, "data"), "id")
        return Page(
            content=answer.content,
            origin=origin,
            record_ids=record_ids,
            n_total=integer(dig(parsed, "meta", "total")),
            next_cursor=_cursor(dig(parsed, "links", "next")) if record_ids else None,
        )


def _cursor(link: object) -> str | None:
    """The cursor in the address of the next page."""
    if not isinstance(link, str):
        return None
    return next(iter(parse_qs(urlsplit(link).query).get("page[cursor]", [])), None)
