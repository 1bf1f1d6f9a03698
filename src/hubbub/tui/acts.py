"""What the keys do: one method for each key of the registry that works anywhere, and for messages.

Owns the acts of the screen that are no command: going from room to room, selecting, the palette.
Commands are `deeds`; a key that is the same as a command runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubbub.client.buffers import Sort
from hubbub.tui.drawing.markup import links
from hubbub.tui.emoji import EMOJI, FIRST
from hubbub.tui.registry import COMMANDS
from hubbub.tui.screens.asking import Question
from hubbub.tui.screens.palette import Choice, Palette
from hubbub.tui.sides import Spot, importance, name_of

if TYPE_CHECKING:
    from hubbub.client.timeline import Entry
    from hubbub.tui.screens.chat import ChatScreen


class Acts:
    """The acts of one screen."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._jumped_from: Spot | None = None

    def do(self, act: str, number: int = 0) -> None:
        """Do what a key is for; `number` is that of a room."""
        if act == "room_number":
            self.room_number(number)
        else:
            getattr(self, act)()

    # --- from room to room

    def room_up(self) -> None:
        """Be in the place above."""
        self._step(-1)

    def room_down(self) -> None:
        """Be in the place below."""
        self._step(1)

    def unread_up(self) -> None:
        """Be in the place above where something is unread."""
        self._step(-1, unread=True)

    def unread_down(self) -> None:
        """Be in the place below where something is unread."""
        self._step(1, unread=True)

    def room_number(self, number: int) -> None:
        """Be in the room of this number."""
        rooms = [spot for spot in self._screen.places() if spot.buffer.sort is not Sort.SERVER]
        if 0 < number <= len(rooms):
            self._screen.be(rooms[number - 1])

    def last_room(self) -> None:
        """Be where one was before."""
        before = self._screen.came_from
        if before is not None and before.key in {spot.key for spot in self._screen.places()}:
            self._screen.be(before)

    def jump(self) -> None:
        """Be where somebody waits for us most; at the end back where this began."""
        screen = self._screen
        here = screen.here
        ranked = [
            (importance(spot, screen.muted), -at, spot)
            for at, spot in enumerate(screen.places())
            if here is None or spot.key != here.key
        ]
        best = max(ranked, key=lambda one: one[:2], default=None)
        if best is not None and best[0]:
            self._jumped_from = self._jumped_from or here
            screen.be(best[2])
        elif self._jumped_from is not None:
            back, self._jumped_from = self._jumped_from, None
            screen.be(back)
        else:
            screen.tell("nobody waits for you")

    def _step(self, step: int, *, unread: bool = False) -> None:
        places, here = self._screen.places(), self._screen.here
        keys = [spot.key for spot in places]
        at = keys.index(here.key) if here is not None and here.key in keys else 0
        for _ in places:
            at = (at + step) % len(places)
            if not unread or places[at].buffer.unread:
                self._screen.be(places[at])
                return

    # --- in a room

    def page_up(self) -> None:
        """Scroll back."""
        self._screen.view.scroll_page_up(animate=False)

    def page_down(self) -> None:
        """Scroll on."""
        self._screen.view.scroll_page_down(animate=False)

    def mention_up(self) -> None:
        """Go to the mention before."""
        self._mention(-1)

    def mention_down(self) -> None:
        """Go to the mention after."""
        self._mention(1)

    def _mention(self, step: int) -> None:
        view = self._screen.view
        entry = view.find(step, mentions=True)
        if entry is None:
            self._screen.tell("nobody names you there")
        else:
            view.select(entry)

    def first_unread(self) -> None:
        """Go to the first unread message."""
        self._screen.view.to_line()

    def now(self) -> None:
        """Close what is open, leave selecting, go to now, mark read: one after the other."""
        screen = self._screen
        if screen.view.has_focus or screen.view.selected is not None:
            screen.view.select(None)
            screen.box.focus()
        elif screen.reply_to is not None or screen.edits is not None:
            was_edit = screen.edits is not None
            screen.reply_to = screen.edits = None
            if was_edit:
                screen.box.put("")
        elif not screen.view.following:
            screen.view.to_end()
        else:
            self.mark_read()
            screen.view.set_line(None)
        screen.tell("")

    def select(self) -> None:
        """Select a message."""
        self._screen.view.focus()
        self._screen.view.move(-1)

    def toggle_noise(self) -> None:
        """Show all who come and go, or fold them."""
        view = self._screen.view
        view.folds = not view.folds
        view.measure()
        self._screen.tell("joins and parts are " + ("folded" if view.folds else "all shown"))

    def mark_read(self) -> None:
        """Mark the room as read."""
        self._screen.attempt(self._screen.deeds.run("/read"))

    def mark_all_read(self) -> None:
        """Mark all rooms as read."""
        self._screen.attempt(self._screen.deeds.run("/read all"))

    def mute(self) -> None:
        """Ring no more, or again."""
        self._screen.attempt(self._screen.deeds.run("/mute"))

    # --- the screen

    def toggle_rooms(self) -> None:
        """Show or hide the rooms."""
        self._screen.toggle("rooms")

    def toggle_members(self) -> None:
        """Show or hide who is here."""
        self._screen.toggle("members")

    def help(self) -> None:
        """Tell of keys and commands."""
        self._screen.show_help("")

    def search(self) -> None:
        """Begin a search."""
        self._screen.put("/search ")

    def quit(self) -> None:
        """Ask whether to quit, where something would wait for the next start."""
        left = sum(
            len(session.link.kept) for session in self._screen.servers if session.link is not None
        )
        if not left:
            self._screen.close()
            return
        words = "1 text is" if left == 1 else f"{left} texts are"
        question = f"{words} not sent yet, and kept for the next start. Enter quits, Esc stays."

        def answered(answer: str | None) -> None:
            if answer is not None:
                self._screen.close()

        self._screen.app.push_screen(Question(question), answered)

    def palette(self) -> None:
        """Choose a room, a person or a command by a few letters."""
        screen = self._screen
        choices: list[Choice] = []
        ranked = sorted(screen.places(), key=lambda spot: -importance(spot, screen.muted))
        for spot in ranked:
            hint = spot.session.label if len(screen.servers) > 1 and spot.buffer.name else ""
            unread = f"{spot.buffer.unread} unread" if spot.buffer.unread else ""
            choices.append(Choice(name_of(spot), "  ".join(filter(None, [unread, hint])), spot))
        if screen.here is not None:
            members = screen.here.buffer.members.values()
            names = sorted(one.nick for one in members)
            choices += [Choice(f"• {nick}", "talk with", f"/msg {nick}") for nick in names]
        choices += [
            Choice(command.synopsis, command.does, command) for command in COMMANDS.values()
        ]
        screen.app.push_screen(Palette(choices, title="room, person or command"), self._chosen)

    def _chosen(self, value: object) -> None:
        screen = self._screen
        if isinstance(value, Spot):
            screen.be(value)
        elif isinstance(value, str):
            screen.attempt(screen.deeds.run(value))
        elif value is not None:
            command = COMMANDS[value.name]  # type: ignore[attr-defined]
            if command.usage and not command.usage.startswith("["):
                screen.put(f"/{command.name} ")
            else:
                screen.attempt(screen.deeds.run(f"/{command.name}"))

    # --- the box

    def edit_last(self) -> None:
        """Edit our last message; when it is being edited, select instead."""
        screen = self._screen
        entry = None if screen.edits is not None else screen.deeds.last_editable()
        if entry is None:
            screen.edits = None
            screen.box.put("")  # or the next Enter would say once more what was to be edited
            self.select()
        else:
            screen.put(entry.text, edits=entry)

    def editor(self) -> None:
        """Write in $EDITOR."""
        self._screen.hubbub.write_in_editor(self._screen.box)

    def clear(self) -> None:
        """There is nothing to clear."""
        self._screen.tell("Ctrl+Q quits, and so does /quit")

    # --- on a selected message

    def on_message(self, act: str, entry: Entry) -> None:
        """Do what a key is for on a message."""
        getattr(self, f"_{act}")(entry)

    def _reply(self, entry: Entry) -> None:
        self._screen.view.select(None)
        self._screen.put(self._screen.box.text, reply_to=entry)

    def _edit(self, entry: Entry) -> None:
        if not entry.ours:
            self._screen.tell("that is somebody else's; r replies")
            return
        self._screen.view.select(None)
        self._screen.put(entry.text, edits=entry)

    def _react(self, entry: Entry) -> None:
        names = dict.fromkeys([*FIRST, *EMOJI])
        choices = [Choice(f"{EMOJI[name]}  {name}", "", EMOJI[name]) for name in names]

        def chosen(value: object) -> None:
            if isinstance(value, str):
                self._screen.attempt(self._screen.deeds.react(entry, value))

        self._screen.app.push_screen(Palette(choices, title="react with…", free=True), chosen)

    def _delete(self, entry: Entry) -> None:
        def answered(answer: str | None) -> None:
            if answer is not None:
                self._screen.attempt(self._screen.deeds.delete(entry, answer))

        words = "Take it back? Enter does, with a reason if you type one; Esc does not."
        self._screen.app.push_screen(Question(words), answered)

    def _copy(self, entry: Entry) -> None:
        self._screen.app.copy_to_clipboard(entry.text)
        self._screen.tell("copied")

    def _open_link(self, entry: Entry) -> None:
        found = links(entry.text)
        if found:
            self._screen.app.open_url(found[0])
        else:
            self._screen.tell("there is no link in it")

    def _to_parent(self, entry: Entry) -> None:
        here = self._screen.here
        parent = None if here is None else here.buffer.timeline.get(entry.reply_to)
        if parent is None:
            self._screen.tell("it answers nothing that is here")
        else:
            self._screen.view.select(parent)

    def _unread_from_here(self, entry: Entry) -> None:
        self._screen.view.set_line(entry)

    def _retry(self, entry: Entry) -> None:
        self._screen.attempt(self._screen.deeds.run("/retry"))
