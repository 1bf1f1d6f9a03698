"""What classic peers send us, cut in every way a network cuts, counted in every way they count."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.classic import BadFrame, Decoder, frame
from wire.peer import STYLES, frames_of, read, torn, trickle, written

FLIGHT = ["alice", "hello everybody", "", "José", "Привет, мир 🎉", "12        ", "bye"]


def flight(*, style: str = "left", width: int = 10, characters: bool = False) -> bytes:
    return b"".join(written(text, width, style, characters=characters) for text in FLIGHT)


# --- how a stream is cut


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("width", [4, 10, 64])
def test_torn_at_every_byte(style: str, width: int) -> None:
    data = flight(style=style, width=width)
    want = [text.encode() for text in FLIGHT]
    assert read(Decoder(width=width), [data]) == want
    assert read(Decoder(width=width), trickle(data)) == want
    for pieces in torn(data):
        assert read(Decoder(width=width), pieces) == want


@given(
    st.lists(st.text(max_size=30)),
    st.sampled_from(list(STYLES)),
    st.lists(st.integers(0, 400)),
)
def test_any_chunking_of_peers_that_count_bytes(
    texts: list[str], style: str, cuts: list[int]
) -> None:
    data = written("é" * 20) + written("then a header that proves bytes")
    decoder = Decoder()
    read(decoder, [data])
    data = b"".join(written(text, 10, style) for text in texts)
    edges = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    assert read(decoder, pieces) == [text.encode() for text in texts]
    assert decoder.pending == 0


@given(st.lists(st.binary(max_size=30)))
def test_frames_come_back(sent: list[bytes]) -> None:
    decoder = Decoder()
    decoder.feed(written("é") + written("x"))  # a peer known to count bytes may send any
    frames_of(decoder)
    decoder.feed(b"".join(map(frame, sent)))
    assert frames_of(decoder) == sent


def test_pending_is_what_of_a_frame_is_there() -> None:
    decoder = Decoder()
    assert decoder.pending == 0
    decoder.feed(b"5         al")
    assert decoder.next_frame() is None
    assert decoder.pending == 12
    decoder.feed(b"ice")
    assert decoder.next_frame() == b"alice"
    assert decoder.pending == 0


def test_the_end_leaves_a_partial_frame_pending() -> None:
    decoder = Decoder()
    decoder.feed(b"2         hi5         al")
    decoder.eof()
    assert frames_of(decoder) == [b"hi"]
    assert decoder.pending == 12
    assert not decoder.undecided


# --- what is no frame


@pytest.mark.parametrize(
    "header",
    [b"-1        ", b"1_0       ", b" " * 10, b"9" * 10, b"\0" * 10, b"GET / HTTP",
     b"\xd9\xa3        "],
)  # fmt: skip
@pytest.mark.parametrize("width", [10, None])
def test_frames_before_a_bad_header_survive(header: bytes, width: int | None) -> None:
    decoder = Decoder(width=width)
    decoder.feed(frame(b"bob") + frame(b"hi") + header)
    assert decoder.next_frame() == b"bob"
    assert decoder.next_frame() == b"hi"
    for _ in range(2):
        with pytest.raises(BadFrame, match="is not a header"):
            decoder.next_frame()
    decoder.feed(frame(b"too late"))
    with pytest.raises(BadFrame, match="is not a header"):
        decoder.next_frame()


def test_a_header_is_not_believed_beyond_the_limit() -> None:
    decoder = Decoder(max_length=100)
    decoder.feed(frame(b"x" * 100) + b"101       ")
    assert decoder.next_frame() == b"x" * 100
    with pytest.raises(BadFrame, match="101 bytes is longer than 100"):
        decoder.next_frame()


def test_bytes_that_are_no_text_come_through_raw() -> None:
    pickled = b"\x80\x04\x95\x05\x00"
    assert read(Decoder(), [frame(pickled) + frame(b"caf\xe9") + frame(b"hi")]) == [
        pickled,
        b"caf\xe9",
        b"hi",
    ]


def test_a_latin_1_text_at_the_end_is_given_out_after_silence() -> None:
    decoder = Decoder()
    assert read(decoder, [frame(b"caf\xe9")], quiet=False) == []  # perhaps a torn character
    assert decoder.undecided
    decoder.quiet()
    assert frames_of(decoder) == [b"caf\xe9"]
    assert read(decoder, [frame(b"next")]) == [b"next"]


# --- peers that count characters (classic.md §3.6)


@pytest.mark.parametrize("width", [10, None])
@pytest.mark.parametrize(
    "texts", [["José"], ["bob", "é!"], ["Привет мир"], ["José", "é!", "ok"], FLIGHT]
)
def test_characters_counted(texts: list[str], width: int | None) -> None:
    decoder = Decoder(width=width)
    data = b"".join(written(text, characters=True) for text in texts)
    assert read(decoder, [data]) == [text.encode() for text in texts]
    assert decoder.counts_characters
    assert decoder.pending == 0


@pytest.mark.parametrize("text", ["José", "é!", "Привет мир", "日本語のテキスト", "a🎉🎉"])
def test_characters_counted_and_torn(text: str) -> None:
    data = written("bob") + written(text, characters=True) + written("ok")
    for pieces in torn(data):
        decoder = Decoder()
        name, *parts, last = read(decoder, pieces)
        assert (name, b"".join(parts), last) == (b"bob", text.encode(), b"ok")
        # Torn after exactly as many bytes, it had to be taken for whole: nothing is lost of it.
        assert len(parts) == 1 or len(pieces[0]) == 13 + 10 + len(text)
        assert decoder.counts_characters


def test_the_mode_is_kept() -> None:
    decoder = Decoder()
    read(decoder, [written("José", characters=True)])
    assert read(decoder, [written("é5", characters=True)]) == ["é5".encode()]
    assert read(decoder, trickle(written("é" * 300, characters=True))) == [("é" * 300).encode()]


def test_a_header_after_it_proves_that_bytes_were_counted() -> None:
    decoder = Decoder()
    assert read(decoder, [written("José")]) == ["José".encode()]
    assert read(decoder, [written("hi")]) == [b"hi"]
    assert not decoder.counts_characters
    # From now on a text cut inside a character is just that.
    assert read(decoder, [frame(b"Jos\xc3"), frame(b"ok")]) == [b"Jos\xc3", b"ok"]


def test_a_digit_left_over_is_decided_by_silence() -> None:
    decoder = Decoder()
    assert read(decoder, [written("é5", characters=True)], quiet=False) == []
    waits = [decoder.undecided]
    decoder.quiet()
    assert frames_of(decoder) == ["é5".encode()]
    waits.append(decoder.undecided)
    assert waits == [True, False]
    assert decoder.counts_characters


def test_a_digit_left_over_is_decided_by_the_rest_of_a_header() -> None:
    decoder = Decoder()
    assert read(decoder, [written("é"), b"5    "], quiet=False) == ["é".encode()]
    decoder = Decoder()
    assert read(decoder, [written("é") + b"5    "], quiet=False) == []
    assert read(decoder, [b"     alice"]) == ["é".encode(), b"alice"]
    assert not decoder.counts_characters


def test_the_end_decides_as_silence_does() -> None:
    decoder = Decoder()
    decoder.feed(written("é5", characters=True))
    decoder.eof()
    assert frames_of(decoder) == ["é5".encode()]
    assert decoder.pending == 0


def test_a_long_trickle_of_characters_is_not_read_again_for_every_byte() -> None:
    decoder = Decoder()
    read(decoder, [written("José", characters=True)])
    text = "é" * 50_000
    assert read(decoder, trickle(written(text, characters=True))) == [text.encode()]
