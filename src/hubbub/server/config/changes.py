"""Changes: in what two configurations differ, and what of it a running server can take.

Owns the words for it. The value of a secret is in none of them. What a server does with what it
takes is in `hubbub.server.reload`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.server.config.describe import Key, all_keys
from hubbub.server.config.marks import Effect
from hubbub.server.config.sources import in_toml

if TYPE_CHECKING:
    from hubbub.server.config.keys import Config


@dataclass(slots=True, frozen=True)
class Change:
    """A key whose value `was` one thing and is `now` another."""

    key: Key
    was: object
    now: object

    @property
    def waits(self) -> bool:
        """Whether it takes effect only when the server starts the next time."""
        return self.key.effect is Effect.NEXT_START

    def __str__(self) -> str:
        """One line for an operator."""
        effect = "" if self.key.effect is Effect.AT_ONCE else f", {self.key.effect}"
        if self.key.is_secret:
            return f"{self.key.name} has changed{effect}"
        was, now = in_toml(self.key, self.was), in_toml(self.key, self.now)
        return f"{self.key.name}: {was} becomes {now}{effect}"


def changes(was: Config, now: Config) -> list[Change]:
    """In what they differ, in the order of the keys."""
    return [
        Change(key, before, after)
        for key in all_keys().values()
        if (before := key.value_in(was)) != (after := key.value_in(now))
    ]


def taken(running: Config, wanted: Config) -> Config:
    """What is in force from now on: what is wanted, but for what waits for the next start."""
    config = wanted
    for change in changes(running, wanted):
        if change.waits:
            config = change.key.put_in(config, change.was)
    return config
