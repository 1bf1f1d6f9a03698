"""Message tags: the `@key=value;key` section before a line, read and written.

Owns escaping, the limits of the IRCv3 specification "message-tags" and which tags a client may
hand to other clients. Keys are opaque, as that specification demands: nothing here knows what a
tag means. Lines around the section are in `line.py`.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TAG_DATA = 4094
"""Bytes that a client may put between `@` and the space; as many again are the server's."""

MAX_CLIENT_TAGS = 1 + MAX_TAG_DATA + 1
"""Bytes of a section that a client sends, `@` and space included."""

MAX_TAGS = 1 + MAX_TAG_DATA + 1 + MAX_TAG_DATA + 1
"""Bytes of a section that a server sends: `@`, its own data, `;`, the client's, space."""

NO_TAGS: Mapping[str, str] = MappingProxyType({})
"""The tags of every line that has none."""

_ESCAPED = {";": r"\:", " ": r"\s", "\\": r"\\", "\r": r"\r", "\n": r"\n", "\0": ""}
_ESCAPES = str.maketrans(_ESCAPED)
_TO_ESCAPE = re.compile(r"[; \\\r\n\0]")
_UNESCAPED = {":": ";", "s": " ", "r": "\r", "n": "\n"}
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_KEY = re.compile(r"[^;= \r\n\0]+")


def escape(value: str) -> str:
    """The value as it stands in a section. A NUL, which has no escape, is left out."""
    if _TO_ESCAPE.search(value) is None:
        return value
    return value.translate(_ESCAPES)


def unescape(escaped: str) -> str:
    r"""The value that was meant; a backslash that escapes nothing is dropped (`\b` is `b`)."""
    if "\\" not in escaped:
        return escaped
    return _ESCAPE.sub(lambda match: _UNESCAPED.get(match[1], match[1]), escaped)


def parse_tags(data: str) -> dict[str, str]:
    """The tags of a section without its `@` and space; a missing value is "".

    Whatever it holds is accepted: empty tags are skipped, of equal keys the last one counts.
    """
    tags = {}
    for tag in data.split(";"):
        key, _, value = tag.partition("=")
        if key:
            tags[key] = unescape(value) if "\\" in value else value
    return tags


def format_tags(tags: Mapping[str, str | None]) -> str:
    """The tags as a section without its `@` and space; an empty value and None look the same.

    The server's own stand before client-only ones, as the specification demands. A key that
    cannot stand in a section is left out with its value.
    """
    own: list[str] = []
    clients: list[str] = []
    for key, value in tags.items():
        if _KEY.fullmatch(key) is None:
            continue
        tag = f"{key}={escape(value)}" if value else key
        (clients if key[0] == "+" else own).append(tag)
    return ";".join(own + clients)


def section(tags: Mapping[str, str | None]) -> bytes:
    """The tags as they stand before a line, `@` and space included; nothing when there are none.

    Tags are never cut: who adds them keeps to MAX_TAG_DATA.
    """
    data = format_tags(tags)
    return f"@{data} ".encode("utf-8", "replace") if data else b""


def client_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Those that a server relays as they are; all others were meant for the server alone."""
    if not tags:
        return NO_TAGS
    return {key: value for key, value in tags.items() if key[0] == "+"} or NO_TAGS
