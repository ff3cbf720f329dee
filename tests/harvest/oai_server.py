"""A repository on the loopback that answers OAI-PMH by the book, or misbehaves in a named way.

All records are synthetic. A fault is a function that gets what was asked, which request it is, and the honest answer,
and returns the answer that is sent. `FAULTS` names them all.
"""

from __future__ import annotations

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

OAI = "http://www.openarchives.org/OAI/2.0/"
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "<dc:creator>Synthetic, Author</dc:creator><dc:date>2020</dc:date><dc:type>article</dc:type></oai_dc:dc>"
)
FIRST = datetime(2020, 5, 1, 12, 0, 0, tzinfo=UTC)

Asked = dict[str, str]


@dataclass
class Record:
    """A synthetic record; odd ones are in one set, even ones in another."""

    number: int
    datestamp: str
    title: str = ""
    is_deleted: bool = False

    @property
    def identifier(self) -> str:
        return f"oai:synthetic.example:{self.number}"

    @property
    def spec(self) -> str:
        return "odd" if self.number % 2 else "even"

    def xml(self) -> str:
        status = ' status="deleted"' if self.is_deleted else ""
        title = self.title or f"Synthetic work {self.number}"
        metadata = "" if self.is_deleted else f"<metadata>{DC.format(title=title)}</metadata>"
        return (
            f"<record><header{status}><identifier>{self.identifier}</identifier>"
            f"<datestamp>{self.datestamp}</datestamp><setSpec>{self.spec}</setSpec></header>{metadata}</record>"
        )


