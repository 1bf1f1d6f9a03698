"""Saying and hearing, with servers that can much and servers that can little."""

from __future__ import annotations

from client.irc_script import label_of, live
from hubbub.client import Memory
from hubbub.client.events import (
    Arrived,
    Left,
    Message,
    NickChanged,
    Notice,
    Refused,
    Renamed,
    TopicChanged,
)
from hubbub.client.irc.seen import Seen
from hubbub.client.pieces import Receipt, State

LABELS = "batch labeled-response echo-message message-tags server-time"


# --- what becomes of what we say


def test_an_echo_with_our_label_is_the_receipt() -> None:
    ada = live(LABELS)
    (piece,) = ada.says("hello")
    (line,) = ada.sent()
    assert line == f"@label={label_of(line)} PRIVMSG #lobby hello"
    assert not piece.settled
    ada.hears(f"@label={label_of(line)};msgid=m1 :ada!u@h PRIVMSG #lobby :hello")
    assert Receipt.of([piece]) == Receipt(saved=True, msgids=("m1",))
    assert ada.told() == []


def test_a_refusal_with_our_label_is_ours() -> None:
    ada = live(LABELS)
    (piece,) = ada.says("hello")
    (line,) = ada.sent()
    ada.hears(f"@label={label_of(line)} :s 404 ada #lobby :Cannot send to channel")
    assert Receipt.of([piece]) == Receipt(saved=False, refused="Cannot send to channel")
    assert isinstance(ada.events[-1], Refused)


def test_an_answer_may_be_a_batch_with_batches_in_it() -> None:
    ada = live(LABELS)
    (piece,) = ada.says("hi", to="bob")
    label = label_of(ada.sent()[0])
    ada.hears(
        f"@label={label} :s BATCH +1 labeled-response",
        "@batch=1 :s BATCH +2 some/thing",
        "@batch=2;msgid=m1 :ada!u@h PRIVMSG bob :hi",
        ":carol!u@h PRIVMSG #lobby :in between",
        "@batch=1 :s BATCH -2",
        "@batch=1 :s 301 ada bob :at lunch",
    )
    assert not piece.settled
    ada.hears(":s BATCH -1")
    assert piece.state is State.SAVED
    assert ada.told() == ["in between"]
    assert isinstance(ada.events[-1], Notice)
    assert ada.events[-1].text == "bob is away: at lunch"


def test_what_a_service_says_in_answer_is_told() -> None:
    ada = live(LABELS)
    (piece,) = ada.says("search tea", to="hubbub")
    ada.hears(
        f"@label={label_of(ada.sent()[0])} :s BATCH +1 labeled-response",
        "@batch=1;msgid=m1 :ada!u@h PRIVMSG hubbub :search tea",
        "@batch=1 :hubbub!hubbub@s NOTICE ada :#lobby <bob> tea is ready",
        "@batch=1 :hubbub!hubbub@s NOTICE ada :Found: 1.",
        ":s BATCH -1",
    )
    assert piece.state is State.SAVED
    assert [event.text for event in ada.events if isinstance(event, Notice)] == [
        "#lobby <bob> tea is ready",
        "Found: 1.",
    ]
    assert ada.told() == [], "our own words"


def test_without_echo_the_answer_is_that_there_is_none() -> None:
    ada = live("batch labeled-response")
    (piece,) = ada.says("hello")
    ada.hears(f"@label={label_of(ada.sent()[0])} :s ACK")
    assert piece.state is State.TAKEN


def test_without_labels_a_pong_tells_that_all_is_answered() -> None:
    ada = live()
    one, two = ada.says("one\ntwo")
    assert ada.sent() == [
        *("PRIVMSG #lobby one", "PING hubbub-2"),
        *("PRIVMSG #lobby two", "PING hubbub-3"),
    ]
    ada.hears(":s 404 ada #lobby :Cannot send to channel", ":s PONG s :hubbub-2")
    assert (one.state, two.state) == (State.REFUSED, State.SENT)
    ada.hears(":s PONG s :hubbub-3")
    assert (one.state, two.state) == (State.REFUSED, State.TAKEN)


def test_without_labels_an_echo_is_known_by_its_place() -> None:
    ada = live("echo-message")
    one, two = ada.says("one\ntwo")
    ada.hears(":ada!u@h PRIVMSG #Lobby :one", ":bob!u@h PRIVMSG #lobby :one", ":s PONG s hubbub-2")
    ada.hears(":ada!u@h PRIVMSG #lobby :tw*", ":s PONG s hubbub-3")
    assert one.state is two.state is State.SAVED
    assert ada.told() == ["one"], "bob's"


def test_no_more_is_under_way_than_a_server_takes() -> None:
    ada = live()
    pieces = ada.protocol.pieces("\n".join("abcdefg"))
    while ada.protocol.may_say:
        ada.protocol.say(pieces.pop(0), ada.now)
    assert len(pieces) == 2
    ada.hears(":s PONG s hubbub-2")
    assert ada.protocol.may_say


