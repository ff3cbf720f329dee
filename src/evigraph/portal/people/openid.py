"""Signing in by somebody else's word: OpenID Connect, authorization code flow with PKCE, for ORCID and any provider.

OpenID Connect Core 1.0 §3.1 and RFC 7636. A provider is asked for its discovery document when it is first needed. What
it says of somebody counts only as a token that it signed for this graph and this very sign-in, and that is not too old.
An account is bound to provider and subject, never to an e-mail address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import joserfc.errors
from joserfc import jwt
from joserfc.jwk import KeySet

from evigraph.errors import EvigraphError, InputError
from evigraph.model.pid import normalise_orcid
from evigraph.net.client import Client, Policy
from evigraph.settings import LoginSettings
from evigraph.store.identity import Identity

#: Signatures that are trusted; `none` and those by a shared secret are not among them.
ALGORITHMS = ["RS256", "ES256", "PS256"]

#: Seconds that somebody has to sign in at the provider; that clocks may differ; that its documents are kept.
PATIENCE, _LEEWAY, _KEPT = 600, 60, 3600

_MAX_BYTES, _SECONDS = 262_144, 15.0

_FAILED = "{label} did not let you in ({why}): try again, or sign in another way"


@dataclass(frozen=True)
class Flow:
    """A sign-in under way, kept in a cookie of the browser that began it.

    Attributes:
        provider: its name in the settings.
        state, nonce, verifier: secrets that the answer, the token and the exchange have to match.
        following: the path to go on to.
        began_at: seconds since the epoch.
        account_id: the account that is to be linked; empty: somebody signs in.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    following: str
    began_at: int
    account_id: str = ""

    def to_cookie(self) -> str:
        """The value of the cookie."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @staticmethod
    def of_cookie(value: str) -> Flow | None:
        """The sign-in that a cookie holds; null where it holds none, or one that is too old."""
        try:
            flow = Flow(**json.loads(base64.urlsafe_b64decode(value.encode())))
        except (ValueError, TypeError):
            return None
        is_told = all(isinstance(one, str) and one for one in (flow.provider, flow.state, flow.nonce, flow.verifier))
        is_timely = isinstance(flow.began_at, int) and 0 <= time.time() - flow.began_at <= PATIENCE
        return flow if is_told and is_timely else None


class Provider:
    """A provider of the settings. May be shared by threads.

    Every method raises `InputError`, with a line for the one who signs in, where the provider does not do its part.
    """

    def __init__(self, name: str, settings: LoginSettings, contact: str | None, allowed_hosts: tuple[str, ...]) -> None:
        self.name, self.settings = name, settings
        self.label = settings.label or {"orcid": "ORCID"}.get(name, name.capitalize())
        self._policy = Policy(
            contact=contact,
            allowed_hosts=frozenset(allowed_hosts),
            timeout=_SECONDS,
            deadline=_SECONDS,
            max_bytes=_MAX_BYTES,
            attempts=2,
        )
        self._lock = Lock()
        self._documents: dict[str, tuple[float, Any]] = {}

    def begin(self, redirect_uri: str, following: str, account_id: str = "") -> tuple[str, Flow]:
        """The address at which somebody signs in, and what their browser has to remember meanwhile."""
        verifier = secrets.token_urlsafe(48)
        flow = Flow(
            self.name,
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
            verifier,
            following,
            int(time.time()),
            account_id,
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.settings.scope,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", flow

    def finish(self, answer: Mapping[str, str], flow: Flow, redirect_uri: str) -> Identity:
        """Who the provider says that it was.

        Args:
            answer: the query with which it sent the browser back.
            flow: what that browser remembered.
            redirect_uri: the same as at the beginning.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
            raise self._refusal("its answer is not to this sign-in")
        if answer.get("error"):
            raise self._refusal(f"it says {answer['error'][:80]!r}")
        if not answer.get("code"):
            raise self._refusal("its answer has no code")
        fields = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect_uri,
            "client_id": self.settings.client_id,
            "code_verifier": flow.verifier,
        }
        if secret := os.environ.get(self.settings.secret_variable or "", ""):
            fields["client_secret"] = secret
        told = self._exchange(fields)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise self._refusal("it gave no token that says who you are")
        return self._identity(self._claims(token, flow.nonce), told)

    def _exchange(self, fields: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            with Client(self._policy) as client:
                answer = client.send("POST", self._endpoint("token_endpoint"), urlencode(fields).encode(), headers)
            told = json.loads(answer.content)
        except (EvigraphError, ValueError) as error:
            # The provider's words may hold the code, which is a secret until it is used.
            raise self._refusal("it did not take the code that it gave") from error
        if not isinstance(told, dict):
            raise self._refusal("its answer is none that the standard knows")
        return told

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._issuer()},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        for is_fresh in (False, True):
            try:
                found = jwt.decode(token, self._keys(is_fresh), algorithms=ALGORITHMS)
                registry.validate(found.claims)
                break
            except (joserfc.errors.InvalidKeyIdError, joserfc.errors.BadSignatureError) as error:
                # A provider may have begun to sign by another key since its keys were read.
                if is_fresh:
                    raise self._refusal("its token is not signed by it") from error
            except (joserfc.errors.JoseError, ValueError, TypeError) as error:
                raise self._refusal(f"its token does not hold: {type(error).__name__}") from error
        audience = found.claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and found.claims.get("azp") != self.settings.client_id:
            raise self._refusal("its token is for somebody else as well")
        return dict(found.claims)

    def _identity(self, claims: Mapping[str, Any], told: Mapping[str, Any]) -> Identity:
        subject = str(claims["sub"])
        given = " ".join(str(claims.get(part) or "") for part in ("given_name", "family_name")).strip()
        name = str(claims.get("name") or told.get("name") or given or "")
        is_orcid = (urlsplit(self._issuer()).hostname or "").endswith("orcid.org") or self.settings.subject_is_orcid
        orcid = normalise_orcid(subject) if is_orcid else None
        is_verified = claims.get("email_verified") is True
        email = str(claims.get("email") or "") if is_verified else ""
        return Identity(self._issuer(), subject, " ".join(name.split())[:60], email[:254], orcid)

    def _issuer(self) -> str:
        return str(self._document("discovery", self._discovery_address())["issuer"])

    def _discovery_address(self) -> str:
        return f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"

    def _endpoint(self, name: str) -> str:
        found = self._document("discovery", self._discovery_address()).get(name)
        if not isinstance(found, str) or urlsplit(found).scheme not in ("https", "http"):
            raise self._refusal(f"its discovery document names no {name}")
        return found

    def _keys(self, is_fresh: bool) -> KeySet:
        try:
            return KeySet.import_key_set(self._document("keys", self._endpoint("jwks_uri"), is_fresh))
        except (joserfc.errors.JoseError, ValueError, TypeError, KeyError) as error:
            raise self._refusal("its keys cannot be read") from error

    def _document(self, what: str, address: str, is_fresh: bool = False) -> Any:
        now = time.monotonic()
        with self._lock:
            held = self._documents.get(what)
            if held is not None and not is_fresh and now - held[0] < _KEPT:
                return held[1]
            try:
                with Client(self._policy) as client:
                    found = json.loads(client.get(address, headers={"Accept": "application/json"}).content)
            except (EvigraphError, ValueError) as error:
                raise self._refusal("it cannot be reached") from error
            if not isinstance(found, dict):
                raise self._refusal("its answer is none that the standard knows")
            # The document has to be the issuer's own (OpenID Connect Discovery 1.0 §4.3).
            stated = str(found.get("issuer", ""))
            if what == "discovery" and stated.rstrip("/") != self.settings.issuer.rstrip("/"):
                raise self._refusal("its discovery document is another's")
            self._documents[what] = (now, found)
            return found

    def _refusal(self, why: str) -> InputError:
        return InputError(_FAILED.format(label=self.label, why=why))
