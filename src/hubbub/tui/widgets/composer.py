"""The box that one types in: several lines, completion, and what was typed before.

Owns the text being typed and its keys (those of the registry for `composer`). What is sent, and
what a candidate may be, is the screen's: it is told by messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.message import Message
from textual.widgets import TextArea

from hubbub.tui.registry import Where, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from hubbub.tui.completing import Completion

_ACTS: Final = {name: key.act for key in keys_of(Where.COMPOSER) for name in key.keys}

REMEMBERED: Final = 200
"""Texts that Ctrl+↑ brings back."""


class Composer(TextArea):
    """What is being typed."""

    class Sent(Message):
        """Enter was pressed on a text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Acted(Message):
        """A key was pressed that the screen knows."""

        def __init__(self, act: str) -> None:
            super().__init__()
            self.act = act

    class Offered(Message):
        """There are these candidates for the word being typed, or none (`None`)."""

        def __init__(self, completion: Completion | None, chosen: int) -> None:
            super().__init__()
            self.completion = completion
            self.chosen = chosen

    def __init__(self, complete: Callable[[str], Completion], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
            show_line_numbers=False,
            placeholder="",
            id=id,
        )
        self.cursor_blink = False  # a terminal far away is sent nothing while nothing happens
        self._complete = complete
        self._typed: list[str] = []
        self._at = 0
        self._draft = ""
        self._untouched = ""
        self._cycle: tuple[Completion, int, int] | None = None  # candidates, which, where it ends

    @property
    def before_cursor(self) -> str:
        """The text up to the cursor."""
        return self.get_text_range((0, 0), self.cursor_location)

    def put(self, text: str, *, untouched: bool = False) -> None:
        """Have this in the box, with the cursor behind it.

        While it is `untouched`, nothing was typed yet: ↑ is what it is in an empty box.
        """
        self._untouched = text if untouched else ""
        self.load_text(text)
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        act = _ACTS.get(event.key)
        if act is None or (act == "edit_last" and self.text not in {"", self._untouched}):
            if event.key not in {"shift", "ctrl", "alt"}:
                self._cycle = None
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.act(act)

    def act(self, act: str) -> None:
        """Do what a key is for."""
        if act not in {"complete", "complete_back"}:
            self._cycle = None
        match act:
            case "send":
                self._send()
            case "newline":
                self.insert("\n")
            case "complete":
                self._next(1)
            case "complete_back":
                self._next(-1)
            case "older_input":
                self._recall(-1)
            case "newer_input":
                self._recall(1)
            case "clear" if self.text:
                self.put("")
            case _:
                self.post_message(self.Acted(act))

    def _send(self) -> None:
        text = self.text.strip("\n")
        if not text.strip():
            return
        if self._typed[-1:] != [text]:
            self._typed = [*self._typed[1 - REMEMBERED :], text]
        self._at = len(self._typed)
        self.put("")
        self.post_message(self.Sent(text))

    def _recall(self, step: int) -> None:
        at = self._at + step
        if not 0 <= at <= len(self._typed):
            return
        if self._at == len(self._typed):
            self._draft = self.text
        self._at = at
        self.put(self._draft if at == len(self._typed) else self._typed[at])

    # --- completion

    def _next(self, step: int) -> None:
        if self._cycle is None:
            completion = self._complete(self.before_cursor)
            if not completion.candidates:
                return
            end = len(self.before_cursor)
            chosen = 0 if step > 0 else len(completion.candidates) - 1
        else:
            completion, chosen, end = self._cycle
            chosen = (chosen + step) % len(completion.candidates)
        text = completion.candidates[chosen].text
        self.replace(text, self._location(completion.start), self._location(end))
        self._cycle = (completion, chosen, completion.start + len(text))
        self.post_message(self.Offered(completion, chosen))

    def _location(self, offset: int) -> tuple[int, int]:
        lines = self.text[:offset].split("\n")
        return len(lines) - 1, len(lines[-1])

    def offer(self, triggers: str) -> None:
        """Offer candidates when the word being typed begins with a sign that asks for them."""
        if self._cycle is not None:
            return
        before = self.before_cursor
        word = before[max(before.rfind(" "), before.rfind("\n")) + 1 :]
        is_command = before.startswith("/") and not before.startswith("//")
        if (word and word[0] in triggers) or is_command:
            completion = self._complete(before)
            if completion.candidates:
                self.post_message(self.Offered(completion, -1))
                return
        self.post_message(self.Offered(None, -1))
