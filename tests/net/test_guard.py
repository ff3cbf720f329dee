"""Which addresses may be called."""

from __future__ import annotations

import httpcore2
import pytest

from evigraph.net.guard import ForbiddenAddressError, PinnedBackend, check_url, is_public

NOBODY: frozenset[str] = frozenset()

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::c0a8:101",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "feff::1",
    "ff02::1",
    "100::1",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_special_purpose_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "130.14.29.110", "2606:4700::6810:1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a",
        "file:///etc/passwd",
        "gopher://example.org/",
        "dict://example.org:11211/",
        "javascript:alert(1)",
        "example.org/works",
        "//example.org/works",
        "http://",
        "https:///works",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org@127.0.0.1/",
        "http://example.org:8080/",
        "http://example.org:22/",
        "http://example.org:99999/",
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://[::1",
        "HTTP://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.0.0.1:80/",
        "https://127.0.0.1:443/",
        "http://0.0.0.0/",
        "http://0.0.0.0:80/",
        "http://100.64.0.1/",
        "http://172.16.0.1/",
        "http://192.168.0.1/router",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::]:80/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[0:0:0:0:0:ffff:169.254.169.254]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fec0::1]/",
        "http://example.org:25/",
        "http://example.org:6379/",
        "http://example.org:0/",
        "http://example.org:-1/",
        "http://example.org:80a/",
        "http://:80/",
        "http://:@/",
        "http://a:b@example.org:80/",
        "http://@127.0.0.1/",
        "http:/example.org/",
        "http:example.org",
        "ldap://example.org/",
        "ftps://example.org/",
        "jar:http://example.org!/",
        "data:text/xml,<OAI-PMH/>",
        "netdoc:///etc/passwd",
        "unix:///var/run/docker.sock",
        "ws://example.org/",
        "",
        " ",
    ],
)
def test_an_address_of_forbidden_form_is_refused_before_any_connection(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_url(url, NOBODY)


def test_an_allowed_host_may_have_a_private_address_and_any_port() -> None:
    check_url("http://127.0.0.1:8080/works", frozenset({"127.0.0.1"}))
    check_url("https://Repository.Campus.:8443/oai", frozenset({"repository.campus"}))


def test_an_ordinary_address_passes() -> None:
    check_url("https://api.crossref.org/works?query=a@b", NOBODY)


class Connections(httpcore2.NetworkBackend):
    def __init__(self, dead: tuple[str, ...] = ()) -> None:
        self.opened: list[str] = []
        self.dead = dead

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):  # type: ignore[no-untyped-def]
        self.opened.append(host)
        if host in self.dead:
            raise httpcore2.ConnectError("no route")
        return httpcore2.MockStream([])


@pytest.mark.parametrize("address", [address for address in PRIVATE if address[0].isdigit() or ":" in address])
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(address: str) -> None:
    connections = Connections()
    backend = PinnedBackend(resolver=lambda host, port: [address], backend=connections)
    with pytest.raises(ForbiddenAddressError, match=r"innocent\.example"):
        backend.connect_tcp("innocent.example", 443)
    assert connections.opened == []


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    connections = Connections()
    backend = PinnedBackend(resolver=lambda host, port: ["8.8.8.8", "10.0.0.1"], backend=connections)
    with pytest.raises(ForbiddenAddressError):
        backend.connect_tcp("mixed.example", 443)
    assert connections.opened == []


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "localhost.", "LOCALHOST", "127.0.1"),
        *("0x7f.0.0.1", "0x7F.0x0.0x0.0x1", "017700000001", "0x7f.1", "127.0.0.1.", "0", "0x0", "00000000177.1"),
        *("2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.16689662", "0xa9.0xfe.0xa9.0xfe"),
        *("167772161", "0xa000001", "012.0.0.1", "10.1", "3232235777", "0xc0a80101", "0300.0250.0.1", "192.168.257"),
        *("\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1"),
    ],
)
def test_other_spellings_of_the_loopback_are_refused(host: str) -> None:
    connections = Connections()
    with pytest.raises((ForbiddenAddressError, httpcore2.ConnectError)):
        PinnedBackend(backend=connections).connect_tcp(host, 80)
    assert connections.opened == []


def test_the_checked_address_is_the_one_connected_to() -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    connections = Connections()
    backend = PinnedBackend(resolver=lambda host, port: next(answers), backend=connections)
    backend.connect_tcp("rebinding.example", 443)
    assert connections.opened == ["8.8.8.8"]


def test_the_next_address_is_tried_when_one_is_dead() -> None:
    connections = Connections(dead=("8.8.8.8",))
    backend = PinnedBackend(resolver=lambda host, port: ["8.8.8.8", "8.8.4.4"], backend=connections)
    backend.connect_tcp("two.example", 443)
    assert connections.opened == ["8.8.8.8", "8.8.4.4"]


def test_a_name_that_does_not_resolve_is_a_connection_error() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(httpcore2.ConnectError, match=r"absent\.example"):
        PinnedBackend(resolver=nowhere).connect_tcp("absent.example", 443)


def test_an_allowed_host_is_connected_to_although_private() -> None:
    connections = Connections()
    backend = PinnedBackend(frozenset({"repository.campus"}), lambda host, port: ["10.1.2.3"], connections)
    backend.connect_tcp("repository.campus", 8080)
    assert connections.opened == ["10.1.2.3"]
