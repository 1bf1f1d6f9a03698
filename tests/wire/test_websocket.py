"""WebSocket frames: whatever pieces messages come in, and what breaks the protocol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.websocket import (
    BadFrame,
    Code,
    Decoder,
    Message,
    Opcode,
    closing,
    frame,
    unmasked,
)

MASK = b"\x37\xfa\x21\x3d"


def sent(data: bytes, opcode: int, *, final: bool = True, mask: bytes = MASK) -> bytes:
    """A frame as a client sends it."""
    head = bytearray(frame(data, opcode))
    start = len(head) - len(data)
    head[0] = opcode | (0x80 if final else 0)
    head[1] |= 0x80
    return bytes(head[:start]) + mask + unmasked(data, mask)


def messages(data: bytes, limit: int = 1 << 20) -> list[Message]:
    decoder = Decoder(limit)
    decoder.feed(data)
    return list(iter(decoder.next_message, None))


def test_the_examples_of_the_standard() -> None:
    # RFC 6455 §5.7.
    assert frame(b"Hello", Opcode.TEXT) == bytes.fromhex("810548656c6c6f")
    assert sent(b"Hello", Opcode.TEXT) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert frame(bytes(256), Opcode.BINARY)[:4] == bytes.fromhex("827e0100")
    assert frame(bytes(65536), Opcode.BINARY)[:10] == bytes.fromhex("827f0000000000010000")
    assert closing(Code.NORMAL) == bytes.fromhex("880203e8")


@given(
    texts=st.lists(st.text(max_size=300) | st.just("x" * 70_000), max_size=4),
    cuts=st.lists(st.integers(1, 200), max_size=5),
    mask=st.binary(min_size=4, max_size=4),
    pieces=st.integers(1, 4),
)
def test_messages_come_whole_from_any_pieces(
    texts: list[str], cuts: list[int], mask: bytes, pieces: int
) -> None:
    data = b""
    for text in texts:
        body = text.encode()
        size = len(body) // pieces + 1
        for start in range(0, size * pieces, size):
            opcode = Opcode.CONTINUATION if start else Opcode.TEXT
            final = start + size >= size * pieces
            data += sent(body[start : start + size], opcode, final=final, mask=mask)
            data += sent(b"?", Opcode.PING, mask=mask)  # may stand between them
    decoder, found = Decoder(1 << 20), []
    for cut in [*cuts, len(data)]:
        decoder.feed(data[:cut])
        data = data[cut:]
        found += list(iter(decoder.next_message, None))
    assert [one.data.decode() for one in found if one.opcode is Opcode.TEXT] == texts
    assert sum(one.opcode is Opcode.PING for one in found) == pieces * len(texts)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"no mask", Opcode.TEXT), Code.PROTOCOL_ERROR),
        (sent(b"", 0x3), Code.PROTOCOL_ERROR),
        (sent(b"", 0xB), Code.PROTOCOL_ERROR),
        (b"\xc1\x80" + MASK, Code.PROTOCOL_ERROR),
        (sent(b"x" * 126, Opcode.PING), Code.PROTOCOL_ERROR),
        (sent(b"", Opcode.PING, final=False), Code.PROTOCOL_ERROR),
        (sent(b"of nothing", Opcode.CONTINUATION), Code.PROTOCOL_ERROR),
        (sent(b"a", Opcode.TEXT, final=False) + sent(b"b", Opcode.TEXT), Code.PROTOCOL_ERROR),
        (sent(b"caf\xe9", Opcode.TEXT), Code.INVALID_TEXT),
        (sent(b"x" * 101, Opcode.BINARY), Code.TOO_BIG),
        (sent(b"x" * 101, Opcode.BINARY)[:2] + b"\x00", Code.TOO_BIG),
        (b"\x82\xff\x7f" + b"\xff" * 7, Code.TOO_BIG),
        (
            sent(b"x" * 60, Opcode.TEXT, final=False) + sent(b"x" * 60, Opcode.CONTINUATION),
            Code.TOO_BIG,
        ),
    ],
)
def test_what_breaks_the_protocol(data: bytes, code: Code) -> None:
    with pytest.raises(BadFrame) as caught:
        messages(data, limit=100)
    assert caught.value.code is code


@given(st.binary(max_size=300))
def test_anything_is_messages_or_a_bad_frame(data: bytes) -> None:
    try:
        found = messages(data)
    except BadFrame:
        return
    assert sum(len(one.data) for one in found) <= len(data)


@given(st.binary(max_size=100), st.binary(min_size=4, max_size=4))
def test_masking_twice_is_nothing(data: bytes, mask: bytes) -> None:
    assert unmasked(unmasked(data, mask), mask) == data
    assert unmasked(data, mask) == bytes(b ^ mask[i % 4] for i, b in enumerate(data))
