"""Where time and randomness come from in a real server."""

from __future__ import annotations

import random
import secrets
import time

from hubbub.text.crockford import ALPHABET, crockford

_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]


class SystemClock:
    """The machine's clock. Rooms never let it go back (`hub/timeline`)."""

    def now(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000


class RandomIds:
    """Ids from the system's random numbers. Nobody can guess them, but only tokens are secret."""

    def __init__(self) -> None:
        self._bits = random.SystemRandom().getrandbits
        self._moment = -1
        self._prefix = ""
        self._count = 0

    def msgid(self, now: int) -> str:
        """26 characters of Crockford base32: 48 bits of `now`, 80 random bits.

        Ids of one millisecond count up from a random number, so making one costs little.
        """
        count = self._count = self._count + 1
        if now != self._moment or count >> 20:
            self._moment = now
            self._prefix = crockford(now, 10) + crockford(self._bits(60), 12)
            count = self._count = self._bits(19)
        return f"{self._prefix}{_PAIRS[count >> 10]}{_PAIRS[count & 1023]}"

    def token(self) -> str:
        """43 characters of the URL-safe base64: 256 random bits, a secret."""
        return secrets.token_urlsafe(32)

    def number(self) -> int:
        """A random positive number of 63 bits."""
        return self._bits(63) or 1
