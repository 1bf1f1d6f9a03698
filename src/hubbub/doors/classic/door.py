"""One classic connection: frames in, verbs called, pairs out.

The first frame is the name, whatever it holds; every other is a message or a command. It keeps
the order of what one client asks: while a command waits for the store, its later frames wait too.
A client that half-closes has not left: what it sent is decided, saved and answered first.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from hubbub.core.ports import StoreError
from hubbub.core.refusals import Reason, Refused
from hubbub.doors.classic import commands
from hubbub.doors.classic.outbox import Outbox
from hubbub.doors.classic.refusals import explain
from hubbub.doors.classic.secure_outbox import SecureOutbox
from hubbub.doors.classic.timers import Timers
from hubbub.doors.pacing import Pacing
from hubbub.hub import arrival, history, rooms, talk
from hubbub.text.sanitise import without_nul
from hubbub.text.split import split_utf8
from hubbub.wire.classic import QUIET, BadFrame, Decoder, called

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from hubbub.core.events import RoomRenamed
    from hubbub.core.rooms import Room
    from hubbub.core.sessions import Session
    from hubbub.doors.classic.factory import ClassicDoors
    from hubbub.doors.classic.render import ClassicKind
    from hubbub.doors.link import Link

log = logging.getLogger(__name__)

QUIT_WORDS = frozenset({"quit", "exit", "!logout"})
"""What ends a session beside /quit where `classic.quit_words` allows it (classic.md §3.14)."""

LINGER = 2.0
"""Seconds that a peer gets to read our last words after we have shut our side."""


class ClassicDoor(asyncio.Protocol):
    """The protocol of one classic client, and the reader of its session."""

    def __init__(self, doors: ClassicDoors, link: Link) -> None:
        self._doors = doors
        self._settings = doors.settings
        self._loop = doors.loop
        self._link = link
        self._decoder = Decoder(width=doors.settings.width, max_length=doors.settings.frame)
        limits = doors.settings
        self._pacing = Pacing(limits.rate, limits.burst, limits.flood_seconds, doors.loop.time)
        self._timers = Timers(doors.loop)
        self._task: asyncio.Task[None] | None = None
        self._ended = False  # the peer will send no more
        self._lost = ""  # why there is no connection any more
        self._over = False  # nothing that the peer sends counts any more
        self._shut_down = False  # everything is sent, our side too is at its end
        self._session: Session | None = None
        self.hub = doors.hub
        self.room: Room = doors.room
        self.kind: ClassicKind = doors.kind(self._decoder.width, doors.settings)

    # -- asyncio.Protocol ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection that the front has found to be classic.

        Raises `OSError` when there is no descriptor left, before anything has come of it.
        """
        self._outbox = self._make_outbox()
        self._link.expire = self._expire
        self._doors.add(self)

    def _make_outbox(self) -> Outbox | SecureOutbox:
        limit, notice = self._settings.outbox, self._notice_of_dropping
        if self._link.secure:
            return SecureOutbox(self._link.transport, limit=limit, make_notice=notice)
        return Outbox(
            self._loop,
            self._link.socket,
            limit=limit,
            on_broken=self._broken,
            make_notice=notice,
        )

    def pause_writing(self) -> None:
        """The transport has enough for now. Without TLS nothing goes through it."""
        if isinstance(self._outbox, SecureOutbox):
            self._outbox.pause()

    def resume_writing(self) -> None:
        """The transport can take more."""
        if isinstance(self._outbox, SecureOutbox):
            self._outbox.resume()

    def data_received(self, data: bytes) -> None:
        """Take bytes of any size."""
        if self._over:
            return
        self._decoder.feed(data)
        self._pump()

    def eof_received(self) -> bool:
        """Keep our side open until all that was received is decided, saved and answered.

        It may come again: reading goes on after a pause even when the end was read before.
        TLS has no half: there what comes later is saved, and not answered any more.
        """
        self._ended = True
        if not self._over:
            self._decoder.eof()
            self._pump()
        return not self._shut_down and not self._link.secure

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; what came whole before still counts, and costs."""
        self._ended = True
        self._lost = "connection reset" if exc else "connection lost"
        self._outbox.close()
        if self._over:
            self._timers.cancel()
        else:
            self._decoder.eof()
            if not self._decoder.pending:
                self._link.drain()  # it need not be slowed any more
            if self._task is None:  # else the rest waits for the command before it
                self._pump()
        self._doors.remove(self)
        self._link.lost()

    # -- Reader --------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """Who is at the other end; only after its name has come."""
        assert self._session is not None
        return self._session

    @property
    def dropped(self) -> int:
        """Segments that the peer lost because it did not read."""
        return self._outbox.dropped

    def send(self, segments: Sequence[bytes]) -> None:
        """Send what the kind has joined."""
        self._outbox.send(segments)

    def moved(self, event: RoomRenamed) -> None:
        """Nothing more than what the event says."""

    def end(self, reason: str) -> None:
        """Say why and close: the hub has taken the session out."""
        if not self._shut_down:
            self._over = True
            self._timers.cancel()
            self.send(self.kind.join([self.kind.error(f"you were sent away: {reason}")]))
            self._say_last_words()

    # -- answers -------------------------------------------------------------------------------

    def answer(self, text: str) -> None:
        """Tell this client alone, in the order of the timeline."""
        self.answer_pairs(self.kind.house(text))

    def answer_error(self, text: str) -> None:
        """Tell this client alone what could not be done."""
        self.answer_pairs(self.kind.error(text))

    def answer_pairs(self, pairs: tuple[bytes, ...]) -> None:
        """Send this client alone something rendered."""
        self.hub.timeline.reply(self.session, pairs)

    # -- frames --------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Take frames as long as this client may go on."""
        while not self._over and not self._link.held:
            if not self._take_frames():
                self._await_more()
                return

    def _take_frames(self) -> bool:
        """Carry out frames until one makes this client wait; False when none is left."""
        link = self._link
        try:
            for body in self._decoder.frames():
                if self._session is None:
                    self._arrive(body)
                elif body:
                    self._hear(self._session, body)
                if link.held or self._over:
                    return True
        except BadFrame as bad:
            self._refuse(f"protocol error: {bad.reason}", "protocol error")
        except Refused as no:
            if no.fatal:
                self._refuse(explain(no.reason, no.details), no.reason.value)
            else:
                self.answer_error(explain(no.reason, no.details))
        else:
            return False
        return True

    def _await_more(self) -> None:
        """Nothing whole is left: the rest comes later, or never."""
        if self._ended:
            torn = "left in the middle of a frame" if self._decoder.pending else "left"
            self.leave(self._lost or torn)
        elif self._decoder.undecided:
            self._timers.set("quiet", QUIET, self._quiet)

    def _quiet(self) -> None:
        self._decoder.quiet()
        self._pump()

    def _arrive(self, body: bytes) -> None:
        """The first frame is the name, whatever its content (§3.2)."""
        self.kind = self._doors.kind(self._decoder.width, self._settings)
        if self._link.surplus:
            raise Refused(Reason.FULL, fatal=True)
        typed = self._name(body)
        newcomer = arrival.Newcomer(
            protocol="classic",
            address=self._link.address,
            reader=self,
            real_name=typed,
            username="classic",
            secure=self._link.secure,
        )
        self._session = session = arrival.arrive(self.hub, newcomer, typed)
        self._link.known()
        if self._settings.dialect == "ack":
            self.answer_pairs((self.kind.acknowledgement(session.nick),))
        if session.nick != typed:
            self.answer(called(session.nick))
        history.replay(self.hub, session, self.room)
        if self.room.settings.topic is not None:
            self.answer(f"this room is about: {self.room.settings.topic.text}")
        rooms.join(self.hub, session, self.room)

    def _name(self, body: bytes) -> str:
        try:
            return body.decode().strip()
        except UnicodeDecodeError:
            # §3.5: a pickle or worse. It is never read, only refused.
            raise Refused(Reason.BAD_NAME, "it is not text in UTF-8", fatal=True) from None

    def _hear(self, session: Session, body: bytes) -> None:
        """A message, or a command."""
        text = without_nul(body.decode("utf-8", "replace"))
        cost = commands.cost(text) if text[0] == "/" else 1
        wait = self._pacing.charge(cost)
        if wait and self._pacing.is_over:
            self._refuse("you talk too fast for too long. Please come back later", "flooding")
            return
        if wait:
            self._slow(wait)
            self._pacing.require_patience()
        if text[0] == "/":
            if text[1:2] != "/":
                self._run(commands.dispatch(self, text))
                return
            text = text[1:]  # a doubled slash says one
        elif self._settings.quit_words and text.strip().lower() in QUIT_WORDS:
            self.leave("left")
            return
        if len(text) * 4 <= self._settings.message:
            talk.say(self.hub, session, self.room, text)
        else:
            for part in self.messages(text):
                talk.say(self.hub, session, self.room, part)
        if self.hub.timeline.crowded:
            self._wait_for_the_disk()

    def messages(self, text: str) -> Sequence[str]:
        """A text of any length as the messages it becomes, nothing trimmed."""
        return split_utf8(text, self._settings.message)

    # -- waiting -------------------------------------------------------------------------------

    def _run(self, command: Coroutine[Any, Any, None] | None) -> None:
        """Let a command that waits finish before this client's next frame is taken."""
        if command is not None:
            self._link.hold("command")
            self._task = self._loop.create_task(self._finish(command))

    async def _finish(self, command: Coroutine[Any, Any, None]) -> None:
        try:
            await command
        except Refused as no:
            self._answer_if_here(explain(no.reason, no.details))
        except StoreError as error:
            log.error("cannot read: %s", error)  # noqa: TRY400 (the text is for the operator)
            self._answer_if_here("the history cannot be read at the moment")
        finally:
            self._task = None
            self._release("command")

    def _answer_if_here(self, text: str) -> None:
        if not self._over:
            self.answer_error(text)

    def _slow(self, wait: float) -> None:
        """Make a talker who is too fast wait, so many seconds."""
        self._link.hold("flood")
        self._timers.set("flood", wait, lambda: self._release("flood"))

    def _wait_for_the_disk(self) -> None:
        self._link.hold("disk")
        self.hub.timeline.when_clear(self._disk_is_clear)

    def _disk_is_clear(self) -> None:
        self._release("disk")

    def _release(self, reason: str) -> None:
        if not self._over:
            self._link.release(reason)
            self._pump()

    # -- the end -------------------------------------------------------------------------------

    def leave(self, reason: str) -> None:
        """End as the client wishes: after everything it sent is saved and answered."""
        self._depart(reason)
        self.hub.timeline.then(self._say_last_words)

    def stop(self) -> None:
        """End because the server does; the verb that stops has taken the session out already."""
        self._over = True
        self._timers.cancel()
        self._say_last_words()

    def cut(self) -> None:
        """End now, whatever still waits."""
        self._link.transport.abort()

    def _refuse(self, text: str, reason: str) -> None:
        """End with one clear line."""
        if self._session is None:
            self._link.log_dropped(reason)
            self._over = True
            kind = self._doors.kind(self._decoder.width, self._settings)
            self.send(kind.join([kind.error(text)]))
            self._say_last_words()
        else:
            self.answer_error(text)
            self.leave(reason)

    def _expire(self, reason: str) -> None:
        """The front does not wait any longer for a name."""
        if not self._over:
            self._refuse(f"you {reason}", reason)

    def _depart(self, reason: str) -> None:
        self._over = True
        self._timers.cancel()
        if self._session is not None:
            arrival.quit(self.hub, self._session, reason)

    def _say_last_words(self) -> None:
        """Everything is said: send what waits, then close without cutting it off."""
        if self._link.transport.is_closing():
            return
        self._timers.set("linger", LINGER, self._link.transport.abort)
        self._outbox.when_empty(self._shut)

    def _shut(self) -> None:
        """Shut our side; the peer's own end, or the linger, closes the rest.

        Closing with unread input in the socket would send a reset, which takes our last words
        from the peer; so input is read, and ignored, until then.
        """
        transport = self._link.transport
        if transport.is_closing():
            return
        self._shut_down = True
        if self._ended or not transport.can_write_eof():
            transport.close()
        else:
            self._link.write_end()

    def _broken(self, error: OSError) -> None:
        """Sending failed: the reading side will hear of it, unless it is paused."""
        log.debug("sending failed: %s", error)
        self._link.transport.abort()

    def _notice_of_dropping(self) -> list[bytes]:
        words = "you read too slowly: some messages were left out (/history)"
        return self.kind.join([self.kind.house(words)])
