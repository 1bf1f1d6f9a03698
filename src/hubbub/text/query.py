"""The search grammar: what people type to find a message.

Owns the parse into a `Query`, and the two readings of a query that must agree: the FTS5 expression
for the index and `matches` for what is not indexed yet. Must not know tables, rooms or people.
Next: `hubbub.text.tokens` (what a word is), `hubbub.text.times` (what a date is).

    word            the message has the word; several words: all of them, anywhere
    word*           a word that begins so
    "some words"    these words side by side (“ ” and „ “ do as well)
    -word           the message does not have it; also -"some words"
    from:alice      said by alice; several: by any of them
    in:#room        in the room; several: in any of them
    after:DATE      at that time or later; a day counts from its first moment
    before:DATE     earlier than that; of a day, the days before it
    has:link        with a URL; has:file: with a file

So `after:2026-11-01 before:2026-11-03` is the 1st and the 2nd: each day belongs to one of two
neighbouring searches, and `after:X before:X` is refused rather than silently empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hubbub.text.casefold import fold
from hubbub.text.times import parse_when
from hubbub.text.tokens import FILE, LINK, Phrase, has_link, matches, phrase

if TYPE_CHECKING:
    from datetime import tzinfo

MAX_QUERY: Final = 1000
"""Characters of a search."""

_MARKS: Final = {"link": LINK, "file": FILE}
_OPERATORS: Final = ("from", "in", "before", "after", "has")

# An open quotation mark without its partner quotes to the end.
_QUOTED: Final = r'(?:"[^"]*(?:"|$)|[“„][^“”]*(?:[“”]|$))'
_PART: Final = re.compile(
    rf"(?P<minus>-(?=[^\s-]))?"
    rf"(?:(?P<operator>{'|'.join(_OPERATORS)}):(?P<value>{_QUOTED}|\S*)"
    rf"|(?P<quoted>{_QUOTED})|(?P<word>\S+))",
    re.IGNORECASE,
)
_CHANNEL: Final = "#&+!"


class QueryError(ValueError):
    """The search cannot be understood. The text tells who typed it why, and what to do."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. Empty fields ask for nothing; of senders and of rooms any one will do.

    `senders` and `rooms` are folded (ASCII case fold of NFC); `after` ≤ time < `before`, in
    milliseconds; `has` holds "link" and "file". `excluded` stands only beside `terms` or `has`.
    """

    terms: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    senders: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    before: int | None = None
    after: int | None = None
    has: frozenset[str] = frozenset()

    def fts(self) -> str | None:
        """The FTS5 expression for rows of `index_text`, or None when the text does not matter.

        Safe to pass on: tokens hold no quotation mark, and all are quoted.
        """
        wanted = [_expression(term) for term in self.terms]
        wanted += [f'"{_MARKS[mark]}"' for mark in sorted(self.has)]
        if not wanted:
            return None
        expression = " AND ".join(wanted)
        if not self.excluded:
            return expression
        return f"({expression}) NOT ({' OR '.join(map(_expression, self.excluded))})"

    def matches(self, *, text: str, sender: str, room: str, time: int, file: bool = False) -> bool:
        """True if the message is one of those looked for; names as shown, `time` in ms."""
        return (
            (self.after is None or time >= self.after)
            and (self.before is None or time < self.before)
            and (not self.senders or fold(sender) in self.senders)
            and (not self.rooms or fold(room) in self.rooms)
            and ("file" not in self.has or file)
            and ("link" not in self.has or has_link(text))
            and matches(self.terms, text)
            and not any(matches((term,), text) for term in self.excluded)
        )


def parse_query(text: str, *, now: int, zone: tzinfo) -> Query:
    """The query that `text` means, its dates seen from `now` (ms) in `zone`.

    QueryError when there is nothing to look for, or a part cannot be what it says it is. A word
    with a colon that is no operator (`http://…`, `10:41`) is ordinary text.
    """
    if len(text) > MAX_QUERY:
        raise QueryError(
            f"The search is too long: it has {len(text)} characters and may have {MAX_QUERY}. "
            "Leave some out."
        )
    # Names go to the database, which takes no lone surrogates (a shell may hand us some).
    text = text.encode("utf-8", "replace").decode("utf-8")
    asked = _Asked(now, zone)
    for part in _PART.finditer(text):
        if part["operator"]:
            asked.operator(part["operator"].lower(), _unquoted(part["value"]).strip(), part)
        else:
            asked.words(part)
    return asked.query()


@dataclass(slots=True)
class _Asked:
    """A query while it is read, part by part."""

    now: int
    zone: tzinfo
    terms: list[Phrase] = field(default_factory=list)
    excluded: list[Phrase] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)
    times: dict[str, int] = field(default_factory=dict)
    has: set[str] = field(default_factory=set)

    def words(self, part: re.Match[str]) -> None:
        typed = _unquoted(part["quoted"]) if part["quoted"] else part["word"]
        # One star only: **bold** is text.
        prefix = not part["quoted"] and typed.endswith("*") and typed.count("*") == 1
        found = phrase(typed.removesuffix("*") if prefix else typed, prefix=prefix)
        if found:  # punctuation alone asks for nothing
            (self.excluded if part["minus"] else self.terms).append(found)

    def operator(self, name: str, value: str, part: re.Match[str]) -> None:
        if part["minus"]:
            raise QueryError(
                f"{part[0]!r} cannot be left out: a minus goes before words only. "
                f"To look for the text itself, put it in quotation marks."
            )
        if not value.removeprefix("@"):
            raise QueryError(
                f"Nothing follows {name}: in the search. Write it without a space, as in "
                f"{name}:{_EXAMPLES[name]}, or put it in quotation marks to look for the text."
            )
        match name:
            case "from":
                self.senders.add(fold(value.removeprefix("@")))
            case "in":
                self.rooms.add(fold(value if value[0] in _CHANNEL else f"#{value}"))
            case "has":
                self._has(value.lower())
            case _:
                self._time(name, value)

    def _has(self, what: str) -> None:
        if what not in _MARKS:
            raise QueryError(f"No message has a {what!r} to look for: use has:link or has:file.")
        self.has.add(what)

    def _time(self, name: str, value: str) -> None:
        try:
            time = parse_when(value, now=self.now, zone=self.zone)
        except ValueError as error:
            raise QueryError(f"{name}: needs a date, but {error}") from None
        # Of several the narrowest, as every part of a search narrows it.
        narrower = max if name == "after" else min
        self.times[name] = narrower(time, self.times.get(name, time))

    def query(self) -> Query:
        after, before = self.times.get("after"), self.times.get("before")
        if after is not None and before is not None and after >= before:
            raise QueryError(
                "No message can be found: after: is not earlier than before:. after: includes its "
                "day, before: does not, so one day is after:2026-11-01 before:2026-11-02."
            )
        if not (self.terms or self.has):
            if self.excluded:
                raise QueryError(
                    "The search has a word to leave out and none to look for. Add one, "
                    'or put it in quotation marks if the minus belongs to it: "-word".'
                )
            if not (self.senders or self.rooms or self.times):
                raise QueryError(
                    "The search has no word to look for. Give a word, a name (from:alice), "
                    "a room (in:#room) or a time (after:yesterday)."
                )
        return Query(
            terms=tuple(dict.fromkeys(self.terms)),
            excluded=tuple(dict.fromkeys(self.excluded)),
            senders=frozenset(self.senders),
            rooms=frozenset(self.rooms),
            before=before,
            after=after,
            has=frozenset(self.has),
        )


_EXAMPLES: Final = {
    "from": "alice",
    "in": "#room",
    "before": "2026-11-03",
    "after": "2026-11-01",
    "has": "link",
}


def _expression(term: Phrase) -> str:
    return f'"{" ".join(term.tokens)}"{"*" if term.prefix else ""}'


def _unquoted(text: str) -> str:
    return text.strip('"“”„') if text.startswith(('"', "“", "„")) else text
