"""The screen that one chats at: rooms, the timeline, who is here, and the box to type in.

Owns where one is and where one was, and brings every key of the registry to what it does. It is the
`Desk` of the deeds. What changed on a server comes in as `changed`, and is drawn once a tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from hubbub.client.buffers import Link, Sort
from hubbub.tui.acts import Acts
from hubbub.tui.bindings import bindings
from hubbub.tui.completing import TRIGGERS, Completion, complete
from hubbub.tui.deeds import CannotDo, Deeds
from hubbub.tui.drafting import Drafting
from hubbub.tui.headlines import status, topic
from hubbub.tui.registry import Where
from hubbub.tui.screens.help import Help
from hubbub.tui.sides import (
    Spot,
    importance,
    member_items,
    name_of,
    room_items,
    spots,
)
from hubbub.tui.vocabulary import vocabulary
from hubbub.tui.widgets.composer import Composer
from hubbub.tui.widgets.line import Line
from hubbub.tui.widgets.listing import Listing
from hubbub.tui.widgets.suggestions import Suggestions
from hubbub.tui.widgets.timeline import TimelineView

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.widgets import TextArea

    from hubbub.client.mirror import Change
    from hubbub.client.timeline import Entry
    from hubbub.tui.app import HubbubApp
    from hubbub.tui.drawing.palette import Palette
    from hubbub.tui.servers import Servers
    from hubbub.tui.sessions import Session

TICK = 1 / 30
"""Seconds between two drawings, at most; what changes meanwhile is drawn together."""

NARROW, MEDIUM = 60, 100
"""Cells from which on there is room for the rooms, and for who is here."""


class ChatScreen(Screen[None]):
    """One per program."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ANYWHERE)

    def __init__(self, servers: Servers, palette: Palette, *, name: str) -> None:
        super().__init__()
        self.view = TimelineView(palette, id="timeline")
        self.box = Composer(self._complete, id="composer")
        self._rooms = Listing(palette.selected, id="rooms")
        self._members = Listing(palette.selected, id="members")
        self._topic, self._status = Line(id="topic"), Line(id="status")
        self._suggestions = Suggestions(id="suggestions")
        self._lists = {"rooms": self._rooms, "members": self._members}
        self.servers = servers
        self.here: Spot | None = None
        self.muted: set[tuple[str, str]] = set()
        self.my_name = name
        """What we call ourselves on a server that is new."""
        self.came_from: Spot | None = None
        """Where one was before."""
        self.reply_to: Entry | None = None
        self.edits: Entry | None = None
        """What the text in the box answers, or takes the place of."""
        self.deeds = Deeds(self)
        self.acts = Acts(self)
        self._seen: set[str] = set()  # servers whose first room was shown
        self._drafting = Drafting()
        self._news = ""  # the last words of `tell`
        self._is_stale = False
        self._sides: dict[str, bool] = {}  # those that were shown or hidden by hand

    # --- the parts

    def compose(self) -> ComposeResult:
        """Rooms at the left, talk in the middle, people at the right."""
        with Horizontal():
            yield self._rooms
            with Vertical(id="middle"):
                yield self._topic
                yield self.view
                yield self._suggestions
                yield self._status
                yield self.box
            yield self._members

    def on_mount(self) -> None:
        """Begin where the first server is."""
        self._suggestions.display = False
        self.box.focus()
        self.set_interval(1.0, self._each_second)
        if self.here is None:
            self._begin()
        self.refresh_soon()

    async def _each_second(self) -> None:
        self.refresh_lines_soon()
        await self.keep_draft()

    async def keep_draft(self) -> None:
        """Keep what stands in the box, whatever ends the program."""
        if self.here is not None:
            await self._drafting.keep(self.here, self.box.text, self.edits)

    def _begin(self) -> None:
        """Be at the first server, or in its first room."""
        places = self.places()
        if places:
            self.be(places[0])
            self._first_room(places[0].session)

    @property
    def hubbub(self) -> HubbubApp:
        """The program."""
        return cast("HubbubApp", self.app)

    def places(self) -> list[Spot]:
        """All places, in the order of the list."""
        return spots(self.servers)

    # --- what changes

    def changed(self, session: Session, changes: list[Change]) -> None:
        """Something is otherwise on a server."""
        if not self.is_attached:
            return  # it is being closed
        here = self.here
        if here is None or here.session not in list(self.servers):
            self._begin()
            self.refresh_soon()
            return
        buffers = session.mirror.buffers
        if here.session is session:
            if buffers.get(here.buffer.key) is not here.buffer:
                self._lost_place(session)
            else:
                self._follow(session, changes)
        self._first_room(session)
        self.refresh_soon()

    def _follow(self, session: Session, changes: list[Change]) -> None:
        """Draw what changed where we are."""
        assert self.here is not None
        view, buffer = self.view, self.here.buffer
        view.me = session.mirror.me
        splices = [one for key, one in changes if key == buffer.key and one is not None]
        if splices:
            view.splice(splices)
        self._read()

    def _read(self) -> None:
        """Mark what somebody sees as read."""
        if self.here is not None and self.here.buffer.unread and self._is_read:
            self.run_worker(self.here.session.mark_read(self.here.buffer), exclusive=False)

    @property
    def _is_read(self) -> bool:
        """Whether somebody sits here and sees the end."""
        return self.view.following and self.app.app_focus and self.app.screen is self

    def _lost_place(self, session: Session) -> None:
        """Where we were is gone, or is called otherwise."""
        assert self.here is not None
        was = self.here.buffer
        for buffer in session.mirror.buffers.values():
            if buffer is was:
                return
        self.be(Spot(session, session.mirror.buffers[""]))

    def _first_room(self, session: Session) -> None:
        """Go into the first room, when we see the server alone and have just come in."""
        here = self.here
        if here is None or here.session is not session or here.buffer.sort is not Sort.SERVER:
            return
        if session.label in self._seen or session.mirror.link is not Link.UP:
            return
        rooms = [one for one in session.mirror.buffers.values() if one.sort is Sort.ROOM]
        joined = [one for one in rooms if one.joined]
        if joined:
            self._seen.add(session.label)
            self.be(Spot(session, joined[0]))

    def sees(self, session: Session, changes: list[Change]) -> bool:
        """Whether whoever sits here looks at where something changed."""
        here = self.here
        return (
            here is not None
            and here.session is session
            and self.view.following
            and any(key == here.buffer.key for key, _ in changes)
        )

    def toggle(self, side: str) -> None:
        """Show or hide a list at the side, whatever the width says."""
        listing = self._lists[side]
        self._sides[side] = not listing.display
        listing.display = not listing.display
        self.refresh_soon()

    def on_resize(self, event: Resize) -> None:
        """Hide what there is no room for."""
        for side, enough in (("rooms", NARROW), ("members", MEDIUM)):
            wanted = self._sides.get(side)
            listing = self._lists[side]
            listing.display = event.size.width >= enough if wanted is None else wanted
        self.refresh_soon()

    def refresh_soon(self) -> None:
        """Draw the sides and lines again, together with what else changes in this moment."""
        if not self._is_stale:
            self._is_stale = True
            self.set_timer(TICK, self.refresh_lines_soon)

    def refresh_lines_soon(self) -> None:
        """Draw the sides and lines now."""
        self._is_stale = False
        palette, here = self.hubbub.palette, self.here
        self._rooms.show(room_items(self.places(), here, self.muted, palette))
        if here is not None:
            away, now = here.session.mirror.away, here.session.now()
            self._members.show(member_items(here.buffer, away, now, palette))
        above, below = self._topic, self._status
        above.show(topic(here, self._waiting(), palette, above.room))
        doing = (self.reply_to, self.edits)
        is_back = not self.view.following
        below.show(status(here, doing, self._news, palette, below.room, below=is_back))

    def _waiting(self) -> int:
        """How many places wait for us elsewhere."""
        return sum(
            importance(spot, self.muted) > 0
            for spot in self.places()
            if self.here is None or spot.key != self.here.key
        )

    # --- where one is

    def be(self, spot: Spot) -> None:
        """Be somewhere."""
        before = self.here
        if before is not None and before.key != spot.key:
            self.came_from = before
            self.run_worker(self._drafting.keep(before, self.box.text, self.edits))
            self.reply_to = self.edits = None
        self.here = spot
        session, buffer = spot
        self.view.show(buffer.timeline, me=session.mirror.me, unread=buffer.first_unread)
        if before is None or before.key != spot.key:
            text, self.edits = self._drafting.begun(spot)
            self.box.put(text)
        self.box.placeholder = f"Message {name_of(spot)}"
        self.call_after_refresh(self._read)
        self.refresh_soon()

    def go(self, session: Session, name: str) -> None:
        """Be in a buffer of a session."""
        buffer = session.mirror.get(name)
        if buffer is not None:
            self.be(Spot(session, buffer))

    # --- typing and sending

    def put(self, text: str, *, reply_to: Entry | None = None, edits: Entry | None = None) -> None:
        """Have a text in the box, and what it is to be."""
        self.reply_to, self.edits = reply_to, edits
        if edits is not None or text:
            self.box.put(text, untouched=edits is not None)
        self.box.focus()
        self.refresh_soon()

    def on_composer_sent(self, event: Composer.Sent) -> None:
        """Say it, or do it."""
        reply_to, edits = self.reply_to, self.edits
        self.reply_to = self.edits = None
        self._news = ""
        self.run_worker(self.keep_draft(), exclusive=False)
        self.run_worker(self._carry_out(event.text, reply_to, edits), exclusive=False)
        self.view.to_end()
        self.refresh_soon()

    async def _carry_out(self, text: str, reply_to: Entry | None, edits: Entry | None) -> None:
        try:
            if edits is not None and not text.startswith("/"):
                await self.deeds.edit(edits, text)
            else:
                await self.deeds.run(text, reply_to="" if reply_to is None else reply_to.msgid)
        except CannotDo as no:
            self.tell(f"✗ {no}")
            if not text.startswith("/") and not self.box.text:
                self.put(text, reply_to=reply_to, edits=edits)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Offer what the word may become, and tell that we type."""
        self.box.offer(TRIGGERS)
        text = self.box.text
        if self.here is not None and not text.startswith("/"):
            session, buffer = self.here
            self.run_worker(session.typing(buffer, on=bool(text)), exclusive=False)

    def on_composer_offered(self, event: Composer.Offered) -> None:
        """Show what the word may become."""
        self._suggestions.offer(event.completion, event.chosen, self.hubbub.palette)

    def _complete(self, before: str) -> Completion:
        return complete(before, vocabulary(self.here, self.servers))

    # --- what the timeline says

    def on_timeline_view_wants(self) -> None:
        """Fetch more of the past."""
        if self.here is not None:
            session, buffer = self.here
            self.run_worker(session.fetch(buffer), exclusive=False)

    def on_timeline_view_moved(self) -> None:
        """Read what is in sight at the end."""
        self._read()
        self.refresh_soon()

    def on_timeline_view_acted(self, event: TimelineView.Acted) -> None:
        """A key on a selected message."""
        self.acts.on_message(event.act, event.entry)

    def on_composer_acted(self, event: Composer.Acted) -> None:
        """A key of the box that it leaves to us."""
        self.acts.do(event.act)

    def action_act(self, act: str, number: int = 0) -> None:
        """Do what a key is for."""
        self.acts.do(act, number)

    def on_listing_chosen(self, event: Listing.Chosen) -> None:
        """A room or a person was clicked."""
        if isinstance(event.value, Spot):
            self.be(event.value)
        elif isinstance(event.value, str):
            self.attempt(self.deeds.run(f"/msg {event.value}"))

    # --- as the deeds want it

    def attempt(self, deed: Awaitable[None]) -> None:
        """Do something, and say why when it cannot be done."""

        async def carry_out() -> None:
            try:
                await deed
            except CannotDo as no:
                self.tell(f"✗ {no}")

        self.run_worker(carry_out(), exclusive=False)

    def tell(self, words: str) -> None:
        """Say something to whoever sits here."""
        self._news = words
        self.refresh_soon()

    def choose_theme(self, name: str) -> None:
        """Change the colours; "" for the next."""
        self.hubbub.choose_palette(name)
        self.view.palette = self.hubbub.palette
        for listing in self._lists.values():
            listing.current = self.hubbub.palette.selected
        self.view.measure()
        self.tell(f"theme: {self.hubbub.palette.name}")

    def toggle_mute(self, spot: Spot) -> None:
        """Ring no more, or again."""
        key = (spot.session.label, spot.buffer.key)
        self.muted ^= {key}
        self.tell(f"{name_of(spot)} is {'mute' if key in self.muted else 'heard again'}")

    def show_help(self, about: str) -> None:
        """Tell of commands and keys."""
        self.app.push_screen(Help(about))

    def close(self) -> None:
        """End the program."""
        self.app.exit()
