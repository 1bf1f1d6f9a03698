"""How the IRC door is set up: the part of the configuration that it obeys."""

from __future__ import annotations

from dataclasses import dataclass, field

from hubbub.doors.networks import Networks


@dataclass(slots=True, frozen=True)
class IrcSettings:
    """Sizes are bytes, durations seconds, `rate` is commands per second (0: no limit).

    `server` is the name that the server signs with, `password` what a connection must give
    ("" for none), `motd` the message of the day ("" for none), `sendq` what may wait for one
    slow reader, `message_lines` the most lines in which one message may be sent. `gateways` may
    say with WEBIRC for whom they connect, if they know that password.
    """

    server: str = "hubbub.local"
    description: str = "a hubbub server"
    network: str = "hubbub"
    motd: str = ""
    admin: str = ""
    icon: str = ""
    password: str = field(default="", repr=False)
    gateways: Networks = field(default_factory=Networks)
    webirc_password: str = field(default="", repr=False)
    ping_interval: float = 120.0
    ping_timeout: float = 60.0
    sendq: int = 1024 * 1024
    message_lines: int = 100
    rate: float = 10.0
    burst: float = 40.0
    flood_seconds: float = 300.0
