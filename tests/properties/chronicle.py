"""The chronicle: what all witnesses together have heard of each place, put down line by line.

It is the naive state that the server's answers are held against. It knows IRC's words and none of
the server's code: who may read what is said here once more, in the simplest way there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

    from hubbub.wire.irc.line import Line

TALK: Final = frozenset({"PRIVMSG", "NOTICE"})
HAPPENINGS: Final = frozenset({"JOIN", "PART", "QUIT", "NICK", "KICK", "TOPIC", "MODE"})
KEPT: Final = TALK | HAPPENINGS | {"REDACT", "TAGMSG"}

MANY_PLACES: Final = frozenset({"NICK", "QUIT"})
"""Told once, whatever the number of rooms; in each the record has a msgid of its own."""

KEY: Final = "word"
"""What lets one into a room with a key. The record has a star instead."""


class Rank(IntEnum):
    """What one is in a room."""

    NONE = 0
    VOICED = 1
    OPERATOR = 2


RANKS: Final = {"@": Rank.OPERATOR, "+": Rank.VOICED}


@dataclass(eq=False)
class Person:
    """Somebody, whatever they are called."""

    nick: str
    is_here: bool = True


@dataclass(frozen=True)
class Item:
    """A line of the record as a client shows it: `words` are its parameters but the target.

    `sign` is that of a target like `@#tea`, `tags` are those that another client added.
    """

    command: str
    who: str
    words: tuple[str, ...] = ()
    sign: str = ""
    msgid: str = ""
    time: str = ""
    tags: frozenset[tuple[str, str]] = frozenset()

    @property
    def key(self) -> Hashable:
        """What no other line has."""
        return self.msgid or (self.command, self.who, self.words, self.time)

    @property
    def text(self) -> str:
        """What was said."""
        return self.words[0]

    def bare(self) -> list[Item]:
        """As a client shows it that knows no tags: a line for each line."""
        return [Item(self.command, self.who, (text,), self.sign) for text in self.text.split("\n")]


@dataclass
class Noted:
    """An item with what a client cannot see in it: whose it is, when it was noted, for whom."""

    item: Item
    author: Person
    step: int
    rank: Rank = Rank.NONE


@dataclass(eq=False)
class Place:
    """A room, or (with two `persons`) a conversation; `logs` is what each witness heard there."""

    name: str = ""
    persons: frozenset[Person] = frozenset()
    noted: dict[Hashable, Noted] = field(default_factory=dict)
    redacted: set[str] = field(default_factory=set)
    passing: set[str] = field(default_factory=set)
    logs: list[list[Item]] = field(default_factory=list)

    def note(self, item: Item, author: Person, step: int) -> bool:
        """Put a line down that somebody has heard; False when it is none of the record's.

        All who hear a line hear the same.
        """
        known = self.noted.get(item.key)
        if known is not None:
            assert known.item == item, f"heard as {known.item} and as {item}"
            return True
        if item.msgid in self.passing:
            return False
        rank = RANKS.get(item.sign, Rank.NONE)
        if item.command in {"TAGMSG", "REDACT"}:
            about = dict(item.tags).get("+draft/reply", "") if not item.words else item.words[0]
            meant = self.noted.get(about)
            if meant is None or about in self.redacted:
                # Tags about nothing that stands there pass, and are not kept.
                assert item.command == "TAGMSG", f"taken away, and was not there: {item}"
                self.passing.add(item.msgid)
                return False
            rank = meant.rank
            if item.command == "REDACT":
                self.redacted.add(about)
        self.noted[item.key] = Noted(item, author, step, rank)
        return True

    def standing(self) -> list[Noted]:
        """All that was not taken away."""
        return [one for one in self.noted.values() if one.item.msgid not in self.redacted]


def item_of(line: Line) -> Item | None:
    """The line of the record that somebody was shown, None when it is none."""
    if line.command not in KEPT or "!" not in line.source:
        return None
    who = line.source.partition("!")[0]
    msgid, time = line.tags.get("msgid", ""), line.tags.get("time", "")
    if line.command in MANY_PLACES:
        return Item(line.command, who, tuple(line.params), time=time)
    target, *words = line.params
    if line.command == "JOIN":
        words = []
    elif line.command == "MODE" and not target.startswith("#"):
        return None  # what somebody says of themselves
    elif line.command == "MODE":
        words = ["*" if word == KEY else word for word in words]
    sign = target[0] if target[0] in RANKS else ""
    tags = frozenset((key, tag) for key, tag in line.tags.items() if key.startswith("+"))
    return Item(line.command, who, tuple(words), sign, msgid, time, tags)
