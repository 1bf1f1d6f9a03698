"""Lines of the past are told from those of now, and never what somebody typed."""

from __future__ import annotations

from hubbub.client.classic import ClassicProtocol
from hubbub.client.events import Message
from hubbub.client.replay import LATEST, PAUSE, without_stamp
from hubbub.wire.classic import pairs

START = 1_000_000


class Listener:
    """Joins, and tells of each message when it was said, as far as it was told."""

    def __init__(self) -> None:
        self._protocol = ClassicProtocol("ada")
        self._protocol.hello(START)

    def says(self, text: str, *, after: int = 0) -> None:
        self._protocol.encode(text, START + after)

    def hears(self, who: str, text: str, *, after: int = 0) -> list[str]:
        data = b"".join(pairs(who, text))
        events = self._protocol.receive(data, START + after)
        return [event.replayed for event in events if isinstance(event, Message)]


def test_the_past_ends_with_the_first_line_of_now() -> None:
    ada = Listener()
    assert ada.hears("bob", "[12:03] hi") == ["12:03"]
    assert ada.hears("bob", "[21 Nov 12:03] hi") == ["21 Nov 12:03"]
    assert ada.hears("eve", "[2025-12-31 23:59] hi") == ["2025-12-31 23:59"]
    assert ada.hears("bob", "hi") == [""]
    assert ada.hears("bob", "[12:04] is when I wrote that") == [""]


def test_it_ends_when_the_house_speaks() -> None:
    ada = Listener()
    assert ada.hears("server", "you are called ada_2 here") == []
    assert ada.hears("bob", "[12:03] hi") == ["12:03"]
    ada.hears("server", "carol joined")
    assert ada.hears("carol", "[12:04] is my favourite minute") == [""]


def test_it_ends_when_nothing_comes_for_a_moment() -> None:
    ada = Listener()
    assert ada.hears("bob", "[12:03] hi") == ["12:03"]
    assert ada.hears("bob", "[12:04] typed", after=PAUSE + 1) == [""]
    late = Listener()
    assert late.hears("bob", "[12:04] typed", after=LATEST + 1) == [""]


def test_a_long_message_of_the_past_goes_on_in_more_pairs() -> None:
    ada = Listener()
    assert ada.hears("bob", "[12:03] " + "word " * 400)[0] == "12:03"
    assert ada.hears("bob", "[12:04] and this") == ["12:04"]


def test_who_asks_for_the_past_is_told_so_much_of_it() -> None:
    ada = Listener()
    assert ada.hears("bob", "hi") == [""]
    assert ada.hears("bob", "[12:04] typed") == [""]
    ada.says("/history")
    assert ada.hears("bob", "[12:03] hi") == ["12:03"]
    assert ada.hears("bob", "hi again") == [""]
    ada.says("/History 2", after=60_000)
    heard = [ada.hears("bob", f"[12:0{minute}] hi", after=60_000) for minute in range(3)]
    assert heard == [["12:00"], ["12:01"], [""]]
    ada.says("/historical")
    assert ada.hears("bob", "[12:04] typed") == [""]


def test_the_words_are_all_but_the_time() -> None:
    assert without_stamp(Message(0, "bob", "[12:03] [12:02] hi", "12:03")) == "[12:02] hi"
    later = Message(0, "bob", "[12:03] hi", "2026-11-22T12:04:00.000Z")
    assert without_stamp(later) == "[12:03] hi"
    assert without_stamp(Message(0, "bob", "[12:03] hi")) == "[12:03] hi"
