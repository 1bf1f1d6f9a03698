"""A timeline: what was said and what happened in one place, in order, each thing once.

Owns the order, however things come (as they happen, told again after a cut, page by page from the
past, typed here and not yet saved), and the folding of what is said about messages: reactions,
edits and redactions, also of messages that come later. Every change is told as a `Splice`, so a
screen need not look at the rest. Pure: it knows no clock, no connection and no screen.
"""

from __future__ import annotations

import enum
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hubbub.client.amendments import Amendments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hubbub.client.amendments import Amendment


class Kind(enum.Enum):
    """What a line of a timeline is."""

    MESSAGE = "message"
    ACTION = "action"
    NOTICE = "notice"
    ERROR = "error"
    STATUS = "status"
    JOINED = "joined"
    LEFT = "left"
    KICKED = "kicked"
    NICK = "nick"
    TOPIC = "topic"
    RANK = "rank"
    RENAMED = "renamed"


TALK = frozenset({Kind.MESSAGE, Kind.ACTION})
"""What people say to each other."""

NOISE = frozenset({Kind.JOINED, Kind.LEFT, Kind.NICK})
"""What may be folded into one line."""


class Fate(enum.Enum):
    """What has become of a message."""

    SAVED = "saved"
    """The server has it; messages of others always do."""
    PENDING = "pending"
    """It was sent, or is about to be."""
    KEPT = "kept"
    """There is no connection; it is sent when there is one."""
    FAILED = "failed"


UNSETTLED = frozenset({Fate.PENDING, Fate.KEPT})


@dataclass(slots=True, eq=False)
class Entry:
    """One line, compared by identity. Times are milliseconds since the epoch."""

    time: int
    kind: Kind
    sender: str
    """Who said or did it; whom it happened to, where somebody else did it (`by`)."""
    text: str
    """What was said; the reason, the new name, the topic."""
    msgid: str = ""
    reply_to: str = ""
    by: str = ""
    ours: bool = False
    mentions: bool = False
    """Whether it names us."""
    fate: Fate = Fate.SAVED
    key: str = ""
    """What we call it until the server does."""
    why: str = ""
    """Why it failed."""
    edited: bool = False
    redacted: str = ""
    """Who took it away."""
    reactions: dict[str, list[str]] | None = None
    """Nicks by sign, each in the order they came."""

    @property
    def is_talk(self) -> bool:
        """Whether somebody said it."""
        return self.kind in TALK


class Splice(NamedTuple):
    """From `at` on, `removed` entries have become `added` others, or look otherwise now."""

    at: int
    removed: int
    added: int


