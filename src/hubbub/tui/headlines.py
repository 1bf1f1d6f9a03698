"""The two lines around the timeline: where one is, and what is going on.

Owns their words and what goes when there is no room for all. Pure: `widgets.line` draws them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from hubbub.client.buffers import Link, Sort
from hubbub.text.sanitise import one_line
from hubbub.tui.sides import Spot, name_of

if TYPE_CHECKING:
    from hubbub.client.timeline import Entry
    from hubbub.tui.drawing.palette import Palette
    from hubbub.tui.sessions import Session

FEW = 3
"""Typists that are named."""


def topic(here: Spot | None, waiting: int, palette: Palette, width: int) -> Text:
    """`#tea ─ green or black`, and how many places wait for us elsewhere."""
    if here is None:
        return Text("no server: /connect ADDRESS, or Ctrl+K", palette.dim)
    buffer = here.buffer
    line = Text(name_of(here), palette.strong)
    if buffer.topic:
        line.append(f" ─ {one_line(buffer.topic)}", palette.dim)
    elif buffer.sort is Sort.PERSON:
        line.append(_about(here), palette.dim)
    right = Text()
    if waiting:
        right.append(f" {waiting} elsewhere ", palette.unread)
    if buffer.members:
        right.append(f" {len(buffer.members)} here", palette.dim)
    return _between(line, right, width)


def _about(here: Spot) -> str:
    words = here.session.mirror.away.get(here.buffer.key)
    return "" if words is None else f" ─ away: {one_line(words)}"


def status(
    here: Spot | None,
    doing: tuple[Entry | None, Entry | None],
    news: str,
    palette: Palette,
    width: int,
    *,
    below: bool,
) -> Text:
    """What the text in the box is to be, who types, what was told; how the connection is."""
    reply_to, edits = doing
    left = Text()
    if edits is not None:
        left.append("✎ editing; Esc leaves it ", palette.unread)
    elif reply_to is not None:
        left.append(f"↩ {reply_to.sender}: {one_line(reply_to.text)} ", palette.unread)
    elif news:
        left.append(f"{one_line(news)} ", palette.error if news.startswith("✗") else palette.text)
    elif here is not None:
        left.append(typing(here.buffer.typists(here.session.now())), palette.dim)
    right = Text()
    if below and here is not None:
        right.append(" ↓ Esc: to now ", palette.unread)
    if here is not None:
        right.append_text(connection(here.session, palette))
    hint = "  F1 help"
    if left.cell_len + right.cell_len + len(hint) <= width:
        right.append(hint, palette.dim)
    return _between(left, right, width)


def typing(names: list[str]) -> str:
    """`bob and chen are typing…`."""
    if not names:
        return ""
    if len(names) > FEW:
        return f"{len(names)} people are typing…"
    if len(names) == 1:
        return f"{names[0]} is typing…"
    return f"{', '.join(names[:-1])} and {names[-1]} are typing…"


def connection(session: Session, palette: Palette) -> Text:
    """How the connection is, always the truth."""
    mirror = session.mirror
    kept = 0 if session.link is None else len(session.link.kept)
    waits = f", {kept} to send" if kept else ""
    match mirror.link:
        case Link.UP:
            sealed = " TLS" if session.is_encrypted else ""
            return Text(f"●{sealed}{waits}", palette.dim)
        case Link.NEW:
            return Text(f"… connecting{waits}", palette.dim)
        case Link.DOWN:
            seconds = max(0, mirror.retry_at - session.now()) // 1000
            # The reason is last: it is long, and cut where there is no room for it.
            return Text(f"○ again in {seconds} s{waits}: {one_line(mirror.why)}", palette.error)
        case _:
            return Text(f"✗ {one_line(mirror.why)}{waits}", palette.error)


def _between(left: Text, right: Text, width: int) -> Text:
    """Both at their ends; what is at the right is cut only when it alone is too long."""
    right.truncate(max(0, width - 8), overflow="ellipsis")
    room = max(0, width - cell_len(right.plain))
    left.truncate(max(0, room - 1), overflow="ellipsis", pad=False)
    left.append(" " * max(0, room - cell_len(left.plain)))
    left.append_text(right)
    left.no_wrap = True
    return left
