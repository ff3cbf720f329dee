"""Which addresses may be called: public ones over http or https, and hosts the administrator has allowed.

The address that was checked is the address that is connected to, so a name that changes its answer between
check and connection (DNS rebinding) gains nothing; every redirect hop opens its connection through here.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import httpcore2

from evigraph.errors import HarvestError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Host name and port in, the addresses it resolves to out.
Resolver = Callable[[str, int], list[str]]

#: Ports that may be called on hosts that are not on the allow-list.
PUBLIC_PORTS = {"http": 80, "https": 443}

#: IPv6 ranges that carry an IPv4 address inside, and the bits by which it is shifted: NAT64 (RFC 6052), 6to4
#: (RFC 3056).
_EMBEDDING = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("64:ff9b:1::/48"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class ForbiddenAddressError(HarvestError):
    """An address that may not be called."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name, in the order in which the system prefers them.

    Raises:
        OSError: the name does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one that the whole internet can reach (IANA's special-purpose registries).

    False for private, loopback, link-local, shared (100.64.0.0/10), multicast, reserved and unspecified
    addresses, also where such an IPv4 address is wrapped in IPv6.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(map(_is_global, _parts(parsed)))


def _is_global(address: Address) -> bool:
    # Site-local addresses (fec0::/10) are given up by RFC 3879, and no registry lists them; networks still have them.
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or is_site_local)


def _parts(address: Address) -> Iterable[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    for network, shift in _EMBEDDING:
        if address in network:
            yield ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
            return
    if address.teredo is not None:
        yield from address.teredo
        return
    if address in _IPV4_COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    yield address


def check_url(url: str, allowed_hosts: frozenset[str]) -> None:
    """Nothing, if the form of `url` allows a call; names are resolved and checked later, on connecting.

    Raises:
        ForbiddenAddressError: another scheme than http or https, a user name inside the address, an
            unusual port or a literal private address of a host that is not allowed.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ForbiddenAddressError(f"{url[:200]!r} is not an address: {error}") from error
    if parts.scheme not in PUBLIC_PORTS:
        raise ForbiddenAddressError(f"{url[:200]!r}: only http and https addresses are harvested")
    if not parts.hostname:
        raise ForbiddenAddressError(f"{url[:200]!r} names no host: write it as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenAddressError(f"{parts.hostname}: take user name and password out of the address")
    host = host_name(parts.hostname)
    if host in allowed_hosts:
        return
    if port not in (None, *PUBLIC_PORTS.values()):
        raise ForbiddenAddressError(f"{host}: port {port} is not called unless {_remedy(host)}")
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if not is_public(host):
        raise ForbiddenAddressError(f"{host} is not a public address; it is not called unless {_remedy(host)}")


def host_name(host: str) -> str:
    """A host name in the form in which it is compared: lower-case, without a final dot."""
    return host.lower().rstrip(".")


def _remedy(host: str) -> str:
    return f"{host} is on the list of allowed hosts"


class PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the very address it has resolved and checked; TLS still proves the host's name.

    A host any of whose addresses is not public is refused as a whole, unless it is allowed.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str] = frozenset(),
        resolver: Resolver = resolve,
        backend: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._allowed_hosts = allowed_hosts
        self._resolver = resolver
        self._backend = backend if backend is not None else httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """An open stream to the first address of `host` that answers.

        Raises:
            ForbiddenAddressError: the name leads to an address that is not public.
            httpcore2.ConnectError: the name does not resolve, or no address answers.
        """
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} does not resolve ({error})") from error
        if host_name(host) not in self._allowed_hosts:
            for address in addresses:
                if not is_public(address):
                    raise ForbiddenAddressError(
                        f"{host} leads to {address}, not a public address; it is not called unless {_remedy(host)}"
                    )
        failure: Exception = httpcore2.ConnectError(f"the name {host} has no address")
        for address in addresses:
            try:
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure
