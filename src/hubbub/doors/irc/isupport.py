"""What 005 says of this server: the tokens, and the lines that fit them.

No token may hold a second `=`: there are clients that split at each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hubbub.doors.irc import letters
from hubbub.wire.irc.casemap import CASEMAPPING
from hubbub.wire.irc.line import line
from hubbub.wire.irc.numerics import RPL_ISUPPORT
from hubbub.wire.irc.split import ISUPPORT_TOKENS, groups

if TYPE_CHECKING:
    from hubbub.core.limits import Limits
    from hubbub.doors.irc.settings import IrcSettings

ROOM = 340
"""Bytes of tokens in a line; the server's name, the nick and the text have the rest."""

MAX_TARGETS = 20
"""How many one PRIVMSG may name, or one KICK."""

MAX_REASON = 390
"""Bytes of the reason of a KICK."""


def tokens(settings: IrcSettings, limits: Limits) -> list[str]:
    """The tokens, in order."""
    lists = "".join(letters.LISTS)
    single = "".join(f"{name}:1," for name in ("WHOIS",))
    many = ",".join(f"{name}:{MAX_TARGETS}" for name in ("KICK", "NOTICE", "PRIVMSG", "TAGMSG"))
    found = {
        "ACCOUNTEXTBAN": "a",
        "AWAYLEN": str(limits.away),
        "BOT": letters.BOT,
        "CASEMAPPING": CASEMAPPING,
        "CHANLIMIT": f"#:{limits.rooms}",
        "CHANMODES": letters.KINDS.chanmodes,
        "CHANNELLEN": str(limits.room_name),
        "CHANTYPES": "#",
        "CHATHISTORY": str(limits.history),
        "ELIST": "CMNTU",
        "EXCEPTS": "e",
        "EXTBAN": ",am",
        "HOSTLEN": "64",
        "INVEX": "I",
        "KICKLEN": str(MAX_REASON),
        "MAXLIST": f"{lists}:{limits.masks}",
        "MODES": "",
        "MSGREFTYPES": "msgid,timestamp",
        "MONITOR": str(limits.watched),
        "NAMELEN": str(limits.real_name),
        "NETWORK": settings.network,
        "NICKLEN": str(limits.name),
        "PREFIX": letters.KINDS.prefixes,
        "SAFELIST": "",
        "STATUSMSG": "".join(letters.SIGNS),
        "TARGMAX": f"{single}JOIN:,NAMES:,PART:,MONITOR:,{many}",
        "TOPICLEN": str(limits.topic),
        "USERLEN": str(limits.username),
        "UTF8ONLY": "",
        "WHOX": "",
    }
    if settings.icon:
        # "network-icon". RPL_ISUPPORT in Modern: "\x3D" stands for "=" in a value.
        found["draft/ICON"] = settings.icon.replace("=", r"\x3D")
    return [f"{name}={value}" if value else name for name, value in found.items()]


def changes(before: list[str], after: list[str]) -> list[str]:
    """What to say to whom was told `before`, so that they know what is said `after`."""
    names = {_name(token) for token in after}
    # RPL_ISUPPORT in Modern: "-PARAMETER" takes a token back.
    gone = [f"-{_name(token)}" for token in before if _name(token) not in names]
    return [token for token in after if token not in before] + gone


def _name(token: str) -> str:
    return token.partition("=")[0]


def lines(all_tokens: list[str], nick: str, server: str) -> list[bytes]:
    """The 005 lines for somebody."""
    begin = f":{server} {RPL_ISUPPORT} {nick} ".encode()
    return [begin + rest for rest in _rests(tuple(all_tokens))]


@lru_cache(8)
def _rests(all_tokens: tuple[str, ...]) -> list[bytes]:
    """The 005 lines without their beginnings, which alone differ."""
    return [
        line(*group, "are supported by this server", trailing=True)
        for group in groups(all_tokens, ROOM, most=ISUPPORT_TOKENS)
    ]
