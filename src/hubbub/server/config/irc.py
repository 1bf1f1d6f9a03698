"""The keys of the IRC door: a part of the tree in `keys`, and the same rules hold."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hubbub.server.config.marks import BYTES, NEW_CONNECTIONS, NEXT_START, SECONDS


class Operator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may act for the server: `OPER name password`."""

    name: str
    password: str
    privileges: tuple[Literal["kill", "rehash", "wallops", "ban", "rooms", "see-all"], ...] = (
        "kill",
        "rehash",
        "wallops",
        "ban",
        "rooms",
        "see-all",
    )

    def __repr__(self) -> str:
        return f"Operator(name={self.name!r})"  # a password is in no log


class Irc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The IRC door (docs/protocols/irc.md)."""

    name: Annotated[
        str,
        Meta(
            description="The name that the server signs with.",
            pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
            max_length=63,
            extra=NEXT_START | {"shape": "a host name, at most 63 characters"},
        ),
    ] = "hubbub.local"
    description: Annotated[
        str,
        Meta(
            description="What the server says of itself in one line.",
            pattern=r"^[^\x00-\x1f\x7f]+$",
            max_length=200,
            extra={"shape": "one line, at most 200 characters"},
        ),
    ] = "a hubbub server"
    motd: Annotated[
        str,
        Meta(description="The message of the day, in as many lines as it takes.", max_length=16384),
    ] = ""
    admin: Annotated[
        str,
        Meta(
            description="How to reach whoever runs the server, for `ADMIN`.",
            pattern=r"^[^\x00-\x1f\x7f]*$",
            max_length=200,
            extra={"shape": "one line, at most 200 characters"},
        ),
    ] = ""
    icon: Annotated[
        str,
        Meta(
            description="The address of a picture of the network, for clients that show one"
            " (`draft/ICON`). Empty is none.",
            # Of each = four characters are made, and one line must hold them all.
            pattern=r"^(https?://[A-Za-z0-9\[][!-<>-\[\]-~]*(=[!-<>-\[\]-~]*){0,20})?$",
            max_length=200,
            extra={
                "shape": "an address that begins with https:// (or http://), at most 200"
                " characters of ASCII without spaces or backslashes, and no more than 20 ="
            },
        ),
    ] = ""
    password: Annotated[
        str,
        Meta(
            description="What an IRC client must give with `PASS` before it may come in; empty"
            " lets everybody in. Classic programs have no word for it and come in all the same.",
            max_length=200,
            extra={"secret": True},
        ),
    ] = ""
    operators: Annotated[
        tuple[Operator, ...],
        Meta(
            description="Who may act for the server. A password is what `hubbub config hash`"
            " prints, or plain.",
            extra={
                "secret": True,
                "shape": "a list of tables with `name`, `password` and, to grant less than all,"
                " `privileges` of kill, rehash, wallops, ban, rooms, see-all",
            },
        ),
    ] = ()
    ping_interval: Annotated[
        int,
        Meta(
            description="A client that says nothing for this long is asked whether it is there.",
            ge=5,
            le=86_400,
            extra=SECONDS | NEW_CONNECTIONS,
        ),
    ] = 120
    ping_timeout: Annotated[
        int,
        Meta(
            description="A client that does not answer for this long is gone.",
            ge=5,
            le=86_400,
            extra=SECONDS | NEW_CONNECTIONS,
        ),
    ] = 60
    sendq: Annotated[
        int,
        Meta(
            description="What may wait for one slow reader. From half of it on, what others say is"
            " left out, which it is told; one who lets more wait all the same is closed.",
            ge=64 * 1024,
            le=1024 * 1024 * 1024,
            extra=BYTES | NEW_CONNECTIONS,
        ),
    ] = 4 * 1024 * 1024
    message_lines: Annotated[
        int,
        Meta(
            description="How many lines a client may send as one message (`draft/multiline`); in"
            " bytes it may be as long as any other (`limits.message`). Who does not know such"
            " messages gets as many lines, of which the hundredth has all the rest.",
            ge=2,
            le=1000,
        ),
    ] = 100


class Sts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Strict transport security: telling IRC clients to use TLS here and nothing else."""

    hosts: Annotated[
        str | tuple[str, ...],
        Meta(
            description="The names under which people connect that are bound to TLS: one, a list,"
            " or several with commas between them. Only those count that the certificate is good"
            " for in the eyes of anybody; one that the server made itself never is. Empty is off."
        ),
    ] = ""
    duration: Annotated[
        int,
        Meta(
            description="How long a client that was here with TLS may come back with nothing else."
            " 0 makes clients forget what they were told, as long as `hosts` stays.",
            ge=0,
            le=10 * 365 * 86_400,
            extra=SECONDS,
        ),
    ] = 0
    port: Annotated[
        int,
        Meta(
            description="The port for TLS as clients see it; 0 is the one they came to, which"
            " takes both.",
            ge=0,
            le=65_535,
        ),
    ] = 0
