"""Help: the keys and commands of the registry, or one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hubbub.tui.registry import COMMANDS, Where, keys_of

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

TITLES = {
    Where.ANYWHERE: "Keys",
    Where.COMPOSER: "While you type",
    Where.MESSAGE: "On a selected message",
}


class Help(ModalScreen[None]):
    """Esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q", "dismiss(None)", show=False, priority=True),
        Binding("down,j", "scroll(1)", show=False, priority=True),
        Binding("up,k", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, about: str = "") -> None:
        """`about` is "keys", a command, or "" for everything."""
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """All of it in one column."""
        with VerticalScroll(id="help"):
            yield Static(Text("Esc closes this; ↑ and ↓ scroll", "dim"))
            if self._about in COMMANDS and self._about != "keys":
                yield Static(command_table([self._about]))
                return
            if self._about != "keys":
                yield Static(Text("Commands", "bold"), classes="title")
                yield Static(command_table(COMMANDS))
            for where, title in TITLES.items():
                yield Static(Text(title, "bold"), classes="title")
                yield Static(key_table(where))

    def action_scroll(self, step: int) -> None:
        """Scroll by a few rows."""
        self.query_one("#help").scroll_relative(y=3 * step, animate=False)


def command_table(names: object) -> Table:
    """Commands and what they do."""
    table = Table.grid(padding=(0, 2))
    for name in COMMANDS:
        if name in names:  # type: ignore[operator]
            command = COMMANDS[name]
            table.add_row(Text(command.synopsis), Text(command.does, "dim"))
    return table


def key_table(where: Where) -> Table:
    """Keys and what they do."""
    table = Table.grid(padding=(0, 2))
    for key in keys_of(where):
        table.add_row(Text(key.shown), Text(key.does, "dim"))
    return table
