"""The chronicle: what all witnesses together have heard of each place, put down line by line.

It is the naive state that the server's answers are held against. It knows IRC's words and none of
the server's code: who may read what is said here once more, in the simplest way there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

    from hubbub.wire.irc.line import Line

TALK: Final = frozenset({"PRIVMSG", "NOTICE", "ACTION"})
HAPPENINGS: Final = frozenset({"JOIN", "PART", "QUIT", "NICK", "KICK", "TOPIC", "MODE"})
AMENDING: Final = frozenset({"EDIT", "REDACT"})
KEPT: Final = TALK | HAPPENINGS | AMENDING | {"TAGMSG"}

MANY_PLACES: Final = frozenset({"NICK", "QUIT"})
"""Told once, whatever the number of rooms; in each the record has a msgid of its own."""

DEED: Final = "\x01ACTION "
TOLD: Final = "* edited: "

KEY: Final = "word"
"""What lets one into a room with a key. The record has a star instead."""


class Rank(IntEnum):
    """What one is in a room."""

    NONE = 0
    VOICED = 1
    OPERATOR = 2


ABOUT: Final = {"TAGMSG": "+draft/reply", "EDIT": "hubbub.chat/target-msgid"}
TEXT: Final = "hubbub.chat/edit-text"
EDITED: Final = "hubbub.chat/edited"
_SHOWN: Final = (*ABOUT.values(), TEXT, "+draft/react", "+draft/unreact")

RANKS: Final = {"@": Rank.OPERATOR, "+": Rank.VOICED}


@dataclass(eq=False)
class Person:
    """Somebody, whatever they are called."""

    nick: str
    is_here: bool = True


@dataclass(frozen=True)
class Item:
    """A line of the record as a client shows it: `words` are its parameters but the target.

    `sign` is that of a target like `@#tea`, `tags` are those that say something, and `edited` is
    when somebody put it otherwise.
    """

    command: str
    who: str
    words: tuple[str, ...] = ()
    sign: str = ""
    msgid: str = ""
    time: str = ""
    tags: frozenset[tuple[str, str]] = frozenset()
    edited: str = ""

    @property
    def key(self) -> Hashable:
        """What no other line has."""
        return self.msgid or (self.command, self.who, self.words, self.time)

    @property
    def text(self) -> str:
        """What was said."""
        return self.words[0]

    @property
    def about(self) -> str:
        """The msgid of the message that this is about, "" for what is about none."""
        if self.command == "REDACT":
            return self.words[0]
        return dict(self.tags).get(ABOUT.get(self.command, ""), "")

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
    edits: dict[str, Item] = field(default_factory=dict)
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
        if item.command == "TAGMSG" or item.command in AMENDING:
            meant = self.noted.get(item.about)
            if meant is None or item.about in self.redacted:
                # Tags about nothing that stands there pass, and are not kept.
                assert item.command == "TAGMSG", f"about nothing that is there: {item}"
                self.passing.add(item.msgid)
                return False
            rank = meant.rank
        if item.command == "REDACT":
            self.redacted.add(item.about)
        elif item.command == "EDIT":
            self.edits[item.about] = item
        self.noted[item.key] = Noted(item, author, step, rank)
        return True

    def last_name_of(self, person: Person) -> str:
        """What somebody was called when they last did something here; else what they are called."""
        names = [one.item.who for one in self.noted.values() if one.author is person]
        return names[-1] if names else person.nick

    def standing(self) -> list[Noted]:
        """All that was not taken away, as it is put now."""
        return [self._as_now(one) for one in self.noted.values() if not self._is_gone(one.item)]

    def _is_gone(self, item: Item) -> bool:
        """Whether something was taken away; with a message go all its edits."""
        gone = item.about if item.command == "EDIT" else item.msgid
        return gone in self.redacted

    def _as_now(self, one: Noted) -> Noted:
        edit = self.edits.get(one.item.msgid)
        if edit is None:
            return one
        words = (dict(edit.tags)[TEXT],)
        return replace(one, item=replace(one.item, words=words, edited=edit.time))


def item_of(line: Line) -> Item | None:
    """The line of the record that somebody was shown, None when it is none."""
    if line.command not in KEPT or "!" not in line.source:
        return None
    command, who = line.command, line.source.partition("!")[0]
    msgid, time = line.tags.get("msgid", ""), line.tags.get("time", "")
    if command in MANY_PLACES:
        return Item(command, who, tuple(line.params), time=time)
    target, *words = line.params
    if command == "JOIN":
        words = []
    elif command == "MODE" and not target.startswith("#"):
        return None  # what somebody says of themselves
    elif command == "MODE":
        words = ["*" if word == KEY else word for word in words]
    elif command in TALK and words[0].startswith(TOLD):
        return None  # an edit, for those who do not know what that is
    elif command == "PRIVMSG" and words[0].startswith(DEED):
        command, words = "ACTION", [words[0].removeprefix(DEED).removesuffix("\x01")]
    sign = target[0] if target[0] in RANKS else ""
    tags = frozenset((key, line.tags[key]) for key in _SHOWN if key in line.tags)
    edited = line.tags.get(EDITED, "")
    return Item(command, who, tuple(words), sign, msgid, time, tags, edited)
