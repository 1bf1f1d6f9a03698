"""What is said about messages: reactions, edits, redactions, however late the message comes.

Owns which of two contradicting words counts (the later one), and that each counts once, so that
the same history gives the same message in whichever order it is heard. Pure; `timeline` uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hubbub.client.events import Edited, Reacted, Redacted
from hubbub.text.casefold import fold

if TYPE_CHECKING:
    from hubbub.client.timeline import Entry

Amendment: TypeAlias = Reacted | Redacted | Edited


@dataclass(slots=True)
class _About:
    """All that is known about one message."""

    signs: dict[tuple[str, str], Reacted] = field(default_factory=dict)
    """The last word of each person (folded) on each sign, in order of the first."""
    edit: Edited | None = None
    redacted: Redacted | None = None


class Amendments:
    """What was said about the messages of one place, by msgid."""

    def __init__(self) -> None:
        self._about: dict[str, _About] = {}
        self._signs: dict[str, Reacted] = {}
        """Reactions by their own msgid, for they can be taken away, too."""

    def take(self, amendment: Amendment, *, past: bool = False) -> str:
        """Remember it; the msgid of the message that it is about.

        What is of the `past`, and is heard from its end on, never counts more than what was heard.
        """
        target = amendment.target
        if isinstance(amendment, Redacted) and target in self._signs:
            taken = self._signs[target]
            about = self._about[taken.target]
            key = (fold(taken.name), taken.text)
            if about.signs.get(key) == taken:
                del about.signs[key]
            return taken.target
        about = self._about.setdefault(target, _About())
        match amendment:
            case Reacted(time, name, _, _, text):
                self._signs[amendment.msgid or f"{target} {name} {text}"] = amendment
                last = about.signs.get((fold(name), text))
                if last is None or last.time < time or (last.time == time and not past):
                    about.signs[(fold(name), text)] = amendment
            case Edited(time):
                last_edit = about.edit
                if (
                    last_edit is None
                    or last_edit.time < time
                    or (last_edit.time == time and not past)
                ):
                    about.edit = amendment
            case Redacted():
                about.redacted = about.redacted or amendment
        return target

    def apply(self, entry: Entry) -> bool:
        """Make an entry what was said about it; whether that changed it."""
        about = self._about.get(entry.msgid)
        if about is None:
            return False
        was = (entry.text, entry.edited, entry.redacted, entry.reactions)
        if about.redacted is not None:
            entry.redacted, entry.text, entry.reactions = about.redacted.name or "?", "", None
        else:
            if about.edit is not None:
                entry.text, entry.edited = about.edit.text, True
            entry.reactions = _reactions(about) or None
        return was != (entry.text, entry.edited, entry.redacted, entry.reactions)


def _reactions(about: _About) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    # Those of one moment by name: their order is not heard alike by everybody.
    for who, text in sorted(about.signs, key=lambda key: (about.signs[key].time, key)):
        reacted = about.signs[who, text]
        if reacted.on:
            found.setdefault(text, []).append(reacted.name)
    return found
