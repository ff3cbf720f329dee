"""The transport of real harvests: a connection pool whose every connection goes through the guard."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import cast

import httpcore2
import httpx2

from evigraph.net.guard import PinnedBackend, Resolver

#: The failures of a connection, the narrow ones first, and what they are called one layer up.
_FAILURES: tuple[tuple[type[Exception], type[httpx2.TransportError]], ...] = (
    (httpcore2.ConnectTimeout, httpx2.ConnectTimeout),
    (httpcore2.ReadTimeout, httpx2.ReadTimeout),
    (httpcore2.WriteTimeout, httpx2.WriteTimeout),
    (httpcore2.PoolTimeout, httpx2.PoolTimeout),
    (httpcore2.TimeoutException, httpx2.TimeoutException),
    (httpcore2.ConnectError, httpx2.ConnectError),
    (httpcore2.ReadError, httpx2.ReadError),
    (httpcore2.WriteError, httpx2.WriteError),
    (httpcore2.NetworkError, httpx2.NetworkError),
    (httpcore2.RemoteProtocolError, httpx2.RemoteProtocolError),
    (httpcore2.ProtocolError, httpx2.ProtocolError),
    (httpcore2.UnsupportedProtocol, httpx2.UnsupportedProtocol),
)


class PinnedTransport(httpx2.BaseTransport):
    """Sends requests over connections that `PinnedBackend` has opened."""

    def __init__(self, allowed_hosts: frozenset[str], resolver: Resolver) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=True),
            max_connections=8,
            keepalive_expiry=30.0,
            network_backend=PinnedBackend(allowed_hosts, resolver),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response to a request, its body not yet read.

        Raises:
            httpx2.TransportError: no connection, or one that broke.
            ForbiddenAddressError: the host's address may not be called.
        """
        with _translated():
            answer = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=cast(Iterable[bytes], request.stream),
                    extensions=request.extensions,
                )
            )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(cast(Iterable[bytes], answer.stream)),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for below, above in _FAILURES:
            if isinstance(error, below):
                raise above(str(error)) from error
        raise
