"""The keys of finding the server on the local network: a part of the tree in `keys`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hubbub.server.config.marks import NEXT_START


class Lan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Being found on the local network."""

    announce: Annotated[
        bool,
        Meta(
            description="Whether clients on this network find the server by themselves, by"
            " multicast DNS: `hubbub servers` lists it. Only what stays in the local network is"
            " sent, and nothing without this key. Not for servers that only this machine can join.",
            extra=NEXT_START,
        ),
    ] = False
