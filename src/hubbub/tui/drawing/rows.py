"""An entry of a timeline as rows of cells: time, nick, text, and what stands around them.

Owns the layout for a width, from 24 cells on, and how high each entry is: `height` must always tell
what `rows` draws, for the timeline scrolls by it. Neither knows a widget. What happened is told by
`words`, where lines break by `wrapping`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from hubbub.client.timeline import NOISE, Entry, Fate, Kind
from hubbub.tui.drawing import wrapping
from hubbub.tui.drawing.markup import FENCE, Block, Look, blocks, spans
from hubbub.tui.drawing.syntax import coloured
from hubbub.tui.drawing.words import clock, day, folded, happened, moment
from hubbub.tui.drawing.wrapping import breaks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from hubbub.tui.drawing.palette import Palette

Row = list[Segment]

WIDE = 56
"""Cells from which on nicks have a column of their own."""

PAUSE = 5 * 60 * 1000
"""Milliseconds after which the same person is named again."""


class Around(NamedTuple):
    """What stands above and below an entry, which decides how it begins."""

    before: Entry | None = None
    """The entry above it."""
    run: Sequence[Entry] = ()
    """Those who came and went that are folded into this one, itself first; empty: it is folded
    away itself."""
    quoted: Entry | None = None
    """What it answers."""
    is_first_unread: bool = False
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """All that decides what rows look like, besides the entries."""

    width: int
    palette: Palette
    me: str = ""
    zone: tzinfo | None = None

    @property
    def indent(self) -> int:
        """Where the text begins."""
        if self.width < WIDE:
            return 2
        return 17 if self.width < 72 else 21

    @property
    def text_width(self) -> int:
        """Cells for text; two are kept for ✓ and …"""
        return max(8, self.width - self.indent - 2)

    def first_width(self, entry: Entry) -> int | None:
        """Cells for the first row of talk, where it is another."""
        if self.width >= WIDE:
            return None
        return self.width - 2 - 7 - cell_len(_name(entry, self)) - 1


def new_day(entry: Entry, before: Entry | None, zone: tzinfo | None = None) -> bool:
    """Whether a day begins with an entry."""
    if before is None:
        return True
    if 0 <= entry.time - before.time < 1_000 or entry.time // 900_000 == before.time // 900_000:
        return False  # quarters of an hour lie in one day in every zone
    return moment(entry.time, zone).date() != moment(before.time, zone).date()


def height(entry: Entry, around: Around, layout: Layout) -> int:
    """How many rows an entry takes."""
    above = new_day(entry, around.before, layout.zone) + around.is_first_unread
    if entry.kind in NOISE:
        if not around.run:
            return above
        return above + wrapping.height(folded(around.run), layout.width - 4)
    if not entry.is_talk or entry.redacted:
        return above + wrapping.height(_aside(entry), layout.text_width)
    text = entry.text
    first = layout.first_width(entry)
    if "\n" not in text and FENCE not in text:
        rows = wrapping.height(text, layout.text_width, first)
    else:
        rows = len(_text_rows(entry, layout, plain=True))
    return above + bool(around.quoted) + rows + bool(entry.reactions) + bool(_after(entry))


def rows(entry: Entry, around: Around, layout: Layout) -> list[Row]:
    """The rows of an entry; their cells may be fewer than the width."""
    palette = layout.palette
    found: list[Row] = []
    if new_day(entry, around.before, layout.zone):
        found.append(rule(day(entry.time, layout.zone), layout.width, palette.rule, palette.dim))
    if around.is_first_unread:
        words = f"{around.unread} new since {clock(entry.time, layout.zone)}"
        found.append(rule(words, layout.width, palette.unread, palette.unread, "━"))
    if entry.kind in NOISE:
        return found + (_noise_rows(around.run, layout) if around.run else [])
    if not entry.is_talk or entry.redacted:
        return found + _aside_rows(entry, layout)
    if around.quoted is not None:
        found.append(_quote(around.quoted, layout))
    found += _talk_rows(entry, around, layout)
    if entry.reactions:
        found.append(_reactions(entry, layout))
    if after := _after(entry):
        style = palette.error if entry.fate is Fate.FAILED else palette.dim
        words = shortened(after, layout.text_width)
        found.append([Segment(" " * layout.indent), Segment(words, style)])
    return found


def rule(words: str, width: int, line: Style, text: Style, sign: str = "─") -> Row:
    """Words in the middle of a line."""
    words = f" {words} "
    if cell_len(words) > width:
        words = set_cell_size(words, width)
    left = max(0, (width - cell_len(words)) // 2)
    right = max(0, width - cell_len(words) - left)
    return [Segment(sign * left, line), Segment(words, text), Segment(sign * right, line)]


# --- talk


def _name(entry: Entry, layout: Layout) -> str:
    name = f"* {entry.sender}" if entry.kind is Kind.ACTION else entry.sender
    return shortened(name, layout.indent - 7 if layout.width >= WIDE else layout.width - 18)


def shortened(words: str, width: int) -> str:
    """The words in so many cells, the last being … if there are more."""
    if cell_len(words) <= width:
        return words
    return f"{set_cell_size(words, max(0, width - 1)).rstrip()}…"


def _is_continued(entry: Entry, around: Around, layout: Layout) -> bool:
    """Whether it follows talk of the same person closely, who need not be named again."""
    before = around.before
    return (
        before is not None
        and before.kind is Kind.MESSAGE
        and entry.kind is Kind.MESSAGE
        and not before.redacted
        and before.sender == entry.sender
        and entry.time - before.time < PAUSE
        and not around.is_first_unread
        and around.quoted is None
        and not new_day(entry, before, layout.zone)
    )


def _gutter(entry: Entry, around: Around, layout: Layout) -> Row:
    """What stands before the text: time and nick."""
    palette = layout.palette
    when = clock(entry.time, layout.zone)
    if layout.width < WIDE:
        nick = Segment(_name(entry, layout), palette.nick(entry.sender))
        return [Segment(when, palette.time), Segment("  "), nick, Segment(" ")]
    column = layout.indent - 7
    if _is_continued(entry, around, layout):
        before = around.before
        same = before is not None and clock(before.time, layout.zone) == when
        return [Segment("     " if same else when, palette.time), Segment(" " * (column + 2))]
    name = _name(entry, layout)
    pad = " " * (column - cell_len(name) + 1)
    return [
        Segment(when, palette.time),
        Segment(pad),
        Segment(name, palette.nick(entry.sender)),
        Segment(" "),
    ]


def _talk_rows(entry: Entry, around: Around, layout: Layout) -> list[Row]:
    found = _text_rows(entry, layout)
    indent = Segment(" " * layout.indent)
    lines = [
        [*(_gutter(entry, around, layout) if number == 0 else [indent]), *row]
        for number, row in enumerate(found)
    ]
    if entry.fate is Fate.PENDING:
        lines[-1] = [*lines[-1], Segment(" …", layout.palette.dim)]
    elif entry.ours and entry.msgid and entry.fate is Fate.SAVED:
        lines[-1] = [*lines[-1], Segment(" ✓", layout.palette.dim)]
    return lines


def _text_rows(entry: Entry, layout: Layout, *, plain: bool = False) -> list[Row]:
    """The rows of what was said, without what stands before them."""
    first = layout.first_width(entry)
    found: list[Row] = []
    for block in blocks(entry.text):
        if block.is_code:
            if first is not None and not found:
                found.append([])
            found += _code_rows(block, layout, plain=plain)
            continue
        for line in block.text.split("\n"):
            found += _line_rows(line, entry, layout, first if not found else None, plain=plain)
    return found


def _line_rows(
    line: str, entry: Entry, layout: Layout, first: int | None, *, plain: bool
) -> list[Row]:
    places = breaks(line, layout.text_width, first)
    if plain:
        return [[] for _ in places]
    base = layout.palette.text if entry.fate is Fate.SAVED else layout.palette.pending
    pieces = _pieces(line, layout, base)
    return [_cut(pieces, start, end) for start, end in places]


def _pieces(line: str, layout: Layout, base: Style) -> Row:
    """The parts of a line, each with its style; together they are the line."""
    palette = layout.palette
    looks = {
        Look.LINK: palette.link,
        Look.CODE: palette.code,
        Look.ROOM: palette.strong,
        Look.STRONG: palette.strong,
        Look.ME: palette.me,
    }
    found: Row = []
    at = 0
    for start, end, look in spans(line, layout.me):
        if start > at:
            found.append(Segment(line[at:start], base))
        style = base + looks[look]
        if look is Look.LINK:
            style += Style(link=line[start:end])
        found.append(Segment(line[start:end], style))
        at = end
    if at < len(line):
        found.append(Segment(line[at:], base))
    return found


def _cut(pieces: Row, start: int, end: int) -> Row:
    found: Row = []
    at = 0
    for text, style, _ in pieces:
        part = text[max(0, start - at) : max(0, end - at)]
        if part:
            found.append(Segment(part, style))
        at += len(text)
    return found


def _code_rows(block: Block, layout: Layout, *, plain: bool) -> list[Row]:
    width = layout.text_width - 2
    lines = block.text.expandtabs(4).split("\n")
    if plain:
        return [[] for line in lines for _ in _chunks(line, width)]
    palette = layout.palette
    bar = Segment("│ ", palette.rule)
    found: list[Row] = []
    for number, pieces in enumerate(coloured(lines, block.language, palette)):
        for start, end in _chunks(lines[number], width):
            row = _cut(pieces, start, end)
            pad = " " * (width - sum(cell_len(text) for text, _, _ in row))
            found.append([bar, *row, Segment(pad, palette.code)])
    return found


def _chunks(line: str, width: int) -> list[tuple[int, int]]:
    """Code is cut where it is full, so that columns stand."""
    if len(line) <= width and line.isascii():
        return [(0, len(line))]
    found: list[tuple[int, int]] = []
    start = used = 0
    for index, char in enumerate(line):
        cells = cell_len(char)
        if used + cells > width:
            found.append((start, index))
            start, used = index, 0
        used += cells
    return [*found, (start, len(line))]


# --- what stands around talk


def _quote(quoted: Entry, layout: Layout) -> Row:
    palette = layout.palette
    words = "(taken back)" if quoted.redacted else " ".join(quoted.text.split())
    sender = shortened(quoted.sender, max(9, layout.indent))
    room = layout.width - layout.indent - 3 - cell_len(sender)
    return [
        Segment(" " * max(0, layout.indent - 2)),
        Segment("┌ ", palette.rule),
        Segment(sender, palette.nick(quoted.sender) + Style(bold=False)),
        Segment(" "),
        Segment(shortened(words, room), palette.dim),
    ]


def _reactions(entry: Entry, layout: Layout) -> Row:
    found: Row = [Segment(" " * layout.indent)]
    room = layout.width - layout.indent
    for sign, names in (entry.reactions or {}).items():
        is_ours = any(name.casefold() == layout.me.casefold() for name in names)
        words = f" {sign} {len(names)}{'*' if is_ours else ''} "
        if cell_len(words) + 1 > room:
            found.append(Segment("…", layout.palette.dim))
            break
        found += [Segment(words, layout.palette.reaction), Segment(" ")]
        room -= cell_len(words) + 1
    return found


def _after(entry: Entry) -> str:
    """What is told below a message about itself."""
    if entry.fate is Fate.FAILED:
        return f"✗ not sent: {entry.why or 'it was refused'}. t sends it again"
    if entry.fate is Fate.KEPT:
        return "⧗ kept until there is a connection"
    return "(edited)" if entry.edited else ""


def _noise_rows(run: Sequence[Entry], layout: Layout) -> list[Row]:
    words = folded(run)
    width = layout.width - 4
    places = breaks(words, width)
    signs = [Segment("-- ", layout.palette.rule), Segment("   ")]
    return [
        [signs[number > 0], Segment(words[start:end], layout.palette.dim)]
        for number, (start, end) in enumerate(places)
    ]


def _aside(entry: Entry) -> str:
    if entry.redacted:
        who = entry.redacted
        return f"{entry.sender}: taken back" + (f" by {who}" if who != entry.sender else "")
    if entry.kind is Kind.NOTICE:
        return f"{entry.sender}: {entry.text}".replace("\n", " ")
    if entry.kind is Kind.ERROR:
        return f"error: {entry.text}".replace("\n", " ")
    return happened(entry).replace("\n", " ")


def _aside_rows(entry: Entry, layout: Layout) -> list[Row]:
    words = _aside(entry)
    style = layout.palette.error if entry.kind is Kind.ERROR else layout.palette.dim
    sign = {Kind.ERROR: "!!", Kind.NOTICE: "--", Kind.STATUS: "··"}.get(entry.kind, "--")
    gutter: Row
    if layout.indent >= 9:
        gutter = [Segment(clock(entry.time, layout.zone), layout.palette.time)]
        gutter.append(Segment(f"{sign} ".rjust(layout.indent - 5), layout.palette.rule))
    else:
        gutter = [Segment(f"{sign[0]} ", layout.palette.rule)]
    indent = Segment(" " * layout.indent)
    pieces = _pieces(words, replace(layout, me=""), style)
    return [
        [*(gutter if number == 0 else [indent]), *_cut(pieces, start, end)]
        for number, (start, end) in enumerate(breaks(words, layout.text_width))
    ]
