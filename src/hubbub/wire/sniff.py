"""Which protocol speaks on a new connection, told by its first bytes.

Owns the table of the one port: ordered, mutually exclusive, decided within `MAX_SNIFF` bytes, and
never revoked by later bytes. It reads no more than it needs: whether a classic header or an HTTP
request is any good is for its door to say. Next: `hubbub.doors.front`, which acts on the answer.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PORT = 1234
"""The one port, where nobody says another."""

MAX_SNIFF = 64
"""Bytes after which the answer is never `MORE`."""


class Protocol(enum.Enum):
    """Who speaks, or that it is too early (`MORE`) or too strange (`UNKNOWN`) to tell."""

    TLS = "tls"
    HTTP = "http"
    IRC = "irc"
    CLASSIC = "classic"
    PROXY = "proxy"
    MORE = "more"
    UNKNOWN = "unknown"


def sniff(data: bytes, *, inside_tls: bool = False) -> Protocol:
    """The protocol that begins with `data`; only its first `MAX_SNIFF` bytes count.

    Inside TLS a second TLS handshake is `UNKNOWN`.
    """
    head = data[:MAX_SNIFF]
    undecided = False
    for protocol, begins in _TABLE:
        if inside_tls and protocol is Protocol.TLS:
            continue
        answer = begins(head)
        if answer:
            return protocol
        undecided = undecided or answer is None
    if undecided and len(head) < MAX_SNIFF:
        return Protocol.MORE
    return Protocol.UNKNOWN


# Each row's function answers True (it is), False (it can never be) or None (more bytes may tell).

_HTTP_TOKENS = (
    *(b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH "),
    *(b"CONNECT ", b"TRACE ", b"PRI * HTTP/2.0"),
)
_PROXY_TOKENS = (b"PROXY ", b"\r\n\r\n\0\r\nQUIT\n")  # version 1 and version 2
# What a client may say first, and what people type by hand. CONNECT and TRACE are HTTP's here:
# in IRC they are for operators, who have said NICK long before.
_IRC_VERBS = tuple(
    b"ADMIN AUTHENTICATE AWAY BATCH CAP CHATHISTORY ERROR HELP HELPOP INFO INVITE ISON JOIN KICK"
    b" LINKS LIST LUSERS MODE MONITOR MOTD NAMES NICK NOTICE OPER PART PASS PING PONG PRIVMSG"
    b" QUIT REGISTER RESUME SERVER SETNAME STARTTLS STATS TAGMSG TIME TOPIC USER USERHOST VERIFY"
    b" VERSION WEBIRC WHO WHOIS WHOWAS".split()
)
_IRC_VERB = re.compile(rb"(?:" + b"|".join(_IRC_VERBS) + rb")[ \r\n]", re.IGNORECASE)
_CLASSIC = re.compile(rb" *+\+?[0-9]")
_CLASSIC_BEGUN = re.compile(rb" *+\+?")
_SPACES = b" " * MAX_SNIFF


def _begins_with(head: bytes, tokens: tuple[bytes, ...]) -> bool | None:
    if head.startswith(tokens):
        return True
    return None if any(token.startswith(head) for token in tokens) else False


def _tls(head: bytes) -> bool | None:
    # A record of type handshake (0x16), version 3.x, a length of two bytes, then a ClientHello.
    wanted = (head[:1] == b"\x16", head[1:2] == b"\x03", head[2:3] < b"\x10", head[5:6] == b"\x01")
    for present, right in zip((0, 1, 2, 5), wanted, strict=True):
        if len(head) <= present:
            return None
        if not right:
            return False
    return True


def _http(head: bytes) -> bool | None:
    return _begins_with(head, _HTTP_TOKENS)


def _irc(head: bytes) -> bool | None:
    line = head.lstrip(b"\r\n")  # people press Enter to see whether anybody is there
    if line[:1] in (b":", b"@") or _IRC_VERB.match(line):
        return True
    verb = line.upper()
    return None if any(known.startswith(verb) for known in _IRC_VERBS) else False


def _classic(head: bytes) -> bool | None:
    if _CLASSIC.match(head) or head == _SPACES:
        return True
    return None if _CLASSIC_BEGUN.fullmatch(head) else False


def _proxy(head: bytes) -> bool | None:
    return _begins_with(head, _PROXY_TOKENS)


_TABLE: tuple[tuple[Protocol, Callable[[bytes], bool | None]], ...] = (
    (Protocol.TLS, _tls),
    (Protocol.HTTP, _http),
    (Protocol.IRC, _irc),
    (Protocol.CLASSIC, _classic),
    (Protocol.PROXY, _proxy),
)
