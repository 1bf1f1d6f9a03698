"""A hundred thousand messages: opened in under a second, at most 60 MB for them, and scrolled.

The figures are issue 5's. What is measured is the work of the program, not of the terminal.
"""

from __future__ import annotations

import gc
import time
import tracemalloc

import pytest

from hubbub.client.timeline import Entry, Kind, Timeline
from hubbub.tui.drawing.heights import Heights
from hubbub.tui.drawing.palette import DARK
from hubbub.tui.drawing.rows import Layout, rows

MANY = 100_000
WORDS = (
    "the oscilloscope in the corner is free again after lunch, who wants it next for channel two "
)

pytestmark = [pytest.mark.alone, pytest.mark.timeout(120)]


def entry(number: int) -> Entry:
    text = f"{number} {WORDS}"[: 20 + number * 7 % 80]  # up to 100 characters, some in two rows
    who = f"nick{number % 30}"
    return Entry(number * 3_000, Kind.MESSAGE, who, text, f"{number:026d}")


def filled() -> Timeline:
    timeline = Timeline()
    for number in range(MANY):
        timeline.add(entry(number))
    return timeline


def test_it_opens_in_under_a_second() -> None:
    timeline, layout = filled(), Layout(80, DARK, "ada")
    begun = time.process_time()
    heights = Heights(timeline, layout, unread=None, folds=True)
    for index in range(MANY - 40, MANY):
        rows(timeline.entries[index], heights.around(index), layout)
    assert time.process_time() - begun < 1.0
    assert heights.total > MANY


def test_it_takes_60_mb_at_most() -> None:
    gc.collect()
    tracemalloc.start()
    timeline = filled()
    heights = Heights(timeline, Layout(80, DARK, "ada"), unread=None, folds=True)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert heights.total
    assert used < 60 * 1_000_000


def test_another_message_costs_next_to_nothing() -> None:
    timeline, layout = filled(), Layout(80, DARK, "ada")
    heights = Heights(timeline, layout, unread=None, folds=True)
    begun = time.process_time()
    for number in range(MANY, MANY + 100):
        splice = timeline.add(entry(number))
        assert splice is not None
        heights.splice([splice])
    assert (time.process_time() - begun) / 100 < 0.016  # one picture of sixty a second


def test_a_page_of_the_past_does_not_stop_the_scrolling() -> None:
    timeline, layout = filled(), Layout(80, DARK, "ada")
    heights = Heights(timeline, layout, unread=None, folds=True)
    page = [entry(number - 200) for number in range(100, 200)]
    for number, one in enumerate(page):
        one.msgid = f"p{number}"
    begun = time.process_time()
    heights.splice(timeline.add_page(page, timeline.oldest, page[0].msgid))
    assert time.process_time() - begun < 0.1
    assert heights.start(100) > 0
