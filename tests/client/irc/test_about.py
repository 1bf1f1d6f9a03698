"""What is said about messages, rooms and people, for those who ask for everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from client.irc_script import ALL, Script, label_of
from hubbub.client.events import (
    Away,
    Edited,
    Entered,
    Joined,
    Message,
    Ranked,
    Reacted,
    Read,
    Redacted,
    RoomRenamed,
    Settled,
    Typing,
)

if TYPE_CHECKING:
    from hubbub.client.events import Event

MORE = (
    f"{ALL} away-notify draft/channel-rename draft/event-playback draft/message-redaction"
    " draft/read-marker hubbub.chat/edit"
)
TIME = "2026-11-22T12:00:01.000Z"
AT = 1_795_348_801_000


def ada() -> Script:
    """Ada, in the lobby, with all there is."""
    script = Script(everything=True)
    script.is_welcomed(caps=MORE)
    script.enters()
    script.sent()
    return script


def heard(line: str) -> list[Event]:
    """What she is told of a line."""
    script = ada()
    known = len(script.events)
    script.hears(line)
    return script.events[known:]


def test_a_room_that_was_entered_is_told_whole_behind_where_we_are() -> None:
    script = Script(everything=True)
    script.is_welcomed(caps=MORE)
    script.hears(":s 332 ada #lobby :green or black")
    script.enters()
    first, second = script.events[:2]
    assert isinstance(first, Joined)
    members = (("ada", "@"), ("bob", "+"), ("carol", ""))
    assert second == Entered(script.now, "#lobby", "", members)
    script.hears(":ada!u@h JOIN #tea", ":s 353 ada = #tea :ada", ":s 366 ada #tea :End")
    assert script.events[-1] == Entered(script.now, "#tea", "", (("ada", ""),))


def test_programs_that_did_not_ask_hear_nothing_of_it() -> None:
    script = Script()
    requests = script.is_welcomed(caps=MORE)
    assert not any("away-notify" in line or "redaction" in line for line in requests)
    script.enters()
    script.hears("@+typing=active :bob!u@h TAGMSG #lobby", ":s MODE #lobby +o bob")
    assert [type(event) for event in script.events] == [Joined]


def test_reactions_are_put_and_taken_away() -> None:
    line = f"@msgid=r1;time={TIME};+draft/reply=m1;+draft/react=👍 :bob!u@h TAGMSG #lobby"
    assert heard(line) == [Reacted(AT, "bob", "#lobby", "m1", "👍", True, "r1")]
    line = f"@time={TIME};+reply=m1;+draft/unreact=👍 :bob!u@h TAGMSG ada"
    assert heard(line) == [Reacted(AT, "bob", "bob", "m1", "👍", False)]
    assert heard("@+draft/react=👍 :bob!u@h TAGMSG #lobby") == []


def test_a_reaction_is_short_and_safe_to_print() -> None:
    (event,) = heard(f"@+reply=m1;+draft/react=\\e[31m{'x' * 99} :bob!u@h TAGMSG #lobby")
    assert isinstance(event, Reacted)
    assert len(event.text) == 64
    assert event.text.isprintable()


def test_typing_begins_pauses_and_stops() -> None:
    told = [
        heard(f"@time={TIME};+typing={how} :bob!u@h TAGMSG #lobby")
        for how in ("active", "paused", "done", "dancing")
    ]
    assert told == [
        [Typing(AT, "bob", "#lobby", on=True)],
        [Typing(AT, "bob", "#lobby", on=True, paused=True)],
        [Typing(AT, "bob", "#lobby", on=False)],
        [],
    ]


def test_messages_are_taken_away_and_put_otherwise() -> None:
    line = f"@time={TIME} :bob!u@h REDACT #lobby m1 :too loud"
    assert heard(line) == [Redacted(AT, "bob", "#lobby", "m1", "too loud")]
    tags = "hubbub.chat/target-msgid=m1;hubbub.chat/edit-text=two\\nlines"
    line = f"@msgid=e1;time={TIME};{tags} :bob!u@h EDIT #lobby"
    assert heard(line) == [Edited(AT, "bob", "#lobby", "m1", "two\nlines", "e1")]
    assert heard(":bob!u@h EDIT #lobby") == []


def test_read_marks_and_absence() -> None:
    (event,) = heard(f":s MARKREAD #Lobby timestamp={TIME}")
    assert event == Read(1_000_000, "#lobby", AT)
    (event,) = heard(":s MARKREAD bob *")
    assert event == Read(1_000_000, "bob", 0)
    assert heard(f"@time={TIME} :bob!u@h AWAY :tea") == [Away(AT, "bob", "tea")]
    assert heard(f"@time={TIME} :bob!u@h AWAY") == [Away(AT, "bob", None)]


def test_ranks_and_the_name_of_a_room_change() -> None:
    line = f"@time={TIME} :ada!u@h MODE #lobby +o-v bob bob"
    assert heard(line) == [Ranked(AT, "#lobby", "bob", "@", "ada")]
    line = f"@time={TIME} :ada!u@h RENAME #lobby #tea :better"
    assert heard(line) == [RoomRenamed(AT, "#lobby", "#tea", "ada", "better")]


def test_what_we_say_with_a_key_is_settled_in_its_place() -> None:
    script = ada()
    (piece,) = script.protocol.pieces("hello", "#lobby", reply_to="m1")
    piece.key = "k1"
    script.protocol.say(piece, script.now)
    (sent,) = script.sent()
    assert "+reply=m1" in sent.partition(" ")[0]
    known = len(script.events)
    echo = f"@label={label_of(sent)};msgid=m3;time={TIME} :ada!u@h PRIVMSG #lobby :hello"
    script.hears(":bob!u@h PRIVMSG #lobby :before", echo, ":bob!u@h PRIVMSG #lobby :after")
    before, settled, after = script.events[known:]
    assert isinstance(before, Message)
    assert settled == Settled(AT, "k1", "#lobby", "hello", "m3")
    assert isinstance(after, Message)


def test_a_message_tells_what_it_answers_and_that_it_was_edited() -> None:
    tags = f"+draft/reply=m1;hubbub.chat/edited={TIME}"
    (event,) = heard(f"@{tags} :bob!u@h PRIVMSG #lobby :yes")
    assert isinstance(event, Message)
    assert (event.reply_to, event.edited) == ("m1", True)


def test_a_page_of_the_past_has_what_became_of_it() -> None:
    script = ada()
    pages: list[list[Event] | str] = []
    script.protocol.ask_past(script.now, "LATEST", "#lobby", "*", "10", done=pages.append)
    (question,) = script.sent()
    known = len(script.events)
    script.hears(
        f"@label={label_of(question)} :s BATCH +x chathistory #lobby",
        f"@batch=x;msgid=m1;time={TIME} :bob!u@h PRIVMSG #lobby :tea?",
        f"@batch=x;time={TIME} :bob!u@h JOIN #lobby",
        f"@batch=x;msgid=r1;time={TIME};+draft/reply=m1;+draft/react=👍 :bob!u@h TAGMSG #lobby",
        ":s BATCH -x",
    )
    (page,) = pages
    assert isinstance(page, list)
    message, reaction = page
    assert isinstance(message, Message)
    assert message.replayed == TIME
    assert reaction == Reacted(AT, "bob", "#lobby", "m1", "👍", True, "r1", True)
    assert script.events[known:] == []


def test_a_page_that_cannot_be_had_says_why() -> None:
    script = ada()
    pages: list[list[Event] | str] = []
    script.protocol.ask_past(script.now, "LATEST", "#tea", "*", "10", done=pages.append)
    (question,) = script.sent()
    label = label_of(question)
    script.hears(f"@label={label} :s FAIL CHATHISTORY INVALID_TARGET LATEST #tea :Not there")
    assert pages == ["Not there"]
