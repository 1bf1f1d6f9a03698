"""The words that can be completed: who spoke, which rooms there are, which servers are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.buffers import Sort
from hubbub.text.casefold import fold
from hubbub.tui.completing import Vocabulary
from hubbub.tui.drawing.palette import PALETTES

if TYPE_CHECKING:
    from hubbub.tui.servers import Servers
    from hubbub.tui.sides import Spot

RECENT = 200
"""Lines in which somebody spoke lately."""


def vocabulary(here: Spot | None, servers: Servers) -> Vocabulary:
    """What can be completed where one is; who spoke last comes first."""
    addresses = [str(one.address) for one in servers.known()]
    if here is None:
        return Vocabulary(addresses=addresses, themes=list(PALETTES))
    session, buffer = here
    spoke = [one.sender for one in reversed(buffer.timeline.entries[-RECENT:]) if one.is_talk]
    nicks = [nick for nick in spoke if fold(nick) in buffer.members]
    nicks += sorted(member.nick for member in buffer.members.values())
    buffers = session.mirror.buffers.values()
    return Vocabulary(
        nicks=[nick for nick in dict.fromkeys(nicks) if not session.mirror.is_me(nick)],
        rooms=[one.name for one in buffers if one.sort is Sort.ROOM],
        persons=[one.name for one in buffers if one.sort is Sort.PERSON],
        addresses=addresses,
        themes=list(PALETTES),
    )
