"""What programs may count on at every door: who may read (CORS), how often (RateLimit), what is unchanged (ETag).

Plain ASGI, inside the security headers. Pages for people pass through untouched but for the rate.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Requests that one address may make in a window, and the length of the window in seconds.
QUOTA = 60_000
WINDOW = 60

#: Addresses whose requests are remembered; beyond that the one seen longest ago is forgotten.
_CLIENTS = 20_000

#: Larger answers are sent as they come, without a mark of their content.
_LARGEST_MARKED = 4 * 1024 * 1024

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match, Range, "
    "MCP-Protocol-Version, Mcp-Session-Id",
    "Access-Control-Expose-Headers": "Content-Range, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After",
    "Access-Control-Max-Age": "86400",
}


class Rate:
    """Counts the requests of each address in windows of fixed length. Thread-safe."""

    def __init__(self, quota: int = QUOTA, window: int = WINDOW) -> None:
        self.quota = quota
        self.window = window
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def take(self, client: str, now: float) -> tuple[int, int]:
        """Counts one request: how many are left (-1: this is one too many) and seconds until the count begins anew."""
        window = int(now // self.window)
        with self._lock:
            seen, n = self._counts.pop(client, (window, 0))
            n = n + 1 if seen == window else 1
            self._counts[client] = (window, min(n, self.quota + 1))
            if len(self._counts) > _CLIENTS:
                self._counts.popitem(last=False)
        return self.quota - n, int((window + 1) * self.window - now) + 1


class Courtesy:
    """Adds the headers to answers; answers 304 where the asker has the same, 429 where one asks too often."""

    def __init__(self, app: ASGIApp, rate: Rate | None = None) -> None:
        self._app = app
        self._rate = rate or Rate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request through the application inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope["client"][0] if scope.get("client") else ""
        left, seconds = self._rate.take(client, time.time())
        rate = {
            "RateLimit-Policy": f'"reads";q={self._rate.quota};w={self._rate.window}',
            "RateLimit": f'"reads";r={max(left, 0)};t={seconds}',
        }
        if left < 0:
            await _refuse(send, {**rate, **_CORS, "Retry-After": str(seconds)}, seconds)
            return
        request = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in request:
            await _send(send, 204, {**rate, **_CORS}, b"")
            return
        await self._app(scope, receive, _Answer(send, rate, request.get("if-none-match", "")).send)


class _Answer:
    """One answer on its way out; its start waits until it is known whether the body can be marked."""

    def __init__(self, send: Send, rate: dict[str, str], known: str) -> None:
        self._send = send
        self._rate = rate
        self._known = known
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in self._rate.items():
                headers[name] = value
            if not headers.get("content-type", "").startswith("text/html"):
                for name, value in _CORS.items():
                    headers[name] = value
                if message["status"] == 200 and "etag" not in headers:
                    self._start = message
                    return
            await self._send(message)
            return
        if self._start is None:
            await self._send(message)
            return
        start, self._start = self._start, None
        body: bytes = message.get("body", b"")
        if not message.get("more_body") and len(body) <= _LARGEST_MARKED:
            headers = MutableHeaders(scope=start)
            mark = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
            headers["ETag"] = mark
            if mark in {part.strip().removeprefix("W/") for part in self._known.split(",")}:
                start["status"] = 304
                del headers["content-length"]
                message = {**message, "body": b""}
        await self._send(start)
        await self._send(message)


async def _refuse(send: Send, headers: dict[str, str], seconds: int) -> None:
    detail = f"Too many requests from this address. Try again in {seconds} seconds."
    problem = {"type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": detail}
    # OpenAIRE's clients look for these two.
    body = orjson.dumps({**problem, "error": "Too Many Requests", "description": detail})
    await _send(send, 429, {**headers, "Content-Type": "application/problem+json"}, body)


async def _send(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
