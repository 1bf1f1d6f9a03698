"""What an entry looks like: it fits, and is as high as it was measured."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color

from hubbub.client.timeline import Entry, Fate, Kind, Splice, Timeline
from hubbub.tui.drawing.heights import Heights
from hubbub.tui.drawing.markup import Block, Look, blocks, links, spans
from hubbub.tui.drawing.palette import CONTRAST, DARK, LIGHT, NONE, PALETTES, Palette
from hubbub.tui.drawing.rows import Layout, rows
from hubbub.tui.drawing.wrapping import breaks

WIDTHS = st.integers(24, 120)
SIGNS = st.sampled_from([*"abc xyz,. `#:*", "東", "京", "é", "👍", "\u0301", " ", "  "])
WORDS = st.lists(SIGNS, max_size=120).map("".join)
TEXTS = st.one_of(
    WORDS,
    st.lists(WORDS, min_size=1, max_size=4).map("\n".join),
    WORDS.map(lambda text: f"see\n```python\n{text}\n```\nthat"),
)


def layout(width: int = 80, palette: Palette = DARK) -> Layout:
    return Layout(width, palette, "ada", UTC)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    timeline = Timeline()
    time = 1_700_000_000_000
    for number in range(draw(st.integers(1, 12))):
        time += draw(st.sampled_from([0, 1_000, 600_000, 90_000_000]))
        kind = draw(st.sampled_from(list(Kind)))
        who = draw(st.sampled_from(["bob", "chen", "a_very_long_nick_indeed"]))
        entry = Entry(time, kind, who, draw(TEXTS), f"m{number}", ours=draw(st.booleans()))
        entry.reply_to = draw(st.sampled_from(["", "m0", "elsewhere"]))
        entry.reactions = draw(st.sampled_from([None, {"👍": ["bob", "ada"], "🎉": ["chen"]}]))
        entry.edited = draw(st.booleans())
        entry.redacted = draw(st.sampled_from(["", "", "", "bob"]))
        entry.fate = draw(st.sampled_from([Fate.SAVED, *Fate]))
        entry.why = "moderated"
        timeline.entries.append(entry)
        timeline._by_msgid[entry.msgid] = entry
    return timeline


@given(timelines(), WIDTHS, st.booleans(), st.data())
def test_rows_fit_and_are_as_many_as_were_measured(
    timeline: Timeline, width: int, folds: bool, data: st.DataObject
) -> None:
    unread = data.draw(st.sampled_from([None, *timeline.entries]))
    heights = Heights(timeline, layout(width), unread=unread, folds=folds)
    for index, entry in enumerate(timeline.entries):
        drawn = rows(entry, heights.around(index), heights.layout)
        assert len(drawn) == heights.end(index) - heights.start(index)
        for row in drawn:
            assert sum(cell_len(segment.text) for segment in row) <= width


@given(timelines(), WIDTHS, st.integers(0, 11))
def test_a_change_gives_what_measuring_anew_gives(
    timeline: Timeline, width: int, place: int
) -> None:
    heights = Heights(timeline, layout(width), unread=None, folds=True)
    at = min(place, len(timeline.entries))
    time = timeline.entries[at - 1].time if at else timeline.entries[0].time
    timeline.entries.insert(at, Entry(time, Kind.JOINED, "dora", ""))
    heights.splice([Splice(at, 0, 1)])
    anew = Heights(timeline, layout(width), unread=None, folds=True)
    assert heights._ends == anew._ends


@given(WORDS, st.integers(2, 40), st.integers(2, 40))
def test_nothing_but_spaces_is_lost_where_a_line_breaks(text: str, width: int, first: int) -> None:
    found = breaks(text, width, first)
    kept = "".join(text[start:end] for start, end in found)
    assert kept.replace(" ", "") == text.replace(" ", "")
    for number, (start, end) in enumerate(found):
        assert cell_len(text[start:end]) <= (first if number == 0 else width)


def test_a_line_breaks_at_its_spaces() -> None:
    assert breaks("green tea is ready", 9) == [(0, 9), (10, 18)]
    assert breaks("unbreakable", 5) == [(0, 5), (5, 10), (10, 11)]


def test_links_end_where_the_sentence_goes_on() -> None:
    text = "see (https://example.org/a_(b)), or http://localhost:1234/?q=1."
    assert links(text) == ["https://example.org/a_(b)", "http://localhost:1234/?q=1"]


def test_a_link_is_one_for_the_terminal_too() -> None:
    entry = Entry(0, Kind.MESSAGE, "bob", "see https://example.org/", "m1")
    heights = Heights(_one(entry), layout(), unread=None, folds=True)
    (_, row) = rows(entry, heights.around(0), heights.layout)
    assert [one.text for one in row if one.style and one.style.link] == ["https://example.org/"]


def _one(entry: Entry) -> Timeline:
    timeline = Timeline()
    timeline.add(entry)
    return timeline


def test_what_is_no_mark_is_left_alone() -> None:
    assert spans("a * b * c, #, 12:30, x#y") == []
    assert [one.look for one in spans("`x` in #tea, **now**, ada", me="Ada")] == [
        *(Look.CODE, Look.ROOM, Look.STRONG, Look.ME)
    ]


def test_code_stands_apart_with_its_language() -> None:
    assert blocks("see\n```python\nx = 1\n```\nthat") == [
        *(Block("see"), Block("x = 1", True, "python"), Block("that"))
    ]
    assert blocks("``` open") == [Block(" open", True)]


# --- colours


def luminance(colour: str) -> float:
    parts = [part / 255 for part in Color.parse(colour).get_truecolor()]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("palette", "least"), [(DARK, 4.5), (LIGHT, 4.5), (CONTRAST, 7.0)])
def test_everything_can_be_read_on_its_ground(palette: Palette, least: float) -> None:
    foregrounds = {nick: nick for nick in palette.nicks}
    for name in ("text", "time", "dim", "unread", "link", "error", "pending"):
        colour = getattr(palette, name).color
        foregrounds[name] = colour.name
    low = {
        name: round(contrast(colour, palette.ground), 2)
        for name, colour in foregrounds.items()
        if contrast(colour, palette.ground) < least
    }
    assert low == {}


def test_without_colours_there_are_none() -> None:
    for name in ("text", "time", "unread", "link", "code", "me", "error", "selected", "reaction"):
        style = getattr(NONE, name)
        assert style.color is None
        assert style.bgcolor is None
    assert NONE.nick("bob").color is None


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_a_person_has_one_colour_however_the_nick_is_written(palette: Palette) -> None:
    assert palette.nick("Bob") == palette.nick("bob_2")
