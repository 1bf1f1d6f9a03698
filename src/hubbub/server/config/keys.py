"""The configuration as a tree of frozen structs: every key, its default, bounds, unit and words.

This, with its parts `irc`, `rooms` and `history`, is the only place a key exists. `sources` checks
values against the types written here, and `pages` makes the documentation from the words; so a key
without a description fails a test. The tree does not know where a value came from. Sizes are
bytes, durations whole seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hubbub.server.config.history import History
from hubbub.server.config.irc import Irc, Sts
from hubbub.server.config.lan import Lan
from hubbub.server.config.marks import (
    BYTES,
    EVENTS,
    MESSAGES,
    NEW_CONNECTIONS,
    NEXT_START,
    SECONDS,
)
from hubbub.server.config.rooms import Metadata, People, Rooms
from hubbub.wire.sniff import PORT

DESCRIPTOR_RESERVE = 64
"""File descriptors kept back for the store, the log and the control socket."""


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the server writes about itself, to standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least serious line that is written."),
    ] = "info"
    format: Annotated[
        Literal["text", "json"],
        Meta(description="Lines for people, or one JSON object per line for machines."),
    ] = "text"


class Http(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pages that the server shows to browsers and probes."""

    metrics: Annotated[
        bool,
        Meta(description="Whether `/metrics` answers anyone who asks, in the Prometheus format."),
    ] = False
    origins: Annotated[
        str | tuple[str, ...],
        Meta(
            description="Whose pages may open a WebSocket beside those of this host: an origin such"
            " as `https://chat.example`, a list, or several with commas between them; `*` is all."
            " Programs that are no browser name none and always may."
        ),
    ] = ""


