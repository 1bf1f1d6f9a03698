"""What was shown already, so that a reconnect shows nothing twice.

Our server tells who arrives the last messages once more, each behind the time it was said
(docs/protocols/classic.md §3.12). Nothing but sender and text says which of them were seen before
the line was cut. They are in order: what was missed comes after what was seen, so a line counts
for one that was seen only after the one before it. White space does not count, for a message of
several lines, or of several pairs, comes again as one line, or is cut elsewhere.

Pure: it is told what is shown and said, and knows no connection. Its user is `reconnect`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from hubbub.client.replay import LONG, STAMP
from hubbub.text.sanitise import one_line, without_controls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hubbub.client.events import Message

LIMIT = 500
"""Lines remembered of others, and as many of our own; a server replays 100 at most."""

REPLAY_WINDOW = 10_000
"""Milliseconds after joining; other servers may put a time before everything that is said."""

_Line: TypeAlias = tuple[str, str]
"""Who said it ("" for ourselves), and the text without white space."""

_OURS = ""


class Shown:
    """Remembers what one person has seen, over all connections to one server."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._others: deque[_Line] = deque(maxlen=LIMIT)
        self._ours: deque[_Line] = deque(maxlen=LIMIT)
        self._replay: _Replay | None = None

    def joined(self, name: str, now: int) -> None:
        """Hear that a new connection stands, on which the past may come first."""
        self._names.add(name)
        self._replay = _Replay(now + REPLAY_WINDOW, self._others, self._ours)

    def renamed(self, name: str) -> None:
        """Hear that the server knows us by another name."""
        self._names.add(name)

    def said(self, text: str) -> None:
        """Hear what we say ourselves, whether it is sent now or kept."""
        for line in without_controls(text).split("\n"):
            # Our server takes a doubled slash for one, and no command.
            self._remember(_OURS, line[1:] if line.startswith("//") else line)

    def remind(self, sender: str, text: str) -> None:
        """Hear of a line that an earlier run has shown, or (`sender` is "") said."""
        stamp = STAMP.match(text)
        self._remember(sender, text if stamp is None else text[stamp.end() :])

    def is_new(self, message: Message) -> bool:
        """Whether to show it: False when it was shown, or said, before the line was cut."""
        who = _OURS if message.sender in self._names else message.sender
        words: str | None = None
        if self._replay is not None:
            words = self._replay.words(message)
            if words is None:
                self._replay = None
            elif self._replay.repeats(who, _squeezed(words)):
                return False
        self._remember(who, message.text if words is None else words)
        return True

    def _remember(self, who: str, text: str) -> None:
        squeezed = _squeezed(text)
        if squeezed:
            (self._ours if who == _OURS else self._others).append((who, squeezed))


class _Replay:
    """The beginning of a connection: lines of the past until one that is of now."""

    def __init__(self, until: int, others: Iterable[_Line], ours: Iterable[_Line]) -> None:
        self._until = until
        self._others = list(others)  # each is taken once, and with it all that came before
        self._ours = list(ours)  # apart: between others' lines ours stand where we said them
        self._found = False
        self._goes_on: str | None = None  # who said a message that may have another pair
        self._is_rest = False
        self._is_long = False
        self._repeated = False

    def words(self, message: Message) -> str | None:
        """The words of a line of the past, without its time; None when the past is over."""
        stamp = STAMP.match(message.text)
        self._is_rest = stamp is None and message.sender == self._goes_on
        if message.time > self._until or not (stamp or self._is_rest):
            return None
        words = message.text[stamp.end() :] if stamp else message.text
        self._is_long = len(words.encode("utf-8", "replace")) >= LONG
        self._goes_on = message.sender if self._is_long else None
        return words

    def repeats(self, who: str, squeezed: str) -> bool:
        """Whether the line that `words` has seen last was shown before."""
        if self._is_rest and not self._repeated:
            return False
        left = self._ours if who == _OURS else self._others
        self._repeated = _take(left, who, squeezed, part=self._is_long or self._is_rest)
        if who != _OURS:
            self._found = self._found or self._repeated
            if not self._found:
                left.clear()  # it begins with what was missed, and so all of it was missed
        return self._repeated


def _take(left: list[_Line], who: str, squeezed: str, *, part: bool) -> bool:
    """Take the first run of lines of `who` that make up the text, and all before it, from `left`.

    With `part` the last line may be longer than the text; the rest of it is left.
    """
    for start in range(len(left)):
        run, end = "", start
        while len(run) < len(squeezed) and end < len(left) and left[end][0] == who:
            run += left[end][1]
            end += 1
        if run and (run == squeezed or (part and run.startswith(squeezed))):
            rest = run[len(squeezed) :]
            left[:end] = [(who, rest)] if rest else []
            return True
    return False


def _squeezed(text: str) -> str:
    return "".join(one_line(text).split())