@dataclass
class Reply:
    """What is sent: status, headers, body; `pause` seconds lie between its bytes."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml; charset=utf-8"})
    length: int | None = None
    pause: float = 0.0

    def with_text(self, change: Callable[[str], str]) -> Reply:
        return replace(self, body=change(self.body.decode()).encode())


@dataclass
class Request:
    """A request as a fault sees it: its arguments, how many of the same verb came so far, and the honest answer."""

    asked: Asked
    number: int
    repository: Repository

    def honest(self, **changes: str | None) -> Reply:
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value is not None}
        return self.repository.answer(asked)

    @property
    def lists(self) -> bool:
        return self.asked.get("verb") == "ListRecords"

    @property
    def resumes(self) -> bool:
        return "resumptionToken" in self.asked

    @property
    def offset(self) -> int:
        return self.repository.offset_of(self.asked.get("resumptionToken", ""))


Fault = Callable[[Request], Reply]


@dataclass
class Repository:
    """An honest repository over some records."""

    records: list[Record]
    page_size: int = 3
    seconds: bool = True
    deleted_record: str = "persistent"
    formats: tuple[str, ...] = ("oai_dc",)
    announces: bool = True
    fault: Fault | None = None
    requests: list[Asked] = field(default_factory=list)
    base_url: str = ""

    def reply(self, asked: Asked) -> Reply:
        self.requests.append(asked)
        number = sum(other.get("verb") == asked.get("verb") for other in self.requests)
        return self.fault(Request(asked, number, self)) if self.fault else self.answer(asked)

    def answer(self, asked: Asked) -> Reply:
        verb = asked.get("verb", "")
        made = {
            "Identify": self._identify,
            "ListMetadataFormats": self._formats,
            "ListSets": self._sets,
            "ListRecords": self._list,
        }.get(verb)
        return self.error("badVerb", "no such verb") if made is None else made(asked)

    def envelope(self, inside: str, verb: str = "") -> Reply:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}"><responseDate>{now}</responseDate>'
            f'<request verb="{verb}">{self.base_url}</request>{inside}</OAI-PMH>\n'
        )
        return Reply(text.encode())

    def error(self, code: str, message: str) -> Reply:
        return self.envelope(f'<error code="{code}">{message}</error>')

    def offset_of(self, token: str) -> int:
        return int(token.rpartition("|")[2]) if "|" in token else 0

    def _identify(self, asked: Asked) -> Reply:
        granularity = "YYYY-MM-DDThh:mm:ssZ" if self.seconds else "YYYY-MM-DD"
        return self.envelope(
            "<Identify><repositoryName>Synthetic Répository</repositoryName>"
            f"<baseURL>{self.base_url}</baseURL><protocolVersion>2.0</protocolVersion>"
            "<adminEmail>nobody@example.org</adminEmail><earliestDatestamp>2020-01-01</earliestDatestamp>"
            f"<deletedRecord>{self.deleted_record}</deletedRecord><granularity>{granularity}</granularity></Identify>"
        )

    def _formats(self, asked: Asked) -> Reply:
        entries = "".join(
            f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>http://example.org/s.xsd</schema>"
            f"<metadataNamespace>http://example.org/{prefix}</metadataNamespace></metadataFormat>"
            for prefix in self.formats
        )
        return self.envelope(f"<ListMetadataFormats>{entries}</ListMetadataFormats>")

    def _sets(self, asked: Asked) -> Reply:
        entries = "".join(f"<set><setSpec>{s}</setSpec><setName>{s} ones</setName></set>" for s in ("even", "odd"))
        return self.envelope(f"<ListSets>{entries}</ListSets>")

    def _list(self, asked: Asked) -> Reply:
        if (token := asked.get("resumptionToken")) is not None:
            if {"metadataPrefix", "set", "from", "until"} & set(asked):
                return self.error("badArgument", "resumptionToken is exclusive")
            if token.count("|") != 4:
                return self.error("badResumptionToken", "no such token")
            from_, until, spec, prefix, start = token.split("|")
        else:
            prefix, from_ = asked.get("metadataPrefix", ""), asked.get("from", "")
            until, spec, start = asked.get("until", ""), asked.get("set", ""), "0"
            if not prefix:
                return self.error("badArgument", "metadataPrefix is missing")
        if prefix not in self.formats:
            return self.error("cannotDisseminateFormat", f"no format {prefix}")
        last = until + "T23:59:59Z" if len(until) == 10 else until
        matching = [
            record
            for record in self.records
            if (not from_ or record.datestamp >= from_)
            and (not last or record.datestamp <= last)
            and (not spec or record.spec == spec)
        ]
        if not matching:
            return self.error("noRecordsMatch", "nothing matches")
        offset = int(start)
        page = matching[offset : offset + self.page_size]
        following = offset + self.page_size
        size = f' completeListSize="{len(matching)}" cursor="{offset}"' if self.announces else ""
        next_token = ""
        if following < len(matching):
            next_token = f"<resumptionToken{size}>{from_}|{until}|{spec}|{prefix}|{following}</resumptionToken>"
        elif offset:
            next_token = f"<resumptionToken{size}/>"
        records = "".join(record.xml() for record in page)
        return self.envelope(f"<ListRecords>{records}{next_token}</ListRecords>", "ListRecords")


def records(n: int = 10, step: timedelta = timedelta(hours=7)) -> list[Record]:
    """Synthetic records with rising datestamps, the fourth of every ten deleted."""
    return [
        Record(number, (FIRST + step * number).strftime("%Y-%m-%dT%H:%M:%SZ"), is_deleted=number % 10 == 4)
        for number in range(1, n + 1)
    ]


@contextmanager
def serving(repository: Repository) -> Iterator[str]:
    """The base address of a repository that is served as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            reply = repository.reply(asked)
            if reply.status == 0:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.end_headers()
            if not reply.pause:
                self.wfile.write(reply.body)
                return
            started = time.monotonic()
            for at in range(len(reply.body)):
                if time.monotonic() - started > 3:
                    return
                self.wfile.write(reply.body[at : at + 1])
                self.wfile.flush()
                time.sleep(reply.pause)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # the client went away, as it should from some faults

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    repository.base_url = f"http://127.0.0.1:{server.server_address[1]}/oai"
    try:
        yield repository.base_url
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


FAULTS: dict[str, Fault] = {}


def _named(fault: Fault) -> Fault:
    FAULTS[fault.__name__] = fault
    return fault


def _once(request: Request, bad: Callable[[Reply], Reply]) -> Reply:
    """The second page's answer spoilt the first time it is asked for."""
    honest = request.honest()
    is_first = sum(asked == request.asked for asked in request.repository.requests) == 1
    return bad(honest) if request.lists and request.offset == 3 and is_first else honest


def _second(request: Request, bad: Callable[[Reply], Reply]) -> Reply:
    """The second page's answer spoilt every time."""
    honest = request.honest()
    return bad(honest) if request.lists and request.offset == 3 else honest


def _every(request: Request, change: Callable[[str], str]) -> Reply:
    """Every list's text changed."""
    honest = request.honest()
    return honest.with_text(change) if request.lists else honest


