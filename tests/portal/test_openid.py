"""Signing in by a provider: a stand-in that answers as OpenID Connect says, and everything that it may do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from evigraph.errors import InputError
from evigraph.portal.app import create_app
from evigraph.portal.people.openid import Flow
from evigraph.settings import Harvest, LoginSettings, PortalSettings, Settings
from evigraph.store.accounts import Accounts
from evigraph.store.identity import Identity
from evigraph.store.kinds import ACCOUNT_OPENED
from evigraph.store.ledger import Ledger
from visiting import PASSWORD, open_accounts, send, visitor

ORCID = "0000-0002-1825-0097"
CLIENT, SECRET = "evigraph-test", "a synthetic secret"


class Provider(ThreadingHTTPServer):
    """A provider on loopback. `wrong` names what it does otherwise than it should; `codes` are those it has given."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, auto_kid=False)
        self.other = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}, auto_kid=False)
        self.wrong = ""
        self.claims: dict[str, Any] = {"sub": ORCID, "name": "Ana Example (made up)"}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens_asked = 0

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def signed_in(self, address: str) -> dict[str, str]:
        """The query with which the browser of somebody who signed in is led back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": "another" if self.wrong == "state" else asked["state"]}

    def token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims |= {
            "issuer": {"iss": "https://elsewhere.example"},
            "audience": {"aud": "somebody else"},
            "audiences": {"aud": [CLIENT, "somebody else"]},
            "expired": {"iat": now - 900, "exp": now - 600},
            "nonce": {"nonce": "another"},
        }.get(self.wrong, {})
        if self.wrong == "no nonce":
            del claims["nonce"]
        if self.wrong == "unsigned":
            parts = ({"alg": "none"}, claims)
            head, body = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts)
            return f"{head}.{body}."
        if self.wrong == "shared secret":
            return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(SECRET))
        key = self.other if self.wrong == "key" else self.key
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, key)


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def answer(self, told: Any, status: int = 200) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        own = self.server
        if self.path == "/.well-known/openid-configuration":
            issuer = "https://elsewhere.example" if own.wrong == "discovery" else own.issuer
            names = ("authorization", "token")
            told = {f"{name}_endpoint": f"{own.issuer}/{name}" for name in names}
            self.answer({"issuer": issuer, **told, "jwks_uri": f"{own.issuer}/keys"})
        elif self.path == "/keys":
            self.answer({"keys": [own.key.as_dict(private=False)]})
        else:
            self.answer({}, 404)

    def do_POST(self) -> None:
        own = self.server
        own.tokens_asked += 1
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(content).items()}
        asked = own.codes.pop(fields.get("code", ""), None)
        verifier = fields.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        is_right = asked is not None and challenge == asked["code_challenge"] and fields["client_secret"] == SECRET
        if own.wrong == "broken" or not is_right or asked is None or fields["redirect_uri"] != asked["redirect_uri"]:
            self.answer({"error": "invalid_grant"}, 500 if own.wrong == "broken" else 400)
        elif own.wrong == "no token":
            self.answer({"access_token": "a"})
        else:
            self.answer({"access_token": "a", "id_token": own.token(asked)})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join(10)


@pytest.fixture
def home(small: Any, tmp_path: Path) -> Path:
    home = tmp_path / "graph"
    shutil.copytree(small.home, home)
    open_accounts(home, "administrator", "member")
    return home


@pytest.fixture
def app(home: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("EVIGRAPH_TEST_SECRET", SECRET)
    return app_of(home, provider)


def app_of(home: Path, provider: Provider, *, sign_up: bool = True) -> Any:
    login = LoginSettings(
        issuer=provider.issuer, client_id=CLIENT, secret_variable="EVIGRAPH_TEST_SECRET", subject_is_orcid=True
    )
    harvest = Harvest(allow_hosts=("127.0.0.1",))
    return create_app(home, Settings(login={"orcid": login}, harvest=harvest, portal=PortalSettings(sign_up=sign_up)))


def go(client: Any, page: str = "/sign-in", **fields: str) -> str:
    """The address at the provider to which the button of a page leads."""
    answer = send(client, page, "/sign-in/with/orcid", **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(client: Any, query: dict[str, str]) -> Any:
    return client.get(f"/sign-in/with/orcid?{urlencode(query)}")


def opened(home: Path) -> list[str]:
    with Ledger.open(home / "ledger.db") as ledger:
        return [event.subject_l for event in ledger.events() if event.kind == ACCOUNT_OPENED]


def test_the_first_time_opens_an_account_and_the_second_finds_it(app: Any, home: Path, provider: Provider) -> None:
    before = len(opened(home))
    for _ in range(2):
        client = visitor(app)
        assert "Sign in with ORCID" in client.get("/sign-in").text
        address = go(client, "/sign-in?next=/about", next="/about")
        assert address.startswith(f"{provider.issuer}/authorization?") and "scope=openid" in address
        answer = come_back(client, provider.signed_in(address))
        assert (answer.status_code, answer.headers["location"]) == (303, "/about"), answer.text
        page = client.get("/account").text
        assert "Ana Example (made up)" in page and ORCID in page and "Change the password" not in page
        assert client.get("/account/export").json()["account"]["orcid"] == ORCID
    assert len(opened(home)) == before + 1


def test_a_session_that_was_there_ends_and_the_cookie_of_the_flow_too(app: Any, provider: Provider) -> None:
    client = visitor(app)
    answer = come_back(client, provider.signed_in(go(client)))
    first = client.cookies["evigraph"]
    assert 'evigraph-flow=""' in answer.headers["set-cookie"] or "evigraph-flow=;" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    client.cookies.delete("evigraph")
    come_back(client, provider.signed_in(go(client)))
    assert client.cookies["evigraph"] != first


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("state", "its answer is not to this sign-in"),
        ("issuer", "its token does not hold"),
        ("audience", "its token does not hold"),
        ("audiences", "for somebody else as well"),
        ("expired", "its token does not hold"),
        ("nonce", "its token does not hold"),
        ("no nonce", "its token does not hold"),
        ("unsigned", "its token does not hold"),
        ("shared secret", "its token does not hold"),
        ("key", "its token is not signed by it"),
        ("no token", "it gave no token"),
        ("broken", "it did not take the code"),
    ],
)
def test_what_a_provider_does_wrong_lets_nobody_in(
    app: Any, home: Path, provider: Provider, wrong: str, says: str
) -> None:
    client, before = visitor(app), len(opened(home))
    address = go(client)
    provider.wrong = wrong
    answer = come_back(client, provider.signed_in(address))
    assert answer.status_code == 403 and says in answer.text
    assert "evigraph" not in client.cookies and len(opened(home)) == before


def test_a_code_is_taken_once_and_an_answer_in_its_own_browser_alone(app: Any, provider: Provider) -> None:
    client = visitor(app)
    query = provider.signed_in(go(client))
    assert come_back(client, query).status_code == 303
    # The same answer again, and in a browser that began nothing, or a sign-in of its own.
    assert come_back(client, query).status_code == 403
    stranger = visitor(app)
    assert come_back(stranger, query).status_code == 403
    go(stranger)
    assert come_back(stranger, query).status_code == 403
    assert provider.tokens_asked == 1


def test_somebody_who_changes_their_mind_is_told_and_a_stale_sign_in_refused(app: Any, provider: Provider) -> None:
    client = visitor(app)
    query = provider.signed_in(go(client))
    answer = come_back(client, {"state": query["state"], "error": "access_denied <b>"})
    assert answer.status_code == 403 and "access_denied &lt;b&gt;" in answer.text
    old = Flow("orcid", "s", "n", "v", "/", int(time.time()) - 601)
    assert Flow.of_cookie(old.to_cookie()) is None
    for value in ("", "x", base64.urlsafe_b64encode(b'{"a": 1}').decode()):
        assert Flow.of_cookie(value) is None


def test_another_discovery_document_and_one_that_is_not_there(app: Any, provider: Provider) -> None:
    provider.wrong = "discovery"
    answer = send(visitor(app), "/sign-in", "/sign-in/with/orcid")
    assert answer.status_code == 502 and "is another" in answer.text
    provider.shutdown()
    provider.server_close()
    answer = send(visitor(app), "/sign-in", "/sign-in/with/orcid")
    assert answer.status_code == 502 and "cannot be reached" in answer.text
    assert visitor(app).get("/sign-in/with/nobody").status_code == 404


def test_a_following_address_elsewhere_is_not_followed(app: Any, provider: Provider) -> None:
    client = visitor(app)
    answer = come_back(client, provider.signed_in(go(client, next="https://elsewhere.example/")))
    assert answer.headers["location"] == "/"


def test_an_account_is_linked_and_then_signs_in_both_ways(app: Any, home: Path, provider: Provider) -> None:
    client, before = visitor(app, "member"), len(opened(home))
    answer = come_back(client, provider.signed_in(go(client, "/account")))
    assert answer.headers["location"] == "/account?done=linked"
    assert ORCID in client.get("/account").text
    other = visitor(app)
    come_back(other, provider.signed_in(go(other)))
    assert "You sign in as member" in other.get("/account").text
    # Another account cannot take what is bound already.
    second = visitor(app, "administrator")
    answer = come_back(second, provider.signed_in(go(second, "/account")))
    assert answer.status_code == 403 and "nother account signs in by this one" in answer.text
    assert len(opened(home)) == before


def test_a_link_that_was_begun_as_somebody_else_is_refused(app: Any, home: Path, provider: Provider) -> None:
    client = visitor(app, "member")
    query = provider.signed_in(go(client, "/account"))
    send(client, "/account", "/sign-out")
    assert come_back(client, query).status_code == 403
    with Ledger.open(home / "ledger.db") as ledger:
        accounts = Accounts(ledger)
        assert accounts.identity_of(accounts.of_name("member")) is None


def test_where_sign_up_is_closed_a_provider_opens_nothing(
    home: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVIGRAPH_TEST_SECRET", SECRET)
    client, before = visitor(app_of(home, provider, sign_up=False)), len(opened(home))
    answer = come_back(client, provider.signed_in(go(client)))
    assert answer.status_code == 403 and "by its administrators alone" in answer.text
    assert len(opened(home)) == before


def test_an_address_is_never_what_an_account_is_found_by(home: Path) -> None:
    with Ledger.open(home / "ledger.db") as ledger:
        accounts = Accounts(ledger)
        known = accounts.open("ana", PASSWORD, email="ana@example.org")
        token = accounts.sign_in_as(Identity("https://p.example", "s1", "Ana", "ana@example.org"))
        found = accounts.signed_in(token)
        assert found is not None and found.account_id != known.account_id
        accounts.disable(found, "operator")
        with pytest.raises(Exception, match="may not sign in"):
            accounts.sign_in_as(Identity("https://p.example", "s1"))


def test_an_account_without_a_password_is_erased_by_its_name(app: Any, provider: Provider) -> None:
    client = visitor(app)
    come_back(client, provider.signed_in(go(client)))
    assert send(client, "/account", "/account/erase", name="somebody").status_code == 403
    assert send(client, "/account", "/account/erase", name=ORCID).status_code == 303
    assert client.get("/account").status_code == 303


def test_an_account_and_the_event_of_it_are_both_there_or_neither(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(home / "ledger.db") as ledger:
        accounts, before = Accounts(ledger), len(list(ledger.events()))

        def broken(*_: Any) -> None:
            raise RuntimeError("cut off")

        monkeypatch.setattr(ledger, "append_within", broken)
        for act in (
            lambda: accounts.open("ana", PASSWORD),
            lambda: accounts.sign_in_as(Identity("https://p.example", "s1")),
            lambda: accounts.disable(accounts.of_name("member"), "operator"),
            lambda: accounts.erase(accounts.of_name("member"), "operator"),
        ):
            with pytest.raises(RuntimeError, match="cut off"):
                act()
        assert {one.name for one in accounts.all()} == {"administrator", "member"}
        assert not accounts.of_name("member").is_disabled
        assert len(list(ledger.events())) == before


def test_a_name_that_somebody_took_keeps_nobody_out(home: Path) -> None:
    with Ledger.open(home / "ledger.db") as ledger:
        accounts = Accounts(ledger)
        squatter = accounts.open(ORCID, PASSWORD)
        token = accounts.sign_in_as(Identity("https://orcid.example", ORCID, "Ana", "no address", ORCID))
        found = accounts.signed_in(token)
        assert found is not None and found.account_id != squatter.account_id and found.email is None
        assert found.name.startswith(f"{ORCID}-")


def test_an_account_has_one_provider_and_an_orcid_one_account(home: Path) -> None:
    with Ledger.open(home / "ledger.db") as ledger:
        accounts = Accounts(ledger)
        member = accounts.of_name("member")
        own = Identity("https://orcid.example", ORCID, orcid=ORCID)
        accounts.link(member, own)
        accounts.link(member, own)
        with pytest.raises(InputError, match="can be linked to one provider"):
            accounts.link(member, Identity("https://other.example", "s"))
        with pytest.raises(InputError, match="another account signs in by this one"):
            accounts.sign_in_as(Identity("https://other.example", ORCID, orcid=ORCID))
        assert accounts.identity_of(member) == own
        signed_in = accounts.signed_in(accounts.sign_in_as(own))
        assert signed_in is not None and signed_in.account_id == member.account_id
