"""Where time and randomness come from in a real server."""

from __future__ import annotations

import random
import time

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [high + low for high in CROCKFORD for low in CROCKFORD]


class SystemClock:
    """The machine's clock. Rooms never let it go back (`hub/timeline`)."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000


class RandomIds:
    """Ids from the system's random numbers. They are unguessable, but no secrets."""

    def __init__(self) -> None:
        self._bits = random.SystemRandom().getrandbits
        self._pool = 0
        self._left = 0
        self._moment = -1
        self._prefix = ""

    def msgid(self, now: int) -> str:
        """26 characters of Crockford base32: 48 bits of `now`, 80 random bits."""
        if now != self._moment:
            self._moment = now
            self._prefix = "".join(CROCKFORD[now >> shift & 31] for shift in range(45, -1, -5))
        if not self._left:
            # One call of the system serves many ids: it costs as much as making ten of them.
            self._pool, self._left = self._bits(80 * 64), 64
        value, self._pool = self._pool & (1 << 80) - 1, self._pool >> 80
        self._left -= 1
        pairs = _PAIRS
        return (
            f"{self._prefix}{pairs[value & 1023]}{pairs[value >> 10 & 1023]}"
            f"{pairs[value >> 20 & 1023]}{pairs[value >> 30 & 1023]}{pairs[value >> 40 & 1023]}"
            f"{pairs[value >> 50 & 1023]}{pairs[value >> 60 & 1023]}{pairs[value >> 70]}"
        )

    def number(self) -> int:
        """A random positive number of 63 bits."""
        return self._bits(63) or 1
