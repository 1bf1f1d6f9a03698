"""Gateways: WEBIRC, with which one that is trusted says for whom it connects ("webirc").

Part of arrival. Two things must be right, the address that the gateway connects from and the
password; the name it gives for the peer's host is left aside, because we show addresses.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING

from hubbub.core.sessions import Address
from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.dispatch import Command, When, declare
from hubbub.doors.irc.registration import Registration

if TYPE_CHECKING:
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line


def _webirc(door: IrcDoor, line: Line) -> None:
    password, _gateway, _host, ip = line.params[:4]
    settings, link = door.doors.settings, door.link
    wanted = settings.webirc_password
    if link.address.host not in settings.gateways or not wanted:
        door.leave("You are no gateway that is trusted")
    elif not hmac.compare_digest(password.encode(), wanted.encode()):
        door.leave("Invalid WebIRC password")
    elif door.registration != Registration() or door.caps != Cap.NONE:
        # "webirc": it "MUST be the first command sent from the WebIRC gateway".
        door.leave("WEBIRC comes first")
    else:
        _believe(door, ip, line.params[4].split() if len(line.params) > 4 else [])


def _believe(door: IrcDoor, ip: str, options: list[str]) -> None:
    given = {name: value for name, _, value in (option.partition("=") for option in options)}
    try:
        host = str(ipaddress.ip_address(ip))
    except ValueError:
        door.leave("WEBIRC gives no address")
        return
    port = given.get("remote-port", "")
    known = port.isascii() and port.isdigit() and len(port) < 6
    door.link.move(Address(host, int(port) if known else 0))
    # "webirc": secure only "if this flag is sent and the connection from the gateway … is also".
    door.link.secure = door.link.secure and "secure" in given


declare(
    Command(
        "WEBIRC",
        "<password> <gateway> <host> <address> [<options>]",
        "Say for whom a gateway connects",
        _webirc,
        When.BEFORE,
    ),
)
