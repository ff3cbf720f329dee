"""Records drawn at random: the same ones for the same seed, however the pool is ordered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def drawn(pool: Iterable[str], n: int, seed: str) -> tuple[str, ...]:
    """`n` of the pool (all, where it is smaller), in random order.

    Each member's place is the SHA-256 of the seed and its id, so that who knows the seed can draw again, and a record
    that comes to the pool later moves no other.
    """
    placed = sorted((hashlib.sha256(f"{seed}\0{one}".encode()).digest(), one) for one in set(pool))
    return tuple(one for _, one in placed[:n])
