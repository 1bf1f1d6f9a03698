"""Reactions: TAGMSG about a message ("react", "reply"), which is kept with it.

What is about no message that stands there passes as any other tags do.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from hubbub.core.events import EntryKind
from hubbub.core.ports import StoreError
from hubbub.core.refusals import Refused
from hubbub.hub import amending, reacting
from hubbub.hub.reacting import Reaction
from hubbub.wire.irc.tags import client_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubbub.doors.irc.dispatch import Handler
    from hubbub.doors.irc.door import IrcDoor
    from hubbub.wire.irc.line import Line

log = logging.getLogger(__name__)

_KINDS: Final = {
    "+draft/react": EntryKind.REACT,
    "+react": EntryKind.REACT,
    "+draft/unreact": EntryKind.UNREACT,
    "+unreact": EntryKind.UNREACT,
}


def about(tags: Mapping[str, str]) -> str:
    """The msgid that tags are about ("reply"), "" if they are no reaction to any."""
    if tags.keys().isdisjoint(_KINDS):
        return ""
    return tags.get("+draft/reply") or tags.get("+reply") or ""


async def keep(door: IrcDoor, line: Line, msgid: str) -> Handler | None:
    """What keeps and sends the reaction to a message; None if it is not there."""
    try:
        meant = await amending.find(door.hub, door.session, line.params[0], msgid)
    except Refused:
        return None
    except StoreError as error:
        log.warning("a reaction is not kept: %s", error)
        return None
    tags = client_tags(line.tags)
    name = next(name for name in tags if name in _KINDS)

    def react(door: IrcDoor, line: Line) -> None:
        try:
            reaction = Reaction(_KINDS[name], tags[name], tags)
            reacting.react(door.hub, door.session, meant, reaction)
        except Refused as no:
            door.refuse(no, line.command)

    return react