def _page(body: bytes, kind: str = "text/html") -> Callable[[Reply], Reply]:
    return lambda reply: Reply(body, headers={"Content-Type": kind})


@_named
def white_space_as_last_token(request: Request) -> Reply:
    return _every(
        request, lambda text: re.sub(r"<resumptionToken[^>]*/>", "<resumptionToken>\n  </resumptionToken>", text)
    )


@_named
def no_token_on_the_last_page(request: Request) -> Reply:
    return _every(request, lambda text: re.sub(r"<resumptionToken[^>]*/>", "", text))


@_named
def token_without_attributes(request: Request) -> Reply:
    return _every(request, lambda text: re.sub(r"<resumptionToken[^>/]*(/?)>", r"<resumptionToken\1>", text))


@_named
def expired_token(request: Request) -> Reply:
    return _once(request, lambda reply: request.repository.error("badResumptionToken", "expired"))


@_named
def every_token_refused(request: Request) -> Reply:
    return request.repository.error("badResumptionToken", "never") if request.resumes else request.honest()


@_named
def token_refused_with_status_422(request: Request) -> Reply:
    error = request.repository.error("badResumptionToken", "expired")
    return _once(request, lambda reply: replace(error, status=422))


@_named
def token_refused_with_status_404(request: Request) -> Reply:
    return _once(request, lambda reply: Reply(b"gone", status=404))


@_named
def server_error_on_resumption(request: Request) -> Reply:
    return _second(request, lambda reply: Reply(b"oops", status=500)) if request.resumes else request.honest()


@_named
def same_page_twice(request: Request) -> Reply:
    if request.lists and request.number == 3:
        return request.honest(resumptionToken="|||oai_dc|3")
    return request.honest()


@_named
def same_page_thrice(request: Request) -> Reply:
    if request.lists and request.number in (3, 4):
        return request.honest(resumptionToken="|||oai_dc|3").with_text(lambda text: text.replace("|6<", "|9<"))
    return request.honest()


@_named
def same_page_for_ever(request: Request) -> Reply:
    return request.honest(resumptionToken="|||oai_dc|3") if request.resumes else request.honest()


@_named
def pages_in_a_circle(request: Request) -> Reply:
    token = "<resumptionToken>|||oai_dc|0</resumptionToken>"
    return _every(request, lambda text: re.sub(r"<resumptionToken[^>]*/>", token, text))


@_named
def same_token_for_every_page(request: Request) -> Reply:
    if not request.lists:
        return request.honest()
    n_resumed = sum("resumptionToken" in asked for asked in request.repository.requests)
    honest = request.repository.answer(
        {"verb": "ListRecords", "resumptionToken": f"|||oai_dc|{3 * n_resumed}"} if request.resumes else request.asked
    )
    return honest.with_text(lambda text: re.sub(r"\|\|\|oai_dc\|\d+<", "|||oai_dc|77<", text))


@_named
def empty_pages_for_ever(request: Request) -> Reply:
    token = f"<ListRecords><resumptionToken>|||oai_dc|{request.number * 3}</resumptionToken></ListRecords>"
    return request.repository.envelope(token) if request.resumes else request.honest()


@_named
def busy_with_retry_after(request: Request) -> Reply:
    return _once(request, lambda reply: Reply(b"", status=503, headers={"Retry-After": "40"}))


@_named
def busy_without_retry_after(request: Request) -> Reply:
    return _once(request, lambda reply: Reply(b"", status=503, headers={}))


@_named
def too_many_requests(request: Request) -> Reply:
    return _once(request, lambda reply: Reply(b"", status=429, headers={"Retry-After": "7"}))


@_named
def busy_for_a_day(request: Request) -> Reply:
    return _second(request, lambda reply: Reply(b"", status=503, headers={"Retry-After": "86400"}))


