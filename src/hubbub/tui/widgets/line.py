"""One line of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

if TYPE_CHECKING:
    from rich.text import Text


class Line(Static):
    """Draws a line; the same one is not drawn again."""

    _shown: Text | None = None

    @property
    def room(self) -> int:
        """Cells for words."""
        return max(1, self.content_size.width)

    def show(self, words: Text) -> None:
        """Draw this."""
        if words != self._shown or (self._shown and words.spans != self._shown.spans):
            self._shown = words
            self.update(words)
