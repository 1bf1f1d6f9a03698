"""The program: a screen, the servers, and the terminal around them.

Owns how it begins and ends, the colours, and how somebody is called who looks elsewhere: the bell
and a notice of the terminal (OSC 9). What one chats at is `screens.chat`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App

from hubbub.client.buffers import Sort
from hubbub.text.sanitise import one_line
from hubbub.tui.deeds import CannotDo
from hubbub.tui.drawing.palette import DARK, NONE, PALETTES
from hubbub.tui.keyboard import know_alt
from hubbub.tui.screens.chat import ChatScreen
from hubbub.tui.servers import Servers
from hubbub.tui.themes import THEMES

if TYPE_CHECKING:
    from hubbub.client import Address
    from hubbub.client.local.folder import ClientFolder
    from hubbub.client.mirror import Change
    from hubbub.client.opening import Options
    from hubbub.tui.drawing.palette import Palette
    from hubbub.tui.sessions import Session
    from hubbub.tui.widgets.composer import Composer


class HubbubApp(App[None]):
    """`run` it."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "hubbub"
    BINDINGS: ClassVar = []

    def __init__(
        self,
        *,
        name: str,
        address: Address | None = None,
        options: Options | None = None,
        folder: ClientFolder | None = None,
        palette: str = "",
    ) -> None:
        """Begins at `address` and where one was last time. Without a `folder` nothing is kept."""
        super().__init__()
        know_alt()
        self.servers = Servers(self._changed, folder=folder)
        self.palette: Palette = NONE if self.no_color else PALETTES.get(palette, DARK)
        self._my_name = name
        self._address = address
        self._options = options
        self._chat: ChatScreen | None = None
        for theme in THEMES.values():
            self.register_theme(theme)

    def on_mount(self) -> None:
        """Be where one was, and where one wants to be."""
        self.choose_palette(self.palette.name)
        if self._address is not None:
            self.servers.add(self._address, self._my_name, options=self._options)
        for known in self.servers.known():
            if known.comes_back:
                self.servers.add(known.address, known.name)
        self._chat = ChatScreen(self.servers, self.palette, name=self._my_name)
        self.push_screen(self._chat)

    async def on_unmount(self) -> None:
        """Leave all servers well."""
        if self._chat is not None:
            await self._chat.keep_draft()
        await self.servers.close()

    # --- what happens

    def _changed(self, session: Session, changes: list[Change]) -> None:
        if self._chat is not None and self._chat.is_attached:
            self._chat.changed(session, changes)
            self._ring(session, changes)

    def _ring(self, session: Session, changes: list[Change]) -> None:
        """Call whoever looks elsewhere, when somebody names them or talks to them alone."""
        assert self._chat is not None
        if self.app_focus and self.screen is self._chat and self._chat.sees(session, changes):
            return
        for key, splice in changes:
            buffer = session.mirror.buffers.get(key)
            if buffer is None or splice is None or splice.removed or splice.added != 1:
                continue
            entry = buffer.timeline.entries[splice.at]
            is_last = splice.at == buffer.timeline.settled - 1
            is_new = is_last and entry.is_talk and not entry.ours and buffer.unread > 0
            is_muted = (session.label, key) in self._chat.muted
            if is_new and (entry.mentions or buffer.sort is Sort.PERSON) and not is_muted:
                where = "" if buffer.sort is Sort.PERSON else f" in {buffer.name}"
                self.call_out(f"{entry.sender}{where}: {entry.text}")

    def call_out(self, words: str) -> None:
        """Ring the bell, and have the terminal show a notice, where it can."""
        self.bell()
        if self._driver is not None and not self.is_headless:
            # OSC 9 (iTerm2, kitty, foot, Windows Terminal, WezTerm): others show nothing.
            self._driver.write(f"\x1b]9;{one_line(words)[:200]}\x07")

    # --- the terminal

    def choose_palette(self, name: str) -> None:
        """Change the colours; "" for the next. Raises CannotDo."""
        names = list(PALETTES)
        if not name:
            name = names[(names.index(self.palette.name) + 1) % len(names)]
        if name not in PALETTES:
            raise CannotDo(f"no theme is called {one_line(name)}; there are {', '.join(names)}")
        self.palette = PALETTES[name]
        self.theme = THEMES[name].name

    def write_in_editor(self, box: Composer) -> None:
        """Let $EDITOR have the text of the box, and take it back."""
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "message.txt"
            path.write_text(box.text, "utf-8")
            try:
                with self.suspend():
                    subprocess.run([*editor, str(path)], check=False)  # noqa: S603
                box.put(path.read_text("utf-8").rstrip("\n"))
            except OSError as error:
                self.bell()
                if self._chat is not None:
                    self._chat.tell(f"✗ {editor[0]}: {error.strerror}; set EDITOR")
