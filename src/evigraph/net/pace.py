"""How fast each host may be asked: a steady rate with a small burst, and pauses that a host has asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Bucket:
    rate: float
    burst: float
    tokens: float
    counted_at: float
    held_until: float = 0.0


class Pace:
    """Waits so that no host gets more requests a second than its rate, and none while it asked for quiet.

    A token bucket for each host: `rate` requests a second, `burst` of them at once after a rest. One pace
    may be shared by threads. `clock` counts seconds; `sleep` waits them (both are replaced in tests).
    """

    def __init__(
        self,
        default_rate: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._default_rate = default_rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def set_rate(self, host: str, rate: float, burst: float = 1.0) -> None:
        """Sets a host's rate in requests a second; `burst` is how many may go at once after a rest.

        Raises:
            ValueError: a rate or burst that would let nothing pass.
        """
        if not (rate > 0 and burst >= 1):
            raise ValueError(f"{host}: a rate must be above 0 and a burst at least 1")
        with self._lock:
            bucket = self._bucket(host)
            bucket.tokens = min(bucket.tokens, burst) if bucket.burst >= burst else burst
            bucket.rate, bucket.burst = rate, burst

    def slow_to(self, host: str, rate: float) -> None:
        """Lowers a host's rate to what the host itself has announced; never raises it."""
        if rate > 0:
            with self._lock:
                bucket = self._bucket(host)
                bucket.rate = min(bucket.rate, rate)

    def hold(self, host: str, seconds: float) -> None:
        """Lets nothing go to the host for so many seconds from now."""
        with self._lock:
            bucket = self._bucket(host)
            bucket.held_until = max(bucket.held_until, self._clock() + seconds)

    def wait(self, host: str) -> None:
        """Returns when the host may be asked once more."""
        while (delay := self._claim(host)) > 0:
            self._sleep(delay)

    def _claim(self, host: str) -> float:
        with self._lock:
            bucket = self._bucket(host)
            now = self._clock()
            bucket.tokens = min(bucket.burst, bucket.tokens + (now - bucket.counted_at) * bucket.rate)
            bucket.counted_at = now
            if now < bucket.held_until:
                return bucket.held_until - now
            # A hair under one token counts as one, or rounding could ask for sleeps too short to matter.
            if bucket.tokens >= 1 - 1e-9:
                bucket.tokens = max(0.0, bucket.tokens - 1)
                return 0.0
            return (1 - bucket.tokens) / bucket.rate

    def _bucket(self, host: str) -> _Bucket:
        if host not in self._buckets:
            self._buckets[host] = _Bucket(self._default_rate, 1.0, 1.0, self._clock())
        return self._buckets[host]
