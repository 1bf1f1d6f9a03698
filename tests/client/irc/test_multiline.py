"""Messages of several lines, with servers that take them and servers that do not."""

from __future__ import annotations

import pytest

from client.irc_script import Script, label_of, live
from hubbub.client import Memory
from hubbub.client.events import Hint, Message, Notice
from hubbub.client.pieces import Receipt, State

BASE = "batch labeled-response echo-message message-tags server-time"
CAPS = f"{BASE} draft/multiline=max-bytes=2000,max-lines=5"


def echo(script: Script, label: str, msgid: str, *lines: str) -> None:
    """The server sends back a message of ours."""
    script.hears(
        f"@label={label};msgid={msgid} :ada!u@h BATCH +9 draft/multiline #lobby",
        *(f"@batch=9 :ada!u@h PRIVMSG #lobby :{line}" for line in lines),
        ":s BATCH -9",
    )


# --- what we say


def test_several_lines_are_one_message_with_one_receipt() -> None:
    ada = live(CAPS)
    (piece,) = ada.says("\none\n\n  two\n")
    sent = ada.sent()
    label = label_of(sent[0])
    assert sent == [
        f"@label={label} BATCH +1 draft/multiline #lobby",
        "@batch=1 PRIVMSG #lobby one",
        "@batch=1 PRIVMSG #lobby :",
        "@batch=1 PRIVMSG #lobby :  two",
        "BATCH -1",
    ]
    assert not piece.settled
    echo(ada, label, "m1", "one", "", "  two")
    assert Receipt.of([piece]) == Receipt(saved=True, msgids=("m1",))
    assert ada.told() == []


def test_a_long_line_is_one_message_that_goes_on() -> None:
    ada = live(CAPS)
    text = "word " * 200
    (piece,) = ada.says(text)
    begin, *lines, end = ada.sent()
    assert begin.endswith("BATCH +1 draft/multiline #lobby")
    assert end == "BATCH -1"
    assert [line.startswith("@batch=1;draft/multiline-concat ") for line in lines] == [
        False,
        *[True] * (len(lines) - 1),
    ]
    assert "".join(line.partition(" :")[2] for line in lines) == text == piece.text


def test_what_is_more_than_the_server_takes_is_several_messages() -> None:
    ada = live(CAPS)
    pieces = ada.protocol.pieces("\n".join("abcdefg") + "\n" + "x" * 1999)
    assert [piece.text for piece in pieces] == ["a\nb\nc\nd\ne", "f\ng", "x" * 1999]
    assert ada.protocol.pieces(" \n\n ") == []


def test_the_id_stands_before_the_beginning_and_a_repeat_is_the_same() -> None:
    memory = Memory()
    caps = f"{CAPS} hubbub.chat/send-once hubbub.chat/resume"
    ada = live(caps, memory=memory)
    (piece,) = ada.says("one\ntwo")
    begin, *lines = ada.sent()
    assert f"hubbub.chat/send-once={piece.id}" in begin
    ada.protocol.cut(ada.now)
    again = Script(memory=memory)
    again.is_welcomed(caps=caps)
    begin, *repeated = again.enters()
    assert f"hubbub.chat/send-once={piece.id}" in begin
    assert repeated == lines
    echo(again, label_of(begin), "m1", "one", "two")
    assert (piece.state, piece.msgid) == (State.SAVED, "m1")


def test_what_cannot_be_said_any_more_is_told() -> None:
    memory = Memory()
    once = "hubbub.chat/send-once hubbub.chat/resume"
    ada = live(f"{CAPS} {once}", memory=memory)
    (piece,) = ada.says("one\ntwo")
    ada.protocol.cut(ada.now)
    again = live(f"{BASE} {once}", memory=memory)
    assert piece.state is State.REFUSED
    assert memory.in_doubt == []
    (hint,) = [event.text for event in again.events if isinstance(event, Hint)]
    assert hint == "it is not known whether this was said: one\ntwo"


@pytest.mark.parametrize("caps", [BASE, "", f"{BASE} draft/multiline"])
def test_servers_without_it_get_each_line_as_a_message(caps: str) -> None:
    ada = live(caps)
    assert [piece.text for piece in ada.says("one\n\ntwo")] == ["one", "two"]
    lines = [line for line in ada.sent() if "PRIVMSG" in line]
    assert [line.rpartition(" ")[2] for line in lines] == ["one", "two"]