class Classic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The classic door: length-prefixed clients (docs/protocols/classic.md)."""

    width: Annotated[
        Literal["auto"] | Annotated[int, Meta(ge=1, le=8192)],
        Meta(
            description="The width of a length header. `auto` finds each client's own; a number"
            " holds every client to that one.",
            extra=BYTES | NEW_CONNECTIONS,
        ),
    ] = "auto"
    notices: Annotated[
        bool,
        Meta(
            description="Whether arrivals and departures are told, as messages from `server`.",
            extra=NEW_CONNECTIONS,
        ),
    ] = True
    quit_words: Annotated[
        bool,
        Meta(
            description="Whether the plain words `quit` and `exit` leave, as `/quit` always does.",
            extra=NEW_CONNECTIONS,
        ),
    ] = False
    dialect: Annotated[
        Literal["pairs", "ack", "single"],
        Meta(
            description="What clients expect to read: a name and a text (`pairs`), the same after"
            " one frame that acknowledges the name (`ack`, wants `width = 16`), or one frame that"
            " holds both (`single`).",
            extra=NEW_CONNECTIONS,
        ),
    ] = "pairs"


class Gateways(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proxies and gateways, which connect for others and say for whom."""

    trusted: Annotated[
        str | tuple[str, ...],
        Meta(
            description="The addresses and networks whose word about somebody else's address is"
            " taken, in a PROXY header or by WEBIRC: one, a list, or several with commas between"
            " them. Empty is nobody."
        ),
    ] = ""
    webirc_password: Annotated[
        str,
        Meta(
            description="What a trusted gateway must give with WEBIRC. Empty: there is no WEBIRC.",
            extra={"secret": True},
        ),
    ] = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of anything one peer, or all of them, may use. They suit a classroom."""

    connections: Annotated[
        int,
        Meta(
            description="Connections at once. 0 takes what the process's file descriptors allow,"
            " less a tenth (at least 64) for the server itself.",
            ge=0,
            le=1_000_000,
            extra={"unit": "connections"},
        ),
    ] = 0
    connections_per_address: Annotated[
        int,
        Meta(
            description="Connections at once from one public address; 0 is no limit. Private and"
            " loopback addresses have none, because a classroom often shares one.",
            ge=0,
            le=1_000_000,
            extra={"unit": "connections"},
        ),
    ] = 32
    half_open: Annotated[
        int,
        Meta(
            description="Connections that have not yet said what they speak or who they are. When"
            " there are more, the oldest is closed.",
            ge=1,
            le=1_000_000,
            extra={"unit": "connections"},
        ),
    ] = 1000
    login_timeout: Annotated[
        int,
        Meta(
            description="How long a connection may stay without a name. Generous, because some"
            " clients connect before they ask their user.",
            ge=1,
            le=86_400,
            extra=SECONDS,
        ),
    ] = 120
    frame: Annotated[
        int,
        Meta(
            description="The longest frame a peer may announce; whoever announces more is closed.",
            ge=1024,
            le=64 * 1024 * 1024,
            extra=BYTES | NEW_CONNECTIONS,
        ),
    ] = 1024 * 1024
    message: Annotated[
        int,
        Meta(
            description="The longest text of one message, in UTF-8; a longer one becomes several.",
            ge=256,
            le=1024 * 1024,
            extra=BYTES | NEXT_START,
        ),
    ] = 16 * 1024
    name: Annotated[
        int,
        Meta(
            description="The longest name, in UTF-8; a longer one is cut between characters.",
            ge=8,
            le=255,
            extra=BYTES,
        ),
    ] = 64
    outbox: Annotated[
        int,
        Meta(
            description="What may wait for one slow reader. Beyond it whole messages are dropped,"
            " the oldest first; they stay in the history.",
            ge=64 * 1024,
            le=1024 * 1024 * 1024,
            extra=BYTES | NEW_CONNECTIONS,
        ),
    ] = 1024 * 1024
    backlog: Annotated[
        int,
        Meta(
            description="Events that may wait for the disk before those who talk are slowed.",
            ge=100,
            le=10_000_000,
            extra=EVENTS | NEXT_START,
        ),
    ] = 10_000
    messages_per_second: Annotated[
        float,
        Meta(
            description="How fast one connection may talk for long; a faster one is read slower.",
            ge=0.1,
            le=1_000_000.0,
            extra={"unit": "messages per second"} | NEW_CONNECTIONS,
        ),
    ] = 10.0
    message_burst: Annotated[
        int,
        Meta(
            description="Messages one connection may send at once before it is slowed.",
            ge=1,
            le=1_000_000,
            extra=MESSAGES | NEW_CONNECTIONS,
        ),
    ] = 40
    flood_seconds: Annotated[
        int,
        Meta(
            description="A connection that was slowed for this long without a pause is closed;"
            " after half of it, what it sends is refused.",
            ge=1,
            le=86_400,
            extra=SECONDS | NEW_CONNECTIONS,
        ),
    ] = 300
    history_lines: Annotated[
        int,
        Meta(
            description="The most messages that one question for history gives (`/history`,"
            " `CHATHISTORY`).",
            ge=1,
            le=10_000,
            extra=MESSAGES,
        ),
    ] = 200
    bans: Annotated[
        int,
        Meta(
            description="The bans from the server that are kept at once.",
            ge=1,
            le=100_000,
            extra={"unit": "bans"},
        ),
    ] = 1000
    disk_reserve: Annotated[
        int,
        Meta(
            description="With less free space than this beside the data, messages are refused"
            " until there is room again.",
            ge=0,
            le=1024**4,
            extra=BYTES | NEXT_START,
        ),
    ] = 64 * 1024 * 1024

    def connections_for(self, descriptors: int) -> int:
        """Connections to accept at once in a process that may open `descriptors` files."""
        spare = max(descriptors - max(DESCRIPTOR_RESERVE, descriptors // 10), 1)
        return min(self.connections, spare) if self.connections else spare


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration; every key has a default, so an empty file is a complete one."""

    host: Annotated[
        str | tuple[str, ...],
        Meta(
            description="The address to listen on: one, a list, or several with commas between"
            " them. Empty is every IPv4 and IPv6 address of the machine.",
            extra=NEXT_START,
        ),
    ] = ""
    port: Annotated[
        int,
        Meta(
            description="The one port for every client; 0 lets the system choose.",
            ge=0,
            le=65_535,
            extra=NEXT_START,
        ),
    ] = PORT
    tls: Annotated[
        str,
        Meta(
            description="Encryption on the same port: with a certificate of our own that is made"
            " once (`auto`), with yours (two files, which are read again when they change), or none"
            " (`off`). Empty is `auto`, or `off` when only this machine can connect.",
            pattern=r"^(auto|off|[^,]+,[^,]+)?$",
            extra={"shape": "auto, off, or two files with a comma between them: CERT,KEY"}
            | NEW_CONNECTIONS,
        ),
    ] = ""
    durability: Annotated[
        Literal["full", "os", "none"],
        Meta(
            description="What a message has survived when people see it: a power cut (`full`), a"
            " crash of the server (`os`), or nothing, it is in memory only (`none`).",
            extra=NEXT_START,
        ),
    ] = "full"
    room: Annotated[
        str,
        Meta(
            description="The room that classic clients talk in.",
            pattern=r"^#[^\s,:\x00-\x1f\x7f]+$",
            max_length=64,
            extra={"shape": "a room's name: # and letters or digits, without spaces or commas"}
            | NEXT_START,
        ),
    ] = "#lobby"
    network: Annotated[
        str,
        Meta(
            description="What this server calls itself.",
            pattern=r"^[^\s\x00-\x1f\x7f]+$",
            max_length=64,
            extra={"shape": "one word, at most 64 characters"},
        ),
    ] = "hubbub"
    loop: Annotated[
        Literal["auto", "asyncio"],
        Meta(
            description="The event loop: uvloop where it is installed (`auto`), or the one that"
            " comes with Python (`asyncio`).",
            extra=NEXT_START,
        ),
    ] = "auto"
    log: Log = Log()
    http: Http = Http()
    classic: Classic = Classic()
    gateways: Gateways = Gateways()
    irc: Irc = Irc()
    sts: Sts = Sts()
    lan: Lan = Lan()
    rooms: Rooms = Rooms()
    people: People = People()
    metadata: Metadata = Metadata()
    limits: Limits = Limits()
    history: History = History()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The addresses to listen on; empty means all of them."""
        return several(self.host)


def several(given: str | tuple[str, ...]) -> tuple[str, ...]:
    """What was given as one, a list, or several with commas between them."""
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(stripped for part in parts if (stripped := part.strip()))
