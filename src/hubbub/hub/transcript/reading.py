"""Reading: lines that strangers wrote become entries, or a sentence about what is wrong.

The rules are those of live talk: a text has a limit and no NUL, a name is translated as on arrival,
a room is called as rooms are. Times must lie between 1970 and now. Who speaks is a person known by
that name alone, so the id is made of it; a line without a msgid gets one made of what it says.
Next: `hub.history.import_past`, which takes the entries in.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hubbub.core import names
from hubbub.core.events import TALK, Entry, EntryKind
from hubbub.core.ports import Found
from hubbub.text.crockford import crockford
from hubbub.text.sanitise import without_nul
from hubbub.text.times import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

LATE: Final = 5 * 60 * 1000
"""Milliseconds that a time may be ahead of our clock: two machines never quite agree."""

MAX_ROOM: Final = 64
MAX_WORD: Final = 255
"""Characters of an account."""

_ROOM: Final = re.compile(r"#[^\s,:]+")
_CONVERSATION: Final = re.compile(r"@([0-9a-f]{16}):([0-9a-f]{16})")
_MSGID: Final = re.compile(r"[!-~]{1,128}")
_SAYING: Final = TALK | {EntryKind.EDIT}
_ABOUT_ANOTHER: Final = {EntryKind.EDIT, EntryKind.REDACT, EntryKind.REACT, EntryKind.UNREACT}


class BadRecordError(ValueError):
    """A line cannot be taken. The text names the field, what is wrong and what would be right."""


@dataclass(slots=True, frozen=True)
class Rules:
    """What the server that takes the lines allows. Sizes are bytes of UTF-8, `now` is its time."""

    message: int
    name: int
    now: int


class Lines:
    """Reads the lines of one file, in order.

    With `room` everything goes there, whatever the records say. Equal lines beside each other are
    two messages (logs often know only minutes), the same ones whenever the file is read again.
    """

    def __init__(self, rules: Rules, room: str | None = None) -> None:
        self._rules = rules
        self._room = room
        self._moment = 0
        self._equal: dict[bytes, int] = {}

    def read(self, line: bytes) -> Found:
        """The entry on one line. Raises `BadRecordError`."""
        try:
            record = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRecordError(f"it is not JSON ({error})") from None
        if not isinstance(record, dict):
            raise BadRecordError("it is not a JSON object: one record a line, in { }")
        if self._room is not None:
            record["room"] = self._room
        found = read_record(record, self._rules)
        if not found.entry.msgid:
            found.entry.msgid = self._derived_msgid(found)
        return found

    def _derived_msgid(self, found: Found) -> str:
        entry = found.entry
        if entry.time != self._moment:
            self._moment = entry.time
            self._equal.clear()
        said = (names.fold(found.room), entry.time, entry.kind, entry.nick, entry.text)
        digest = hashlib.sha256(msgspec.json.encode((*said, entry.target))).digest()
        before = self._equal.get(digest, 0)
        self._equal[digest] = before + 1
        return derived_msgid(entry.time, digest + before.to_bytes(4, "big"))


def read_record(record: Mapping[str, Any], rules: Rules) -> Found:
    """The entry that a record holds, without a msgid ("") if it has none; ids are still 0.

    Fields that are not ours are left alone. Raises `BadRecordError`.
    """
    kind = _kind(record)
    nick = _nick(record, rules)
    target = _msgid(record, "target") or None
    if kind in _ABOUT_ANOTHER and target is None:
        raise BadRecordError(f"target: is missing; {kind} needs the msgid that it is about")
    entry = Entry(
        room_id=0,
        kind=kind,
        msgid=_msgid(record, "msgid"),
        person_id=person_id(nick),
        nick=nick,
        text=_text(record, "text", rules, needed=kind in _SAYING),
        account=_account(record),
        target=target,
        extra=_text(record, "extra", rules, needed=False) or None,
        time=_time(record, rules),
    )
    return Found(_room(record), entry)


def person_id(nick: str) -> int:
    """The id of whoever was called so elsewhere: the same for the same name, 63 bits."""
    digest = hashlib.sha256(b"imported:" + names.fold(nick).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1 or 1


def derived_msgid(time: int, content: bytes) -> str:
    """A msgid like those of live messages (core.ports.Ids), of the content in place of chance."""
    chance = int.from_bytes(hashlib.sha256(content).digest()[:10], "big")
    return crockford(time, 10) + crockford(chance, 16)


def _words(record: Mapping[str, Any], field: str, *, needed: bool) -> str:
    value = record.get(field)
    if value is None:
        if needed:
            raise BadRecordError(f"{field}: is missing")
        return ""
    if not isinstance(value, str):
        raise BadRecordError(f"{field}: must be a text in quotation marks")
    return value


def _time(record: Mapping[str, Any], rules: Rules) -> int:
    written = _words(record, "time", needed=True)
    try:
        time = parse_rfc3339(written)
    except ValueError as error:
        raise BadRecordError(f"time: {error}") from None
    if time < 0:
        raise BadRecordError(f"time: {written} is before 1970")
    if time > rules.now + LATE:
        raise BadRecordError(f"time: {written} is in the future")
    return time


def _room(record: Mapping[str, Any]) -> str:
    room = _words(record, "room", needed=True)
    pair = _CONVERSATION.fullmatch(room)
    if pair and pair[1] <= pair[2]:
        return room
    if not _ROOM.fullmatch(room) or not room.isprintable() or len(room) > MAX_ROOM:
        raise BadRecordError(
            f"room: must be # and a name without spaces, commas and colons, together at most"
            f" {MAX_ROOM} characters; --room gives one for the whole file"
        )
    return room


def _nick(record: Mapping[str, Any], rules: Rules) -> str:
    nick = names.nick_from(_words(record, "sender", needed=True), rules.name)
    if not nick:
        raise BadRecordError("sender: holds nothing that a name could be made of")
    if names.is_reserved(nick):  # a line from elsewhere must not pass for the house's
        return next(names.variations(nick, rules.name))
    return nick


def _kind(record: Mapping[str, Any]) -> EntryKind:
    word = _words(record, "kind", needed=False) or EntryKind.MESSAGE
    try:
        return EntryKind(word)
    except ValueError:
        raise BadRecordError(f"kind: must be one of {', '.join(EntryKind)}") from None


def _text(record: Mapping[str, Any], field: str, rules: Rules, *, needed: bool) -> str:
    text = without_nul(_words(record, field, needed=needed))
    if len(text) * 4 > rules.message and (size := len(text.encode())) > rules.message:
        raise BadRecordError(f"{field}: has {size} bytes of UTF-8 and may have {rules.message}")
    return text


def _msgid(record: Mapping[str, Any], field: str) -> str:
    msgid = _words(record, field, needed=False)
    if msgid and not _MSGID.fullmatch(msgid):
        raise BadRecordError(f"{field}: must be 1 to 128 visible ASCII characters without spaces")
    return msgid


def _account(record: Mapping[str, Any]) -> str | None:
    account = _words(record, "account", needed=False)
    if len(account) > MAX_WORD or not account.isprintable() or " " in account:
        raise BadRecordError(f"account: must be one word of at most {MAX_WORD} characters")
    return account or None
