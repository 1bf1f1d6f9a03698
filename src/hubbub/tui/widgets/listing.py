"""A list at the side: rows that are drawn as they are given, one of them marked.

Owns scrolling and the mouse. What rows say is for those who build it (`room_list`, `member_list`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


class Item(NamedTuple):
    """A row: words at the left, a few cells at the right, and what it stands for."""

    left: str
    right: str = ""
    style: Style = Style()
    right_style: Style = Style()
    value: object = None
    is_current: bool = False


class Listing(ScrollView, can_focus=False):
    """Rows in a column."""

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, listing: Listing, value: object) -> None:
            super().__init__()
            self.listing = listing
            self.value = value

    def __init__(self, current: Style, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.current = current
        """What the marked row looks like, besides its sign."""
        self._items: Sequence[Item] = ()

    @property
    def items(self) -> Sequence[Item]:
        """The rows as they stand."""
        return self._items

    def show(self, items: Sequence[Item]) -> None:
        """Draw these."""
        if items == self._items:
            return
        self._items = items
        self.virtual_size = Size(self.size.width, len(items))
        current = next((at for at, item in enumerate(items) if item.is_current), None)
        if current is not None:
            top = self.scroll_offset.y
            if not top <= current < top + max(1, self.size.height):
                self.scroll_to(y=current, animate=False, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.size.width
        row = self.scroll_offset.y + y
        if row >= len(self._items):
            return Strip.blank(width, self.rich_style)
        item = self._items[row]
        room = width - cell_len(item.right)
        left = item.left
        if cell_len(left) > room:
            left = f"{set_cell_size(left, max(0, room - 1))}…"
        left = set_cell_size(left, room)
        strip = Strip([Segment(left, item.style), Segment(item.right, item.right_style)])
        if item.is_current:
            strip = strip.apply_style(self.current)
        return strip.adjust_cell_length(width).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Tell which row it was."""
        row = self.scroll_offset.y + event.y
        if row < len(self._items) and self._items[row].value is not None:
            self.post_message(self.Chosen(self, self._items[row].value))
