"""After a cut: repeat, catch up, and only then what is said now."""

from __future__ import annotations

from client.irc_script import ALL, Script, label_of, live
from hubbub.client import CaughtUp, Hint, Memory, Refused
from hubbub.client.pieces import State


def said(msgid: str, text: str, *, who: str = "bob", tags: str = "", to: str = "#lobby") -> str:
    time = f"2026-11-22T12:00:0{msgid[-1]}.000Z"
    return f"@{tags}time={time};msgid={msgid} :{who}!u@h PRIVMSG {to} :{text}"


def cut() -> tuple[Memory, str]:
    """Ada heard two messages, and said one whose echo she did not hear; gives its id too."""
    memory = Memory()
    ada = Script(memory=memory)
    ada.is_welcomed(caps=ALL)
    ada.enters(tags="@time=2026-11-22T12:00:00.000Z ")
    ada.hears(said("m1", "one"), said("m2", "two"))
    assert ada.told() == ["one", "two"]
    (piece,) = ada.says("mine")
    ada.sent()
    assert ada.protocol.cut(ada.now) == ()
    return memory, piece.id


def back(memory: Memory, *isupport: str) -> tuple[Script, list[str]]:
    ada = Script(memory=memory)
    ada.is_welcomed(*isupport, caps=ALL)
    return ada, ada.enters()


def test_the_whole_course() -> None:
    memory, once = cut()
    ada, sent = back(memory)
    (repeat,) = sent
    assert repeat.endswith("PRIVMSG #lobby mine")
    assert f"hubbub.chat/send-once={once}" in repeat
    ada.hears(said("m9", "now"))
    (question,) = ada.hears(said("m4", "mine", who="ada", tags=f"label={label_of(repeat)};"))
    assert "CHATHISTORY TARGETS timestamp=2026-11-22T12:00:03.999Z" in question
    assert CaughtUp(ada.now, ("mine",)) in ada.events
    assert memory.in_doubt == []
    label = label_of(question)
    (question,) = ada.hears(
        f"@label={label} :s BATCH +1 draft/chathistory-targets",
        "@batch=1 :s CHATHISTORY TARGETS #lobby 2026-11-22T12:00:09.000Z",
        ":s BATCH -1",
    )
    assert question.endswith("CHATHISTORY AFTER #lobby msgid=m1 100")
    assert ada.told() == []
    ada.hears(
        f"@label={label_of(question)} :s BATCH +2 chathistory #lobby",
        said("m2", "two", tags="batch=2;"),
        said("m3", "missed", tags="batch=2;"),
        said("m4", "mine", who="ada", tags="batch=2;"),
        said("m9", "now", tags="batch=2;"),
        ":s BATCH -2",
    )
    assert ada.told() == ["missed", "now"]
    ada.hears(said("m10", "later"))
    assert ada.told() == ["missed", "now", "later"]
    assert memory.places["#lobby"].last == "m10"


def answer(ada: Script, question: str, *lines: str, kind: str = "chathistory #lobby") -> list[str]:
    return ada.hears(
        f"@label={label_of(question)} :s BATCH +x {kind}",
        *lines,
        ":s BATCH -x",
    )


def caught_up_to_rooms(memory: Memory, *isupport: str) -> tuple[Script, str]:
    memory.in_doubt.clear()
    ada, (targets,) = back(memory, *isupport)
    (question,) = answer(ada, targets, kind="draft/chathistory-targets")
    return ada, question


def test_pages_are_turned_until_nothing_new_comes() -> None:
    """A page may have fewer messages than were asked for, and more behind it."""
    memory, _ = cut()
    ada, question = caught_up_to_rooms(memory, "CHATHISTORY=2")
    assert question.endswith("AFTER #lobby msgid=m1 2")
    first = (said("m2", "two", tags="batch=x;"), said("m3", "three", tags="batch=x;"))
    (question,) = answer(ada, question, *first)
    assert question.endswith("AFTER #lobby msgid=m3 2")
    (question,) = answer(ada, question, said("m4", "four", tags="batch=x;"))
    assert question.endswith("AFTER #lobby msgid=m4 2")
    assert answer(ada, question) == []
    assert ada.told() == ["three", "four"]
    assert ada.protocol.may_say


