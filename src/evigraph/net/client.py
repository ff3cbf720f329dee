"""The one guarded HTTP client: identified, paced, patient, bounded, and blind to private addresses."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2
import stamina

from evigraph import __version__
from evigraph.errors import HarvestError
from evigraph.net.guard import Resolver, check_url, host_name, resolve
from evigraph.net.pace import Pace
from evigraph.net.transport import PinnedTransport

#: Answers that ask to come back later (RFC 9110 §15.6.4, RFC 6585 §4) or that a second try often mends.
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Bytes of an error's content that are kept for who asked.
_TOLD_BYTES = 20_000

_PRIVATE_HEADERS = frozenset({"authorization", "cookie", "crossref-plus-api-token"})

Params = Mapping[str, str | int]


class AnswerError(HarvestError):
    """A host answered with an error status; `status` and the first bytes of `content` say which.

    `wait` is the pause in seconds that it asked for, or null.
    """

    def __init__(self, message: str, status: int, content: bytes = b"", wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.content = content
        self.wait = wait


class LostAnswerError(HarvestError):
    """A request that changes something got no answer. `may_have_arrived` says whether its host may have done it."""

    def __init__(self, message: str, may_have_arrived: bool) -> None:
        super().__init__(message)
        self.may_have_arrived = may_have_arrived


class _BusyHostError(AnswerError):
    """An error status that the next attempt may mend."""


class _BrokenConnectionError(HarvestError):
    """No answer, or half of one; the next attempt may mend it."""


@dataclass(frozen=True)
class Policy:
    """How the client behaves: who it says it is, how fast it asks, what it bears and whom it may call.

    Attributes:
        contact: an e-mail or web address under which the operator can be reached; sent with each request.
        rates: requests a second for a host, over what its source declares.
        default_rate: requests a second for any other host.
        allowed_hosts: hosts that may be called although their address is private or their port unusual.
        max_bytes: size of the largest answer, after decompression.
        timeout: seconds without a byte after which an attempt is given up.
        deadline: seconds after which an attempt is given up although bytes still trickle in.
        attempts: how often one request is tried.
        longest_wait: seconds beyond which a pause asked for by a host ends the harvest instead.
        max_redirects: hops that are followed.
    """

    contact: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    default_rate: float = 5.0
    allowed_hosts: frozenset[str] = frozenset()
    max_bytes: int = 256 * 1024 * 1024
    timeout: float = 60.0
    deadline: float = 600.0
    attempts: int = 6
    longest_wait: float = 900.0
    max_redirects: int = 5


@dataclass(frozen=True)
class Answer:
    """What a host said: final address, status, headers with lower-case names, decompressed content."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


