"""Fuzz the pure bottom: sniff, the classic codec, sanitising and splitting.

`python -m fuzz wire` runs it for long (see `driver`), `tests/wire/test_fuzz.py` briefly with
every test run.
"""

from __future__ import annotations

from functools import partial

from fuzz.driver import Mutations, fuzz
from hubbub.text.sanitise import one_line, without_controls
from hubbub.text.split import split_utf8
from hubbub.wire.classic import BadFrame, Decoder, frame, pack, pairs
from hubbub.wire.sniff import MAX_SNIFF, Protocol, sniff

CORPUS = [
    frame(b"alice") + frame(b"hello"),
    frame(b"alice", 64) + frame("Привет".encode(), 64),
    b"4         Jos\xc3\xa92         hi",
    b"         5alice",
    b"0000000005alice",
    b"+5        alice-1        ",
    b" 5        alice 9999999999",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x1b]0;title\x07\x1b[31m\xe2\x80\xae\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
]
MUTATIONS = Mutations(CORPUS, b" 0159+-\x00\x1b\x80\xc3\xa9\xff\n", head=2)


def one_input(data: bytes) -> None:
    """Check what must hold of any bytes. The first two of them choose how the rest is cut."""
    step, width = (data[0] % 16 + 1, data[1] % 21) if len(data) > 1 else (1, 0)
    data = data[2:]
    _check_sniff(data)
    _check_decoder(data, step, width or None)
    _check_text(data.decode("utf-8", "surrogateescape"), step)


def _check_sniff(data: bytes) -> None:
    answer = sniff(data[:MAX_SNIFF])
    assert answer is sniff(data)
    if answer is not Protocol.MORE:
        assert sniff(data + b"NICK 5") is answer
    else:
        assert len(data) < MAX_SNIFF


def _check_decoder(data: bytes, step: int, width: int | None) -> None:
    decoder = Decoder(width=width, max_length=1 << 16)
    given = 0
    try:
        for at in range(0, len(data), step):
            decoder.feed(data[at : at + step])
            given += _drain(decoder)
            if decoder.undecided and data[at] % 2:
                decoder.quiet()
                given += _drain(decoder)
                assert not decoder.undecided
        decoder.eof()
        given += _drain(decoder)
    except BadFrame:
        decoder.feed(frame(b"more"))
        reasons = {_refusal(decoder), _refusal(decoder)}
        assert len(reasons) == 1
        assert reasons.pop().isprintable()
    else:
        assert given + decoder.pending == len(data)
        assert not decoder.undecided


def _drain(decoder: Decoder) -> int:
    """The bytes that the frames given out now were made of."""
    before = decoder.pending
    while decoder.next_frame() is not None:
        pass
    return before - decoder.pending


def _refusal(decoder: Decoder) -> str:
    try:
        body = decoder.next_frame()
    except BadFrame as bad:
        return bad.reason
    raise AssertionError(f"after a bad frame there came {body!r}")


def _check_text(text: str, step: int) -> None:
    shown = one_line(text)
    assert one_line(shown) == shown
    assert not set(shown) & set(map(chr, (*range(32), *range(127, 160))))
    assert without_controls(shown) == shown
    pieces = split_utf8(text, step + 3)
    assert "".join(pieces) == text
    sent = pairs("bob", shown)
    assert b"".join(pack(sent)) == b"".join(sent)
    decoder = Decoder()
    decoder.feed(frame("é".encode()) + b"".join(sent))
    decoder.next_frame()  # from here on it knows that bytes are counted
    said = b""
    for _ in sent:
        assert decoder.next_frame() == b"bob"
        said += decoder.next_frame() or b""
    assert said == shown.encode()


run = partial(fuzz, MUTATIONS, one_input)
