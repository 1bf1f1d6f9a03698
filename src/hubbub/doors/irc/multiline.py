"""A message of several lines as those get it who know what it is ("multiline"): as one batch.

Whoever does not know gets it line by line (`render.said`). What clients send in a batch is
gathered in `batches`. How a text is laid out on lines is told in `hubbub.wire.irc.multiline`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind
from hubbub.doors.irc import labels
from hubbub.doors.irc.render import ACTION, begun, command
from hubbub.hub.entries import cuts_of
from hubbub.wire.irc.line import line, room, with_text
from hubbub.wire.irc.multiline import CONCAT, MULTILINE, bounded, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.events import Said
    from hubbub.wire.irc.multiline import Part

MOST_LINES: Final = 1000
"""Lines of a batch; the rest of a longer message stands on the last. A frame of a classic client
can have thousands, at the price of one message."""

_BEFORE_DEED: Final = ACTION.index("{")


def is_meant(event: Said, lines: Sequence[bytes]) -> bool:
    """Whether something takes more than a line; `lines` are what others get of it."""
    # Those have no blank ones. Of nothing but blank lines no batch can be made.
    return len(lines) > 1 or ("\n" in event.text and bool(event.text.strip("\r\n")))


def batch(event: Said, tags: bytes, server: str) -> bytes:
    """What was said as a batch; `tags` are those of the whole."""
    reference = labels.new_reference()
    opening = line("BATCH", f"+{reference.decode()}", MULTILINE, event.to, source=event.source)
    begin = begun(command(event), event.to, event.source)
    inside = b"@batch=%s " % reference
    joined = b"@batch=%s;%s " % (reference, CONCAT.encode())
    lines = [
        (joined if concat else inside) + with_text(begin, text)
        for text, concat in _laid_out(event, room(begin))
    ]
    return b"%s%s%s:%s BATCH -%s\r\n" % (
        *(tags, opening, b"".join(lines)),
        *(server.encode(), reference),
    )


def _laid_out(event: Said, space: int) -> list[Part]:
    text, cuts = bounded(event.text, MOST_LINES), cuts_of(event)
    if event.kind is EntryKind.ACTION:
        # What the lines say together is the CTCP, so it begins in the first and ends in the last.
        text = ACTION.format(text)
        cuts = tuple(cut + _BEFORE_DEED for cut in cuts)
    return parts(text, space, cuts)
