"""Highlight: where in a text the words of a search stand.

For showing only: what is found is decided by `hubbub.text.tokens`, which is asked here run by run,
so that both agree on what a word is.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import click

from hubbub.text.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hubbub.text.tokens import Phrase

Kind: TypeAlias = Literal["word", "unspaced", "sign", "alone", "gap"]


class Place(NamedTuple):
    """A token and where it stands."""

    token: str
    start: int
    end: int


def highlighted(text: str, phrases: Iterable[Phrase]) -> str:
    """The text with the phrases marked by escape sequences; it must hold none itself."""
    out, at = "", 0
    for start, end in spans(text, phrases):
        out += text[at:start] + click.style(text[start:end], bold=True, fg="yellow")
        at = end
    return out + text[at:]


def spans(text: str, phrases: Iterable[Phrase]) -> list[tuple[int, int]]:
    """Where the phrases stand: start and end, in order, apart from each other."""
    wanted = list(phrases)
    found = list(places(text)) if wanted else []
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for phrase in wanted for span in _spans_of(phrase, found)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def places(text: str) -> Iterator[Place]:
    """The tokens of a text with their places, as near as runs of one kind of character tell."""
    end = 0
    for kind, characters in groupby(_with_kinds(text), key=itemgetter(0)):
        run = "".join(character for _, character in characters)
        start, end = end, end + len(run)
        found = tokens(run)
        if kind == "sign":  # the signs of C++ and C# are tokens only beside a letter
            found = [token for token in tokens(text[max(0, start - 1) : end + 1]) if token in run]
        if kind != "word" and len(found) == len(run):  # a token begins at each character
            for index, token in enumerate(found, start):
                yield Place(token, index, min(end, index + len(token)))
        else:
            yield from (Place(token, start, end) for token in found)


def _spans_of(phrase: Phrase, found: Sequence[Place]) -> Iterator[tuple[int, int]]:
    *wanted, last = phrase.tokens
    for first in range(len(found) - len(wanted)):
        final = found[first + len(wanted)]
        if [place.token for place in found[first : first + len(wanted)]] != wanted:
            continue
        if final.token == last:
            yield found[first].start, final.end
        elif phrase.prefix and final.token.startswith(last):
            yield found[first].start, min(final.end, final.start + len(last))


def _with_kinds(text: str) -> Iterator[tuple[Kind, str]]:
    kind: Kind = "gap"
    for character in text:
        if not unicodedata.combining(character):  # an accent belongs to what is before it
            kind = _kind(character)
        yield kind, character


@lru_cache(4096)
def _kind(character: str) -> Kind:
    if character in "+#":
        return "sign"
    # A script without spaces gives a pair and what is left of it.
    if len(tokens(2 * character)) == 2 and len(tokens(2 * character)[0]) == 2:
        return "unspaced"
    if unicodedata.category(character)[0] in "LNM":
        return "word"
    return "alone" if tokens(character) else "gap"
