"""Deeds: what IRC lines tell of people, in the words of a play.

`alice sees bob set the topic of #tea: green or black?` is `DEEDS["TOPIC"]`. What happens in the
lobby has the words that every protocol has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conversations.actor import Heard, What
from hubbub.wire.irc import numerics as n

if TYPE_CHECKING:
    from collections.abc import Callable

LOBBY = "#lobby"

SILENT = frozenset(
    {
        *(n.RPL_ENDOFWHO, n.RPL_ENDOFWHOIS, n.RPL_ENDOFNAMES, n.RPL_ENDOFBANLIST),
        *(n.RPL_ENDOFINVITELIST, n.RPL_ENDOFMONLIST, n.RPL_ENDOFSTATS, n.RPL_ENDOFWHOWAS),
        *(n.RPL_NAMREPLY, n.RPL_NOTOPIC, n.RPL_WHOISSERVER, n.RPL_WHOISACTUALLY),
        *(n.RPL_TOPICWHOTIME, n.RPL_CREATIONTIME, n.RPL_WHOISIDLE),
        *("CAP", "ACK", "TAGMSG"),
    }
)
"""What no play asks for: ends of lists, where one is, and what holds a time of the day."""


def _does(who: str, deed: str, text: str = "") -> Heard:
    return Heard(What.DOES, who, f"{deed}: {text}" if text else deed)


def _join(who: str, params: list[str]) -> Heard:
    where = params[0]
    return Heard(What.ARRIVES, who) if where == LOBBY else _does(who, f"enter {where}")


def _part(who: str, params: list[str]) -> Heard:
    where, *reason = params
    return Heard(What.LEAVES, who) if where == LOBBY else _does(who, f"leave {where}", *reason)


def _mode(who: str, params: list[str]) -> Heard:
    what, *change = params
    return _does(who or "the house", f"change {what}", " ".join(change))


def _kick(who: str, params: list[str]) -> Heard:
    room, victim, reason = params
    return _does(who, f"send {victim} out of {room}", reason)


def _away(who: str, params: list[str]) -> Heard:
    return _does(who, "go away", params[0]) if params else _does(who, "come back")


def _name(mask: str) -> str:
    return mask.partition("!")[0]


DEEDS: dict[str, Callable[[str, list[str]], Heard]] = {
    "JOIN": _join,
    "PART": _part,
    "QUIT": lambda who, _: Heard(What.LEAVES, who),
    "NICK": lambda who, params: _does(who, f"become {params[0]}"),
    "TOPIC": lambda who, params: _does(who, f"set the topic of {params[0]}", params[1]),
    "MODE": _mode,
    "KICK": _kick,
    "EDIT": lambda who, params: _does(who, f"edit what they said in {params[0]}", params[1]),
    "REDACT": lambda who, params: _does(
        who, f"take back what was said in {params[0]}", *params[2:]
    ),
    "REACT": lambda who, params: _does(who, f"react to what was said in {params[0]}", params[1]),
    "INVITE": lambda who, params: _does(who, f"invite {params[0]} to {params[1]}"),
    "AWAY": _away,
    "SETNAME": lambda who, params: _does(who, "be somebody else", params[0]),
    "CHGHOST": lambda who, params: _does(who, "move", "@".join(params)),
    "WALLOPS": lambda who, params: _does(who, "tell everybody", params[0]),
    n.RPL_MONONLINE: lambda _, params: _does(_name(params[-1]), "be here"),
    n.RPL_MONOFFLINE: lambda _, params: _does(_name(params[-1]), "be gone"),
}