class Timeline:
    """The entries of one place. Those that we typed and are not saved stand at the end."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.complete = False
        """Whether there is nothing before the first entry."""
        self.oldest = ""
        """The msgid of the first that was heard of this place: where the next page ends."""
        self._by_msgid: dict[str, Entry] = {}
        self._unsettled = 0
        self._amendments = Amendments()

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, msgid: str) -> Entry | None:
        """The entry of this msgid, if it is here."""
        return self._by_msgid.get(msgid)

    @property
    def settled(self) -> int:
        """How many entries stand before those that are not saved yet."""
        return len(self.entries) - self._unsettled

    def backwards(self) -> Iterator[Entry]:
        """What the server has, the last first."""
        for index in range(self.settled - 1, -1, -1):
            yield self.entries[index]

    def index_of(self, entry: Entry) -> int:
        """Where an entry stands. Raises ValueError when it does not."""
        if entry.fate is Fate.SAVED:
            start = bisect_left(self.entries, entry.time, 0, self.settled, key=_time)
            for index in range(start, min(start + 64, self.settled)):
                if self.entries[index] is entry:
                    return index
        return self.entries.index(entry)

    # --- as it happens

    def add(self, entry: Entry, *, replayed: bool = False) -> Splice | None:
        """Something happens now, or is told again; None when it is known."""
        if entry.msgid and entry.msgid in self._by_msgid:
            return None
        last = self.entries[self.settled - 1] if self.settled else None
        if last is not None and goes_on(last, entry):
            last.text += f"\n{entry.text}"
            return Splice(self.settled - 1, 1, 1)
        return self._insert(self._place(entry.time) if replayed else self.settled, [entry])

    def _place(self, time: int) -> int:
        """Where something of that time stands: behind all that is not later."""
        index = self.settled
        while index and self.entries[index - 1].time > time:
            index -= 1
        return index

    def _insert(self, index: int, entries: list[Entry]) -> Splice:
        if index == 0 and entries[0].msgid:
            self.oldest = entries[0].msgid
        for entry in entries:
            if entry.msgid:
                self._by_msgid[entry.msgid] = entry
                self._amendments.apply(entry)
        self.entries[index:index] = entries
        return Splice(index, 0, len(entries))

    # --- typed here

    def type(self, entry: Entry) -> Splice:
        """Somebody here has typed it; `entry.key` finds it again."""
        self.entries.append(entry)
        self._unsettled += 1
        return Splice(len(self.entries) - 1, 0, 1)

    def unsettled(self, key: str) -> Entry | None:
        """What was typed under this key and is not saved."""
        for entry in reversed(self.entries[self.settled :]):
            if entry.key == key:
                return entry
        return None

    def withdraw(self, key: str) -> Splice | None:
        """What was typed is not to be said any more, or all of it was."""
        entry = self.unsettled(key)
        if entry is None:
            return None
        index = self.entries.index(entry, self.settled)
        del self.entries[index]
        self._unsettled -= 1
        return Splice(index, 1, 0)

    def judge(self, key: str, fate: Fate, why: str = "") -> Splice | None:
        """What was typed has another fate than being saved."""
        entry = self.unsettled(key)
        if entry is None:
            return None
        entry.fate, entry.why = fate, why
        return Splice(self.entries.index(entry, self.settled), 1, 1)

    def save(self, key: str, saved: Entry) -> list[Splice]:
        """What was typed, or the part of it that `saved` is, stands where the server has it."""
        typed = self.unsettled(key)
        splices: list[Splice | None] = []
        if typed is not None:
            _, found, rest = typed.text.partition(saved.text)
            rest = rest.strip("\n")
            if found and rest.strip():
                typed.text = rest.lstrip()
                splices.append(self.judge(key, typed.fate, typed.why))
            else:
                splices.append(self.withdraw(key))
        if not (saved.msgid and saved.msgid in self._by_msgid):
            splices.append(self._insert(self._place(saved.time), [saved]))
        return [splice for splice in splices if splice is not None]

    # --- the past

    def add_page(self, page: Iterable[Entry], before: str = "", first: str = "") -> list[Splice]:
        """Entries of the past that follow each other; `before` is the msgid that comes next.

        What is known stays where it is, and tells where the others stand. `first` is the msgid
        that the page begins with, which may be that of no entry.
        """
        entries = joined(page)
        anchor = self._by_msgid.get(before)
        is_next = bool(before) and before == self.oldest
        at = 0 if is_next else self.index_of(anchor) if anchor is not None else None
        splices: list[Splice] = []
        for entry in reversed(entries):
            known = self._known(entry, at)
            if known is not None:
                at = self.index_of(known)
                if known.text != entry.text and entry.text.startswith(f"{known.text}\n"):
                    known.text = entry.text  # it was cut off between its lines
                    splices.append(Splice(at, 1, 1))
                continue
            if at is None:
                at = self._place(entry.time)
            splices.append(self._insert(at, [entry]))
        if first and (is_next or not self.oldest):
            self.oldest = first
        return merged(splices)

    def _known(self, entry: Entry, at: int | None) -> Entry | None:
        """The same thing, if it is here; without a msgid it is known by all it is."""
        if entry.msgid:
            return self._by_msgid.get(entry.msgid)
        index = self._place(entry.time) if at is None else at
        while index and self.entries[index - 1].time >= entry.time:
            index -= 1
            other = self.entries[index]
            if (other.time, other.sender, other.text) == (entry.time, entry.sender, entry.text):
                return other
        return None

    # --- about messages

    def amend(self, amendment: Amendment, *, past: bool = False) -> Splice | None:
        """Something is said about a message; None when it changes nothing that is here."""
        target = self._amendments.take(amendment, past=past)
        entry = self._by_msgid.get(target)
        if entry is None or not self._amendments.apply(entry):
            return None
        return Splice(self.index_of(entry), 1, 1)


def joined(page: Iterable[Entry]) -> list[Entry]:
    """The entries of a page, those in several lines made one."""
    entries: list[Entry] = []
    for entry in page:
        if entries and goes_on(entries[-1], entry):
            entries[-1].text += f"\n{entry.text}"
        else:
            entries.append(entry)
    return entries


def goes_on(first: Entry, entry: Entry) -> bool:
    """Whether an entry is the next line of a message, of which only the first has the msgid."""
    return (
        bool(first.msgid)
        and not entry.msgid
        and first.is_talk
        and first.kind is entry.kind
        and first.time == entry.time
        and first.sender == entry.sender
        and not first.redacted
    )


def merged(splices: Sequence[Splice]) -> list[Splice]:
    """The same changes in as few splices as insertions at one place can be."""
    found: list[Splice] = []
    for splice in splices:
        last = found[-1] if found else None
        if last is not None and not (last.removed or splice.removed) and last.at == splice.at:
            found[-1] = Splice(last.at, 0, last.added + splice.added)
        else:
            found.append(splice)
    return found


def _time(entry: Entry) -> int:
    return entry.time
