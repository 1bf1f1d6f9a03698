"""What `chat`, `say` and `tail` share: where the server is, how it speaks, who we are.

`read_address` makes an argument an `Address`. `@joining_options` gives a verb `name`,
`header_length`, `frames` and `expect_ack`; `spoken` puts the last three into the address. What they
mean is decided in `hubbub.client`.
"""

from __future__ import annotations

import getpass
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hubbub.client import Address, BadAddress
from hubbub.client.dialect import WIDEST, Dialect
from hubbub.text.sanitise import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")


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


def joining_options(command: Command) -> Command:
    """Add the options that say who joins and how the server speaks."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option("--name", metavar="NAME", help="Who you are in the room."),
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
