"""What `chat`, `say` and `tail` share: where the server is, how it speaks, who we are.

`read_address` makes an argument an `Address`. `@joining_options` adds the options and gives a verb
one `Joining` for them all. What they mean is decided in `hubbub.client`.
"""

from __future__ import annotations

import functools
import getpass
import os
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from hubbub.client import Address, BadAddress, BadTrust, CannotKeep, FirstUse, Options
from hubbub.client.address import room_name
from hubbub.client.dialect import WIDEST, Dialect
from hubbub.client.discovery import spoken_at
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.trusted import TrustedServers
from hubbub.client.opening import LOBBY
from hubbub.client.secure import checked_trust
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

EARLIER = 20
"""Messages said before we came that `chat` and `tail` show, where the server keeps them."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Where to go and as whom; `name` is None when nobody gave one."""

    address: Address
    name: str | None
    room: str
    trust: str | None
    password: str

    def options(self, *, recent: int = 0) -> Options:
        """For `client.connect` and its like."""
        return Options(
            rooms=[self.room],
            trust=_first_use() if self.trust is None else self.trust,
            password=self.password,
            recent=recent,
        )


def _first_use() -> FirstUse | None:
    """Believe whom nobody knows at first sight; not where nothing could be remembered."""
    try:
        return FirstUse(TrustedServers(ClientFolder.of(os.environ)))
    except CannotKeep:
        return None


def read_address(ctx: click.Context, param: click.Parameter, value: str) -> Address:
    """Read an address of the command line (a click callback)."""
    try:
        return Address.parse(value)
    except BadAddress as error:
        raise click.BadParameter(str(error), ctx, param) from error


class JoiningCommand(click.Command):
    """A command that knows how other programs write a port."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; a number behind a host is answered with how it is written here."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            for host, port in pairwise(given):
                if port.isdecimal() and not host.startswith("-") and "extra" in error.message:
                    raise click.UsageError(
                        f"a port is written behind its host: {host}:{port}", ctx
                    ) from error
            raise


def joining_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say who joins and how the server speaks, given as `joining`."""

    @functools.wraps(verb)
    def joined(
        *,
        server: Address,
        name: str | None,
        room: str | None,
        trust: str | None,
        password: str,
        header_length: int | None,
        frames: int | None,
        expect_ack: bool,
        **others: Any,
    ) -> None:
        address = spoken(server, header_length, frames, expect_ack=expect_ack)
        where = room_name(room or address.room or LOBBY)
        if room:
            address = replace(address, room="")
        _check_trust(address, trust)
        verb(joining=Joining(address, name, where, trust, password), **others)

    for option in reversed(_OPTIONS):
        joined = option(joined)
    return joined


_OPTIONS = (
    click.option("--name", metavar="NAME", help="Who you are in the room."),
    click.option(
        "--room",
        metavar="ROOM",
        help=f"Which room of an IRC server; classic servers have one.  [default: {LOBBY}]",
    ),
    click.option(
        "--trust",
        metavar="FINGERPRINT",
        help="Encrypt, and believe this certificate: the words or the SHA-256 that the server "
        "shows.  [default: encrypt with ircs://, and one that this system can verify, or that "
        "was there the first time; `hubbub trust` lists those]",
    ),
    click.option(
        "--password",
        envvar="HUBBUB_PASSWORD",
        default="",
        metavar="PASSWORD",
        help="That of an IRC server that wants one.  [default: $HUBBUB_PASSWORD]",
    ),
    click.option(
        "--header-length",
        type=click.IntRange(1, WIDEST),
        metavar="N",
        help="How long the server's headers are, in bytes; others use 64, 16, 8, 3.  [default: 10]",
    ),
    click.option(
        "--frames",
        type=click.IntRange(1, 3),
        metavar="1|2|3",
        help="Frames of one message: 2 name and text, 1 all in one, 3 with the time.  [default: 2]",
    ),
    click.option(
        "--expect-ack",
        is_flag=True,
        help="The server answers a name with a frame of its own (some with 16-byte headers do).",
    ),
)


def _check_trust(address: Address, trust: str | None) -> None:
    """Raise when `--trust` could not keep what it promises, before anybody is called."""
    try:
        checked_trust(trust)
        spoken_at(address, has_trust=trust is not None)
    except BadTrust as error:
        raise click.BadParameter(
            str(error), click.get_current_context(), param_hint="'--trust'"
        ) from error


def spoken(
    address: Address, header_length: int | None, frames: int | None, *, expect_ack: bool
) -> Address:
    """The address with the dialect of the options; they beat what the address says itself."""
    said = address.dialect
    dialect = Dialect(
        width=header_length or said.width,
        frames=frames or said.frames,
        ack=expect_ack or said.ack,
    )
    return replace(address, dialect=dialect)


def login_name() -> str:
    """The name of whoever runs this, as a name to offer; never empty."""
    try:
        return one_line(getpass.getuser()).strip() or "guest"
    except (KeyError, OSError):  # a user id without a name, as in containers
        return "guest"
