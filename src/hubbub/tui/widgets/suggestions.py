"""What the word being typed may become, above the box, the chosen one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

if TYPE_CHECKING:
    from hubbub.tui.completing import Completion
    from hubbub.tui.drawing.palette import Palette

MOST = 6
"""Rows."""


class Suggestions(Static):
    """A few candidates; hidden when there are none."""

    def offer(self, completion: Completion | None, chosen: int, palette: Palette) -> None:
        """Show the candidates around the chosen one; -1 for none chosen."""
        self.display = completion is not None
        if completion is None:
            return
        top = max(0, min(chosen - MOST // 2, len(completion.candidates) - MOST))
        lines = Text()
        shown = completion.candidates[top : top + MOST]
        wide = max(len(candidate.shown) for candidate in shown)
        for at, candidate in enumerate(shown, top):
            is_chosen = at == chosen
            line = Text(f"{'▸' if is_chosen else ' '} {candidate.shown.ljust(wide)}")
            line.append(f"  {candidate.hint}", palette.dim)
            if is_chosen:
                line.stylize(palette.selected)
            lines.append_text(line)
            lines.append("\n" if at < top + len(shown) - 1 else "")
        self.update(lines)
