"""Passwords: which are accepted, how they are kept, and whether one is right. Argon2id (RFC 9106)."""

from __future__ import annotations

import threading
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from evigraph.errors import InputError

#: Least and most characters. Longer ones only cost time.
SHORTEST, LONGEST = 10, 200

#: Hashes computed at the same time: each takes 64 MiB.
_AT_ONCE = threading.Semaphore(2)

#: The second of the parameter sets that RFC 9106 recommends: 64 MiB, three passes, four lanes.
_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


def hash_of(password: str) -> str:
    """The form in which a password is kept."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept. As long in coming where nothing was kept as where it is wrong."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _of_nobody(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a password was kept by older parameters than these."""
    return _HASHER.check_needs_rehash(kept)


def check_password(password: str, name: str) -> None:
    """Nothing, if this may be the password of the account `name`.

    Raises:
        InputError: it is too short or too long, one of the commonest, or made of the name or of one character.
    """
    if len(password) < SHORTEST:
        raise InputError(f"a password has at least {SHORTEST} characters: several words make a good one")
    if len(password) > LONGEST:
        raise InputError(f"a password has at most {LONGEST} characters")
    plain = password.casefold()
    bare = "".join(character for character in plain if character.isalnum())
    core = bare.strip("0123456789")
    if plain in _commonest() or bare in _commonest() or core in _commonest():
        raise InputError("this password is among the commonest, which are tried first: choose another")
    if len(set(plain)) < 4 or (name and name.casefold() in plain and len(plain) < len(name) + 6):
        raise InputError("this password is easy to guess from the name, or nearly one character: choose another")


@cache
def _commonest() -> frozenset[str]:
    text = (files("evigraph.store") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split() if line)


@cache
def _of_nobody() -> str:
    return _HASHER.hash("nobody's password")
