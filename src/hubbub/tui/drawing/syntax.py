"""Code in colours, by Pygments; plain where the language is not known or the theme has none.

Owns the way from tokens to styled parts of lines. Pygments is loaded when the first code is drawn.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.tui.drawing.palette import Palette

LONGEST = 20_000
"""Characters that are coloured; more is shown plain."""


def coloured(lines: Sequence[str], language: str, palette: Palette) -> list[list[Segment]]:
    """Each line as parts with styles; together the parts are the line."""
    text = "\n".join(lines)
    if not language or not palette.syntax or len(text) > LONGEST:
        return [[Segment(line, palette.code)] for line in lines]
    return [
        [Segment(part, palette.code + style) for part, style in line]
        for line in _tokens(text, language, palette.syntax)
    ]


@lru_cache(64)
def _tokens(text: str, language: str, scheme: str) -> list[list[tuple[str, Style]]]:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # noqa: PLC0415
    from pygments.styles import get_style_by_name  # type: ignore[import-untyped]  # noqa: PLC0415
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]  # noqa: PLC0415

    plain = [[(line, Style())] for line in text.split("\n")]
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return plain
    looks = get_style_by_name(scheme)
    found: list[list[tuple[str, Style]]] = [[]]
    for token, value in lexer.get_tokens(text):
        look = looks.style_for_token(token)
        style = Style(
            color=f"#{look['color']}" if look["color"] else None, bold=look["bold"] or None
        )
        first, *rest = value.split("\n")
        found[-1].append((first, style))
        found += [[(line, style)] for line in rest]
    if "\n".join("".join(part for part, _ in line) for line in found) != text:
        return plain  # a lexer may change newlines
    return found
