"""One IRC connection: lines in, handlers called, lines out.

It keeps the order of what one client asks: while a command waits for the store, its later lines
wait too. A client that half-closes has not left: what it sent is decided, saved and answered
first. Before there is a session answers go straight out; after that through the timeline.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from hubbub.core.ports import StoreError
from hubbub.core.refusals import Refused
from hubbub.doors.irc import inside, labels
from hubbub.doors.irc.answers import Answers
from hubbub.doors.irc.batches import Batches
from hubbub.doors.irc.capabilities import LABELS
from hubbub.doors.irc.dispatch import TurnedAway, admitted
from hubbub.doors.irc.farewell import Farewell
from hubbub.doors.irc.gap import Gap
from hubbub.doors.irc.outbox import Outbox
from hubbub.doors.irc.pulse import Pulse, Timers
from hubbub.doors.irc.refusals import CANNOT_READ, NOT_UTF8
from hubbub.doors.pacing import Pacing
from hubbub.hub import arrival
from hubbub.wire.irc.buffer import TOO_LONG, LineBuffer
from hubbub.wire.irc.line import BadLine, Line, NotUtf8, line, parse
from hubbub.wire.irc.numerics import ERR_INPUTTOOLONG

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from hubbub.core.events import RoomRenamed
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.dispatch import Command, Handler
    from hubbub.doors.irc.factory import IrcDoors
    from hubbub.doors.link import Link

log = logging.getLogger(__name__)


class IrcDoor(Answers, asyncio.Protocol):
    """The protocol of one IRC client, and the reader of its session."""

    def __init__(self, doors: IrcDoors, link: Link) -> None:
        super().__init__(doors)
        self.link = link
        self._loop = doors.loop
        self._buffer = LineBuffer()
        limits = doors.settings
        self._pacing = Pacing(limits.rate, limits.burst, limits.flood_seconds, doors.loop.time)
        self._timers = Timers(doors.loop)
        self._pulse = Pulse(
            self._timers,
            self,
            interval=doors.settings.ping_interval,
            timeout=doors.settings.ping_timeout,
        )
        self._batches = Batches(self, self._timers, self._run)
        self._task: asyncio.Task[None] | None = None
        self._farewell = Farewell(link, self._timers)
        self._lost = ""  # why there is no connection any more
        self._over = False  # nothing that the peer sends counts any more

    # -- asyncio.Protocol ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection that the front has found to speak IRC."""
        self._outbox = Outbox(
            self._loop,
            self.link.transport,
            limit=self.doors.settings.sendq,
            on_behind=self._fall_behind,
            on_full=self._too_slow,
        )
        self.send = self._outbox.send
        self.link.expire = self._expire
        self.doors.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes of any size."""
        if self._over:
            return
        self._pulse.heard()
        self._buffer.feed(data)
        self._pump()

    def eof_received(self) -> bool:
        """Keep our side open until all that was received is decided, saved and answered.

        TLS has no half to keep open: there what comes later is saved, and not answered any more.
        """
        self._farewell.heard_out = True
        if not self._over:
            self._pump()
        return not self._farewell.shut and self.link.transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; what came whole before still counts, and costs."""
        self._farewell.heard_out = True
        self._lost = "Connection reset" if exc else "Connection closed"
        self._outbox.close()
        if self._over:
            self._timers.cancel()
        else:
            self._pulse.stop()
            if not self._buffer.pending:
                self.link.drain()  # it need not be slowed any more
            self._pump()
        self.doors.remove(self)
        self.link.lost()

    def pause_writing(self) -> None:
        """The transport has enough for now."""
        self._outbox.pause()

    def resume_writing(self) -> None:
        """The transport can take more."""
        self._outbox.resume()

    # -- Reader --------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether we do not listen at the moment, so that silence means nothing."""
        return self.link.held

    def ask(self) -> None:
        """Ask whether the client is there."""
        self.send(line("PING", self._server, trailing=True))

    def give_up(self) -> None:
        """It is not."""
        self.leave("Ping timeout")

    def moved(self, event: RoomRenamed) -> None:
        """Show a client that does not know RENAME that a room is called otherwise now."""
        inside.move(self, event)

    def end(self, reason: str) -> None:
        """Say why and close: the hub has taken the session out already, or there is none."""
        if not self._over:
            self._over = True
            self.doors.arrived(self)
            self._timers.cancel()
            self.send(self._error(reason))
            self._say_last_words()

    def arrived(self, session: Session) -> None:
        """Be somebody."""
        self.doors.arrived(self)
        self._arrive(session)
        self.link.known()
        self._pulse.watch()

    # -- lines ---------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Take lines as long as this client may go on."""
        link, lines = self.link, self._buffer
        while not self._over and not link.held and self._task is None:
            raw = lines.next_line()
            if raw is None:
                self._await_more()
                break
            if raw is TOO_LONG:
                self.answer(ERR_INPUTTOOLONG, "Input line was too long")
                self._lose_line()
            else:
                assert isinstance(raw, bytes)
                self._take(raw)
        if self._early:
            self._flush()

    def _await_more(self) -> None:
        """Nothing whole is left: the rest comes later, or never."""
        if self._buffer.overflow:
            self.leave("RecvQ exceeded")
        elif self._farewell.heard_out:
            self.leave(self._lost or "Connection closed")

    def _take(self, raw: bytes) -> None:
        """Carry out a line."""
        try:
            one = parse(raw)
        except NotUtf8 as bad:
            self._labelled(bad.tags, partial(self.fail, bad.command, *NOT_UTF8))
            self._lose_line()
        except BadLine:
            self._lose_line()  # nothing in it can be answered
        else:
            is_batched = one.command == "BATCH" or "batch" in one.tags
            whole = self._batches.take(one) if is_batched else one
            if whole is None:
                self.charge(1.0)
            else:
                self._run(whole)

    def _lose_line(self) -> None:
        self._batches.spoil()
        self.charge(1.0)

    def _run(self, one: Line) -> None:
        """Let a command pass the gate, prepare, and be decided."""
        try:
            command = admitted(self, one)
            if self._pacing.slowed_since is not None and one.command != "QUIT":
                self._pacing.require_patience()
            waiting = None if command.prepare is None else command.prepare(self, one)
        except TurnedAway as no:
            self._labelled(one.tags, partial(self.answer, *no.words))
            self.charge(1.0)
            return
        except Refused as no:
            self._labelled(one.tags, partial(self._refused, no, one.command))
            self.charge(1.0)
            return
        if waiting is None:
            if one.tags:
                self._labelled(one.tags, partial(self._handle, command.handler, one))
            else:
                self._handle(command.handler, one)
        else:
            self.link.hold("command")
            self._task = self._loop.create_task(self._prepare(waiting, command, one))
        self.charge(command.cost)

    async def _prepare(
        self, waiting: Coroutine[Any, Any, Handler | None], command: Command, one: Line
    ) -> None:
        try:
            handler = await waiting
            if not self._over:
                self._labelled(one.tags, partial(self._handle, handler or command.handler, one))
        except Refused as no:
            self._labelled(one.tags, partial(self._refused, no, one.command))
        except StoreError as error:
            log.error("cannot read: %s", error)  # noqa: TRY400 (the text is for the operator)
            self._labelled(one.tags, partial(self.fail, one.command, *CANNOT_READ))
        except Exception:
            # A bug must not leave the client waiting for an answer that will not come.
            log.exception("%s failed", command.name)
            self.leave("Internal error")
        finally:
            self._task = None
            self._release("command")

    def _handle(self, handler: Handler, one: Line) -> None:
        try:
            handler(self, one)
        except Refused as no:
            self._refused(no, one.command)

    def _refused(self, no: Refused, command: str) -> None:
        self.refuse(no, command)
        if no.fatal:
            self.leave(no.reason.value.capitalize())

    def _labelled(self, tags: Any, decide: Any) -> None:
        """Let what is decided and answered bear the label of its question, if it has one."""
        label = tags.get("label", "") if self.caps & LABELS == LABELS else ""
        if not label or len(label.encode()) > labels.MAX_LABEL:
            decide()
            return
        self.put(labels.Begin(label))
        decide()
        self.put(labels.End(self._server))

    # -- waiting -------------------------------------------------------------------------------

    def charge(self, cost: float) -> None:
        """Slow a client that sends too fast; end it when it goes on so for long."""
        wait = self._pacing.charge(cost)
        if wait and not self._over:
            if self._pacing.is_over:
                self.leave("Excess flood")
                return
            self.link.hold("flood")
            self._timers.set("flood", wait, lambda: self._release("flood"))
        if self.hub.timeline.crowded and not self._over:
            self.link.hold("disk")
            self.hub.timeline.when_clear(lambda: self._release("disk"))

    def _release(self, reason: str) -> None:
        if not self._over:
            self.link.release(reason)
            self._pump()

    # -- the end -------------------------------------------------------------------------------

    def leave(self, reason: str, *, error: str = "") -> None:
        """End with an ERROR: after everything this client sent is saved and answered."""
        if self._over:
            return
        self._over = True
        self._timers.cancel()
        self.doors.arrived(self)  # or never will
        session = self.session_or_none
        last = self._error(error or reason)
        if session is None:
            self.link.log_dropped(reason)
            self._early.append(last)
            # In a moment: this may stand in a labelled response, which has to end first.
            self._loop.call_soon(self._say_last_words)
        else:
            arrival.quit(self.hub, session, reason)
            self.hub.timeline.reply(session, last)
            self.hub.timeline.then(self._say_last_words)

    def cut(self) -> None:
        """End now, whatever still waits."""
        self.link.transport.abort()

    def _error(self, reason: str) -> bytes:
        return line("ERROR", reason, trailing=True)

    def _fall_behind(self) -> None:
        """So much waits for this reader that it is shown no more of what others say."""
        if not self._over:
            Gap(self, self._outbox).open()

    def _too_slow(self) -> None:
        """More waits for this reader than may."""
        self._outbox.clear()
        self.leave("SendQ exceeded")

    def _expire(self, reason: str) -> None:
        """The front does not wait any longer for a name."""
        self.leave(reason, error=f"You {reason}")

    def _say_last_words(self) -> None:
        self._flush()
        self._farewell.say(self._outbox)
