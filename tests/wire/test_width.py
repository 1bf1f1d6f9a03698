"""The width of a stranger's headers is found in its first flight (classic.md §3.7)."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import pytest

from hubbub.wire.classic import BadFrame, Decoder, frame
from hubbub.wire.width import FLIGHT_LIMIT, KNOWN_WIDTHS
from wire.peer import STYLES, frames_of, read, torn, written

NAMES = ["alice", "bob", "José", "名前", "Anna Maria", "123", "1 2", " lead", "", "0", "x" * 40]
TEXTS = [None, "hello there", "1", "Привет", "12 34 56", ""]


class Flight(NamedTuple):
    """What a peer sends before it hears anything: its name, and perhaps a first message."""

    style: str
    width: int
    name: str
    text: str | None

    @property
    def texts(self) -> list[bytes]:
        return [text.encode() for text in (self.name, self.text) if text is not None]

    @property
    def data(self) -> bytes:
        return b"".join(written(text, self.width, self.style) for text in self.texts)


FLIGHTS = list(itertools.starmap(Flight, itertools.product(STYLES, KNOWN_WIDTHS, NAMES, TEXTS)))


def is_read(flight: Flight, pieces: list[bytes]) -> bool:
    decoder = Decoder(width=None)
    try:
        frames = read(decoder, pieces)
    except BadFrame:
        return False
    return frames == flight.texts and decoder.width == flight.width


def test_every_width_in_every_style() -> None:
    missed = [flight for flight in FLIGHTS if not is_read(flight, [flight.data])]
    # The known limits: padding with zeros makes an empty name look like more padding, and "1 2" or
    # " lead" after it like the end of a header.
    assert {flight.style for flight in missed} <= {"zeros"}
    assert {flight.name for flight in missed} <= {"", " lead"}
    assert len(missed) <= 0.03 * len(FLIGHTS)


@pytest.mark.parametrize("style", ["left", "leading space"])
@pytest.mark.parametrize("width", [3, 4, 8, 10, 16, 20, 64, 100])
def test_every_width_torn_at_every_byte(style: str, width: int) -> None:
    for flight in FLIGHTS:
        if (flight.style, flight.width) == (style, width) and flight.text in {None, "hello there"}:
            assert all(is_read(flight, pieces) for pieces in torn(flight.data)), flight


@pytest.mark.parametrize("width", KNOWN_WIDTHS)
@pytest.mark.parametrize("style", STYLES)
def test_an_ordinary_name_is_known_after_silence_at_the_latest(width: int, style: str) -> None:
    decoder = Decoder(width=None)
    assert read(decoder, [written("alice", width, style)], quiet=width != 10) == [b"alice"]
    assert decoder.width == width


def test_the_usual_width_is_known_without_waiting() -> None:
    decoder = Decoder(width=None)
    assert decoder.width == 10
    decoder.feed(frame(b"alice"))
    assert not decoder.undecided
    assert decoder.next_frame() == b"alice"
    decoder = Decoder(width=None)
    assert read(decoder, [frame(b"alice") + frame(b"hi") + frame(b"there")], quiet=False) == [
        *(b"alice", b"hi", b"there")
    ]


@pytest.mark.parametrize("spaces", [1, 2, 3, 4, 6, 54, 90])
def test_a_name_of_spaces_alone_is_a_name_after_silence(spaces: int) -> None:
    decoder = Decoder(width=None)
    decoder.feed(frame(b" " * spaces))
    decoder.next_frame()
    decoder.quiet()
    assert decoder.next_frame() == b" " * spaces
    assert decoder.width == 10


def test_silence_is_waited_for_once() -> None:
    decoder = Decoder(width=None)
    decoder.feed(b"5         ")
    assert decoder.next_frame() is None
    waits = [decoder.undecided]
    decoder.quiet()
    assert decoder.next_frame() is None  # header and body in two sends, of who knows which width
    waits.append(decoder.undecided)
    decoder.feed(b"alice")
    assert decoder.next_frame() == b"alice"
    assert waits == [True, False]


def test_a_torn_name_is_not_a_whole_one_of_another_width() -> None:
    decoder = Decoder(width=None)
    assert read(decoder, [b"5         al"]) == []  # with width 8: "  al"
    assert read(decoder, [b"ice"]) == [b"alice"]
    assert decoder.width == 10


@pytest.mark.parametrize("width", [8, 64])
def test_characters_counted_with_another_width(width: int) -> None:
    decoder = Decoder(width=None)
    data = written("José", width, characters=True) + written("é!", width, characters=True)
    assert read(decoder, [data]) == ["José".encode(), "é!".encode()]
    assert decoder.width == width
    assert decoder.counts_characters


@pytest.mark.parametrize("data", [b"hello, anybody?", b"\0" * 20, b"\x80\x04\x95 pickled"])
def test_what_no_width_explains_is_read_as_ten_and_refused(data: bytes) -> None:
    decoder = Decoder(width=None)
    decoder.feed(data)
    with pytest.raises(BadFrame):
        decoder.next_frame()
    assert decoder.width == 10


def test_the_end_decides() -> None:
    decoder = Decoder(width=None)
    decoder.feed(b"5         ")
    decoder.eof()
    assert decoder.next_frame() is None
    assert decoder.pending == 10
    assert not decoder.undecided


def test_an_endless_riddle_is_decided_without_silence() -> None:
    decoder = Decoder(width=None)
    for _ in range(FLIGHT_LIMIT // 1000):
        decoder.feed(b"0" * 1000)
        assert decoder.next_frame() is None
        assert decoder.undecided
    decoder.feed(b"0" * 1000)
    assert set(frames_of(decoder)) == {b""}
    assert not decoder.undecided


def test_a_riddle_byte_by_byte_is_cheap() -> None:
    decoder = Decoder(width=None)
    for _ in range(20_000):
        decoder.feed(b"0")
        assert decoder.next_frame() is None


@pytest.mark.parametrize("flight", [b"99999999  abc", b"  99999999", b"9999999999abc"])
def test_a_header_beyond_the_limit_is_answered_after_a_silence(flight: bytes) -> None:
    decoder = Decoder(width=None)
    decoder.feed(flight)
    assert decoder.next_frame() is None
    assert decoder.undecided
    decoder.quiet()
    with pytest.raises(BadFrame):
        decoder.next_frame()


def test_digits_of_a_narrower_width_are_no_header_beyond_the_limit() -> None:
    decoder = Decoder(width=None)
    decoder.feed(b"0005123450002hi")  # as one number, ten of these bytes are too much
    decoder.quiet()
    assert [decoder.next_frame(), decoder.next_frame()] == [b"12345", b"hi"]
    assert decoder.width == 4
