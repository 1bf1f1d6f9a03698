"""What happened, in words: `bob joined`, `3 joined, 1 left`, `Thursday 19 November`.

Owns the sentences of a timeline. Pure; times of day are those of the zone it is handed.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from hubbub.client.timeline import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNTED = {Kind.JOINED: "joined", Kind.LEFT: "left", Kind.NICK: "changed name"}
FEW = 3
"""Names that are told in full."""


def moment(time: int, zone: tzinfo | None = None) -> datetime:
    """Milliseconds since the epoch as a local time."""
    return datetime.fromtimestamp(time / 1000, UTC).astimezone(zone)


def clock(time: int, zone: tzinfo | None = None) -> str:
    """`12:03`."""
    return f"{moment(time, zone):%H:%M}"


def day(time: int, zone: tzinfo | None = None) -> str:
    """`Thursday 19 November 2026`."""
    when = moment(time, zone)
    return f"{when:%A} {when.day} {when:%B %Y}"


def happened(entry: Entry) -> str:
    """What an entry that nobody said tells."""
    who, what, by = entry.sender, entry.text, entry.by
    why = f" ({what})" if what else ""
    match entry.kind:
        case Kind.JOINED:
            return f"{who} joined"
        case Kind.LEFT:
            return f"{who} left{why}"
        case Kind.KICKED:
            return f"{who} was sent out by {by}{why}"
        case Kind.NICK:
            return f"{who} is called {what} now"
        case Kind.TOPIC:
            return f"{who} says what it is about: {what}" if what else f"{who} took the topic away"
        case Kind.RANK:
            ranks = " ".join(_RANKS.get(sign, sign) for sign in what) or "nobody special"
            return f"{who} is {ranks} now" + (f" (says {by})" if by else "")
        case Kind.RENAMED:
            return f"{who} is called {what} now (says {by})"
        case _:
            return what


_RANKS = {"~": "founder", "&": "protected", "@": "operator", "%": "half-operator", "+": "voiced"}


def folded(run: Sequence[Entry]) -> str:
    """Several who came and went, in one line."""
    if len(run) == 1:
        return happened(run[0])
    counts = Counter(entry.kind for entry in run)
    told: list[str] = []
    for kind, word in _COUNTED.items():
        if not counts[kind]:
            continue
        names = list(dict.fromkeys(entry.sender for entry in run if entry.kind is kind))
        who = ", ".join(names) if len(names) <= FEW else f"{len(names)} people"
        told.append(f"{who} {word}")
    return "; ".join(told)
