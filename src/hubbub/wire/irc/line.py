"""One line of IRC: bytes to command and parameters, and back.

Owns the message format of Modern and of the IRCv3 specification "message-tags", the limit of 512
bytes, and that nothing we send can be taken for two lines. It knows no command: who may say what
is the door's. Every line a client sends passes `parse`, every one it hears `with_text` or `line`,
so both are short on purpose. Where lines begin and end in a stream is told in `buffer.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubbub.wire.irc.tags import NO_TAGS, parse_tags, section

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LINE = 512
"""Bytes of a line without its tags, CR and LF included."""

MAX_BODY = MAX_LINE - 2
"""Bytes of a line without its tags and its end."""

_REPLACEMENT = "\ufffd"
_LINE_BREAKERS = str.maketrans("\0\r\n", "   ")


class BadLine(Exception):  # noqa: N818  (it is the line that is bad, as frames are in classic.py)
    """The line is not IRC. `reason` is short, printable and safe to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotUtf8(BadLine):
    """The line is not UTF-8. What of it can be trusted is here, for `FAIL … INVALID_UTF8`.

    `command` is "*" when it cannot be read; `tags` lack those whose values are not UTF-8.
    """

    def __init__(self, command: str = "*", tags: Mapping[str, str] = NO_TAGS) -> None:
        super().__init__("the line is not UTF-8")
        self.command = command
        self.tags = tags


@dataclass(slots=True)
class Line:
    """A line, taken apart. Servers ignore the source that a client claims."""

    command: str
    """In upper case."""
    params: list[str]
    tags: Mapping[str, str]
    """Unescaped; "" for a tag without a value."""
    source: str
    """What stood behind the first colon, "" when nothing did."""


def parse(raw: bytes | str) -> Line:
    """The line, given without CR LF. Raises BadLine, and of that NotUtf8.

    Any number of parameters is read: Modern demands it of clients, and servers lose nothing.
    """
    try:
        text = raw if isinstance(raw, str) else raw.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error.object) from None
    if "\0" in text or "\r" in text or "\n" in text:
        raise BadLine("NUL, CR and LF cannot stand inside a line")
    tags, source = NO_TAGS, ""
    if text[:1] in "@: ":  # and when it is empty
        tags, source, text = _opening(text)
    # Modern, "Parameters": whatever begins with a colon is the last one.
    front, colon, last = text.partition(" :")
    params = front.split(" ")
    if "" in params:  # several spaces separate as one does
        params = [param for param in params if param]
    command = params.pop(0)
    if colon:
        params.append(last)
    # Only ASCII has cases here: "ſ" is not "S", and "ß" not "SS".
    return Line(command.upper() if command.isascii() else command, params, tags, source)


def _opening(text: str) -> tuple[Mapping[str, str], str, str]:
    """Tags, source, and the rest from the command on."""
    tags, source = NO_TAGS, ""
    if text.startswith("@"):
        data, _, text = text[1:].partition(" ")
        tags = parse_tags(data) or NO_TAGS
    text = text.lstrip(" ")
    if text.startswith(":"):
        source, _, text = text[1:].partition(" ")
        text = text.lstrip(" ")
    if text[:1] in ":@":  # neither begins a command; and when it is empty
        raise BadLine("the line has no command")
    return tags, source, text


def _not_utf8(raw: bytes) -> NotUtf8:
    try:
        read = parse(raw.decode("utf-8", "replace"))
    except BadLine:
        return NotUtf8()
    command = "*" if _REPLACEMENT in read.command else read.command
    # message-tags: a replaced byte must not pass for a value.
    tags = {key: value for key, value in read.tags.items() if _REPLACEMENT not in f"{key}{value}"}
    return NotUtf8(command, tags or NO_TAGS)


# --- what we send --------------------------------------------------------------------------


def line(
    command: str,
    *params: str,
    source: str = "",
    tags: Mapping[str, str | None] | None = None,
    trailing: bool = False,
) -> bytes:
    """The line with CR LF, whatever the parameters hold; cut to MAX_LINE where its last one ends.

    With `trailing` the last parameter gets its colon even when it could do without, as people
    expect of text. One before the last that cannot stand there (empty, with a space, or with a
    colon first) is sent as `*`; CR, LF and NUL in the last become spaces.
    """
    words = _words(command, params[:-1], source)
    if params:
        last = params[-1]
        words.append(f":{last}" if trailing or not _stands_alone(last) else last)
    return (section(tags) if tags else b"") + _ended(" ".join(words))


def head(command: str, *params: str, source: str = "") -> bytes:
    """All of a line before its text, for `with_text`: prepared once, used for many texts."""
    return " ".join([*_words(command, params, source), ":"]).encode("utf-8", "replace")


def with_text(head: bytes, text: str) -> bytes:
    """The line of a head and a text, with CR LF; the text is cut where MAX_LINE ends.

    Ask `room` and split the text before, lest anything is cut.
    """
    if "\n" in text or "\r" in text or "\0" in text:
        text = text.translate(_LINE_BREAKERS)
    body = head + text.encode("utf-8", "replace")
    if len(body) > MAX_BODY:
        body = cut(body, MAX_BODY)
    return body + b"\r\n"


def room(head: bytes) -> int:
    """Bytes of text that a line with this head can hold."""
    return MAX_BODY - len(head)


def cut(data: bytes, limit: int) -> bytes:
    """The UTF-8 data, at most `limit` bytes of it and no half character."""
    if len(data) <= limit:
        return data
    while limit > 0 and data[limit] & 0xC0 == 0x80:
        limit -= 1
    return data[:limit]


def _words(command: str, params: tuple[str, ...], source: str) -> list[str]:
    words = [f":{_middle(source)}", command] if source else [command]
    words += map(_middle, params)
    return words


def _middle(param: str) -> str:
    return param if _stands_alone(param) else "*"


def _stands_alone(param: str) -> bool:
    """Whether a parameter can do without a colon."""
    # Four searches of a short text cost less than half of a regular expression.
    return (
        param[:1] not in ("", ":")
        and " " not in param
        and "\n" not in param
        and "\r" not in param
        and "\0" not in param
    )


def _ended(text: str) -> bytes:
    if "\n" in text or "\r" in text or "\0" in text:
        text = text.translate(_LINE_BREAKERS)
    return cut(text.encode("utf-8", "replace"), MAX_BODY) + b"\r\n"
