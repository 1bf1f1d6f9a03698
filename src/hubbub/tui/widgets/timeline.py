"""The timeline of a room: one widget that draws entries as data, however many there are.

Owns scrolling that stays where the reader is, what is drawn, and the selection. Where entries stand
is `drawing.heights`'s, what rows look like `drawing.rows`'s. It is told of changes as splices and
looks at nothing else; the screen fetches the past when it `Wants` it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hubbub.client.timeline import Entry, Timeline
from hubbub.tui.bindings import bindings
from hubbub.tui.drawing import rows as drawing
from hubbub.tui.drawing.heights import Heights
from hubbub.tui.drawing.rows import Layout, new_day
from hubbub.tui.registry import Where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.binding import BindingType

    from hubbub.client.timeline import Splice
    from hubbub.tui.drawing.palette import Palette

MARGIN = 1
"""The column at the left, for the sign of what is selected or names us."""

NARROWEST = 24
"""Cells that are laid out for, at least."""

KEPT_ROWS = 2_000
"""Entries whose rows are remembered."""


class TimelineView(ScrollView, can_focus=True):
    """Draws a timeline. `show` gives it one, `splice` tells it what changed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MESSAGE)

    class Wants(Message):
        """The reader is near the beginning of what is here."""

    class Acted(Message):
        """A key was pressed on a selected message."""

        def __init__(self, act: str, entry: Entry) -> None:
            super().__init__()
            self.act = act
            self.entry = entry

    class Moved(Message):
        """The reader is at the end now, or not any more."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.palette = palette
        self.me = ""
        self.folds = True
        """Whether those who came and went are told in one line."""
        self.selected: Entry | None = None
        self.following = True
        """Whether the end is in sight, and stays so."""
        self._timeline = Timeline()
        self._line: Entry | None = None  # the first unread when the room was opened
        self._width = 0
        self._rows: dict[Entry, list[Strip]] = {}
        self._heights = self._measured()

    # --- what is shown

    def show(self, timeline: Timeline, *, me: str, unread: Entry | None) -> None:
        """Show a timeline, from its first unread message on, or its end."""
        self._timeline, self.me, self._line = timeline, me, unread
        self.selected = None
        self.following = True
        self.measure()
        if unread is not None:
            self.call_after_refresh(self.to_line)
        if len(timeline) < 2 * self.size.height:
            self.post_message(self.Wants())

    def set_line(self, unread: Entry | None) -> None:
        """Draw the line of what is unread above this entry."""
        if unread is not self._line:
            anchor = self._anchor()
            self._line = unread
            self.measure()
            self._keep_anchor(anchor)

    def measure(self) -> None:
        """Find out how high everything is, for another width or another look."""
        self._rows.clear()
        self._width = self.size.width
        self._heights = self._measured()
        self._fit()

    def _measured(self) -> Heights:
        layout = Layout(max(NARROWEST, self._width - MARGIN), self.palette, self.me)
        return Heights(self._timeline, layout, unread=self._line, folds=self.folds)

    def splice(self, splices: Iterable[Splice]) -> None:
        """Entries have come, gone or changed, one splice after the other."""
        anchor = self._anchor()
        for entry in self._heights.splice(splices):
            self._rows.pop(entry, None)
        if self._heights.index_of(self.selected) is None:
            self.selected = None
        self._fit()
        self._keep_anchor(anchor)

    # --- scrolling

    def _fit(self) -> None:
        total = self._heights.total
        self.virtual_size = Size(self.size.width, total)
        if self.following:
            self.scroll_to(y=total, animate=False, force=True)
        self.refresh()

    def _anchor(self) -> tuple[Entry, int] | None:
        """The first entry in sight and how far it is above the edge; None at the end."""
        top = self.scroll_offset.y
        index = self._heights.at(top)
        if self.following or index is None:
            return None
        return self._timeline.entries[index], top - self._heights.start(index)

    def _keep_anchor(self, anchor: tuple[Entry, int] | None) -> None:
        index = None if anchor is None else self._heights.index_of(anchor[0])
        if anchor is None or index is None:
            return
        top = self._heights.start(index) + anchor[1]
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end when the reader is there, and ask for more near the beginning."""
        super().watch_scroll_y(old_value, new_value)
        following = new_value >= self.virtual_size.height - self.size.height - 1
        if following != self.following:
            self.following = following
            self.post_message(self.Moved())
        if new_value < self.size.height and len(self._timeline):
            self.post_message(self.Wants())

    def to_end(self) -> None:
        """Go to now."""
        self.select(None)
        self.following = True
        self._fit()
        self.post_message(self.Moved())

    def to_line(self) -> None:
        """Go to the line of what is unread."""
        if self._line is not None:
            self.to_entry(self._line)

    def to_entry(self, entry: Entry) -> None:
        """Bring an entry into sight, a few rows below the edge."""
        index = self._heights.index_of(entry)
        if index is None:
            return
        start, end = self._heights.start(index), self._heights.end(index)
        top, height = self.scroll_offset.y, self.size.height
        if start < top or end > top + height:
            self.following = False
            self.scroll_to(y=max(0, start - height // 4), animate=False, force=True)

    def on_resize(self, event: events.Resize) -> None:
        """Measure again for another width; another height only moves the edge."""
        if event.size.width != self._width:
            anchor = self._anchor()
            self.measure()
            self._keep_anchor(anchor)
        else:
            self._fit()

    # --- drawing

    def render_line(self, y: int) -> Strip:
        """The row `y` of what is in sight."""
        row = self.scroll_offset.y + y
        index = self._heights.at(row)
        if index is None:
            return Strip.blank(self.size.width, self.rich_style)
        entry = self._timeline.entries[index]
        strips = self._rows.get(entry)
        if strips is None:
            strips = self._draw(index, entry)
        return strips[row - self._heights.start(index)].apply_style(self.rich_style)

    def _draw(self, index: int, entry: Entry) -> list[Strip]:
        if len(self._rows) > KEPT_ROWS:
            self._rows.clear()
        palette, around = self.palette, self._heights.around(index)
        sign, style, look = " ", palette.text, None
        if entry is self.selected:
            sign, style, look = "▌", palette.strong, palette.selected
        elif entry.mentions:
            sign, style, look = "┃", palette.unread, palette.mention
        above = new_day(entry, around.before) + around.is_first_unread
        strips = []
        for number, row in enumerate(drawing.rows(entry, around, self._heights.layout)):
            is_body = number >= above
            margin = Segment(sign if is_body else " ", style)
            strip = Strip([margin, *row]).adjust_cell_length(self.size.width)
            strips.append(strip if look is None or not is_body else strip.apply_style(look))
        self._rows[entry] = strips
        return strips

    # --- selecting

    def select(self, entry: Entry | None) -> None:
        """Select an entry, and bring it into sight."""
        for one in (self.selected, entry):
            if one is not None:
                self._rows.pop(one, None)
        self.selected = entry
        if entry is not None:
            self.to_entry(entry)
        self.refresh()

    def move(self, step: int) -> None:
        """Select the message before (-1) or after (1) the selected one; at first an outer one."""
        entry = self.find(step)
        if entry is not None:
            self.select(entry)
        elif step < 0:
            self.post_message(self.Wants())

    def find(self, step: int, *, mentions: bool = False) -> Entry | None:
        """The next message in a direction, that names us."""
        entries = self._timeline.entries
        index = self._heights.index_of(self.selected)
        if index is None:
            index = len(entries) if step < 0 else -1
        index += step
        while 0 <= index < len(entries):
            entry = entries[index]
            if entry.is_talk and not entry.redacted and (entry.mentions or not mentions):
                return entry
            index += step
        return None

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked; a click on a link opens it."""
        link = event.style.link
        if link:
            self.app.open_url(link)
            return
        index = self._heights.at(self.scroll_offset.y + event.y)
        entry = None if index is None else self._timeline.entries[index]
        if entry is not None and entry.is_talk and not entry.redacted:
            self.focus()
            self.select(entry)

    def action_act(self, act: str) -> None:
        """A key of a selected message."""
        if act in {"select_first", "select_last"}:
            self.selected = None
        if act in _STEPS:
            self.move(_STEPS[act])
        elif self.selected is not None:
            self.post_message(self.Acted(act, self.selected))


_STEPS = {"select_up": -1, "select_down": 1, "select_first": 1, "select_last": -1}
