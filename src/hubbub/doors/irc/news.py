"""News: what clients that are here are told when the server goes by other settings.

Only what they would otherwise go on believing; what a command answers they find out by asking.
Next: `factory`, which calls these for each open door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.doors.irc import greeting, sts
from hubbub.doors.irc.capabilities import TABLE, Cap
from hubbub.doors.irc.commands.moderation import tell_user_mode
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.doors.irc.door import IrcDoor
    from hubbub.doors.irc.sts import Policy


def tell_isupport(door: IrcDoor, changed: list[str]) -> None:
    """What 005 says otherwise now; who has not arrived is told everything then."""
    if changed and door.session_or_none is not None:
        greeting.send_isupport(door, changed)


def tell_capabilities(door: IrcDoor, names: Sequence[str]) -> None:
    """Other values of capabilities than those who know of values were told."""
    # "capability-negotiation": it "can also update the value of an existing capability".
    if names and door.version >= 302:
        words = " ".join(TABLE[name].shown(door.doors.values[name]) for name in names)
        _tell_new(door, words)


def tell_policy(door: IrcDoor, was: Policy | None, now: Policy | None) -> None:
    """A new policy for those inside TLS, who remember it.

    Others would have to leave at once to obey one; they are told when they come the next time.
    """
    # "sts": servers "MAY communicate changes to their STS persistence policy using … CAP NEW", and
    # "MUST NOT send CAP DEL to disable this capability".
    if not door.link.secure or Cap.CAP_NOTIFY not in door.caps:
        return
    told = sts.shown(now, door.link)
    if told and told != sts.shown(was, door.link):
        _tell_new(door, told)


def _tell_new(door: IrcDoor, words: str) -> None:
    server = door.doors.settings.server
    door.put(line("CAP", door.nick, "NEW", words, source=server, trailing=True))


def tell_no_operator(door: IrcDoor) -> None:
    """That they act for the server no more."""
    tell_user_mode(door, "-o")
    door.notice("You are no operator of this server any more: its configuration has changed")
