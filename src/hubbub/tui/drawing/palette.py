"""The colours: what each part of a timeline looks like, in five themes.

Owns styles and the choice of a colour for a nick. No colour says anything that is not said by a
sign or a word as well. Nick colours were chosen to be read on their ground: a test measures the
contrast (WCAG 2, at least 4.5 to 1; 7 to 1 with high contrast).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import lru_cache

from rich.style import Style

from hubbub.text.casefold import fold


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme, as styles. `nicks` are foregrounds."""

    name: str
    text: Style
    time: Style
    dim: Style
    rule: Style
    unread: Style
    link: Style
    code: Style
    strong: Style
    me: Style
    error: Style
    pending: Style
    selected: Style
    mention: Style
    reaction: Style
    nicks: tuple[str, ...] = ()
    syntax: str = ""
    """A style of Pygments for code; "" for none."""
    ground: str = ""
    """What it is read on, for those who measure."""
    _styles: dict[str, Style] = field(default_factory=dict, compare=False, repr=False)

    def nick(self, nick: str) -> Style:
        """The same person has the same colour, however the nick is written."""
        if not self.nicks:
            return Style(bold=True)
        return _bold(
            self.nicks[zlib.crc32(fold(nick).rstrip("_0123456789").encode()) % len(self.nicks)]
        )


@lru_cache(64)
def _bold(colour: str) -> Style:
    return Style(color=colour, bold=True)


DARK = Palette(
    "dark",
    ground="#14171c",
    text=Style(color="#dfe3ea"),
    time=Style(color="#8b94a3"),
    dim=Style(color="#8b94a3"),
    rule=Style(color="#566072"),
    unread=Style(color="#ff8f70", bold=True),
    link=Style(color="#7cc4ff", underline=True),
    code=Style(color="#e8c98a", bgcolor="#20252d"),
    strong=Style(bold=True),
    me=Style(color="#ffd166", bold=True),
    error=Style(color="#ff7b7b"),
    pending=Style(color="#8b94a3", italic=True),
    selected=Style(bgcolor="#2b3442"),
    mention=Style(bgcolor="#2c2718"),
    reaction=Style(color="#b8c2d2", bgcolor="#222833"),
    nicks=(
        *("#7fb8ff", "#8bd49c", "#f2a6c8", "#f0c674", "#c8a6f2", "#7fd6d6"),
        *("#ff9e80", "#b5d97a", "#e09ce8", "#9fb4ff", "#ffb86b", "#6fdcb0"),
    ),
    syntax="monokai",
)

LIGHT = Palette(
    "light",
    ground="#fbfbf8",
    text=Style(color="#1d2127"),
    time=Style(color="#5d6570"),
    dim=Style(color="#5d6570"),
    rule=Style(color="#b9bec6"),
    unread=Style(color="#b23a12", bold=True),
    link=Style(color="#0b5cad", underline=True),
    code=Style(color="#6b4a00", bgcolor="#efece2"),
    strong=Style(bold=True),
    me=Style(color="#8a4b00", bold=True),
    error=Style(color="#b3261e"),
    pending=Style(color="#5d6570", italic=True),
    selected=Style(bgcolor="#dfe7f3"),
    mention=Style(bgcolor="#fbf0cf"),
    reaction=Style(color="#3c434d", bgcolor="#e9ebef"),
    nicks=(
        *("#1b5faa", "#1d6f3a", "#a3265f", "#7a5200", "#6a3fb0", "#0f6b6b"),
        *("#a83c14", "#4d6b00", "#8c2f96", "#3c4fb8", "#8a4b00", "#006b4f"),
    ),
    syntax="friendly",
)

CONTRAST = Palette(
    "contrast",
    ground="#000000",
    text=Style(color="#ffffff"),
    time=Style(color="#d0d0d0"),
    dim=Style(color="#d0d0d0"),
    rule=Style(color="#ffffff"),
    unread=Style(color="#ffff00", bold=True),
    link=Style(color="#66ccff", underline=True, bold=True),
    code=Style(color="#ffffff", bgcolor="#303030"),
    strong=Style(bold=True),
    me=Style(color="#000000", bgcolor="#ffff00", bold=True),
    error=Style(color="#ff9999", bold=True),
    pending=Style(color="#d0d0d0", italic=True),
    selected=Style(color="#000000", bgcolor="#ffffff"),
    mention=Style(bold=True),
    reaction=Style(color="#ffffff", bgcolor="#303030"),
    nicks=("#66ccff", "#99ff99", "#ffff66", "#ff99ff", "#ffcc66", "#99ffff"),
)

SIXTEEN = Palette(
    "16",
    text=Style(),
    time=Style(dim=True),
    dim=Style(dim=True),
    rule=Style(dim=True),
    unread=Style(color="red", bold=True),
    link=Style(color="blue", underline=True),
    code=Style(color="yellow"),
    strong=Style(bold=True),
    me=Style(color="yellow", bold=True),
    error=Style(color="red"),
    pending=Style(dim=True, italic=True),
    selected=Style(reverse=True),
    mention=Style(bold=True),
    reaction=Style(color="cyan"),
    nicks=("cyan", "green", "magenta", "yellow", "blue", "red"),
)

NONE = Palette(
    "none",
    text=Style(),
    time=Style(dim=True),
    dim=Style(dim=True),
    rule=Style(dim=True),
    unread=Style(bold=True),
    link=Style(underline=True),
    code=Style(),
    strong=Style(bold=True),
    me=Style(bold=True, underline=True),
    error=Style(bold=True),
    pending=Style(italic=True),
    selected=Style(reverse=True),
    mention=Style(bold=True),
    reaction=Style(),
)

PALETTES = {palette.name: palette for palette in (DARK, LIGHT, CONTRAST, SIXTEEN, NONE)}
