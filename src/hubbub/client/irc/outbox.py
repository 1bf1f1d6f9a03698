"""What we say, on its way: sent once, and settled by what the server makes of it.

Owns how a text becomes messages that fit for those who hear them, how many may be under way at a
time, what an answer means, and what becomes of those that a cut leaves in doubt: with
`hubbub.chat/send-once` they are kept to be said again under their id, without it they are told.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from hubbub.client.events import CaughtUp, Hint, Notice, Refused, Settled
from hubbub.client.irc import multiline
from hubbub.client.irc.about import reply_tags
from hubbub.client.irc.batches import Batch
from hubbub.client.irc.capabilities import ECHO, SEND_ONCE, TAGS
from hubbub.client.irc.talk import TALK, time_of
from hubbub.client.pieces import SAID, Piece, State
from hubbub.text.sanitise import one_line, without_controls
from hubbub.wire.irc.multiline import MULTILINE, parts
from hubbub.wire.irc.numerics import ERR_NOSUCHNICK, RPL_AWAY
from hubbub.wire.irc.split import split_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hubbub.client.events import Event
    from hubbub.client.irc.batches import Item
    from hubbub.client.irc.capabilities import Capabilities
    from hubbub.client.irc.memory import Memory
    from hubbub.client.irc.requests import Requests
    from hubbub.client.irc.rooms import Rooms
    from hubbub.client.irc.support import Support
    from hubbub.wire.irc.line import Line

WINDOW = 5
"""Messages under way at a time: no server takes that many for a flood."""

_MASK_ROOM = len("!~hubbub00@") + 63
"""Bytes behind our nick in what others see of us, as long as we do not know."""

_LONGEST_ACTION = len("\x01ACTION \x01")


class Outbox:
    """Messages of ours between typing and the server's word for them."""

    def __init__(
        self,
        requests: Requests,
        capabilities: Capabilities,
        support: Support,
        rooms: Rooms,
        memory: Memory,
        *,
        ids: Callable[[], str],
        talk: Callable[[Line, int], None],
    ) -> None:
        self.mask = ""
        """What others see of us: `nick!user@host`; "" as long as we do not know."""
        self._requests = requests
        self._capabilities = capabilities
        self._support = support
        self._rooms = rooms
        self._memory = memory
        self._ids = ids
        self._talk = talk  # what others say in answer, as a service does
        self._references = count(1)
        self._flying: list[Piece] = []
        self._again: set[Piece] = set()
        self._late: set[Piece] = set()  # said on its own, so it is told on its own

    def __len__(self) -> int:
        return len(self._flying)

    @property
    def has_room(self) -> bool:
        """Whether another message may be sent now."""
        return len(self._flying) < WINDOW

    def pieces(
        self, text: str, to: str, *, action: bool = False, reply_to: str = ""
    ) -> list[Piece]:
        """The text as messages that reach others whole: one where the server has those of several
        lines, else each line is one, a long one several."""
        clean, limits = without_controls(text), self._capabilities.multiline
        room = self._room(to, action=action)
        if limits is not None and not action:
            texts = list(multiline.texts(clean, room, limits))
        else:
            lines = [line for line in clean.split("\n") if line.strip()]
            texts = [part for line in lines for part in split_text(line, room=room)]
        return [Piece(one, to, self._ids(), action, reply_to) for one in texts]

    def say(self, piece: Piece, now: int, emit: Callable[[Event], None]) -> None:
        """Send it, for the first time or again."""
        lines = self._lines(piece)
        if lines is None:
            self._give_up(piece, now, emit)
            return
        tags = reply_tags(piece.reply_to) if TAGS in self._capabilities else {}
        if SEND_ONCE in self._capabilities:
            tags[SEND_ONCE] = piece.id
        else:
            piece.id = ""  # the server forgets it: to say it again would be to say it twice
        piece.state = State.SENT
        self._flying.append(piece)
        self._requests.ask(
            now,
            *lines[0],
            tags=tags or None,
            then=lines[1],
            answers=partial(self._answers, piece),
            done=partial(self._answered, piece, now, emit),
        )

    def _lines(self, piece: Piece) -> tuple[tuple[str, ...], Iterable[Line]] | None:
        """The line that says it or begins to, and those that follow; None when it cannot be said:
        the server took such messages before a cut, and does so no more."""
        if piece.action:
            return ("PRIVMSG", piece.to, f"\x01ACTION {piece.text}\x01"), ()
        laid_out = parts(piece.text, self._room(piece.to))
        can = self._capabilities.multiline is not None
        if len(laid_out) == 1 or not (can or "\n" in piece.text):
            return ("PRIVMSG", piece.to, piece.text), ()
        if not can:
            return None
        reference = str(next(self._references))
        then = multiline.body(laid_out, piece.to, reference)
        return ("BATCH", f"+{reference}", MULTILINE, piece.to), then

    def _give_up(self, piece: Piece, now: int, emit: Callable[[Event], None]) -> None:
        piece.state, piece.reason = State.REFUSED, "the server takes no such messages any more"
        if piece in self._memory.in_doubt:
            self._memory.in_doubt.remove(piece)
        if piece.key:
            emit(Settled(now, piece.key, piece.to, piece.text, piece.msgid, piece.reason))
        emit(Hint(now, f"it is not known whether this was said: {piece.text}"))

    def say_again(self, piece: Piece, now: int, emit: Callable[[Event], None]) -> None:
        """Send once more what a cut left in doubt."""
        self._again.add(piece)
        piece.late = True
        self.say(piece, now, emit)

    def is_back(self, nick: str) -> None:
        """Hear that somebody is there: what waits for them may be said."""
        for piece in self._memory.absent:
            if self._support.fold(piece.to) == self._support.fold(nick):
                piece.state = State.NEW

    def go_on(self, now: int, emit: Callable[[Event], None]) -> None:
        """Say what waited for somebody who is back."""
        for piece in [one for one in self._memory.absent if one.state is State.NEW]:
            if not self.has_room:
                return
            self._memory.absent.remove(piece)
            self._late.add(piece)
            self.say_again(piece, now, emit)

    def withdraw(self, piece: Piece) -> None:
        """Forget a message that was never sent after all."""
        if piece in self._flying:
            self._flying.remove(piece)
        piece.state = State.NEW

    def cut(self, *, keep: bool) -> tuple[str, ...]:
        """Hear that the connection is over: keep what can be said again, give what is in doubt."""
        flying, self._flying = self._flying, []
        again = [piece for piece in flying if keep and piece.id]
        known = set(self._memory.in_doubt)
        self._memory.in_doubt += [piece for piece in again if piece not in known]
        return tuple(piece.text for piece in flying if not (keep and piece.id))

    # -- what the server makes of it -----------------------------------------------------------

    def _answers(self, piece: Piece, item: Item) -> bool:
        """Whether a line without a label may answer this message."""
        if isinstance(item, Batch):
            return False
        if _is_error(item) or item.command == RPL_AWAY:
            return self._is_about(piece, item)
        return ECHO in self._capabilities and self._is_echo(item) and self._is_about(piece, item)

    def _is_about(self, piece: Piece, line: Line) -> bool:
        if line.params[:1] == ["BATCH"]:  # a refusal of a batch does not say where it was to go
            return len(parts(piece.text, self._room(piece.to))) > 1
        wanted = self._support.fold(piece.to)
        return any(self._support.fold(word) == wanted for word in line.params[:3])

    def _is_echo(self, line: Line) -> bool:
        return line.command in TALK and self._rooms.is_me(line.source.partition("!")[0])

    def _answered(
        self, piece: Piece, now: int, emit: Callable[[Event], None], items: list[Item]
    ) -> None:
        if piece not in self._flying:
            return
        self._flying.remove(piece)
        if piece in self._memory.in_doubt:
            self._memory.in_doubt.remove(piece)
        lines = list(_lines(items))
        echo = next((line for line in lines if self._is_echo(line)), None)
        error = next((line for line in lines if _is_error(line)), None)
        if echo is not None:
            self._saved(piece, echo)
        elif error is not None:
            self._refused(piece, error, now, emit)
        else:
            piece.state = State.TAKEN
        if piece.key and piece.settled and piece.state is not State.WAITING:
            when = piece.time or now
            emit(Settled(when, piece.key, piece.to, piece.text, piece.msgid, piece.reason))
        if piece in self._late:
            self._late.remove(piece)
            if piece.state in SAID:
                emit(CaughtUp(now, (piece.text,), (piece.msgid,)))
        for line in lines:
            if line.command in TALK and not self._is_echo(line):
                self._talk(line, now)
            elif line.command == RPL_AWAY and len(line.params) > 2:
                who, why = line.params[-2:]
                emit(Notice(now, one_line(line.source), one_line(f"{who} is away: {why}")))

    def _saved(self, piece: Piece, echo: Line) -> None:
        piece.state = State.SAVED
        piece.msgid = echo.tags.get("msgid", "")
        self._memory.seen.ours(piece.msgid)
        time = piece.time = time_of(echo.tags, 0)
        self._memory.latest = max(self._memory.latest, time)
        place = self._memory.places.get(self._support.fold(piece.to))
        # The echo of one that was said before a cut tells nothing of what we have heard since.
        if place is not None and piece not in self._again:
            place.heard(piece.msgid, time)

    def _refused(self, piece: Piece, error: Line, now: int, emit: Callable[[Event], None]) -> None:
        if piece in self._again and "SEND_ONCE_CONFLICT" in error.params[:2]:
            # docs/protocols/irc.md: nobody else can know the id, so it was said, by us as we were
            # called before.
            piece.state = State.SAVED
            return
        if piece.late and error.command == ERR_NOSUCHNICK:
            piece.state = State.WAITING
            self._memory.absent.append(piece)
            emit(Hint(now, f"{piece.to} is not here now; this is said when they are: {piece.text}"))
            return
        piece.state = State.REFUSED
        piece.reason = one_line(error.params[-1]) if error.params else error.command
        where = piece.to if self._support.is_room(piece.to) else ""
        reason = one_line(f"{piece.to}: {piece.reason}")
        emit(Refused(now, one_line(error.source), reason, room=where))
        if piece.late:  # it is not what was typed last
            emit(Hint(now, f"this was not said: {piece.text}"))

    def _room(self, to: str, *, action: bool = False) -> int:
        """Bytes of text that others get in one line."""
        mask = len(self.mask.encode()) or len(self._rooms.me.encode()) + _MASK_ROOM
        around = len(f": PRIVMSG {to} :".encode()) + mask + (_LONGEST_ACTION if action else 0)
        return max(4, self._support.line_length - 2 - around)


def _lines(items: list[Item]) -> Iterator[Line]:
    for item in items:
        if isinstance(item, Batch):
            yield from item.lines()
        else:
            yield item


def _is_error(line: Line) -> bool:
    if line.command == "FAIL":
        return True
    return len(line.command) == 3 and line.command.isdigit() and line.command[0] in "45"
