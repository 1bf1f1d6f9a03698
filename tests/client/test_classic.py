"""The client's side of the classic protocol, point by point (docs/protocols/classic.md §4).

No socket and no clock: times are what the test says they are.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.classic import ClassicProtocol
from hubbub.client.dialect import Dialect
from hubbub.client.errors import BadName
from hubbub.client.events import Event, Hint, Message, Notice, Refused, Renamed
from hubbub.wire.classic import frame, pairs
from hubbub.wire.width import KNOWN_WIDTHS

START = 1_000_000


def joined(name: str = "alice", **dialect: int) -> ClassicProtocol:
    protocol = ClassicProtocol(name, Dialect(**dialect))  # type: ignore[arg-type]
    protocol.hello(START)
    return protocol


def pair(name: str, text: str, width: int = 10) -> bytes:
    return frame(name.encode(), width) + frame(text.encode(), width)


def said(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.sender, event.text) for event in events if isinstance(event, Message)]


def hints(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Hint)]


# --- §4.1: the name


def test_the_name_goes_first_counted_in_bytes() -> None:
    assert ClassicProtocol("José").hello(START) == b"5         Jos\xc3\xa9"
    assert ClassicProtocol("bob", Dialect(width=3)).hello(START) == b"3  bob"


def test_a_name_is_made_safe_before_it_is_sent() -> None:
    assert ClassicProtocol(" bob\x00\x1b[31m ").hello(START) == frame(b"bob")
    assert ClassicProtocol("b\udcffb").hello(START) == frame("b\ufffdb".encode())


@pytest.mark.parametrize(
    ("name", "width", "says"),
    [
        ("", 10, "empty"),
        (" \t ", 10, "empty"),
        ("\x00", 10, "empty"),
        ("bob\nalice", 10, "several lines"),
        ("ü" * 101, 10, "longer than 200 bytes"),
        ("elizabeth2", 1, "longer than 9 bytes"),
    ],
)
def test_a_name_that_cannot_be_sent_is_refused_at_once(name: str, width: int, says: str) -> None:
    with pytest.raises(BadName, match=says):
        ClassicProtocol(name, Dialect(width=width))


# --- §4.2 and §4.3: what is said


@given(st.text(max_size=4000), st.sampled_from([1, 3, 4, 8, 10, 16, 20, 64, 100, 1024]))
def test_nothing_that_is_sent_can_hurt_a_server(text: str, width: int) -> None:
    protocol = joined("a", width=width)
    for piece in protocol.pieces(text):
        sent = protocol.encode(piece, START)
        body = sent[width:]
        assert len(sent) <= 1200
        assert int(sent[:width]) == len(body) > 0
        assert not sent.startswith(b" ")
        assert b"\x00" not in body
        assert b"\n" not in body
        assert body.decode() == piece  # UTF-8, cut nowhere


def test_a_long_text_loses_nothing() -> None:
    text = "naïve 日本語 👩‍👩‍👧 " * 200
    protocol = joined()
    assert "".join(protocol.pieces(text)) == text


@given(st.sampled_from([8, 10, 16, 20, 64, 100]), st.sampled_from(["word ", "x", "é"]))
def test_a_piece_reaches_others_in_one_pair(width: int, what: str) -> None:
    for piece in joined(width=width).pieces(what * 3000):
        assert len(pairs("n" * 64, f"[21 Nov 12:03] {piece}", width)) == 1


def test_a_long_line_is_cut_at_a_space() -> None:
    pieces = joined().pieces("hello " * 500)
    assert [len(piece) for piece in pieces] == [996, 996, 996, 12]
    assert all(piece.endswith(" ") for piece in pieces)


def test_each_line_is_a_message_and_an_empty_one_is_none() -> None:
    assert joined().pieces("one\r\n\n  two\n \n") == ["one", "  two"]
    assert joined().pieces("\x00") == []


def test_a_header_wider_than_a_segment_still_carries_text() -> None:
    protocol = joined(width=8192)
    pieces = protocol.pieces("x" * 3000)
    assert [len(piece) for piece in pieces] == [1200, 1200, 600]


# --- §4.5: what is heard


def test_an_event_is_heard_however_it_is_torn() -> None:
    stream = pair("bob", "hi 👋") + pair("", "") + pair("Zoë", "é")
    for cut in range(len(stream) + 1):
        protocol = joined()
        events = protocol.receive(stream[:cut], START) + protocol.receive(stream[cut:], START)
        assert said(events) == [("bob", "hi 👋"), ("", ""), ("Zoë", "é")], cut


def test_an_event_is_heard_byte_by_byte() -> None:
    protocol = joined()
    stream = pair("bob", "one") + pair("bob", "two")
    events = [event for byte in stream for event in protocol.receive(bytes([byte]), START)]
    assert said(events) == [("bob", "one"), ("bob", "two")]


@pytest.mark.parametrize("header", [b"3         ", b" 3        ", b"         3", b"0000000003"])
def test_any_justification_is_read(header: bytes) -> None:
    assert said(joined().receive(header + b"bob" + header + b"hey", START)) == [("bob", "hey")]


def test_what_is_heard_is_safe_to_print() -> None:
    raw = frame(b"b\x1b[31mob\n> eve") + frame(b"\x1b]0;owned\x07hi\xff\nthere\x00")
    assert said(joined().receive(raw, START)) == [("bob > eve", "hi\ufffd\nthere")]


def test_a_server_that_counts_characters_is_understood() -> None:
    protocol = joined()
    stream = frame(b"bob") + "2         é!".encode() + pair("bob", "next")
    assert said(protocol.receive(stream, START)) == [("bob", "é!"), ("bob", "next")]


def test_a_text_of_unclear_length_is_decided_by_silence() -> None:
    protocol = joined()
    assert said(protocol.receive(frame(b"bob") + "2         é1".encode(), START)) == []
    assert protocol.deadline == START + 250
    assert said(protocol.tick(START + 250)) == [("bob", "é1")]


def test_our_own_line_that_comes_back_is_not_shown_again() -> None:
    protocol = joined("alice")
    protocol.encode("hi", START)
    echo = pair("alice", "hi")
    assert said(protocol.receive(echo, START + 100)) == []
    # A namesake may say the same, and so may we two seconds later.
    assert said(protocol.receive(echo, START + 101)) == [("alice", "hi")]
    protocol.encode("hi", START + 200)
    assert said(protocol.receive(echo, START + 2_201)) == [("alice", "hi")]


def test_others_who_say_what_we_said_are_heard() -> None:
    protocol = joined("alice")
    protocol.encode("hi", START)
    assert said(protocol.receive(pair("bob", "hi"), START)) == [("bob", "hi")]
    assert said(protocol.receive(pair("alice", "alice joined"), START)) == [
        ("alice", "alice joined")
    ]


def test_a_name_that_the_house_gives_is_ours_from_then_on() -> None:
    protocol = joined("alice")
    heard = protocol.receive(pair("server", "you are called alice_2 here"), START)
    assert heard == [Renamed(START, "alice_2")]
    assert protocol.name == "alice_2"
    protocol.encode("hi", START)
    assert protocol.receive(pair("alice_2", "hi"), START) == [], "our own words, come back"
    assert said(protocol.receive(pair("bob", "you are called carol here"), START))
    assert protocol.name == "alice_2", "only the house gives names"


def test_the_house_is_told_from_people() -> None:
    house = pair("server", "bob joined") + pair("server", "error: too fast")
    assert joined().receive(house + pair("Server", "error: hm"), START) == [
        Notice(START, "server", "bob joined"),
        Refused(START, "server", "too fast"),
        Notice(START, "Server", "error: hm"),
    ]
    assert joined().receive(pair("bob", "error: no"), START) == [Message(START, "bob", "error: no")]


# --- §4.4: the width


@pytest.mark.parametrize("width", [known for known in KNOWN_WIDTHS if known != 10])
@pytest.mark.parametrize("torn", [False, True])
def test_another_width_is_found_and_named(width: int, torn: bool) -> None:
    protocol = joined()
    stream = pair("bob", "hello everybody", width) + pair("carol", "hi bob", width)
    size = 7 if torn else len(stream)
    events: list[Event] = []
    for start in range(0, len(stream), size):
        events += protocol.receive(stream[start : start + size], START)
    events += protocol.tick(START + 250)
    assert said(events) == []  # nothing that was cut with the wrong ruler is shown
    assert protocol.failure == f"the server's headers are {width} bytes long, not 10"
    assert hints(events) == [f"{protocol.failure}: try --header-length {width}"]
    assert protocol.wrong_width


def test_lost_step_is_said_and_not_guessed_around() -> None:
    protocol = joined()
    events = protocol.receive(pair("bob", "one") * 2000 + b"whatever", START)
    events += protocol.receive(b"this is, bob", START) + protocol.tick(START + 250)
    assert len(said(events)) == 2000
    assert "no longer classic frames" in (protocol.failure or "")
    assert not protocol.wrong_width
    assert protocol.receive(pair("bob", "two"), START) == []


def test_a_width_is_still_found_when_the_server_closes() -> None:
    protocol = joined()
    protocol.receive(pair("bob", "hello", 64), START)
    assert hints(protocol.receive_eof(START)) != []
    assert protocol.wrong_width


def test_long_silence_after_the_name_is_worth_a_hint_once() -> None:
    protocol = joined()
    assert protocol.deadline == START + 20_000
    assert "--header-length" in hints(protocol.tick(START + 20_000))[0]
    assert hints(protocol.tick(START + 40_000)) == []
    heard = joined()
    heard.receive(pair("bob", "hi"), START)
    assert heard.deadline is None


# --- §4.6: frames of one event


def test_a_single_frame_is_split_at_its_sender() -> None:
    protocol = joined(frames=1)
    stream = frame(b"bob > hi > all") + frame(b"carol has joined") + frame(b"server > error: no")
    assert protocol.receive(stream, START) == [
        Message(START, "bob", "hi > all"),
        Message(START, "", "carol has joined"),
        Refused(START, "server", "no"),
    ]


def test_the_time_of_three_frames_is_left_out() -> None:
    protocol = joined(frames=3)
    first = frame(b"12:03") + pair("bob", "hi")
    last = pair("carol", "ho") + frame(b"12:04:59")
    clock = frame(b"12:05") + pair("dan", "12:06")
    assert said(protocol.receive(first + last + clock, START)) == [
        ("bob", "hi"),
        ("carol", "ho"),
        ("dan", "12:06"),
    ]


def test_three_frames_are_suspected() -> None:
    protocol = joined()
    events = [
        event
        for minute in (b"12:03", b"12:04", b"12:05")
        for event in protocol.receive(frame(minute) + pair("bob", "hi"), START)
    ]
    assert hints(events) == ["each message begins with a time: try --frames 3"]


def test_single_frames_are_suspected() -> None:
    protocol = joined()
    events = [event for _ in range(9) for event in protocol.receive(frame(b"bob > hi"), START)]
    assert hints(events) == ["messages come as one frame, not as name and text: try --frames 1"]


def test_pairs_are_not_suspected() -> None:
    protocol = joined()
    events = [event for _ in range(9) for event in protocol.receive(pair("bob", "12:03"), START)]
    assert hints(events) == []


# --- §4.7: a server that answers the name


def test_the_answer_to_the_name_does_not_shift_the_pairs() -> None:
    protocol = joined(width=16, ack=True)
    answer = frame(b"Username assigned to you", 16)
    assert protocol.receive(answer + pair("bob", "hi", 16), START + 900) == [
        Notice(START + 900, "server", "Username assigned to you"),
        Message(START + 900, "bob", "hi"),
    ]


def test_a_name_that_is_taken_is_a_refusal() -> None:
    protocol = joined(width=16, ack=True)
    assert protocol.receive(frame(b"Username already taken", 16), START) == [
        Refused(START, "server", "Username already taken")
    ]


def test_an_answer_is_expected_for_a_second_only() -> None:
    protocol = joined(width=16, ack=True)
    events = protocol.receive(pair("bob", "hi", 16), START + 1_001)
    assert said(events) == [("bob", "hi")]


def test_an_answer_that_nobody_expected_is_suspected() -> None:
    protocol = joined(width=16)
    events = protocol.receive(frame(b"Username assigned to you", 16), START)
    assert hints(events) == ["the server answers a name with a frame of its own: try --expect-ack"]


# --- the end


def test_half_an_event_is_none() -> None:
    for torn in (b"3   ", frame(b"bob"), pair("bob", "hi")[:-1]):
        protocol = joined()
        protocol.receive(pair("bob", "whole") + torn, START)
        assert protocol.receive_eof(START) == []
        assert protocol.failure == "the server closed in the middle of a message"


def test_an_end_between_events_is_clean() -> None:
    protocol = joined()
    protocol.receive(pair("bob", "hi"), START)
    assert protocol.receive_eof(START) == []
    assert protocol.failure is None


@given(st.lists(st.binary(max_size=60)), st.sampled_from([1, 2, 3]), st.booleans())
def test_no_bytes_are_too_strange(reads: list[bytes], frames: int, ack: bool) -> None:
    protocol = joined(frames=frames, ack=ack)
    for data in reads:
        protocol.receive(data, START)
    protocol.tick(START + 250)
    protocol.receive_eof(START + 250)
