"""A server that we are at: its connection, its mirror, and what was kept of it on this machine.

Owns one server's coming and going, and the translation of what the screen wants into what the
library does. Each runs by itself, so one that is down slows nobody. It knows no widget: whoever
made it is told of every change. Which servers there are is `servers`'s.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from hubbub.client import (
    CannotConnect,
    ConnectionLost,
    Declined,
    KeptFull,
    NotSpoken,
    Reconnecting,
    Waiting,
)
from hubbub.client.buffers import Judged, Link, Opened, Page, Sort, Typed, Withdrawn
from hubbub.client.errors import CannotKeep
from hubbub.client.events import Disconnected, Hint, Read, Settled
from hubbub.client.irc.capabilities import CHATHISTORY
from hubbub.client.local.notebook import Notebook
from hubbub.client.mirror import Mirror
from hubbub.client.opening import system_time
from hubbub.client.reconnect import Backoff
from hubbub.client.timeline import Fate
from hubbub.text.casefold import fold
from hubbub.tui.marking import Marking

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.client import Address, Connection
    from hubbub.client.buffers import Buffer
    from hubbub.client.local.folder import ClientFolder
    from hubbub.client.local.pages import Mark
    from hubbub.client.mirror import Change, Input
    from hubbub.client.opening import Options

RECENT = 50
"""Messages fetched of a room that is entered for the first time."""

PAGE = 100


class Session:
    """One server. `run` lives as long as we want to be there."""

    def __init__(
        self,
        address: Address,
        name: str,
        *,
        changed: Callable[[Session, list[Change]], None],
        options: Options | None = None,
        folder: ClientFolder | None = None,
        clock: Callable[[], int] = system_time,
    ) -> None:
        """`changed` is called with each change; without a `folder` nothing is kept."""
        self.address = address
        self.name = name
        self.mirror = Mirror(name)
        self.drafts: dict[str, str] = {}
        """What stands in the box, by folded name of the buffer."""
        self.link: Reconnecting | None = None
        self._changed = changed
        self._options: Options = {"recent": RECENT, "everything": True, **(options or {})}
        self._folder = folder
        self._clock = clock
        self._notebook: Notebook | None = None
        self._marks: dict[str, Mark | None] = {}
        """Where the next page of what is kept ends, by folded name."""
        self._fetching: set[str] = set()
        self._told: dict[str, int] = {}
        self._marking = Marking(self._send_mark)
        self._leaving = asyncio.Event()

    @property
    def label(self) -> str:
        """What the server is called on the screen."""
        return str(self.address)

    @property
    def connection(self) -> Connection | None:
        """The connection, while there is one."""
        return None if self.link is None else self.link.connection

    def now(self) -> int:
        """The time: ms since the epoch."""
        return self._clock()

    def can(self, capability: str) -> bool:
        """Whether the server can do something now."""
        return self.connection is not None and self.connection.can(capability)

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody between us and the server can listen."""
        return self.connection is not None and self.connection.address.tls

    def take(self, event: Input) -> None:
        """Let the mirror know of something, and the screen of what changed."""
        changes = self.mirror.apply(event)
        if changes:
            self._changed(self, changes)

    # --- coming and going

    async def run(self) -> None:
        """Be there until `leave`, or there is no use."""
        try:
            await self._open_notebook()
            self.link = Reconnecting.to(
                self.address, name=self.name, notebook=self._notebook, **self._options
            )
            self._show_unsaid(self.link)
            if await self._connect(self.link):
                async for event in self.link.events():
                    self.take(event)
        finally:
            # Who types where there is no server any more writes into no notebook that is closed.
            notebook, self._notebook = self._notebook, None
            if notebook is not None:
                await notebook.close()

    async def _open_notebook(self) -> None:
        if self._folder is None:
            return
        try:
            self._notebook = await Notebook.open(self._folder, self.address, name=self.name)
            self.drafts = await self._notebook.drafts.all()
            for place in await self._notebook.pages.places():
                if place.name:
                    self.take(Opened(place.name, Sort.ROOM if place.is_room else Sort.PERSON))
                await self._fetch_kept(place.name)
        except CannotKeep as error:
            self.take(Hint(self._clock(), str(error)))

    def _show_unsaid(self, link: Reconnecting) -> None:
        """What was typed in an earlier run, and is not said or has failed."""
        for item in (*link.posting.failed, *link.posting.open):
            self.take(Typed(item.time, item.key, item.to, item.text, item.action, item.reply_to))
            fate = Fate.FAILED if item.failure else Fate.KEPT
            self.take(Judged(item.key, item.to, fate, item.failure))

    async def _connect(self, link: Reconnecting) -> bool:
        backoff = Backoff()
        while not self._leaving.is_set():
            try:
                await link.open()
            except (CannotConnect, ConnectionLost) as error:
                delay = backoff.next_delay()
                if self.mirror.why != str(error):
                    self.take(Hint(self._clock(), str(error)))
                self.take(Waiting(self._clock(), delay, str(error)))
                await self._pause(delay)
            else:
                return True
        return False

    async def _pause(self, delay: float) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._leaving.wait()
        except TimeoutError:
            pass

    async def leave(self) -> None:
        """Leave the server for good."""
        self._leaving.set()
        await self._marking.close()
        if self.link is not None:
            await self.link.close()
        if self.mirror.link is not Link.OVER:
            self.take(Disconnected(self._clock(), "we left", clean=True, retry=False))

    # --- saying

    async def say(self, text: str, to: str, *, action: bool = False, reply_to: str = "") -> None:
        """Say it; it shows at once. Raises NotSpoken and KeptFull, and then it was not taken."""
        key = secrets.token_hex(8)
        self.take(Typed(self._clock(), key, to, text, action, reply_to))
        if self.link is None:
            self.take(Withdrawn(key, to))
            raise NotSpoken("the server was not reached yet")
        try:
            receipt = await self.link.say(text, to, action=action, reply_to=reply_to, key=key)
        except (NotSpoken, KeptFull, CannotKeep):
            self.take(Withdrawn(key, to))
            raise
        if receipt is None:
            self.take(Judged(key, to, Fate.KEPT))
        elif self.connection is None or not self.connection.confirms:
            self.take(Settled(self._clock(), key, to, text))

    async def retry(self, buffer: Buffer) -> int:
        """Send again what failed in a buffer; how many texts that was."""
        failed = [one for one in buffer.timeline.entries if one.fate is Fate.FAILED]
        for entry in failed:
            if self.link is not None and await self.link.retry(entry.key):
                self.take(Judged(entry.key, buffer.name, Fate.PENDING))
            else:
                self.take(Withdrawn(entry.key, buffer.name))
                await self.say(entry.text, buffer.name, reply_to=entry.reply_to)
        return len(failed)

    async def keep_draft(self, buffer: Buffer, text: str) -> None:
        """Keep what stands in the box."""
        if self.drafts.get(buffer.key, "") == text:
            return
        self.drafts[buffer.key] = text
        if self._notebook is not None:
            await self._notebook.drafts.put(buffer.name, text)

    # --- reading

    async def fetch(self, buffer: Buffer) -> bool:
        """Fetch a page of the past; whether there was any. Errors are told in the timeline."""
        timeline = buffer.timeline
        if timeline.complete or buffer.key in self._fetching:
            return False
        self._fetching.add(buffer.key)
        try:
            before = len(timeline)
            if self._notebook is not None:
                await self._fetch_kept(buffer.name)
            if len(timeline) == before:
                await self._fetch_told(buffer)
            return len(timeline) > before
        except (NotSpoken, ConnectionLost):
            return False  # there is nobody to ask; the next scrolling asks again
        except (Declined, CannotKeep) as no:
            self.take(Hint(self._clock(), f"no more of the past: {no}"))
            timeline.complete = True
            return False
        finally:
            self._fetching.discard(buffer.key)

    async def _fetch_kept(self, name: str) -> None:
        """A page of what is kept here, and of what the server tells where something is missing."""
        assert self._notebook is not None
        key = fold(name)
        if key in self._marks and self._marks[key] is None:
            return
        page = await self._notebook.earlier(
            name, self._marks.get(key), connection=self.connection, limit=PAGE
        )
        self._marks[key] = page.first
        buffer = self.mirror.get(name)
        if page.events and buffer is not None:
            self.take(Page(name, page.events, buffer.timeline.oldest))

    async def _fetch_told(self, buffer: Buffer) -> None:
        connection = self.connection
        if not buffer.name or connection is None or not connection.can(CHATHISTORY):
            return
        timeline = buffer.timeline
        first = timeline.entries[0].time if timeline.entries else 0
        events = await connection.history(
            buffer.name, before=timeline.oldest, time=first, limit=PAGE
        )
        self.take(Page(buffer.name, events, timeline.oldest, complete=not events))

    async def mark_read(self, buffer: Buffer, until: int = 0) -> None:
        """We have read a buffer up to a moment, or all of it."""
        said = (one.time for one in buffer.timeline.backwards() if one.is_talk)
        moment = until or next(said, 0)
        if moment <= buffer.read:
            return
        self.take(Read(self._clock(), buffer.name, moment))
        if buffer.name:
            self._marking.read(buffer.name, moment)

    async def _send_mark(self, place: str, until: int) -> None:
        if self.connection is not None:
            await self.connection.mark_read(place, until)

    # --- typing

    async def typing(self, buffer: Buffer, *, on: bool) -> None:
        """Tell that we are typing, as often as it is wanted ("typing": every 3 seconds)."""
        now, last = self._clock(), self._told.get(buffer.key, 0)
        if not buffer.name or (on and now - last < 3_000) or (not on and not last):
            return
        self._told[buffer.key] = now if on else 0
        if self.connection is not None:
            await self.connection.typing(buffer.name, on=on)
