"""What a person has seen is not shown again by the replay of a server they come back to."""

from __future__ import annotations

import pytest

from hubbub.client.events import Message
from hubbub.client.shown import REPLAY_WINDOW, Shown
from hubbub.wire.classic import pairs

NOW = 1_790_000_000_000


class Screen:
    """Shows lines written as `bob: hi`, and tells which were new."""

    def __init__(self) -> None:
        self.shown = Shown()
        self.now = NOW

    def comes_back(self, name: str = "ada") -> None:
        self.shown.joined(name, self.now)

    def hears(self, *lines: str) -> list[str]:
        said = [line.split(": ", 1) for line in lines]
        return [f"{who}: {text}" for who, text in said if self._is_new(who, text)]

    def hears_of(self, text: str, who: str = "bob") -> int:
        """Hear one long text of our server; how many of its pairs were new."""
        whole = [pair[20 + len(who) :].decode() for pair in pairs(who, text)]
        return sum(self._is_new(who, piece) for piece in whole)

    def _is_new(self, who: str, text: str) -> bool:
        return self.shown.is_new(Message(self.now, who, text))


@pytest.fixture
def screen() -> Screen:
    """Somebody on their first connection."""
    screen = Screen()
    screen.comes_back()
    return screen


def test_all_is_new_at_first(screen: Screen) -> None:
    lines = ["bob: [12:03] hi", "bob: [12:03] hi", "ada: [12:04] me, yesterday", "bob: hi"]
    assert screen.hears(*lines) == lines


def test_what_was_seen_is_not_shown_again_and_what_was_missed_is(screen: Screen) -> None:
    screen.hears("bob: [12:03] hi", "bob: are you there?", "carol: yes")
    screen.comes_back()
    assert screen.hears(
        "bob: [12:03] hi",
        "bob: [12:04] are you there?",
        "carol: [12:04] yes",
        "bob: [12:05] good",
        "carol: [12:05] yes",
    ) == ["bob: [12:05] good", "carol: [12:05] yes"]


@pytest.mark.parametrize("stamp", ["[12:03]", "[21 Nov 12:03]", "[2026-11-21 12:03]"])
def test_the_same_line_of_another_day(screen: Screen, stamp: str) -> None:
    screen.hears("bob: hi")
    screen.comes_back()
    assert screen.hears(f"bob: {stamp} hi") == []


def test_our_own_lines_were_seen_when_they_were_said(screen: Screen) -> None:
    screen.shown.said("hello")
    screen.hears("bob: hi")
    screen.shown.said("one\ntwo\n\n")
    screen.shown.said("//shrug")
    screen.comes_back()
    seen = ["bob: [12:03] hi", "ada: [12:03] hello", "ada: [12:03] one", "ada: [12:04] two"]
    assert screen.hears(*seen, "ada: [12:04] /shrug") == []


def test_our_own_lines_under_the_name_we_were_given(screen: Screen) -> None:
    screen.shown.said("said before we knew")
    screen.shown.renamed("ada_2")
    screen.shown.said("said after")
    screen.comes_back()
    assert screen.hears("ada_2: [12:03] said before we knew", "ada_2: [12:03] said after") == []


def test_it_is_shown_once_however_often_one_comes_back(screen: Screen) -> None:
    screen.hears("bob: hi")
    for _ in range(3):
        screen.comes_back()
        assert screen.hears("bob: [12:03] hi") == []
    screen.comes_back()
    assert screen.hears("bob: [12:03] hi", "bob: [12:04] hi") == ["bob: [12:04] hi"]
    screen.comes_back()
    assert screen.hears("bob: [12:03] hi", "bob: [12:04] hi") == []


def test_nobody_elses_words(screen: Screen) -> None:
    screen.hears("bob: hi")
    screen.comes_back()
    assert screen.hears("carol: [12:03] hi") == ["carol: [12:03] hi"]


def test_what_is_said_now_is_shown_whatever_it_is(screen: Screen) -> None:
    screen.hears("bob: hi", "bob: hi")
    screen.comes_back()
    assert screen.hears("bob: [12:03] hi", "bob: hi", "bob: [12:03] hi") == [
        "bob: hi",
        "bob: [12:03] hi",
    ], "the first line without a time ends the past"
    screen.comes_back()
    screen.now += REPLAY_WINDOW + 1
    assert screen.hears("bob: [12:09] hi") == ["bob: [12:09] hi"], "as some servers write all"


def test_a_usual_word_is_not_taken_for_one_of_long_ago(screen: Screen) -> None:
    screen.hears("bob: yes", "carol: so it is settled", "bob: then let us begin")
    screen.comes_back()
    missed = ["carol: [13:00] tea?", "bob: [13:00] yes"]
    assert screen.hears("bob: [12:03] then let us begin", *missed) == missed, "after what was seen"
    screen.comes_back()
    missed = ["dora: [14:00] more?", "bob: [14:00] yes"]
    assert screen.hears(*missed) == missed, "much was missed, and nothing of it was seen"


def test_a_line_that_has_changed_is_shown_and_spoils_nothing(screen: Screen) -> None:
    screen.hears("bob: one", "bob: two", "bob: three")
    screen.comes_back()
    assert screen.hears("bob: [12:03] one", "bob: [12:03] 2", "bob: [12:03] three") == [
        "bob: [12:03] 2"
    ]


def test_several_lines_come_again_as_one(screen: Screen) -> None:
    screen.hears("bob: roses", "bob: are\tred", "bob:   violets", "carol: and?")
    screen.comes_back()
    assert screen.hears("bob: [12:03] roses are red  violets", "carol: [12:03] and?") == []


LONG = "many words make a long text, " * 300


def test_a_long_message_comes_again_cut_elsewhere(screen: Screen) -> None:
    assert screen.hears_of(LONG) > 5
    screen.hears("bob: that was it")
    screen.comes_back()
    assert screen.hears_of(f"[12:03] {LONG}") == 0
    assert screen.hears("bob: [12:03] that was it") == []


def test_a_long_message_of_ours_became_several(screen: Screen) -> None:
    screen.shown.said(LONG)
    screen.hears("bob: enough")
    screen.comes_back()
    sent = [LONG[start : start + 1190] for start in range(0, len(LONG), 1190)]
    assert sum(screen.hears_of(f"[12:03] {piece}", "ada") for piece in sent) == 0
    assert screen.hears("bob: [12:03] enough") == []


def test_a_long_message_that_was_missed_does_not_end_the_past(screen: Screen) -> None:
    screen.hears("bob: before")
    screen.shown.said("after")
    screen.comes_back()
    assert screen.hears("bob: [12:03] before") == []
    assert screen.hears_of(f"[12:04] {LONG}") > 5
    assert screen.hears("ada: [12:05] after") == []