def test_a_message_that_is_gone_is_no_hole() -> None:
    memory, _ = cut()
    ada, question = caught_up_to_rooms(memory)
    label = label_of(question)
    (question,) = ada.hears(f"@label={label} :s FAIL CHATHISTORY MESSAGE_ERROR AFTER #lobby :No")
    assert question.endswith("AFTER #lobby timestamp=2026-11-22T12:00:01.999Z 100")
    answer(ada, question, said("m2", "two", tags="batch=x;"), said("m3", "three", tags="batch=x;"))
    assert ada.told() == ["three"]


def test_a_hole_is_told() -> None:
    memory, _ = cut()
    ada, question = caught_up_to_rooms(memory, "MSGREFTYPES=timestamp")
    assert "AFTER #lobby timestamp=" in question
    ada.hears(f"@label={label_of(question)} :s FAIL CHATHISTORY MESSAGE_ERROR AFTER #lobby :No")
    (hint,) = [event for event in ada.events if isinstance(event, Hint)]
    assert hint.text == "what was said in #lobby meanwhile cannot be fetched (No)"
    assert ada.protocol.may_say


def test_whoever_spoke_to_us_alone_is_asked_about_too() -> None:
    memory, _ = cut()
    memory.in_doubt.clear()
    ada, (targets,) = back(memory)
    line = "@batch=x :s CHATHISTORY TARGETS carol 2026-11-22T12:00:05.000Z"
    (question,) = answer(ada, targets, line, kind="draft/chathistory-targets")
    (question,) = answer(ada, question)
    assert "AFTER carol timestamp=" in question
    psst = said("m5", "psst", who="carol", to="ada", tags="batch=x;")
    answer(ada, question, psst, kind="chathistory carol")
    assert ada.told() == ["psst"]


def test_a_cut_while_catching_up_forgets_nothing() -> None:
    memory, _ = cut()
    ada, _ = caught_up_to_rooms(memory)
    ada.hears(said("m5", "now"))
    assert ada.protocol.receive_eof(ada.now) == []
    assert memory.places["#lobby"].before == "m1"
    _, question = caught_up_to_rooms(memory)
    assert question.endswith("AFTER #lobby msgid=m1 100")


def test_a_server_without_history_has_no_catching_up() -> None:
    memory = Memory()
    Script(memory=memory)
    ada = live("server-time", memory=memory)
    ada.hears(said("m1", "one"))
    again = live("server-time", memory=memory)
    again.hears(said("m2", "two"))
    assert again.told() == ["two"]


def test_a_repeat_that_nobody_else_can_have_said_was_said() -> None:
    memory, _ = cut()
    (piece,) = memory.in_doubt
    ada, (repeat,) = back(memory)
    label = label_of(repeat)
    ada.hears(f"@label={label} :s FAIL PRIVMSG SEND_ONCE_CONFLICT #lobby :That id was used")
    assert piece.state is State.SAVED


def test_what_is_to_somebody_who_is_not_back_yet_waits_for_them() -> None:
    memory, once = cut()
    (piece,) = memory.in_doubt
    piece.to = "bob"
    ada, (repeat,) = back(memory)
    (question,) = ada.hears(f"@label={label_of(repeat)} :s 401 ada bob :No such nick")
    hint = Hint(ada.now, "bob is not here now; this is said when they are: mine")
    assert hint in ada.events
    assert not [event for event in ada.events if isinstance(event, CaughtUp | Refused)]
    assert memory.absent == [piece]
    (question,) = answer(ada, question, kind="draft/chathistory-targets")
    assert answer(ada, question) == []
    assert ada.hears(":carol!u@h JOIN #lobby") == []
    (again,) = ada.hears(":Bob!u@h JOIN #lobby")
    assert again.endswith("PRIVMSG bob mine")
    assert f"hubbub.chat/send-once={once}" in again
    ada.hears(said("m5", "mine", who="ada", to="bob", tags=f"label={label_of(again)};"))
    assert ada.events[-1] == CaughtUp(ada.now, ("mine",))
    assert memory.absent == []