@_named
def truncated_xml_once(request: Request) -> Reply:
    return _once(request, lambda reply: replace(reply, body=reply.body[: len(reply.body) * 2 // 3]))


@_named
def truncated_xml_always(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, body=reply.body[: len(reply.body) * 2 // 3]))


@_named
def wrong_namespace(request: Request) -> Reply:
    return request.honest().with_text(lambda text: text.replace(OAI + '"', 'http://www.openarchives.org/OAI/1.1/"', 1))


@_named
def no_namespace(request: Request) -> Reply:
    return request.honest().with_text(lambda text: text.replace(f' xmlns="{OAI}"', "", 1))


@_named
def prefixed_envelope(request: Request) -> Reply:
    def prefixed(text: str) -> str:
        text = re.sub(r"<(/?)([A-Za-z-]+)(?=[\s/>])(?!:)", r"<\1oai:\2", text)
        return text.replace(f'xmlns="{OAI}"', f'xmlns:oai="{OAI}"', 1)

    return request.honest().with_text(prefixed)


@_named
def byte_order_mark_and_blank_lines(request: Request) -> Reply:
    honest = request.honest()
    return replace(honest, body=b"\xef\xbb\xbf\n\n" + honest.body)


@_named
def utf_16(request: Request) -> Reply:
    honest = request.honest()
    return replace(honest, body=honest.body.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"))


@_named
def invalid_utf_8(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, body=reply.body.replace(b"Synthetic work 5", b"Caf\xe9 5")))


@_named
def control_characters(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, body=reply.body.replace(b"work 5", b"work\x0b\x00 5")))


@_named
def undeclared_entity(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, body=reply.body.replace(b"work 5", b"work&nbsp;5")))


@_named
def bare_ampersand(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, body=reply.body.replace(b"work 5", b"R & D 5")))


@_named
def undeclared_prefix(request: Request) -> Reply:
    return _second(
        request,
        lambda reply: reply.with_text(lambda text: text.replace('xmlns:dc="http://purl.org/dc/elements/1.1/"', "")),
    )


@_named
def billion_laughs(request: Request) -> Reply:
    entities = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'
    return _second(
        request,
        lambda reply: reply.with_text(
            lambda text: text.replace("<OAI-PMH", doctype + "<OAI-PMH", 1).replace("work 5", "work &l9; 5")
        ),
    )


@_named
def external_entity(request: Request) -> Reply:
    doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    return _second(
        request,
        lambda reply: reply.with_text(
            lambda text: text.replace("<OAI-PMH", doctype + "<OAI-PMH", 1).replace("work 5", "work &e; 5")
        ),
    )


@_named
def deeply_nested(request: Request) -> Reply:
    body = b'<OAI-PMH xmlns="%s"><ListRecords>' % OAI.encode() + b"<record>" * 200_000
    return _second(request, lambda reply: replace(reply, body=body))


@_named
def datestamps_out_of_order(request: Request) -> Reply:
    request.repository.records.sort(key=lambda record: (record.number * 7) % 11)
    return expired_token(request)


@_named
def equal_datestamps_and_no_tokens(request: Request) -> Reply:
    for record in request.repository.records:
        record.datestamp = "2020-05-01T12:00:00Z"
    return every_token_refused(request)


@_named
def duplicate_identifiers_across_pages(request: Request) -> Reply:
    repeated = request.repository.records[0].xml()
    return _every(request, lambda text: text.replace("<ListRecords>", f"<ListRecords>{repeated}"))


@_named
def no_response_date(request: Request) -> Reply:
    return request.honest().with_text(lambda text: re.sub(r"<responseDate>.*?</responseDate>", "", text))


@_named
def response_date_of_another_century(request: Request) -> Reply:
    return request.honest().with_text(lambda text: re.sub(r"(<responseDate>)\d{4}", r"\g<1>2999", text))


@_named
def cursor_goes_back(request: Request) -> Reply:
    return _every(request, lambda text: text.replace('cursor="6"', 'cursor="0"'))


@_named
def complete_list_size_too_large(request: Request) -> Reply:
    return _every(request, lambda text: text.replace('completeListSize="10"', 'completeListSize="12"'))


@_named
def complete_list_size_too_small(request: Request) -> Reply:
    return _every(request, lambda text: text.replace('completeListSize="10"', 'completeListSize="4"'))


@_named
def list_stops_short(request: Request) -> Reply:
    return _second(
        request, lambda reply: reply.with_text(lambda text: re.sub(r"<resumptionToken.*?</resumptionToken>", "", text))
    )


@_named
def token_that_needs_encoding(request: Request) -> Reply:
    odd = "a+b/c=&amp;d?é%20 #"
    asked = {**request.asked}
    if request.resumes:
        if not asked["resumptionToken"].startswith("a+b/c=&d?é%20 #"):
            return request.repository.error("badResumptionToken", "not as it was given")
        asked["resumptionToken"] = asked["resumptionToken"].removeprefix("a+b/c=&d?é%20 #")
    honest = request.repository.answer(asked)
    return honest.with_text(lambda text: text.replace(">|||", f">{odd}|||"))


@_named
def wants_prefix_on_resumption(request: Request) -> Reply:
    if request.resumes:
        if "metadataPrefix" not in request.asked:
            return request.repository.error("badArgument", "the argument metadataPrefix is missing")
        return request.honest(metadataPrefix=None)
    return request.honest()


@_named
def set_lost_from_token(request: Request) -> Reply:
    return request.honest(resumptionToken="|||oai_dc|4") if request.resumes else request.honest()


@_named
def no_records_match_at_the_end(request: Request) -> Reply:
    if request.resumes and request.offset >= 9:
        return request.repository.error("noRecordsMatch", "no more")
    request.repository.records[:] = request.repository.records[:9]
    token = "<resumptionToken>|||oai_dc|9</resumptionToken>"
    return _every(request, lambda text: re.sub(r"<resumptionToken[^>]*/>", token, text))


@_named
def seconds_claimed_and_refused(request: Request) -> Reply:
    if "T" in request.asked.get("from", ""):
        return request.repository.error("badArgument", "from is no date")
    return request.honest()


@_named
def days_claimed_and_refused(request: Request) -> Reply:
    request.repository.seconds = False
    if len(request.asked.get("from", "")) == 10:
        return request.repository.error("badArgument", "from needs a time")
    return request.honest()


@_named
def from_after_until(request: Request) -> Reply:
    if "from" in request.asked:
        return request.repository.error("badArgument", "from is later than until")
    return request.honest()


@_named
def no_sets(request: Request) -> Reply:
    if "set" in request.asked or request.asked["verb"] == "ListSets":
        return request.repository.error("noSetHierarchy", "no sets here")
    return request.honest()


@_named
def no_formats_listed(request: Request) -> Reply:
    if request.asked["verb"] == "ListMetadataFormats":
        return request.repository.error("noMetadataFormats", "none")
    return request.honest()


@_named
def format_offered_and_not_given(request: Request) -> Reply:
    request.repository.formats = ("oai_dc", "oai_datacite")
    if request.asked.get("metadataPrefix") == "oai_datacite":
        return request.repository.error("cannotDisseminateFormat", "not for these")
    return request.honest()


@_named
def web_page_once(request: Request) -> Reply:
    return _once(request, _page(b"<!DOCTYPE html><html><body>Database error</body></html>"))


@_named
def web_page_always(request: Request) -> Reply:
    return _second(request, _page(b"<!DOCTYPE html><html><body>Please log in</body></html>"))


@_named
def web_page_for_identify(request: Request) -> Reply:
    return Reply(b"<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"})


@_named
def empty_body_once(request: Request) -> Reply:
    return _once(request, _page(b""))


@_named
def connection_closed_once(request: Request) -> Reply:
    return _once(request, lambda reply: Reply(b"", status=0))


@_named
def slow_trickle(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, pause=0.02))


@_named
def content_length_too_long(request: Request) -> Reply:
    return _once(request, lambda reply: replace(reply, length=len(reply.body) + 100))


@_named
def content_length_too_short(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, length=len(reply.body) // 2))


@_named
def gzip_truncated_once(request: Request) -> Reply:
    def half(reply: Reply) -> Reply:
        packed = gzip.compress(reply.body)
        return replace(reply, body=packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"})

    return _once(request, half)


@_named
def answer_too_large(request: Request) -> Reply:
    return _second(request, lambda reply: replace(reply, body=reply.body + b" " * 3_000_000))


@_named
def redirect_loop(request: Request) -> Reply:
    return _second(
        request, lambda reply: Reply(b"", 302, {"Location": "?verb=ListRecords&resumptionToken=|||oai_dc|3"})
    )


@_named
def redirect_to_private_address(request: Request) -> Reply:
    return _second(request, lambda reply: Reply(b"", 302, {"Location": "http://10.0.0.1/oai"}))


@_named
def redirect_once(request: Request) -> Reply:
    target = "/elsewhere?verb=ListRecords&resumptionToken=%7C%7C%7Coai_dc%7C3"
    return _once(request, lambda reply: Reply(b"", 301, {"Location": target}))
