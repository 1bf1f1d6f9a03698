"""A question with one line for an answer: a name, an address, whether to quit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType


class Question(ModalScreen[str | None]):
    """Gives what was typed, or None. `check` gives why an answer will not do, or ""."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False, priority=True)
    ]

    def __init__(
        self,
        question: str,
        *,
        answer: str = "",
        check: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__()
        self._question = question
        self._answer = answer
        self._check = check

    def compose(self) -> ComposeResult:
        """The question, the line, and what was wrong."""
        with Vertical(id="question"):
            yield Static(Text(self._question))
            yield Input(self._answer, id="answer")
            yield Static("", id="wrong")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer, if it will do."""
        wrong = "" if self._check is None else self._check(event.value)
        if wrong:
            self.query_one("#wrong", Static).update(Text(wrong))
        else:
            self.dismiss(event.value.strip())
