"""PubMed citations, live: E-utilities' esearch with a server-side history, then efetch as XML.

E-utilities give no more than 9,999 PubMed records of one search, so a larger search is cut by the date on
which records entered PubMed (EDAT, which every record has) until each part fits.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta

from evigraph.errors import HarvestError
from evigraph.harvest.answers import dig, integer, parse_json, public_address
from evigraph.harvest.live import Page, Search
from evigraph.net.client import AnswerError, Client

_BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"

#: The most records that one search gives (NLM, E-utilities: esearch, retstart).
MOST_RECORDS = 9_999

#: No record entered PubMed before this day.
_FIRST_DAY = date(1780, 1, 1)

_ARTICLE = re.compile(rb"<Pubmed(?:Book)?Article>.*?<PMID[^>]*>(\d+)</PMID>", re.DOTALL)
_END = b"</PubmedArticleSet>"


@dataclass(frozen=True)
class _Position:
    """Where a walk stands: in which part of the search, at which record of it, and which parts remain.

    A part is a pair of EDAT days, or null for the whole search.
    """

    n_total: int
    part: tuple[str, str] | None
    pending: tuple[tuple[str, str], ...]
    web_env: str
    query_key: str
    n_part: int
    start: int = 0

    @property
    def is_end(self) -> bool:
        return self.start >= min(self.n_part, MOST_RECORDS) and not self.pending

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> _Position:
        stored = json.loads(text)
        stored["part"] = tuple(stored["part"]) if stored["part"] else None
        stored["pending"] = tuple(tuple(part) for part in stored["pending"])
        return cls(**stored)


class PubMed:
    """Citations that a PubMed query finds; `since` means modified on or after that day (MDAT).

    `key` is an NCBI API key.
    """

    name = "pubmed"
    host = "eutils.ncbi.nlm.nih.gov"
    suffix = "xml"
    page_size = 200

    def __init__(self, key: str | None = None) -> None:
        self._key = key

    def prepare(self, client: Client) -> None:
        """Ten requests a second with a key, three without (NLM's usage policy)."""
        client.set_rate(self.host, 10.0 if self._key else 3.0)

    def page(self, client: Client, search: Search, cursor: str | None, size: int) -> Page:
        """The citations at `cursor`, which is a JSON object for this source alone to read."""
        position = _Position.read(cursor) if cursor else self._begin(client, search)
        while position.start >= min(position.n_part, MOST_RECORDS) and position.pending:
            position = self._open(client, search, position.pending, position.n_total)
        wanted = min(size, min(position.n_part, MOST_RECORDS) - position.start)
        if wanted <= 0:
            return Page(b"", "", (), position.n_total, None)
        content, params, position = self._fetch(client, search, position, wanted)
        following = replace(position, start=position.start + wanted)
        return Page(
            content=content,
            origin=public_address(f"{_BASE}/efetch.fcgi", params),
            record_ids=_record_ids(content),
            n_total=position.n_total,
            next_cursor=None if following.is_end else following.text(),
        )

    def _fetch(
        self, client: Client, search: Search, position: _Position, wanted: int
    ) -> tuple[bytes, dict[str, str | int], _Position]:
        """A page's content; where NLM has dropped the search from its history, it is made once more first."""
        for attempt in range(2):
            params: dict[str, str | int] = {
                "db": "pubmed",
                "WebEnv": position.web_env,
                "query_key": position.query_key,
                "retstart": position.start,
                "retmax": wanted,
                "retmode": "xml",
            }
            try:
                content = client.get(f"{_BASE}/efetch.fcgi", params | self._identity(client)).content
            except AnswerError as error:
                if error.status != 400 or attempt:
                    raise
            else:
                if b"<PubmedArticleSet" in content or b"Unable to obtain query" not in content or attempt:
                    return content, params, position
            again = self._search(client, search, position.part)
            position = replace(position, web_env=again.web_env, query_key=again.query_key)
        raise AssertionError("the second attempt returns or raises")

    def _begin(self, client: Client, search: Search) -> _Position:
        whole = self._search(client, search, None)
        if whole.n_part <= MOST_RECORDS:
            return whole
        last = datetime.now(UTC).date() + timedelta(days=366)
        return self._open(client, search, ((_FIRST_DAY.isoformat(), last.isoformat()),), whole.n_part)

    def _open(self, client: Client, search: Search, pending: tuple[tuple[str, str], ...], n_total: int) -> _Position:
        """The first pending part, halved until it holds no more records than one search gives."""
        part, *rest = pending
        while True:
            position = self._search(client, search, part)
            first, last = date.fromisoformat(part[0]), date.fromisoformat(part[1])
            if position.n_part <= MOST_RECORDS or first >= last:
                return replace(position, pending=tuple(rest), n_total=n_total)
            middle = first + (last - first) // 2
            part = (first.isoformat(), middle.isoformat())
            rest.insert(0, ((middle + timedelta(days=1)).isoformat(), last.isoformat()))

    def _search(self, client: Client, search: Search, part: tuple[str, str] | None) -> _Position:
        params: dict[str, str | int] = {
            "db": "pubmed",
            "term": _term(search, part),
            "usehistory": "y",
            "retmax": 0,
            "retmode": "json",
        }
        answer = parse_json(client.get(f"{_BASE}/esearch.fcgi", params | self._identity(client)).content)
        n_found = integer(dig(answer, "esearchresult", "count"))
        web_env, query_key = (dig(answer, "esearchresult", name) for name in ("webenv", "querykey"))
        if n_found is None or (n_found and not (web_env and query_key)):
            said = dig(answer, "esearchresult", "ERROR") or dig(answer, "error") or "an answer that cannot be read"
            raise HarvestError(f"PubMed could not search ({said}): check the query, then run the same command again")
        return _Position(n_found, part, (), str(web_env or ""), str(query_key or ""), n_found)

    def _identity(self, client: Client) -> dict[str, str | int]:
        identity: dict[str, str | int] = {"tool": "evigraph"}
        if client.policy.contact and "@" in client.policy.contact:
            identity["email"] = client.policy.contact
        if self._key:
            identity["api_key"] = self._key
        return identity


def _term(search: Search, part: tuple[str, str] | None) -> str:
    clauses = [search.query or "all[sb]"]
    if search.since:
        clauses.append(f'"{search.since.replace("-", "/")}"[MDAT] : "3000/12/31"[MDAT]')
    if part:
        first, last = (day.replace("-", "/") for day in part)
        clauses.append(f'"{first}"[EDAT] : "{last}"[EDAT]')
    return clauses[0] if len(clauses) == 1 else " AND ".join(f"({clause})" for clause in clauses)


def _record_ids(content: bytes) -> tuple[str, ...] | None:
    if b"<PubmedArticleSet" not in content or not content.rstrip().endswith(_END):
        return None
    return tuple(match.decode("ascii") for match in _ARTICLE.findall(content))
