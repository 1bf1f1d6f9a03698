"""Labels: which answer belongs to which question ("labeled-response").

What one labelled command causes in its session's stream stands between a `Begin` and an `End`,
own events with the echoes among them, because all of it is decided in one go. When the stream is
joined, what is found between the two becomes an ACK, one labelled line, or a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hubbub.wire.irc.tags import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_LABEL = 64
"""Bytes of a label; a longer one is no label."""

_references = count(1)


@dataclass(slots=True, frozen=True)
class Begin:
    """Here the response begins."""

    label: str


class End(NamedTuple):
    """Here the response ends."""

    source: str


@dataclass(slots=True, frozen=True)
class Twice:
    """What somebody sent to themselves: the echo, which is labelled, and what they are sent."""

    echo: bytes
    copy: bytes


Piece: TypeAlias = "bytes | Begin | End | Twice"


def new_reference() -> bytes:
    """A reference for a batch, new in this process."""
    return b"%x" % next(_references)


def join(pieces: Iterable[Piece]) -> bytes:
    """One stream of bytes, each labelled response in its form."""
    out: list[bytes] = []
    label = ""
    response: list[bytes] = []
    after: list[bytes] = []
    for piece in pieces:
        match piece:
            case Begin():
                label, response, after = piece.label, [], []
            case End():
                out += (_labelled(label, b"".join(response), piece.source), *after)
                label = ""
            case Twice(echo, copy):
                (response if label else out).append(echo)
                (after if label else out).append(copy)
            case _:
                (response if label else out).append(piece)
    return b"".join(out)


def _labelled(label: str, response: bytes, source: str) -> bytes:
    tag = b"label=" + escape(label).encode()
    server = source.encode()
    if not response:
        return b"@%s :%s ACK\r\n" % (tag, server)
    lines = response.split(b"\r\n")[:-1]
    if len(lines) == 1 or _is_batch(lines):
        return b"".join((tagged(lines[0], tag), *(line + b"\r\n" for line in lines[1:])))
    reference = new_reference()
    inside = b"batch=" + reference
    return b"".join(
        (
            b"@%s :%s BATCH +%s labeled-response\r\n" % (tag, server, reference),
            *(tagged(line, inside) for line in lines),
            b":%s BATCH -%s\r\n" % (server, reference),
        )
    )


def tagged(line: bytes, tag: bytes) -> bytes:
    """A line with one more tag, and its end; what is in a batch of its own stays there."""
    if line[:7] == b"@batch=":
        return line + b"\r\n"
    if line[:1] == b"@":
        return b"@%s;%s\r\n" % (tag, line[1:])
    return b"@%s %s\r\n" % (tag, line)


def batched(lines: Sequence[bytes], kind: str, source: str) -> bytes:
    """Whole lines as a batch of a kind."""
    reference = new_reference()
    server = source.encode()
    inside = b"batch=" + reference
    return b"".join(
        (
            b":%s BATCH +%s %s\r\n" % (server, reference, kind.encode()),
            *(tagged(line.removesuffix(b"\r\n"), inside) for line in lines),
            b":%s BATCH -%s\r\n" % (server, reference),
        )
    )


def _is_batch(lines: Sequence[bytes]) -> bool:
    """Whether a response is one batch already, which then bears the label itself."""
    first, last = _words(lines[0]), _words(lines[-1])
    return (
        first[1:2] == last[1:2] == [b"BATCH"]
        and first[2][:1] == b"+"
        and last[2] == b"-" + first[2][1:]
    )


def _words(line: bytes) -> list[bytes]:
    """A line's source, command and what follows; its tags left out."""
    words = line.split(b" ")
    return words[1:] if line[:1] == b"@" else words
