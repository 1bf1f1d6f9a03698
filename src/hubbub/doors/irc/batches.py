"""What a client sends in a batch ("client-batch"): gathered until it is whole.

The one type there is holds a message of several lines ("multiline"). Nothing of it is heard before
its end; then it is a line as any other, with the tags of the one that began it, its label among
them. What is wrong becomes a line too, for the same reason: the answer bears that label. The
handlers of both are in `commands.talk`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from hubbub.core.names import fold
from hubbub.doors.irc.capabilities import SEVERAL_LINES
from hubbub.wire.irc.line import Line
from hubbub.wire.irc.multiline import CONCAT, MULTILINE, Part, whole
from hubbub.wire.irc.tags import NO_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.doors.irc.door import IrcDoor
    from hubbub.doors.irc.pulse import Timers

TIMEOUT: Final = 60.0
"""Seconds without a line after which a batch that was begun will not be ended any more."""

_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]+")
_TALK: Final = frozenset({"PRIVMSG", "NOTICE"})
# "Clients MUST NOT send tags other than `draft/multiline-concat` and `batch`".
_TAGS_INSIDE: Final = frozenset({"batch", CONCAT})


@dataclass(slots=True)
class Whole(Line):
    """A message of several lines as if it had come in one, with where it is to be cut again."""

    cuts: tuple[int, ...] = ()


@dataclass(slots=True)
class Spoiled(Line):
    """A batch of which nothing will come; `words` are what FAIL says."""

    words: tuple[str, ...] = ()


@dataclass(slots=True)
class _Begun:
    """A batch that is open: the line that began it, and what came since."""

    line: Line
    target: str
    command: str = ""
    parts: list[Part] = field(default_factory=list)
    size: int = -1  # bytes; a newline before the first line does not count

    @property
    def reference(self) -> str:
        return self.line.params[0][1:]


class Batches:
    """What one client has begun to send, at most one batch at a time.

    `carry_out` is given what nobody waits for when it is known: that a batch took too long.
    """

    __slots__ = ("_begun", "_carry_out", "_door", "_ignored", "_timers")

    def __init__(self, door: IrcDoor, timers: Timers, carry_out: Callable[[Line], object]) -> None:
        self._door = door
        self._timers = timers
        self._carry_out = carry_out
        self._begun: _Begun | None = None
        self._ignored: frozenset[str] = frozenset()
        """References of what has failed: "all past and future messages … will be ignored"."""

    def take(self, line: Line) -> Line | None:
        """What is to be carried out for a BATCH, or a line with the tag: None is nothing yet.

        It is a `Whole` or a `Spoiled`, or the line itself if it belongs to no batch.
        """
        if self._door.session_or_none is None or (line.command == "BATCH" and not line.params):
            return line  # the gate says what is to be said
        reference = line.tags.get("batch")
        if reference is None:
            sign, reference = line.params[0][:1], line.params[0][1:]
            if sign == "-":
                return self._end(line, reference)
            return self._begin(line, reference if sign == "+" else "")
        if reference in self._ignored:
            return None
        begun = self._begun
        if begun is None:
            if line.command != "BATCH" and not self._may:
                return line  # the tag means nothing to it
            return _spoiled(line, "MULTILINE_INVALID", "No batch of that name has been begun")
        why = self._why_not(begun, line)
        return self._fail(*why) if why else self._add(begun, line)

    def spoil(self) -> None:
        """Hear that a line came that cannot be read: it may have been one of the batch."""
        if self._begun is not None:
            words = ("MULTILINE_INVALID", "A line of the multiline batch could not be read")
            self._carry_out(self._fail(*words))

    @property
    def _may(self) -> bool:
        return self._door.caps & SEVERAL_LINES == SEVERAL_LINES

    # -- its beginning and its end -------------------------------------------------------------

    def _begin(self, line: Line, reference: str) -> Line | None:
        if self._begun is not None:
            # "Once a client has opened a batch, it MUST NOT send any messages that are not part".
            failed = self._fail("MULTILINE_INVALID", "Another batch was begun inside this one")
            self._ignored |= {reference}
            return failed
        kind, target = [*line.params[1:3], "", ""][:2]
        words: tuple[str, ...]
        if _REFERENCE.fullmatch(reference) is None:
            text = "A reference has letters, digits and hyphens"
            words = ("INVALID_REFTAG", reference or line.params[0], text)
        elif kind != MULTILINE or not self._may:
            text = "No batch of that type is known, or its capability is not enabled"
            words = ("UNKNOWN_TYPE", reference, kind or "*", text)
        elif not target or "," in target:
            words = ("MULTILINE_INVALID", "A multiline batch has one target")
        else:
            self._begun = _Begun(line, target)
            self._ignored -= {reference}
            self._watch(self._begun, 0)
            return None
        self._ignored = frozenset({reference})
        return _spoiled(line, *words)

    def _end(self, line: Line, reference: str) -> Line | None:
        if reference in self._ignored:
            self._ignored -= {reference}
            return None
        begun = self._begun
        if begun is None:
            return _spoiled(line, "MULTILINE_INVALID", "No batch of that name has been begun")
        if reference != begun.reference:
            return self._fail("MULTILINE_INVALID", "Another batch was ended than was begun")
        text, cuts = whole(begun.parts)
        if not text.strip("\n"):
            # "Clients MUST NOT send messages consisting entirely of blank lines."
            failed = self._fail(
                "MULTILINE_INVALID", "The multiline batch has nothing but blank lines"
            )
            self._ignored = frozenset()
            return failed
        self._close()
        return Whole(begun.command, [begun.target, text], begun.line.tags, "", cuts)

    def _close(self) -> None:
        self._begun = None
        self._timers.drop("batch")

    # -- what is in it -------------------------------------------------------------------------

    def _why_not(self, begun: _Begun, line: Line) -> tuple[str, ...] | None:
        """Why a line cannot be part of the batch, as FAIL says it."""
        if line.command == "BATCH":  # "clients may not send `BATCH` commands with a `batch` tag"
            return ("MULTILINE_INVALID", "A batch cannot stand in another")
        if line.tags["batch"] != begun.reference:
            return ("MULTILINE_INVALID", "The batch was begun with another reference")
        if line.command not in _TALK or (begun.command and line.command != begun.command):
            return ("MULTILINE_INVALID", "A multiline batch is all PRIVMSG or all NOTICE")
        if len(line.params) < 2:
            return ("MULTILINE_INVALID", "A line of the multiline batch has no text")
        if fold(line.params[0]) != fold(begun.target):
            text = "All lines of a multiline batch have its target"
            return ("MULTILINE_INVALID_TARGET", begun.target, line.params[0], text)
        if line.tags.keys() - _TAGS_INSIDE:
            return ("MULTILINE_INVALID", "Tags of a multiline batch stand before its beginning")
        if CONCAT in line.tags and not line.params[1]:
            return ("MULTILINE_INVALID", "A blank line of a multiline batch is not concatenated")
        return None

    def _add(self, begun: _Begun, line: Line) -> Spoiled | None:
        part = Part(line.params[1], CONCAT in line.tags)
        begun.command = line.command
        begun.parts.append(part)
        begun.size += len(part.text.encode()) + (not part.concat or len(begun.parts) == 1)
        limits = self._door.doors.multiline
        if begun.size > limits.max_bytes:
            text = "The multiline batch has too many bytes"
            return self._fail("MULTILINE_MAX_BYTES", str(limits.max_bytes), text)
        if len(begun.parts) > limits.max_lines:
            text = "The multiline batch has too many lines"
            return self._fail("MULTILINE_MAX_LINES", str(limits.max_lines), text)
        return None

    # -- what comes of it ----------------------------------------------------------------------

    def _fail(self, *words: str) -> Spoiled:
        """Forget the batch that is open, with whatever may still come of it."""
        begun = self._begun
        assert begun is not None
        self._close()
        self._ignored = frozenset({begun.reference})
        return _spoiled(begun.line, *words)

    def _watch(self, begun: _Begun, lines: int) -> None:
        self._timers.set("batch", TIMEOUT, partial(self._look, begun, lines))

    def _look(self, begun: _Begun, lines: int) -> None:
        # Whom we keep waiting, because it sends too fast, cannot send.
        if len(begun.parts) > lines or self._door.is_held:
            self._watch(begun, len(begun.parts))
        else:
            text = "The batch was left open for too long"
            self._carry_out(self._fail("TIMEOUT", begun.reference, text))


def _spoiled(line: Line, *words: str) -> Spoiled:
    return Spoiled("BATCH", line.params[:1] or ["*"], line.tags or NO_TAGS, "", words)
