"""The timeline of a room: one widget that draws entries as data, however many there are.

Owns where each entry stands (its height, measured once, and the sum of those above), scrolling that
stays where the reader is, and the selection. What rows look like is `drawing.rows`'s. It is told of
changes as splices and looks at nothing else; the screen fetches the past when it `Wants` it.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hubbub.client.timeline import NOISE, Entry, Fate, Kind
from hubbub.tui.bindings import bindings
from hubbub.tui.drawing import rows as drawing
from hubbub.tui.drawing.palette import DARK
from hubbub.tui.drawing.rows import Around, Layout, new_day
from hubbub.tui.registry import Where

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from hubbub.client.timeline import Splice, Timeline
    from hubbub.tui.drawing.palette import Palette

MARGIN = 1
"""The column at the left, for the sign of what is selected or names us."""

KEPT_ROWS = 2_000
"""Entries whose rows are remembered."""

_ELSEWHERE = Entry(0, Kind.MESSAGE, "…", "an earlier message")


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

    def __init__(self, palette: Palette = DARK, **options: str) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.palette = palette
        self.me = ""
        self.folds = True
        """Whether those who came and went are told in one line."""
        self.selected: Entry | None = None
        self._timeline: Timeline | None = None
        self._line: Entry | None = None  # the first unread when the room was opened
        self._heights: list[int] = []
        self._ends: list[int] = []  # the row behind each entry
        self._rows: dict[int, list[Strip]] = {}
        self._following = True
        self._width = 0

    # --- what is shown

    @property
    def following(self) -> bool:
        """Whether the end is in sight, and stays so."""
        return self._following

    def show(self, timeline: Timeline, *, me: str, unread: Entry | None) -> None:
        """Show a timeline, from its first unread message on, or its end."""
        self._timeline, self.me, self._line = timeline, me, unread
        self.selected = None
        self._following = True
        self.measure()
        if unread is not None:
            self.call_after_refresh(self.to_entry, unread)
        if len(timeline) < 2 * self.size.height:
            self.post_message(self.Wants())

    def set_line(self, unread: Entry | None) -> None:
        """Draw the line of what is unread above this entry."""
        if unread is not self._line:
            self._line = unread
            self.measure()

    def measure(self) -> None:
        """Find out how high everything is, for another width or another look."""
        self._rows.clear()
        self._width = self.size.width
        self._heights = []
        if self._timeline is not None:
            layout = self._layout
            heights = (
                drawing.height(entry, self._around(index), layout)
                for index, entry in enumerate(self._timeline.entries)
            )
            self._heights = list(heights)
        self._ends = list(accumulate(self._heights))
        self._fit()

    def splice(self, splice: Splice) -> None:
        """Entries have come, gone or changed."""
        at, removed, added = splice
        if self._timeline is None:
            return
        top = self._anchor()
        self._heights[at : at + removed] = [0] * added
        first, last = self._neighbours(at, added)
        layout = self._layout
        entries = self._timeline.entries
        for index in range(first, last):
            self._rows.pop(id(entries[index]), None)
            self._heights[index] = drawing.height(entries[index], self._around(index), layout)
        del self._ends[first:]
        total = self._ends[-1] if self._ends else 0
        self._ends += list(accumulate(self._heights[first:], initial=total))[1:]
        if self.selected is not None and removed and not self._has(self.selected):
            self.selected = None
        self._fit()
        self._keep_anchor(top)

    def _neighbours(self, at: int, added: int) -> tuple[int, int]:
        """The entries whose looks a splice may change: those beside it, and runs it joins."""
        assert self._timeline is not None
        entries = self._timeline.entries
        first = max(0, at - 1)
        while first and entries[first].kind in NOISE and entries[first - 1].kind in NOISE:
            first -= 1
        return first, min(len(entries), at + added + 1)

    def _has(self, entry: Entry) -> bool:
        assert self._timeline is not None
        try:
            self._timeline.index_of(entry)
        except ValueError:
            return False
        return True

    @property
    def _layout(self) -> Layout:
        return Layout(max(24, self._width - MARGIN), self.palette, self.me)

    def _around(self, index: int) -> Around:
        assert self._timeline is not None
        entries = self._timeline.entries
        entry = entries[index]
        before = entries[index - 1] if index else None
        is_line = entry is self._line
        if entry.kind in NOISE:
            return Around(before, self._run(index), None, is_line, self._unread(index, is_line))
        quoted = None
        if entry.reply_to:
            quoted = self._timeline.get(entry.reply_to) or _ELSEWHERE
        if not is_line and quoted is None:
            return Around(before)
        return Around(before, (), quoted, is_line, self._unread(index, is_line))

    def _unread(self, index: int, is_line: bool) -> int:  # noqa: FBT001
        if not is_line or self._timeline is None:
            return 0
        return sum(one.is_talk and not one.ours for one in self._timeline.entries[index:])

    def _run(self, index: int) -> list[Entry]:
        """Those who came and went in a row, if the one at `index` is the first of them."""
        assert self._timeline is not None
        entries = self._timeline.entries
        if not self.folds:
            return [entries[index]]
        if index and self._joins(entries[index - 1], entries[index]):
            return []
        run = [entries[index]]
        while index + len(run) < len(entries) and self._joins(run[-1], entries[index + len(run)]):
            run.append(entries[index + len(run)])
        return run

    def _joins(self, before: Entry, entry: Entry) -> bool:
        return (
            before.kind in NOISE
            and entry.kind in NOISE
            and entry is not self._line
            and not new_day(entry, before)
        )

    # --- scrolling

    def _fit(self) -> None:
        total = self._ends[-1] if self._ends else 0
        self.virtual_size = Size(self.size.width, total)
        if self._following:
            self.scroll_to(y=total, animate=False, force=True)
        self.refresh()

    def _anchor(self) -> tuple[Entry, int] | None:
        """The first entry in sight and how far it is above the edge; None at the end."""
        if self._following or not self._ends or self._timeline is None:
            return None
        top = self.scroll_offset.y
        index = min(bisect_right(self._ends, top), len(self._ends) - 1)
        start = self._ends[index - 1] if index else 0
        return self._timeline.entries[index], top - start

    def _keep_anchor(self, anchor: tuple[Entry, int] | None) -> None:
        if anchor is None or self._timeline is None or not self._has(anchor[0]):
            return
        index = self._timeline.index_of(anchor[0])
        start = self._ends[index - 1] if index else 0
        if start + anchor[1] != self.scroll_offset.y:
            self.scroll_to(y=start + anchor[1], animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end when the reader is there, and ask for more near the beginning."""
        super().watch_scroll_y(old_value, new_value)
        following = new_value >= self.virtual_size.height - self.size.height - 1
        if following != self._following:
            self._following = following
            self.post_message(self.Moved())
        if new_value < self.size.height and self._timeline is not None:
            self.post_message(self.Wants())

    def to_end(self) -> None:
        """Go to now."""
        self.selected = None
        self._following = True
        self._fit()
        self.post_message(self.Moved())

    def to_line(self) -> None:
        """Go to the line of what is unread."""
        if self._line is not None:
            self.to_entry(self._line)

    def to_entry(self, entry: Entry) -> None:
        """Bring an entry into sight, a few rows below the edge."""
        if self._timeline is None or not self._has(entry):
            return
        index = self._timeline.index_of(entry)
        start = self._ends[index - 1] if index else 0
        end = self._ends[index]
        top, height = self.scroll_offset.y, self.size.height
        if start < top or end > top + height or entry is self._line:
            self._following = False
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
        base = self.rich_style
        index = bisect_right(self._ends, row)
        if self._timeline is None or index >= len(self._ends):
            return Strip.blank(self.size.width, base)
        entry = self._timeline.entries[index]
        strips = self._rows.get(id(entry))
        if strips is None:
            strips = self._draw(index, entry)
        start = self._ends[index - 1] if index else 0
        return strips[row - start].apply_style(base)

    def _draw(self, index: int, entry: Entry) -> list[Strip]:
        if len(self._rows) > KEPT_ROWS:
            self._rows.clear()
        palette = self.palette
        drawn = drawing.rows(entry, self._around(index), self._layout)
        is_selected = entry is self.selected
        sign, style = " ", palette.text
        if is_selected:
            sign, style = "▌", palette.strong
        elif entry.mentions:
            sign, style = "┃", palette.unread
        above = new_day(entry, self._around(index).before) + (entry is self._line)
        strips = []
        for number, row in enumerate(drawn):
            is_body = number >= above
            margin = Segment(sign if is_body else " ", style)
            strip = Strip([margin, *row]).adjust_cell_length(self.size.width)
            if is_body and is_selected:
                strip = strip.apply_style(palette.selected)
            elif is_body and entry.mentions:
                strip = strip.apply_style(palette.mention)
            strips.append(strip)
        self._rows[id(entry)] = strips
        return strips

    # --- selecting

    def select(self, entry: Entry | None) -> None:
        """Select an entry, and bring it into sight."""
        for one in (self.selected, entry):
            if one is not None:
                self._rows.pop(id(one), None)
        self.selected = entry
        if entry is not None:
            self.to_entry(entry)
        self.refresh()

    def move(self, step: int) -> None:
        """Select the message before (-1) or after (1) the selected one; the last at first."""
        if self._timeline is None:
            return
        entries = self._timeline.entries
        if self.selected is None or not self._has(self.selected):
            index = len(entries) if step < 0 else -1
        else:
            index = self._timeline.index_of(self.selected)
        index += step
        while 0 <= index < len(entries) and not _can_select(entries[index]):
            index += step
        if 0 <= index < len(entries):
            self.select(entries[index])
        elif step < 0:
            self.post_message(self.Wants())

    def entry_at(self, y: int) -> Entry | None:
        """The entry at a row of what is in sight."""
        index = bisect_right(self._ends, self.scroll_offset.y + y)
        if self._timeline is None or index >= len(self._ends):
            return None
        return self._timeline.entries[index]

    def find(self, step: int, *, mentions: bool) -> Entry | None:
        """The nearest entry before or after the one in the middle, that names us."""
        if self._timeline is None or not self._ends:
            return None
        entries = self._timeline.entries
        if self.selected is not None and self._has(self.selected):
            index = self._timeline.index_of(self.selected)
        else:
            index = len(entries) if step < 0 else -1
        index += step
        while 0 <= index < len(entries):
            if entries[index].mentions or not mentions:
                return entries[index]
            index += step
        return None

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked; a click on a link opens it."""
        link = event.style.link
        if link:
            self.app.open_url(link)
            return
        entry = self.entry_at(event.y)
        if entry is not None and _can_select(entry):
            self.focus()
            self.select(entry)

    def action_act(self, act: str) -> None:
        """A key of a selected message."""
        match act:
            case "select_up":
                self.move(-1)
            case "select_down":
                self.move(1)
            case "select_first":
                self.selected = None
                self.move(1)
            case "select_last":
                self.selected = None
                self.move(-1)
            case _ if self.selected is not None:
                self.post_message(self.Acted(act, self.selected))


def _can_select(entry: Entry) -> bool:
    return (
        entry.is_talk
        and (not entry.redacted)
        and (bool(entry.msgid) or entry.fate is not Fate.SAVED or bool(entry.text))
    )
