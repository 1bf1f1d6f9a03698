"""Questions about the past as clients write them: CHATHISTORY ("chathistory"), SEARCH ("search").

What is read here is asked in `commands/history`. Knows how questions are written, and nothing of
who may ask what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hubbub.core.history import Way
from hubbub.core.names import fold
from hubbub.text.query import Query, QueryError, parse_query
from hubbub.text.times import parse_rfc3339
from hubbub.text.zone import LocalZone
from hubbub.wire.irc.tags import parse_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubbub.core.history import Reference

TARGETS: Final = "TARGETS"
_REFERENCES: Final = {way.name: 2 if way is Way.BETWEEN else 1 for way in Way}
"""How many messages or moments each subcommand names."""

_ATTRIBUTES: Final = frozenset({"in", "from", "after", "before", "text", "limit"})
MOST_FOUND: Final = 50
"""Messages that a search gives which names no limit."""


class BadQuestion(Exception):  # noqa: N818 (it is the question that is bad)
    """`words` are what FAIL says: the code, its context, the text."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


# -- CHATHISTORY -------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Asked:
    """A question as it was written: the subcommand, and for what; without a target for TARGETS."""

    subcommand: str
    references: tuple[Reference, ...]
    limit: int
    target: str = ""


def parse_chathistory(params: list[str]) -> Asked:
    """What a client wants to know. Raises `BadQuestion`."""
    subcommand = params[0].upper()
    words = params[1:]
    of_targets = subcommand == TARGETS
    if not of_targets and subcommand not in _REFERENCES:
        raise BadQuestion("INVALID_PARAMS", params[0], "Unknown command")
    needed = 3 if of_targets else _REFERENCES[subcommand] + 2
    if len(words) != needed:
        which = "Insufficient parameters" if len(words) < needed else "Too many parameters"
        raise BadQuestion("INVALID_PARAMS", subcommand, which)
    target = "" if of_targets else words.pop(0)
    *names, limit = words
    if not is_count(limit):
        raise BadQuestion("INVALID_PARAMS", subcommand, limit, "Invalid limit")
    if subcommand == Way.LATEST.name and names == ["*"]:
        names = []
    references = tuple(_reference(subcommand, target, name) for name in names)
    return Asked(subcommand, references, int(limit), target)


def _reference(subcommand: str, target: str, written: str) -> Reference:
    kind, sign, value = written.partition("=")
    if kind == "timestamp":
        try:
            return parse_rfc3339(value)
        except ValueError:
            words = (subcommand, written, "Invalid timestamp")
            raise BadQuestion("INVALID_PARAMS", *words) from None
    if subcommand == TARGETS:
        raise BadQuestion("INVALID_PARAMS", subcommand, written, "Invalid timestamp")
    if kind == "msgid" and value:
        return value
    if sign and kind != "msgid":
        words = (subcommand, target, "There are msgid and timestamp to refer to messages")
        raise BadQuestion("INVALID_MSGREFTYPE", *words)
    raise BadQuestion("INVALID_PARAMS", subcommand, written, "Invalid message reference")


# -- SEARCH ------------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Wanted:
    """What a search is for; `within` is the name of a channel or person, "" for everywhere.

    `earliest`: the first messages and not the last.
    """

    query: Query
    limit: int = MOST_FOUND
    within: str = ""
    earliest: bool = False


def parse_search(attributes: str, now: int) -> Wanted:
    """What a client looks for: attributes written as tags are. Raises `BadQuestion`.

    An attribute without a value asks for nothing.
    """
    given = {name: value for name, value in parse_tags(attributes).items() if value}
    for name in given.keys() - _ATTRIBUTES:
        raise _bad(name, "There is no such attribute")
    limit = given.get("limit", str(MOST_FOUND))
    if not is_count(limit):
        raise _bad("limit", "Invalid limit")
    after, before = _moment(given, "after"), _moment(given, "before")
    query = _query(given.get("text", ""), now)
    query = _from(query, given.get("from", ""))
    # "search": both moments are among those that match.
    query = replace(
        query,
        after=_of_both(max, query.after, after),
        before=_of_both(min, query.before, None if before is None else before + 1),
    )
    # "search": "If `after` is specified, messages SHOULD be searched from that time."
    return Wanted(query, int(limit), given.get("in", ""), earliest=after is not None)


def _query(text: str, now: int) -> Query:
    """Words in the grammar of all our searches."""
    try:
        return parse_query(text, now=now, zone=LocalZone()) if text else Query()
    except QueryError as no:
        raise _bad("text", str(no)) from None


def _from(query: Query, nick: str) -> Query:
    if not nick:
        return query
    if query.senders and fold(nick) not in query.senders:
        raise _bad("from", "The text asks for somebody else")
    return replace(query, senders=frozenset({fold(nick)}))


def _moment(given: dict[str, str], name: str) -> int | None:
    try:
        return parse_rfc3339(given[name]) if name in given else None
    except ValueError:
        raise _bad(name, "Invalid timestamp") from None


def _of_both(narrower: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return narrower(one, other)


def _bad(attribute: str, why: str) -> BadQuestion:
    return BadQuestion("INVALID_PARAMS", attribute, why)


# -- both --------------------------------------------------------------------------------------


def is_count(text: str) -> bool:
    """Whether it says how many, and not none."""
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
