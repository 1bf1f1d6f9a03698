"""Where a server is, as people write it: `host`, `host:port`, `[::1]:1234`, or a URL.

Owns the written forms and their mistakes, nothing of the network: no name is looked up here. What
is spoken there is part of an address if it was written (`irc://`, `ircs://`, `classic://`); if not,
`discovery` finds out.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from hubbub.client.dialect import Dialect
from hubbub.wire.sniff import PORT

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_PORT = PORT
IRC_PORT = 6667
IRCS_PORT = 6697

_FORMS = (
    "write host, host:port, [::1]:1234, irc://host:port/#room, ircs://host (TLS) or "
    "classic://host:port?header=16"
)
_YES_NO = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}


class BadAddress(ValueError):  # noqa: N818  (it is the address that is bad)
    """What was written is no address. The message is for people and says what to write."""


class Scheme(enum.Enum):
    """What is spoken at an address."""

    ANY = "any"
    """Nobody said; it is found out."""
    IRC = "irc"
    CLASSIC = "classic"


@dataclass(frozen=True, slots=True)
class Address:
    """A server and how it speaks. `room` is the one to enter, "" for the caller's choice."""

    host: str
    port: int = DEFAULT_PORT
    dialect: Dialect = field(default_factory=Dialect)
    scheme: Scheme = Scheme.ANY
    tls: bool = False
    room: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read one of the written forms; raises BadAddress."""
        written = text.strip()
        scheme, separator, _ = written.partition("://")
        if separator:
            return _parse_url(written, scheme)
        return cls(*_host_and_port(written, written, DEFAULT_PORT))

    def __str__(self) -> str:
        """The shortest form, without the dialect: what to show people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def written(self) -> str:
        """The whole of it, as `parse` reads it."""
        match self.scheme:
            case Scheme.ANY:
                return str(self)
            case Scheme.IRC:
                return f"irc{'s' if self.tls else ''}://{self}{_room_written(self.room)}"
            case Scheme.CLASSIC:
                said = {
                    key: value
                    for key, value, usual in (
                        ("header", self.dialect.width, Dialect().width),
                        ("frames", self.dialect.frames, Dialect().frames),
                        ("ack", int(self.dialect.ack), 0),
                    )
                    if value != usual
                }
                return f"classic://{self}{'?' if said else ''}{urlencode(said)}"


def _parse_url(written: str, scheme: str) -> Address:
    if scheme.lower() not in _SCHEMES:
        raise BadAddress(f"{scheme}:// is not spoken here: {_FORMS}")
    spoken, tls, default_port = _SCHEMES[scheme.lower()]
    try:
        parts = urlsplit(written)
    except ValueError as error:
        raise BadAddress(f"{written!r} is no address ({error}): {_FORMS}") from error
    room = _room(parts.path, parts.fragment) if spoken is Scheme.IRC else ""
    more = parts.query if spoken is Scheme.IRC else parts.fragment or parts.path.strip("/")
    if more or "@" in parts.netloc:
        raise BadAddress(f"{written!r} has more in it than a host and options: {_FORMS}")
    host, port = _host_and_port(parts.netloc, written, default_port)
    dialect = _dialect(parts.query)
    return Address(host, port, dialect, scheme=spoken, tls=tls, room=room)


_SCHEMES = {
    "classic": (Scheme.CLASSIC, False, DEFAULT_PORT),
    "irc": (Scheme.IRC, False, IRC_PORT),
    "ircs": (Scheme.IRC, True, IRCS_PORT),
}


def _room(path: str, fragment: str) -> str:
    """The room of `irc://host/room`, `/#room` and `/%23room`; "" for none."""
    name = unquote(path.removeprefix("/")) + (f"#{fragment}" if fragment else "")
    if any(char.isspace() or not char.isprintable() or char == "," for char in name):
        raise BadAddress(f"{name!r} is no room: write one name, as in irc://host/#room")
    return room_name(name)


def _room_written(room: str) -> str:
    """What stands behind the host: `/#tea`, or escaped as a whole where part of it must be."""
    plain = quote(room, safe="#&+!") == room
    return "" if not room else f"/{room}" if plain else f"/{quote(room, safe='')}"


def room_name(name: str) -> str:
    """A room as servers call it, of what people write: `tea` is `#tea`."""
    return name if not name or name[0] in "#&+!" else f"#{name}"


def _host_and_port(text: str, written: str, default_port: int) -> tuple[str, int]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
        if not closed or (rest and not rest.startswith(":")):
            raise BadAddress(f"{written!r} is no address: {_FORMS}")
    elif text.count(":") > 1:  # an IPv6 address without brackets has no port
        host, port, rest = text, "", ""
    else:
        host, rest, port = text.partition(":")
    if rest and not port:
        raise BadAddress(f"{written!r} ends before the port: {_FORMS}")
    host = host or "localhost"
    if any(char.isspace() or not char.isprintable() or char in "/?#" for char in host):
        raise BadAddress(f"{host!r} is no host: {_FORMS}")
    return host, _port(port) if port else default_port


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0
    if not 1 <= port <= 65535:
        raise BadAddress(f"{text!r} is no port: write a number from 1 to 65535")
    return port


def _dialect(query: str) -> Dialect:
    dialect = Dialect()
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in _OPTIONS:
            raise BadAddress(f"unknown option {key!r} in the address: use header, frames or ack")
        try:
            dialect = _OPTIONS[key](dialect, value)
        except (KeyError, ValueError) as error:
            raise BadAddress(f"{key}={value} in the address makes no sense ({error})") from error
    return dialect


_OPTIONS: dict[str, Callable[[Dialect, str], Dialect]] = {
    "header": lambda dialect, value: replace(dialect, width=int(value)),
    "frames": lambda dialect, value: replace(dialect, frames=int(value)),
    "ack": lambda dialect, value: replace(dialect, ack=_YES_NO[value.lower()]),
}