def test_a_long_text_is_cut_so_that_others_get_it_whole() -> None:
    ada = live()
    text = "word " * 300
    pieces = ada.protocol.pieces(text)
    assert "".join(piece.text for piece in pieces) == text
    for piece in pieces:
        assert len(f":ada!u@h PRIVMSG #lobby :{piece.text}\r\n".encode()) <= 512
    wide = live("", "LINELEN=2048")
    assert len(wide.protocol.pieces(text)) == 1


def test_nothing_that_is_said_can_be_another_command() -> None:
    ada = live()
    pieces = ada.says("\x01VERSION\x01\r\nQUIT :bye\0\n\n  ")
    assert [piece.text for piece in pieces] == ["VERSION", "QUIT :bye"]
    assert [line for line in ada.sent() if "PING" not in line] == [
        "PRIVMSG #lobby VERSION",
        "PRIVMSG #lobby :QUIT :bye",
    ]


# --- what a cut leaves in doubt


def test_without_an_id_it_is_told_and_never_repeated() -> None:
    ada = live("echo-message", memory=Memory())
    ada.says("did you hear?")
    assert ada.protocol.cut(0) == ("did you hear?",)


# --- what we hear


def test_messages_have_their_place_and_time() -> None:
    ada = live(LABELS)
    ada.hears(
        "@time=2026-11-22T12:00:00.123Z;msgid=m1 :bob!u@h PRIVMSG #lobby :\x02hi\x02 \x0304,05all",
        ":bob!u@h PRIVMSG ada :psst",
        ":bob!u@h PRIVMSG #lobby :\x01ACTION waves\x01",
        ":bob!u@h PRIVMSG @#lobby :for the ops",
        ":bob!u@h PRIVMSG ada :\x01VERSION\x01",
        ":bob!u@h NOTICE #lobby :beep",
        ":ada!u@h PRIVMSG bob :from my other window",
    )
    first, direct, action, ops, notice, own = ada.events[1:]
    assert first == Message(1795348800123, "bob", "hi all", room="#lobby", msgid="m1")
    assert direct == Message(ada.now, "bob", "psst", room="bob", direct=True)
    assert action == Message(ada.now, "bob", "waves", room="#lobby", action=True)
    assert isinstance(ops, Message)
    assert ops.direct
    assert notice == Notice(ada.now, "bob", "beep", room="#lobby")
    assert own == Message(ada.now, "ada", "from my other window", room="bob", direct=True)


def test_who_is_where_is_followed() -> None:
    ada = live()
    (room,) = ada.protocol.rooms
    assert {one.nick: one.signs for one in room.members.values()} == {
        "ada": "@",
        "bob": "+",
        "carol": "",
    }
    ada.hears(
        ":dora!u@h JOIN :#lobby",
        ":carol!u@h NICK :carla",
        ":s MODE #lobby +o-v carla bob",
        ":ada!u@h TOPIC #lobby :tea",
        ":bob!u@h PART #lobby :bye",
        ":dora!u@h QUIT :gone",
        ":ada!u@h NICK ada_l",
    )
    assert ada.events[1:] == [
        Arrived(ada.now, "dora", "#lobby"),
        NickChanged(ada.now, "carol", "carla"),
        TopicChanged(ada.now, "#lobby", "tea", "ada"),
        Left(ada.now, "bob", "#lobby", "bye"),
        Left(ada.now, "dora", "#lobby", "gone"),
        Renamed(ada.now, "ada_l"),
    ]
    assert {one.nick: one.signs for one in room.members.values()} == {"ada_l": "@", "carla": "@"}
    assert room.topic == "tea"
    ada.hears(":carla!u@h KICK #lobby ada_l :enough")
    assert list(ada.protocol.rooms) == []
    assert ada.events[-1] == Left(ada.now, "ada_l", "#lobby", "enough", "carla")


def test_names_are_compared_as_the_server_says() -> None:
    old, new = live("", "CASEMAPPING=rfc1459"), live("", "CASEMAPPING=ascii")
    for ada in (old, new):
        ada.hears(":ada!u@h JOIN #a[]", ":bob!u@h JOIN #A{}")
    assert isinstance(old.events[-1], Arrived)
    assert old.events[-1].name == "bob"
    assert isinstance(new.events[-1], Arrived)
    assert new.events[-1].name == "ada"


def test_an_end_that_was_announced_is_an_orderly_one() -> None:
    ada = live()
    assert not ada.protocol.clean
    ended = live()
    ended.hears("ERROR :Closing link: server stops")
    assert ended.protocol.clean
    assert ended.protocol.retry
    other = live()
    other.hears("ERROR :Closing link: resumed elsewhere")
    assert not other.protocol.retry


def test_a_message_of_several_lines_is_known_line_by_line() -> None:
    seen = Seen()
    assert seen.is_new("m1", "bob", "#lobby")
    assert seen.is_new("", "bob", "#lobby")
    seen.begin()  # cut; it comes again
    assert not seen.is_new("m1", "bob", "#lobby")
    assert not seen.is_new("", "bob", "#lobby")
    assert seen.is_new("", "bob", "#lobby"), "the third line was cut off"
    assert seen.is_new("", "carol", "#lobby")
    assert seen.is_new("", "carol", "#lobby"), "without ids all is new"
