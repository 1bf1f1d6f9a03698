"""How the classic door is set up: the part of the configuration that it obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Dialect: TypeAlias = Literal["pairs", "ack", "single"]


@dataclass(slots=True, frozen=True)
class ClassicSettings:
    """Sizes are bytes, `rate` messages per second (0: no limit), durations seconds.

    `width` None detects each client's header width.
    """

    width: int | None = None
    notices: bool = True
    quit_words: bool = False
    dialect: Dialect = "pairs"
    frame: int = 1024 * 1024
    message: int = 16 * 1024
    outbox: int = 1024 * 1024
    rate: float = 10.0
    burst: float = 40.0
    flood_seconds: float = 300.0
