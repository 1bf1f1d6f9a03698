"""Limits: how much one may say, and how fast.

The numbers come from the configuration, where each has its unit and its reason. An `Allowance`
is a token bucket: it answers how long a talker who is too fast has to wait, it never sleeps.
"""

from __future__ import annotations

from dataclasses import dataclass

from hubbub.core.history import Visible


@dataclass(slots=True, frozen=True)
class Limits:
    """What the rules of talk need to know. Sizes are bytes of UTF-8."""

    message: int = 16 * 1024
    name: int = 64
    replay: int = 20
    """How many messages an arrival is shown."""
    history: int = 200
    """How many messages one may ask for at once."""
    visible: Visible = Visible.ALL
    """How much of the past members read where a room has no key and is open to all."""
    redact_own: int = 24 * 3600 * 1000
    """For how many milliseconds one may take one's own words back."""
    keep: int = 0
    """For how many milliseconds entries are kept; 0 is for ever."""
    keep_size: int = 0
    """How many bytes of them are kept; 0 is no limit."""
    keep_arrivals: int = 30 * 24 * 3600 * 1000
    """For how many milliseconds arrivals and departures are kept; 0 is as long as the rest."""
    keep_rooms: int = 30 * 24 * 3600 * 1000
    """For how many milliseconds a room lasts in which nothing happens; 0 is for ever."""
    room_name: int = 64
    topic: int = 390
    rooms: int = 100
    """How many rooms one session may be in."""
    masks: int = 200
    """How many masks the lists of one room hold together."""
    watched: int = 100
    """How many names one session may watch."""
    real_name: int = 128
    away: int = 390
    username: int = 20
    metadata_keys: int = 100
    """How many keys of metadata a person has, or a room."""
    metadata_value: int = 240
    subscriptions: int = 100
    """How many keys one session may hear of."""
    bans: int = 1000
    """How many bans the server keeps."""


class Allowance:
    """A token bucket: `burst` at once, then `rate` per second. A rate of 0 is no limit.

    `now` is milliseconds of any clock that does not go back.
    """

    __slots__ = ("_at", "_level", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._level = burst
        self._at = now

    def spend(self, now: float, cost: float = 1.0) -> float:
        """Take `cost` and return how many milliseconds to wait before the next; 0 is none."""
        if not self.rate:
            return 0
        level = self._level + (now - self._at) * self.rate / 1000
        level = self._level = min(level, self.burst) - cost
        self._at = now
        return 0 if level >= 0 else -level * 1000 / self.rate