def test_what_waits_for_somebody_is_tried_again_after_the_next_cut() -> None:
    memory, _ = cut()
    (piece,) = memory.in_doubt
    memory.in_doubt.clear()
    piece.to, piece.state = "bob", State.WAITING
    memory.absent.append(piece)
    ada, (targets,) = back(memory)
    (question,) = answer(ada, targets, kind="draft/chathistory-targets")
    (again,) = answer(ada, question)
    assert again.endswith("PRIVMSG bob mine")
    assert ada.protocol.cut(ada.now) == ()
    assert (memory.in_doubt, memory.absent) == ([piece], [])


def test_a_kept_line_that_is_refused_is_named_and_not_counted() -> None:
    memory, _ = cut()
    ada, (repeat,) = back(memory)
    ada.hears(f"@label={label_of(repeat)} :s 404 ada #lobby :Cannot send to channel")
    assert Hint(ada.now, "this was not said: mine") in ada.events
    assert not [event for event in ada.events if isinstance(event, CaughtUp)]


def test_a_room_that_was_left_stays_left_and_one_we_were_sent_out_of_does_not() -> None:
    memory = Memory()
    ada = Script(memory=memory, rooms=("#lobby", "#tea", "#den"))
    ada.is_welcomed()
    ada.enters("#lobby")
    ada.hears(":ada!u@h JOIN #tea", ":ada!u@h JOIN #den")
    ada.hears(":ada!u@h PART #Lobby", ":bob!u@h KICK #den ada :out")
    ada.hears(":ada!u@h PART #tea", ":ada!u@h JOIN #tea")
    ada.protocol.cut(ada.now)
    again = Script(memory=memory, rooms=("#lobby", "#tea", "#den"))
    sent = again.is_welcomed()
    assert [line for line in sent if line.startswith("JOIN")] == ["JOIN #tea", "JOIN #den"]


def test_the_last_few_are_fetched_where_we_are_new_and_want_them() -> None:
    ada = Script(recent=20, memory=Memory())
    ada.is_welcomed(caps=ALL)
    (question,) = ada.enters()
    assert question.endswith("CHATHISTORY LATEST #lobby * 20")
    answer(ada, question, said("m1", "one", tags="batch=x;"))
    (message,) = ada.events[1:]
    assert getattr(message, "replayed", "") == "2026-11-22T12:00:01.000Z"


def test_what_a_server_plays_unasked_is_marked() -> None:
    ada = live("batch server-time")
    ada.hears(":s BATCH +1 chathistory #lobby", said("m1", "one", tags="batch=1;"), ":s BATCH -1")
    assert getattr(ada.events[-1], "replayed", "") == "2026-11-22T12:00:01.000Z"


def test_what_a_slow_reader_missed_is_fetched_before_what_comes_after_it() -> None:
    memory = Memory()
    ada = Script(memory=memory)
    ada.is_welcomed(caps=ALL)
    ada.enters(tags="@time=2026-11-22T12:00:00.000Z ")
    ada.hears(said("m1", "one"), said("m2", "two"))
    missed = ":irc.example WARN * MESSAGES_MISSED #lobby m3 :1 message in #lobby left out"
    (targets,) = ada.hears(missed, said("m5", "now"))
    assert "CHATHISTORY TARGETS" in targets
    assert ada.told() == ["one", "two"]
    (question,) = answer(ada, targets, kind="draft/chathistory-targets")
    assert question.endswith("AFTER #lobby msgid=m1 100")
    again = missed.replace("m3", "m6")
    lines = (said("m2", "two", tags="batch=x;"), said("m3", "three", tags="batch=x;"))
    (page,) = answer(ada, question, *lines)
    assert page.endswith("AFTER #lobby msgid=m3 100")
    ada.hears(again)
    (targets,) = answer(ada, page, said("m5", "now", tags="batch=x;"))
    assert "CHATHISTORY TARGETS" in targets, "it missed something again, meanwhile"
    (question,) = answer(ada, targets, kind="draft/chathistory-targets")
    assert question.endswith("AFTER #lobby msgid=m3 100")
    answer(ada, question, said("m5", "now", tags="batch=x;"), said("m6", "six", tags="batch=x;"))
    assert not ada.protocol.may_say
    assert ada.told() == ["one", "two", "three", "now", "six"]
