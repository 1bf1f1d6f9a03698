"""What the server says when it is open: where and how to join.

For people at a terminal, with a QR code that a phone can read; for a log, one line per address.
The banner is told the addresses and opens nothing: `addresses` finds them without a packet.
"""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, TextIO

import segno

from hubbub import __version__
from hubbub.server.addresses import is_loopback, local_addresses
from hubbub.server.logs import fields
from hubbub.wire.sniff import PORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.server.tls import Certificate

__all__ = ["announce", "join_command", "local_addresses", "url"]

log = logging.getLogger(__name__)

PROGRAM = "hubbub"
SHOWN = 4
"""More addresses than these help nobody."""


def announce(
    addresses: Sequence[str],
    port: int,
    stream: TextIO,
    *,
    room: str,
    is_terminal: bool,
    columns: int = 80,
    program: str = PROGRAM,
    certificate: Certificate | None = None,
    on_loopback: bool = False,
) -> None:
    """Say where to join: a page on `stream` when it is a terminal, else lines in the log.

    `addresses` come best first, as from `local_addresses`; `room` is where people meet, `columns`
    the terminal's width, `program` what people here type for the command, `certificate` what
    encrypted connections are shown, `on_loopback` that the server listens nowhere else.
    """
    if not is_terminal:
        if certificate is not None:
            facts = fields(sha256=certificate.sha256, words=certificate.words)
            log.info("certificate", extra=facts)
        for address in addresses:
            log.info("open", extra=fields(address=address, port=port, url=url(address, port)))
        return
    stream.write(page(addresses, port, room, program, certificate, on_loopback=on_loopback))
    code = "" if is_loopback(addresses[0]) else qr_code(url(addresses[0], port))
    if code and _fits(code, stream, columns):
        stream.write(f"\n{code}")
    stream.write("\nCtrl-C closes the room.\n")
    stream.flush()


def page(
    addresses: Sequence[str],
    port: int,
    room: str,
    program: str = PROGRAM,
    certificate: Certificate | None = None,
    *,
    on_loopback: bool = False,
) -> str:
    """The text for people, without the QR code."""
    first, others = addresses[0], addresses[1:SHOWN]
    lines = [
        f"hubbub {__version__}: the room is open.",
        "",
        f"  in a terminal   {join_command(first, port, program)}",
        f"  in a browser    {url(first, port)} tells how to join",
        f"  in IRC          any client: {first} port {port}, then /join {room}",
        f"  classic         any length-prefixed client: {first} port {port}",
    ]
    if others:
        lines += ["", f"  also at         {', '.join(others)}"]
    if certificate is not None:
        lines += ["", f"  TLS too, on the same port; its certificate is {certificate.words}"]
    if is_loopback(first):
        lines += ["", f"  Only this machine can join: {_why_alone(on_loopback=on_loopback)}."]
    return "\n".join(lines) + "\n"


def _why_alone(*, on_loopback: bool) -> str:
    if on_loopback:
        return "the server listens on loopback"
    return "there is no network yet. Once there is one, others can"


def url(address: str, port: int) -> str:
    """Where a browser goes."""
    return f"http://{_bracketed(address)}:{port}/"


def join_command(address: str, port: int, program: str = PROGRAM) -> str:
    """What to type to join from another terminal."""
    place = _bracketed(address)
    return f"{program} chat {place}" if port == PORT else f"{program} chat {place}:{port}"


def qr_code(text: str) -> str:
    """The QR code as lines of half blocks, for a terminal that is dark (as most are)."""
    out = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _fits(code: str, stream: TextIO, columns: int) -> bool:
    try:
        code.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return len(code.splitlines()[0]) <= columns
