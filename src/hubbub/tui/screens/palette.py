"""The palette: rooms, people and commands by a few letters of their names.

Owns the list and the choice; what a choice does is for whoever opened it, who gets its value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.text import Text
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

MOST = 50
"""Choices that are shown."""


class Choice(NamedTuple):
    """Something to choose: its words, what is told beside it, and what comes back."""

    words: str
    hint: str
    value: object


class Palette(ModalScreen[object]):
    """Type to find, Enter to choose, Esc to close. Gives the value chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+k", "dismiss(None)", show=False, priority=True),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, choices: Sequence[Choice], *, title: str, free: bool = False) -> None:
        """With `free` what was typed is given when no choice is as it is written."""
        super().__init__()
        self._choices = choices
        self._title = title
        self._free = free
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """A line to type on, and the list under it."""
        with Vertical(id="palette"):
            yield Input(placeholder=self._title, id="query")
            yield OptionList(id="choices")

    def on_mount(self) -> None:
        """Show all of it at first."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find again."""
        self._show(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose the marked one."""
        listed = self.query_one(OptionList)
        if listed.highlighted is not None and self._shown:
            self.dismiss(self._shown[listed.highlighted].value)
        elif self._free and event.value.strip():
            self.dismiss(event.value.strip())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose what was clicked."""
        self.dismiss(self._shown[event.option_index].value)

    def action_move(self, step: int) -> None:
        """Mark the next one."""
        listed = self.query_one(OptionList)
        if step > 0:
            listed.action_cursor_down()
        else:
            listed.action_cursor_up()

    def _show(self, query: str) -> None:
        self._shown = found(self._choices, query)[:MOST]
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(_line(choice)) for choice in self._shown])
        if self._shown:
            listed.highlighted = 0


def _line(choice: Choice) -> Text:
    line = Text(choice.words)
    line.append(f"  {choice.hint}", "dim")
    line.no_wrap = True
    line.overflow = "ellipsis"
    return line


def found(choices: Iterable[Choice], query: str) -> list[Choice]:
    """Those that the letters of the query stand in, in order; the closest first."""
    wanted = query.casefold().strip()
    if not wanted:
        return list(choices)
    ranked = [
        (rank, at, choice)
        for at, choice in enumerate(choices)
        if (rank := _rank(wanted, choice.words.casefold())) is not None
    ]
    return [choice for _, _, choice in sorted(ranked, key=lambda one: one[:2])]


def _rank(wanted: str, words: str) -> int | None:
    """How far off it is: 0 at the beginning, then within, then letter by letter; None if not."""
    plain = words.lstrip("#@/•z ")
    if plain.startswith(wanted) or words.startswith(wanted):
        return 0
    place = words.find(wanted)
    if place >= 0:
        return 1 if not words[place - 1].isalnum() else 2
    rest = iter(words)
    return 3 + len(words) if all(letter in rest for letter in wanted) else None
