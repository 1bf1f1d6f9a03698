"""The themes of Textual that go with the palettes: what widgets look like around the talk.

Owns the pairing of one `Theme` and one `Palette` by name. `16` and `none` leave the colours of the
terminal as they are.
"""

from __future__ import annotations

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from hubbub.tui.drawing.palette import CONTRAST, DARK, LIGHT, NONE, SIXTEEN


def _of_the_terminal(name: str, *, primary: str, accent: str) -> Theme:
    """A theme whose grounds are those of the terminal."""
    return Theme(
        name=f"hubbub-{name}",
        primary=primary,
        secondary=primary,
        accent=accent,
        warning=accent,
        error=accent,
        success=primary,
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        ansi=True,
        variables=dict(BUILTIN_THEMES["ansi-dark"].variables),
    )


THEMES: Final = {
    DARK.name: Theme(
        name=f"hubbub-{DARK.name}",
        primary="#7fb8ff",
        accent="#ff8f70",
        foreground="#dfe3ea",
        background=DARK.ground,
        surface="#1a1e25",
        panel="#20252d",
        dark=True,
    ),
    LIGHT.name: Theme(
        name=f"hubbub-{LIGHT.name}",
        primary="#1b5faa",
        accent="#b23a12",
        foreground="#1d2127",
        background=LIGHT.ground,
        surface="#f1f1ec",
        panel="#e7e7e1",
        dark=False,
    ),
    CONTRAST.name: Theme(
        name=f"hubbub-{CONTRAST.name}",
        primary="#ffff00",
        accent="#ffff00",
        foreground="#ffffff",
        background=CONTRAST.ground,
        surface="#000000",
        panel="#000000",
        dark=True,
        text_alpha=1.0,
    ),
    SIXTEEN.name: _of_the_terminal(SIXTEEN.name, primary="ansi_blue", accent="ansi_red"),
    NONE.name: _of_the_terminal(NONE.name, primary="ansi_default", accent="ansi_default"),
}