class Client:
    """Fetches addresses under a `Policy`. Close it, or use it as a context manager.

    `transport` is the seam for tests (`evigraph.net.recorded`). `clock` and `sleep` are too.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        transport: httpx2.BaseTransport | None = None,
        resolver: Resolver = resolve,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.policy = policy if policy is not None else Policy()
        self._allowed = frozenset(host_name(host) for host in self.policy.allowed_hosts)
        self._clock = clock
        self._pace = Pace(self.policy.default_rate, clock, sleep)
        for host, rate in self.policy.rates.items():
            self._pace.set_rate(host_name(host), rate)
        # The libraries' own log lines carry whole addresses, keys included, or tell of each retry.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        logging.getLogger("stamina").setLevel(logging.ERROR)
        self._http = httpx2.Client(
            transport=transport if transport is not None else PinnedTransport(self._allowed, resolver),
            headers={"User-Agent": user_agent(self.policy.contact), "Accept-Encoding": "gzip, deflate"},
            timeout=self.policy.timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def set_rate(self, host: str, rate: float, burst: float = 1.0) -> None:
        """Sets the rate a source knows its host to bear, unless the policy names a rate for that host."""
        if host_name(host) not in {host_name(named) for named in self.policy.rates}:
            self._pace.set_rate(host_name(host), rate, burst)

    def hold(self, host: str, seconds: float) -> None:
        """Lets no request go to a host for so many seconds from now."""
        self._pace.hold(host_name(host), seconds)

    def get(self, url: str, params: Params | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET request, after retries and redirects.

        Transient failures (connection errors, cut-off bodies, 408, 425, 429, 5xx) are tried again with
        growing, jittered pauses; a `Retry-After` is obeyed to the second, by every request to that host.

        Raises:
            AnswerError: the host answered with an error that a retry does not mend.
            HarvestError: the address may not be called, the host stayed silent or busy, or the answer is
                larger than the policy bears.
        """
        for attempt in stamina.retry_context(
            on=_backoff,
            attempts=self.policy.attempts,
            timeout=None,
            wait_initial=1.0,
            wait_max=60.0,
            wait_jitter=2.0,
        ):
            with attempt:
                return self._follow(str(httpx2.URL(url, params=dict(params)) if params else url), dict(headers or {}))
        raise AssertionError("the retry loop returns or raises")

    def send(
        self,
        method: str,
        url: str,
        content: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a request that changes something (POST, PUT, DELETE): asked once, whatever happens.

        Nothing is tried again and no redirect is followed: only who sent it can find out whether it was done.
        Content that comes in parts needs its `Content-Length` among the headers.

        Raises:
            AnswerError: the host answered with an error, or sent the request elsewhere.
            LostAnswerError: no answer came, or half of one.
            HarvestError: the address may not be called, or the answer is larger than the policy bears.
        """
        check_url(url, self._allowed)
        try:
            answer = self._exchange(method, url, dict(headers or {}), content)
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise LostAnswerError(
                f"{_place(url)} did not answer ({error or type(error).__name__}): check the network",
                may_have_arrived=not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout),
            ) from error
        if answer.status >= 300:
            wait = retry_after(answer.headers) if answer.status in _TRANSIENT else None
            raise AnswerError(_explain(answer), answer.status, answer.content[:_TOLD_BYTES], wait)
        return answer

    def _follow(self, url: str, headers: dict[str, str]) -> Answer:
        for _ in range(self.policy.max_redirects + 1):
            check_url(url, self._allowed)
            answer = self._ask(url, headers)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            target = str(httpx2.URL(url).join(answer.headers["location"]))
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                headers = {name: value for name, value in headers.items() if name.lower() not in _PRIVATE_HEADERS}
            url = target
        raise HarvestError(f"{_place(url)} redirects more than {self.policy.max_redirects} times: check the address")

    def _ask(self, url: str, headers: Mapping[str, str]) -> Answer:
        host = host_name(urlsplit(url).hostname or "")
        try:
            answer = self._exchange("GET", url, headers)
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise _BrokenConnectionError(
                f"{_place(url)} could not be read ({error or type(error).__name__}): check the network, then run "
                "the same command again; what was fetched is kept"
            ) from error
        self._heed(host, answer)
        return answer

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | Iterable[bytes] = b""
    ) -> Answer:
        """One request and its answer, at the pace of its host."""
        self._pace.wait(host_name(urlsplit(url).hostname or ""))
        with self._http.stream(method, url, headers=headers, content=content or None) as response:
            return Answer(
                url=url,
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=self._read(response, url),
            )

    def _read(self, response: httpx2.Response, url: str) -> bytes:
        bound = self.policy.max_bytes
        too_large = f"{_place(url)} sent more than {bound:,} bytes: ask for fewer records a page or raise the bound"
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > bound:
            raise HarvestError(too_large)
        started, parts, size = self._clock(), [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > bound:
                raise HarvestError(too_large)
            if self._clock() - started > self.policy.deadline:
                raise httpx2.ReadTimeout(f"not complete after {self.policy.deadline:g} s")
            parts.append(part)
        return b"".join(parts)

    def _heed(self, host: str, answer: Answer) -> None:
        if (rate := announced_rate(answer.headers)) is not None:
            self._pace.slow_to(host, rate)
        if answer.status < 400:
            return
        if answer.status not in _TRANSIENT:
            raise AnswerError(_explain(answer), answer.status, answer.content[:_TOLD_BYTES])
        wait = retry_after(answer.headers)
        if wait is not None and wait > self.policy.longest_wait:
            raise AnswerError(
                f"{host} answered {answer.status} and asks for a pause of {wait:,.0f} s: run the same command again "
                "after that; what was fetched is kept",
                answer.status,
                wait=wait,
            )
        if wait is not None:
            self._pace.hold(host, wait)
        raise _BusyHostError(
            f"{_place(answer.url)} still answers {answer.status} after {self.policy.attempts} attempts: run the same "
            "command again later; what was fetched is kept",
            answer.status,
            wait=wait,
        )

    def close(self) -> None:
        """Closes all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def user_agent(contact: str | None) -> str:
    """The `User-Agent` by which a host can tell who asks, and whom to write to."""
    python = f"Python {platform.python_version()}"
    reachable = f"mailto:{contact}" if contact and "@" in contact else contact
    return f"evigraph/{__version__} ({f'{reachable}; ' if reachable else ''}{python})"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The pause in seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3), or None.

    Both its forms are read: seconds, and an HTTP date.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return max(0.0, (instant - (now if now is not None else datetime.now(UTC))).total_seconds())


def announced_rate(headers: Mapping[str, str]) -> float | None:
    """Requests a second that Crossref's `x-rate-limit-limit` and `x-rate-limit-interval` allow, or None."""
    limit, interval = headers.get("x-rate-limit-limit", ""), headers.get("x-rate-limit-interval", "").strip()
    seconds = interval.removesuffix("s")
    if not (limit.isdecimal() and seconds.isdecimal() and int(limit) and int(seconds)):
        return None
    return int(limit) / int(seconds)


def _backoff(error: Exception) -> bool | float:
    if isinstance(error, _BusyHostError) and error.wait is not None:
        # The pause that the host asked for is kept by the pace, for all requests to that host alike.
        return 0.0
    return isinstance(error, _BusyHostError | _BrokenConnectionError)


def _explain(answer: Answer) -> str:
    place = _place(answer.url)
    if answer.status in (401, 403):
        return f"{place} refuses access ({answer.status}): check the key and the contact in the settings"
    if answer.status in (404, 410):
        return f"{place} does not exist ({answer.status}): check the address"
    return f"{place} cannot answer this request ({answer.status}): check the query; it said {answer.content[:200]!r}"


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"
