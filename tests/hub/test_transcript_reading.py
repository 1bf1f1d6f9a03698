"""Reading records that strangers wrote: what is taken, and what is said of what is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core import names
from hubbub.core.events import EntryKind
from hubbub.hub.transcript.reading import BadRecordError, Lines, Rules, person_id
from hubbub.hub.transcript.records import record_of
from hubbub.server.ids import RandomIds
from hubbub.text.times import parse_rfc3339

NOW = "2026-11-22T12:00:00Z"
RULES = Rules(message=1024, name=64, now=parse_rfc3339(NOW))
TEA: dict[str, Any] = {
    "msgid": "abc-1",
    "time": "2026-11-22T09:41:07.250Z",
    "room": "#lobby",
    "sender": "alice",
    "text": "tea?",
}


def line(**changes: Any) -> bytes:
    record = {name: value for name, value in (TEA | changes).items() if value is not ...}
    return msgspec.json.encode(record) + b"\n"


def complaint(bad: bytes) -> str:
    with pytest.raises(BadRecordError) as caught:
        Lines(RULES).read(bad)
    return str(caught.value)


def msgids(*lines: bytes) -> list[str]:
    file = Lines(RULES)
    return [file.read(one).entry.msgid for one in lines]


def test_a_line_becomes_an_entry() -> None:
    found = Lines(RULES).read(line(extra="x", account="al", unknown=[1]))
    assert record_of(found) == TEA | {"kind": "message", "extra": "x", "account": "al"}
    assert found.entry.person_id == person_id("alice")
    assert (found.entry.room_id, found.entry.seq) == (0, 0)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"tea?\n", "it is not JSON"),
        (b'{"time"\n', "it is not JSON"),
        (b"\xff\n", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"a": "\\ud800"}', "it is not JSON"),
        (b"[]\n", "it is not a JSON object"),
        (line(time=...), "time: is missing"),
        (line(time=1795346751448), "time: must be a text"),
        (line(time="yesterday"), "time: 'yesterday' is no RFC 3339 time"),
        (line(time="2026-11-22T12:05:00.001Z"), "is in the future"),
        (line(time="1969-12-31T23:59:59Z"), "is before 1970"),
        (line(room=...), "room: is missing"),
        (line(room="lobby"), "room: must be # and a name"),
        (line(room="#a b"), "room: must be # and a name"),
        (line(room="#a\u202eb"), "room: must be # and a name"),
        (line(room="#" + "a" * 64), "room: must be # and a name"),
        (line(room="@0000000000000002:0000000000000001"), "room: must be # and a name"),
        (line(sender=...), "sender: is missing"),
        (line(sender="  "), "sender: holds nothing"),
        (line(sender=["alice"]), "sender: must be a text"),
        (line(text=...), "text: is missing"),
        (line(text=None), "text: is missing"),
        (line(text="é" * 513), "text: has 1026 bytes of UTF-8 and may have 1024"),
        (line(kind="shout"), "kind: must be one of message, action"),
        (line(kind="edit"), "target: is missing; edit needs"),
        (line(kind="edit", target="m", text=...), "text: is missing"),
        (line(msgid="a b"), "msgid: must be 1 to 128 visible"),
        (line(target="\n"), "target: must be 1 to 128 visible"),
        (line(account="al ice"), "account: must be one word"),
        (line(extra="x" * 1025), "extra: has 1025 bytes"),
    ],
)
def test_what_cannot_be_taken_is_told_why(bad: bytes, words: str) -> None:
    said = complaint(bad)
    assert words in said
    assert said.isprintable(), "a complaint is one line, whatever the line held"


def test_what_is_only_unusual_is_taken() -> None:
    file = Lines(RULES)
    assert file.read(line(text="é" * 512)).entry.text == "é" * 512
    assert file.read(line(time="2026-11-22T12:05:00Z")).entry.time == RULES.now + 300_000
    assert file.read(line(time="2026-11-22 10:41:07+01:00")).entry.time == 1795340467000
    assert file.read(line(kind="join", text=...)).entry.kind is EntryKind.JOIN
    pair = "@0000000000000001:0000000000000002"
    assert file.read(line(room=pair)).room == pair


def test_a_name_is_translated_as_on_arrival() -> None:
    file = Lines(RULES)
    assert file.read(line(sender="Bob the Builder")).entry.nick == "Bob_the_Builder"
    assert file.read(line(sender="server")).entry.nick == "server_2"
    assert file.read(line(sender="b\x1b[31mob\n")).entry.nick.isprintable()


@given(st.text())
def test_a_name_of_ours_comes_back_as_it_was(typed: str) -> None:
    nick = names.nick_from(typed)
    if nick and not names.is_reserved(nick):
        assert Lines(RULES).read(line(sender=nick)).entry.nick == nick


def test_a_room_given_for_the_file_is_the_room_of_every_line() -> None:
    file = Lines(RULES, "#old")
    assert file.read(line()).room == file.read(line(room=...)).room == "#old"


def test_the_same_name_is_the_same_person_whatever_its_case() -> None:
    assert person_id("Alice") == person_id("alice") != person_id("alice_2")
    assert 0 < person_id("alice") < 2**63


def test_a_text_is_kept_as_if_it_were_said_here() -> None:
    said = Lines(RULES).read(line(text="a\0b\x1b[31m\r\n\x85", extra="\0")).entry
    assert (said.text, said.extra) == ("a␀b\x1b[31m\r\n\x85", "␀")


def test_what_stands_for_a_nul_counts_as_what_it_is() -> None:
    assert complaint(line(text="\0" * 342)) == "text: has 1026 bytes of UTF-8 and may have 1024"


# -- lines without a msgid ---------------------------------------------------------------------


def test_a_line_without_a_msgid_gets_the_same_one_every_time() -> None:
    once, again = msgids(line(msgid=...)), msgids(line(msgid=...))
    assert once == again
    assert len(once[0]) == 26
    ours = RandomIds().msgid(parse_rfc3339(TEA["time"]))
    assert once[0][:10] == ours[:10], "like ours it begins with the time"


def test_everything_that_is_said_makes_the_msgid() -> None:
    found = msgids(
        line(msgid=...),
        line(msgid=..., text="coffee?"),
        line(msgid=..., sender="bob"),
        line(msgid=..., room="#kitchen"),
        line(msgid=..., kind="action"),
        line(msgid=..., time="2026-11-22T09:41:07.251Z"),
        line(msgid=..., target="m"),
    )
    assert len(set(found)) == len(found)


def test_equal_lines_beside_each_other_are_two_messages_and_the_same_two_again() -> None:
    twice = [line(msgid=...), line(msgid=..., sender="bob"), line(msgid=...)]
    first, other, second = msgids(*twice)
    assert len({first, other, second}) == 3
    assert msgids(*twice) == [first, other, second]


def test_equal_lines_apart_are_one_message_as_where_two_logs_overlap() -> None:
    later = line(msgid=..., time="2026-11-22T09:42:00Z")
    first, _, again = msgids(line(msgid=...), later, line(msgid=...))
    assert first == again
