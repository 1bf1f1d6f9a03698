"""What the declaration of a key says besides its type: its unit, and when a change takes effect.

They are the `extra` of msgspec's `Meta` and are joined with `|`. A key without an effect is one
that a reload changes at once; a test holds every key to what it says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

BYTES: Final = {"unit": "bytes"}
SECONDS: Final = {"unit": "seconds"}
EVENTS: Final = {"unit": "events"}
MESSAGES: Final = {"unit": "messages"}


class Effect(StrEnum):
    """When a change takes effect once the configuration is read again."""

    AT_ONCE = "at once"
    NEW_CONNECTIONS = "for new connections"
    NEXT_START = "at the next start"


NEW_CONNECTIONS: Final[dict[str, Any]] = {"effect": Effect.NEW_CONNECTIONS}
NEXT_START: Final[dict[str, Any]] = {"effect": Effect.NEXT_START}
