"""A classic peer as the tests see it: how it writes headers, and what we read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hubbub.wire.classic import Decoder

STYLES: dict[str, Callable[[int, int], str]] = {
    "left": lambda count, width: str(count).ljust(width),
    "leading space": lambda count, width: f" {count}".ljust(width),
    "right": lambda count, width: str(count).rjust(width),
    "zeros": lambda count, width: str(count).zfill(width),
}
"""The formats of real programs, by how they are justified."""


def written(
    text: str | bytes, width: int = 10, style: str = "left", *, characters: bool = False
) -> bytes:
    """The text as one frame of a peer that writes headers so."""
    body = text.encode() if isinstance(text, str) else text
    count = len(text) if characters else len(body)
    return STYLES[style](count, width).encode() + body


def frames_of(decoder: Decoder) -> list[bytes]:
    """Every frame the decoder has to give now."""
    frames = []
    while (body := decoder.next_frame()) is not None:
        frames.append(body)
    return frames


def read(decoder: Decoder, pieces: Iterable[bytes], *, quiet: bool = True) -> list[bytes]:
    """What comes of pieces that arrive at once, with silence after the last if that matters."""
    frames = []
    for piece in pieces:
        decoder.feed(piece)
        frames += frames_of(decoder)
    if quiet and decoder.undecided:
        decoder.quiet()
        frames += frames_of(decoder)
    return frames


def torn(data: bytes) -> Iterable[list[bytes]]:
    """The data in two pieces, cut at every position."""
    return ([data[:cut], data[cut:]] for cut in range(1, len(data)))


def trickle(data: bytes) -> list[bytes]:
    """The data byte by byte."""
    return [data[at : at + 1] for at in range(len(data))]
