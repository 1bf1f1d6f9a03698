"""Keys of the registry as Textual's bindings: each is `action_act("…")` of the widget they are of.

Owns nothing else. Those for anywhere have priority: a text box would eat Ctrl+K and Alt+↑.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from hubbub.tui.registry import Where, keys_of

if TYPE_CHECKING:
    from textual.binding import BindingType

NUMBERED = "room_number"
"""The act whose keys end in the number that it is about."""

GENTLE = frozenset({"now"})
"""Acts that a widget or a dialog above may take for itself."""


def bindings(where: Where) -> list[BindingType]:
    """The bindings of all keys that work there."""
    found: list[BindingType] = []
    for key in keys_of(where):
        for name in key.keys:
            argument = f", {name[-1]}" if key.act == NUMBERED else ""
            action = f"act('{key.act}'{argument})"
            is_first = where is Where.ANYWHERE and key.act not in GENTLE
            found.append(Binding(name, action, key.does, show=False, priority=is_first))
    return found
