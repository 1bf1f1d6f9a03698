"""Whether a verb may use colour. By itself, so that asking costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def wants_colour(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to use colour: on a terminal that has some, unless NO_COLOR is set."""
    return terminal and not environ.get("NO_COLOR") and environ.get("TERM", "dumb") != "dumb"
