"""People's own tokens for a repository: in memory alone, for as long as somebody works, and written nowhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from evigraph.errors import InputError

#: Seconds after which a token is forgotten, used or not.
KEPT = 12 * 3600

_SHORTEST, _LONGEST = 20, 500


class Tokens:
    """The tokens that people gave since this portal was started. A restart forgets them all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: dict[str, tuple[float, str]] = {}

    def give(self, actor: str, token: str) -> None:
        """Holds the token of somebody, in place of an earlier one.

        Raises:
            InputError: it can be no token.
        """
        token = token.strip()
        if not (_SHORTEST <= len(token) <= _LONGEST and token.isascii() and token.isprintable() and " " not in token):
            raise InputError("that is no token: copy it whole, as the repository shows it once")
        with self._lock:
            self._held[actor] = self._clock(), token

    def forget(self, actor: str) -> None:
        """Forgets the token of somebody."""
        with self._lock:
            self._held.pop(actor, None)

    def of(self, actor: str) -> str:
        """The token of somebody; empty where none is held."""
        with self._lock:
            given_at, token = self._held.get(actor, (0.0, ""))
            if token and self._clock() - given_at > KEPT:
                del self._held[actor]
                return ""
            return token
