"""The registry: every command and every key, read from `registry.toml`.

Owns what they are called and what is told of them, nothing of what they do: a command `/join` is
`deeds.Deeds.join`, a key's act the screen's `action_…`. Tests compare both, and docs/terminal.md.
"""

from __future__ import annotations

import enum
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_DATA: Final = tomllib.loads(files(__package__).joinpath("registry.toml").read_text("utf-8"))

ROOM, NICK, PERSON, ADDRESS = "room", "nick", "person", "address"
THEME, SIGN, COMMAND = "theme", "sign", "command"
"""What an argument may be, for completion."""


class Where(enum.Enum):
    """When a key works."""

    ANYWHERE = "anywhere"
    COMPOSER = "composer"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Command:
    """A command, typed behind a slash."""

    name: str
    usage: str
    does: str
    takes: tuple[str, ...]

    @property
    def synopsis(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.usage}".rstrip()


@dataclass(frozen=True, slots=True)
class Key:
    """An act and the keys that do it, by Textual's names."""

    act: str
    keys: tuple[str, ...]
    does: str
    where: Where

    @property
    def shown(self) -> str:
        """The keys as people call them: `Alt+↑, Ctrl+P`."""
        if len(self.keys) > 3:
            return f"{key_name(self.keys[0])}…{key_name(self.keys[-1]).rpartition('+')[2]}"
        return ", ".join(dict.fromkeys(map(key_name, self.keys)))


_NAMES: Final = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "grave_accent": "`",
    "equals_sign": "=",
    "underscore": "_",
    "slash": "/",
    "plus": "+",
    "delete": "Del",
}


def key_name(key: str) -> str:
    """A key as people call it."""
    *modifiers, last = key.split("+")
    is_letter = len(last) == 1
    name = _NAMES.get(last) or (last if is_letter and not modifiers else last.capitalize())
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


COMMANDS: Final = {
    one["name"]: Command(one["name"], one["usage"], one["does"], tuple(one["takes"]))
    for one in _DATA["command"]
}

KEYS: Final = tuple(
    Key(one["act"], tuple(one["keys"]), one["does"], Where(one.get("where", "anywhere")))
    for one in _DATA["key"]
)


def keys_of(where: Where) -> tuple[Key, ...]:
    """Those that work there."""
    return tuple(key for key in KEYS if key.where is where)
