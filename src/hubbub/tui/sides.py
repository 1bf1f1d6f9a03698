"""What stands at the sides: rooms with what is unread in them, and who is here.

Owns the words and the order of both lists, and which room is the most important one. Pure: the
widgets draw what is built here. A count is a number and a mention an @, whatever the colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style

from hubbub.client.buffers import Link, Sort
from hubbub.text.casefold import fold
from hubbub.tui.widgets.listing import Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubbub.client.buffers import Buffer, Member
    from hubbub.tui.drawing.palette import Palette
    from hubbub.tui.sessions import Session

_LINKS = {Link.NEW: "…", Link.UP: "●", Link.DOWN: "○", Link.OVER: "✗"}
_RANKS = "~&@%+"
MOST = 9_999


class Spot(NamedTuple):
    """A buffer of a session: where one can be."""

    session: Session
    buffer: Buffer

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from others."""
        return id(self.session), self.buffer.key


def spots(sessions: Iterable[Session]) -> list[Spot]:
    """All places, in the order of the list: each server, its rooms, its people."""
    found: list[Spot] = []
    for session in sessions:
        buffers = session.mirror.buffers.values()
        order = {Sort.SERVER: 0, Sort.ROOM: 1, Sort.PERSON: 2}
        found += [
            Spot(session, buffer)
            for buffer in sorted(buffers, key=lambda one: (order[one.sort], one.key.lstrip("#&+!")))
        ]
    return found


def name_of(spot: Spot) -> str:
    """What a place is called."""
    return spot.buffer.name or spot.session.label


def importance(spot: Spot, muted: set[tuple[str, str]]) -> int:
    """How much somebody waits for us there: 3 names us, 2 to us alone, 1 unread, 0 nothing."""
    buffer = spot.buffer
    if buffer.mentions:
        return 3
    if not buffer.unread or is_muted(spot, muted):
        return 0
    return 2 if buffer.sort is Sort.PERSON else 1


def is_muted(spot: Spot, muted: set[tuple[str, str]]) -> bool:
    """Whether a place is not to ring."""
    return (spot.session.label, spot.buffer.key) in muted


def room_items(
    places: Sequence[Spot],
    current: Spot | None,
    muted: set[tuple[str, str]],
    palette: Palette,
) -> list[Item]:
    """The rows of the list of rooms, numbered 1 to 9 for Alt and the number."""
    items: list[Item] = []
    number = 0
    for spot in places:
        session, buffer = spot
        is_current = current is not None and current.key == spot.key
        badge, badge_style = _badge(spot, muted, palette)
        if buffer.sort is Sort.SERVER:
            left = f"{_LINKS[session.mirror.link]} {session.label}"
            style = palette.strong if session.mirror.link is Link.UP else palette.dim
        else:
            number += 1
            digit = f"{number}" if number <= 9 else " "
            left = f"{digit} {_sign(spot)}{buffer.name}"
            style = palette.strong if buffer.unread and not is_muted(spot, muted) else palette.text
            if not buffer.joined:
                style = palette.dim
        items.append(Item(left, badge, style, badge_style, spot, is_current))
    return items


def _sign(spot: Spot) -> str:
    if spot.buffer.sort is not Sort.PERSON:
        return ""
    return "z " if fold(spot.buffer.name) in spot.session.mirror.away else "• "


def _badge(spot: Spot, muted: set[tuple[str, str]], palette: Palette) -> tuple[str, Style]:
    buffer = spot.buffer
    count = str(min(buffer.unread, MOST))
    if buffer.mentions:
        return f" @{count} ", palette.unread
    if is_muted(spot, muted):
        return " mute ", palette.dim
    if buffer.unread:
        return f" {count} ", palette.unread if buffer.sort is Sort.PERSON else palette.strong
    return "", Style()


def member_items(buffer: Buffer, away: dict[str, str], now: int, palette: Palette) -> list[Item]:
    """The rows of who is here: operators first, then by name; who is away, who types."""
    typing = {fold(nick) for nick in buffer.typists(now)}
    items = []
    for folded, member in sorted(buffer.members.items(), key=lambda one: _rank(one[1])):
        is_away = folded in away
        style = palette.dim if is_away else palette.nick(member.nick) + Style(bold=False)
        right = " ✎" if folded in typing else " z" if is_away else ""
        left = f"{member.signs[:1] or ' '}{member.nick}"
        items.append(Item(left, right, style, palette.dim, member.nick))
    return items


def _rank(member: Member) -> tuple[int, str]:
    best = member.signs[:1]
    return (_RANKS.find(best) if best else len(_RANKS)), fold(member.nick)
