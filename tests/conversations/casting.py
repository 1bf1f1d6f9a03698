"""Casting: who plays a part, by the door through which the play is performed.

A part that says how it arrives (`alice arrives by WebSocket`) does so whatever the door. Through
the `mixed` door all that there is meets in one scene: each part comes by another way.
"""

from __future__ import annotations

from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

from conversations.classic_actor import ClassicActor
from conversations.irc_actor import AMENDING, CAPABILITIES, IrcActor
from conversations.wires import Plain, Tls, WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from conversations.actor import Actor

WAYS: dict[str, Callable[[], Actor]] = {
    "classic": ClassicActor,
    "IRC": IrcActor,
    "TLS": partial(IrcActor, Tls),
    "WebSocket": partial(IrcActor, WebSocket),
    "IRC with edits": partial(IrcActor, Plain, f"{CAPABILITIES} {AMENDING}"),
    "bare IRC": partial(IrcActor, Plain, ""),
}
"""How a part can arrive; `bare IRC` asks for no capability, and most do not for all there are."""

DOORS = {
    "classic": ("classic",),
    "irc": ("IRC",),
    "tls": ("TLS",),
    "websocket": ("WebSocket",),
    "mixed": ("IRC", "classic", "WebSocket", "TLS"),
}
"""The ways of those who do not say how they arrive, in turn. A new door is a line here."""


class Casting:
    """Gives each part an actor."""

    def __init__(self, door: str) -> None:
        self._ways = cycle(DOORS[door])

    def __call__(self, way: str | None, width: int | None) -> Actor:
        """An actor who arrives that way, or (None) as the door has it; with headers of a width."""
        if width is not None:
            return ClassicActor(width)
        return WAYS[way or next(self._ways)]()
