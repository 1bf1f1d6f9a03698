"""Answers: who is at the other end, what they can read, and how they alone are told something.

Once there is a session, what is said to it goes through the timeline, so that it stands where it
was decided; before that it waits for the end of what was received (`_flush`). `door` is built on
this; commands use nothing else of it to answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.doors.irc.capabilities import Cap
from hubbub.doors.irc.refusals import explain, fail
from hubbub.doors.irc.registration import Registration
from hubbub.wire.irc.line import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.ports import Payload
    from hubbub.core.refusals import Refused
    from hubbub.core.sessions import Session
    from hubbub.doors.irc.factory import IrcDoors
    from hubbub.doors.irc.gap import ThinKind
    from hubbub.doors.irc.kind import IrcKind
    from hubbub.doors.irc.labels import Piece


class Answers:
    """One IRC client, as far as it is answered.

    `caps` are the capabilities it has (`echoes`: it wants to hear what it says), `version` that of
    CAP which it knows. `kind` renders what it hears and `send` sends what that has joined; the two
    are others while it is behind (`gap`). `whole` always renders everything.
    """

    send: Callable[[Payload], None]

    def __init__(self, doors: IrcDoors) -> None:
        self.doors = doors
        self.hub = doors.hub
        self.registration = Registration()
        self.caps = Cap.NONE
        self.echoes = False
        self.version = 301
        self.whole = doors.kinds.of(Cap.NONE)
        self.kind: IrcKind | ThinKind = self.whole
        self.session_or_none: Session | None = None
        self._server = doors.settings.server
        self._early: list[Piece] = []  # answers while there is no session

    @property
    def session(self) -> Session:
        """Who is at the other end; only after registration."""
        assert self.session_or_none is not None
        return self.session_or_none

    @property
    def nick(self) -> str:
        """What this client is called, `*` as long as it has no name."""
        session = self.session_or_none
        return session.nick if session is not None else self.registration.nick or "*"

    def set_caps(self, caps: Cap) -> None:
        """Let a client have these capabilities from now on."""
        self.caps = caps
        self.echoes = Cap.ECHO_MESSAGE in caps
        is_behind = self.kind is not self.whole
        self.whole = self.doors.kinds.of(caps)
        self.kind = self.doors.kinds.thin(self.whole) if is_behind else self.whole

    def answer(self, numeric: str, *words: str) -> None:
        """Tell this client alone, in the order of the timeline; the last word may be any text."""
        self.put(line(numeric, self.nick, *words, source=self._server, trailing=True))

    def notice(self, text: str) -> None:
        """Tell this client alone something that has no numeric."""
        self.put(line("NOTICE", self.nick, text, source=self._server, trailing=True))

    def fail(self, command: str, code: str, *words: str) -> None:
        """Say with FAIL that something was not done ("standard-replies"), the text last."""
        self.put(fail(command, code, *words, server=self._server))

    def refuse(self, no: Refused, command: str) -> None:
        """Tell this client alone what was not done and why."""
        self.put(
            explain(no.reason, no.details, command=command, nick=self.nick, server=self._server)
        )

    def put(self, piece: Piece) -> None:
        """Send this client alone something rendered."""
        if self.session_or_none is None:
            self._early.append(piece)
        else:
            self.hub.timeline.reply(self.session_or_none, piece)

    def _arrive(self, session: Session) -> None:
        """Be somebody: what was not sent yet goes with the rest."""
        early, self._early = self._early, []
        self.session_or_none = session
        for piece in early:
            self.put(piece)

    def _flush(self) -> None:
        """Send what was answered to nobody in particular."""
        if self._early and self.session_or_none is None:
            early, self._early = self._early, []
            self.send(self.whole.join(early))
