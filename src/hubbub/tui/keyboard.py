"""What a terminal sends for Alt and a key, where Textual would make something else of it.

Most terminals send Esc and then the key: xterm, those of the desktops, tmux, PuTTY. Textual knows
that of letters. Digits and `=` it takes for what one terminal makes of them on a Mac (`¡` for
Alt+1), of other signs it forgets the Alt, and Alt+Enter is Enter. Terminals that speak the
protocol of kitty are not concerned. Which keys there are is the registry's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import key_to_character

from hubbub.tui.registry import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALT: Final = "alt+"
_CONTROLS: Final = {"enter": "\r"}


@dataclass(slots=True, frozen=True)
class _Key:
    """As Textual's own keys are: their name is the `value`."""

    value: str


def sequences() -> Iterator[tuple[str, str]]:
    """What a terminal sends, and which key of the registry it is."""
    for key in KEYS:
        for name in key.keys:
            rest = name.removeprefix(_ALT)
            sign = _CONTROLS.get(rest) or key_to_character(rest)
            if name.startswith(_ALT) and sign is not None:
                yield f"\x1b{sign}", name


def know_alt() -> None:
    """Let Textual know them."""
    known = cast("dict[str, tuple[_Key, ...]]", ANSI_SEQUENCES_KEYS)
    for sequence, name in sequences():
        known[sequence] = (_Key(name),)
