"""Completion: what the word before the cursor may become.

Owns the choice, from what is here (`Vocabulary`) and what a command takes (`registry`). Pure: it
gives candidates in order, and the composer puts one in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hubbub.text.casefold import fold
from hubbub.tui import registry
from hubbub.tui.emoji import EMOJI
from hubbub.tui.registry import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 50
"""Candidates that are offered."""

TRIGGERS = "/#:@"
"""What a word begins with that is completed as it is typed."""


class Candidate(NamedTuple):
    """What a word may become, and what is told beside it."""

    text: str
    shown: str
    hint: str = ""


class Completion(NamedTuple):
    """The candidates for the text from `start` to the cursor."""

    start: int
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is here. Nicks are in the order in which they spoke, the last first."""

    nicks: Sequence[str] = ()
    rooms: Sequence[str] = ()
    persons: Sequence[str] = ()
    addresses: Sequence[str] = ()
    themes: Sequence[str] = ()


def complete(before: str, words: Vocabulary) -> Completion:
    """What the last word of `before`, the text up to the cursor, may become."""
    start = max(before.rfind(" "), before.rfind("\n")) + 1
    word = before[start:]
    if before.startswith("/") and not before.startswith("//"):
        if start == 0:
            return Completion(0, _commands(word[1:]))
        name, *arguments = before[1:].split(" ")
        return Completion(start, _argument(name, len(arguments) - 1, word, words))
    return Completion(start, _talk(word, words, is_first=start == 0))


def _commands(prefix: str) -> list[Candidate]:
    return [
        Candidate(f"/{command.name} ", command.synopsis, command.does)
        for command in COMMANDS.values()
        if command.name.startswith(prefix.lower())
    ]


def _argument(name: str, number: int, word: str, words: Vocabulary) -> list[Candidate]:
    command = COMMANDS.get(name.lower())
    kind = command.takes[number] if command and number < len(command.takes) else ""
    match kind:
        case registry.ROOM:
            return _beginning(word, words.rooms, also="#")
        case registry.NICK:
            return _beginning(word, words.nicks)
        case registry.PERSON:
            return _beginning(word, [*words.nicks, *words.persons])
        case registry.ADDRESS:
            return _beginning(word, words.addresses)
        case registry.THEME:
            return _beginning(word, words.themes)
        case registry.COMMAND:
            return _beginning(word, list(COMMANDS))
        case registry.SIGN:
            return _signs(word.lstrip(":"))
        case _:
            return _talk(word, words, is_first=False)


def _talk(word: str, words: Vocabulary, *, is_first: bool) -> list[Candidate]:
    if word.startswith("#"):
        return _beginning(word, words.rooms)
    if word.startswith(":") and len(word) > 1:
        return _signs(word[1:])
    after = ": " if is_first else " "
    prefix = word.removeprefix("@")
    if not word:
        return []
    return _beginning(prefix, words.nicks, after=after)


def _beginning(
    word: str, names: Iterable[str], *, after: str = " ", also: str = ""
) -> list[Candidate]:
    folded = fold(word)
    found = [
        Candidate(f"{name}{after}", name)
        for name in dict.fromkeys(names)
        if fold(name).startswith(folded) or (also and fold(name).startswith(also + folded))
    ]
    return found[:MOST]


def _signs(prefix: str) -> list[Candidate]:
    prefix = prefix.rstrip(":").lower()
    names = sorted(EMOJI, key=lambda name: (not name.startswith(prefix), name))
    return [
        Candidate(f"{EMOJI[name]} ", f"{EMOJI[name]} :{name}:") for name in names if prefix in name
    ][:MOST]