def test_without_labels_the_echo_is_found_all_the_same() -> None:
    ada = live("batch echo-message message-tags draft/multiline=max-bytes=2000")
    (piece,) = ada.says("one\ntwo")
    *_, end, ping = ada.sent()
    assert end == "BATCH -1"
    assert ping.startswith("PING ")
    ada.hears(
        "@msgid=m1 :ada!u@h BATCH +9 draft/multiline #lobby",
        "@batch=9 :ada!u@h PRIVMSG #lobby :one",
        "@batch=9 :ada!u@h PRIVMSG #lobby :two",
        ":s BATCH -9",
        f":s PONG s :{ping.removeprefix('PING ')}",
    )
    assert Receipt.of([piece]) == Receipt(saved=True, msgids=("m1",))


def test_a_refusal_is_that_of_all_of_it() -> None:
    ada = live(CAPS)
    (piece,) = ada.says("one\ntwo")
    label = label_of(ada.sent()[0])
    ada.hears(f"@label={label} :s FAIL BATCH MULTILINE_MAX_LINES 1 :Too many lines")
    assert (piece.state, piece.reason) == (State.REFUSED, "Too many lines")


def test_without_labels_a_refusal_is_found_too() -> None:
    ada = live("batch echo-message message-tags draft/multiline=max-bytes=2000")
    (piece,) = ada.says("one\ntwo")
    ping = ada.sent()[-1].removeprefix("PING ")
    ada.hears(":s FAIL BATCH MULTILINE_INVALID :No", f":s PONG s :{ping}")
    assert (piece.state, piece.reason) == (State.REFUSED, "No")


# --- what we hear


def test_what_others_say_in_several_lines_is_one_message() -> None:
    ada = live(CAPS)
    ada.hears(
        "@msgid=m1;time=2026-11-22T12:00:00.000Z;+draft/reply=m0"
        " :bob!u@h BATCH +1 draft/multiline #lobby",
        "@batch=1 :bob!u@h PRIVMSG #lobby :how is ",
        ":carol!u@h PRIVMSG #lobby :in between",
        "@batch=1;draft/multiline-concat :bob!u@h PRIVMSG #lobby :everyone?",
        "@batch=1 :bob!u@h PRIVMSG #lobby :",
        "@batch=1 :bob!u@h PRIVMSG #lobby :bye",
        ":s BATCH -1",
    )
    first, message = [event for event in ada.events if isinstance(event, Message)]
    assert first.text == "in between"
    assert (message.sender, message.text) == ("bob", "how is everyone?\n\nbye")
    assert (message.msgid, message.time) == ("m1", 1_795_348_800_000)
    assert message.reply_to == "m0"


def test_what_somebody_does_and_what_programs_say() -> None:
    ada = live(CAPS)
    ada.hears(
        ":bob!u@h BATCH +1 draft/multiline #lobby",
        "@batch=1 :bob!u@h PRIVMSG #lobby :\x01ACTION makes",
        "@batch=1 :bob!u@h PRIVMSG #lobby :tea\x01",
        ":s BATCH -1",
        ":bob!u@h BATCH +2 draft/multiline ada",
        "@batch=2 :bob!u@h NOTICE ada :one",
        "@batch=2 :bob!u@h NOTICE ada :two",
        ":s BATCH -2",
    )
    *_, deed, notice = ada.events
    assert isinstance(deed, Message)
    assert (deed.text, deed.action) == ("makes\ntea", True)
    assert isinstance(notice, Notice)
    assert notice.text == "one\ntwo"


def test_the_past_has_it_whole() -> None:
    ada = live(CAPS)
    ada.hears(
        ":s BATCH +1 chathistory #lobby",
        "@batch=1;msgid=m1 :bob!u@h PRIVMSG #lobby :before",
        "@batch=1;msgid=m2 :bob!u@h BATCH +2 draft/multiline #lobby",
        "@batch=2 :bob!u@h PRIVMSG #lobby :one",
        "@batch=2 :bob!u@h PRIVMSG #lobby :two",
        "@batch=1 :s BATCH -2",
        ":s BATCH -1",
    )
    assert ada.told() == ["before", "one\ntwo"]
    assert [one.msgid for one in ada.events if isinstance(one, Message)] == ["m1", "m2"]


@pytest.mark.parametrize(
    "lines",
    [
        (":bob!u@h PRIVMSG #lobby :one", ":bob!u@h NOTICE #lobby :two"),
        (":bob!u@h PRIVMSG #lobby :one", ":bob!u@h JOIN #lobby"),
    ],
)
def test_what_is_no_message_is_heard_line_by_line(lines: tuple[str, ...]) -> None:
    ada = live(CAPS)
    ada.hears(
        ":bob!u@h BATCH +1 draft/multiline #lobby",
        *(f"@batch=1 {line}" for line in lines),
        ":s BATCH -1",
    )
    assert ada.told() == ["one"]
