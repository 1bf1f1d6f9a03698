"""Messages of several lines as our client says and hears them ("multiline").

Owns what fits into one of them, what is sent for it, and that one which was heard is a line as any
other, with newlines in its text: nobody else in the client has to know. How a text is laid out on
lines is told in `hubbub.wire.irc.multiline`. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.wire.irc.line import Line
from hubbub.wire.irc.multiline import CONCAT, Part, parts, whole
from hubbub.wire.irc.tags import NO_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hubbub.client.irc.batches import Item
    from hubbub.wire.irc.multiline import Limits

_TALK = frozenset({"PRIVMSG", "NOTICE"})


def texts(text: str, room: int, limits: Limits) -> Iterator[str]:
    """The text as messages that keep to the limits of the server; blank lines around it go.

    `room` is the bytes that a line of one may have.
    """
    group: list[Part] = []
    for line in text.split("\n"):
        laid_out = parts(line, room)
        if not _fit([*group, *laid_out], limits):
            yield from _spoken(group)
            group = []
        for part in laid_out:  # one line may be more than a message
            if not _fit([*group, part], limits):
                yield from _spoken(group)
                group = []
            group.append(part)
    yield from _spoken(group)


def _fit(group: Sequence[Part], limits: Limits) -> bool:
    size = len(whole(group)[0].encode("utf-8", "replace"))
    return size <= limits.max_bytes and (not limits.max_lines or len(group) <= limits.max_lines)


def _spoken(group: Sequence[Part]) -> Iterator[str]:
    text = whole(group)[0].strip("\n")
    if text.strip():
        yield text


def body(laid_out: Sequence[Part], to: str, reference: str) -> Iterator[Line]:
    """What follows the line that begins a batch."""
    for text, concat in laid_out:
        tags = {"batch": reference} | ({CONCAT: ""} if concat else {})
        yield Line("PRIVMSG", [to, text], tags, "")
    yield Line("BATCH", [f"-{reference}"], NO_TAGS, "")


def heard(items: Sequence[Item], tags: dict[str, str]) -> Line | None:
    """The lines of a batch as the one that they are, with the tags of the batch.

    None when they are no message.
    """
    lines = [item for item in items if isinstance(item, Line)]
    commands = {one.command for one in lines}
    is_message = lines and len(lines) == len(items) and len(commands) == 1 and commands <= _TALK
    if not is_message or any(len(one.params) < 2 for one in lines):
        return None
    text, _ = whole(Part(one.params[1], CONCAT in one.tags) for one in lines)
    first = lines[0]
    return Line(first.command, [first.params[0], text], tags, first.source)
