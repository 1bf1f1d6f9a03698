"""Getting in: capabilities, nicks, passwords and tokens, with servers of all kinds."""

from __future__ import annotations

import pytest

from client.irc_script import ALL, Script
from hubbub.client import BadName, Memory
from hubbub.client.events import Hint, Joined, Refused
from hubbub.client.irc.nicks import Nicks, nick_of


def test_the_first_words() -> None:
    assert Script("Ada L.").sent() == ["CAP LS 302", "NICK Ada_L_", "USER hubbub 0 * :Ada L."]


def test_a_password_comes_before_them() -> None:
    assert Script(password="let me in").sent()[:2] == ["PASS :let me in", "CAP LS 302"]


def test_capabilities_in_several_lines_are_asked_for_when_all_are_known() -> None:
    script = Script()
    script.sent()
    assert script.hears(":s CAP * LS * :batch labeled-response sasl=PLAIN,EXTERNAL") == []
    sent = script.hears(":s CAP * LS :echo-message server-time unknown/thing")
    assert sent == ["CAP REQ :batch labeled-response echo-message server-time"]
    assert script.hears(":s CAP * ACK :batch labeled-response ") == []
    assert script.hears(":s CAP * ACK :echo-message server-time") == ["CAP END"]
    assert script.protocol.registration.capabilities.offered["sasl"] == "PLAIN,EXTERNAL"


def test_one_capability_that_is_refused_costs_no_other() -> None:
    script = Script()
    script.sent()
    script.hears(":s CAP * LS :batch echo-message")
    assert script.hears(":s CAP * NAK :batch echo-message") == [
        "CAP REQ batch",
        "CAP REQ echo-message",
    ]
    assert script.hears(":s CAP * NAK :batch", ":s CAP * ACK :echo-message") == ["CAP END"]
    assert script.protocol.registration.capabilities.held == {"echo-message"}


def test_capabilities_come_and_go_later() -> None:
    script = Script()
    script.is_welcomed(caps="batch server-time")
    assert script.hears(":s CAP ada NEW :echo-message other") == ["CAP REQ echo-message"]
    script.hears(":s CAP ada ACK :echo-message", ":s CAP ada DEL :batch")
    assert script.protocol.registration.capabilities.held == {"server-time", "echo-message"}


def test_a_server_that_knows_no_capabilities() -> None:
    script = Script()
    script.sent()
    script.hears(":s 421 * CAP :Unknown command")
    assert script.is_welcomed() == ["JOIN #lobby", "PING hubbub-1"]
    script.enters()
    assert script.protocol.ready
    assert isinstance(script.events[0], Joined)
    assert script.events[0].rooms == ("#lobby",)


def test_a_nick_in_use_is_another_nick() -> None:
    script = Script()
    script.sent()
    assert script.hears(":s 433 * ada :in use") == ["NICK ada_2"]
    assert script.hears(":s 433 * ada_2 :in use") == ["NICK ada_3"]
    script.is_welcomed(nick="ada_3")
    assert script.protocol.name == "ada_3"


def test_a_server_of_old_gets_a_plain_and_short_nick() -> None:
    script = Script("José the great")
    assert "NICK José_the_great" in script.sent()
    assert script.hears(":s 432 * José :Erroneous nickname") == ["NICK Jose_the_great"]
    assert script.hears(":s 432 * José :Erroneous nickname") == ["NICK Jose_the_"]
    assert script.hears(":s 433 * José :in use") == ["NICK Jose_th_2"]


def test_names_become_nicks() -> None:
    assert nick_of(" José  García ") == "José_García"
    assert nick_of("#ada") == "_ada"
    assert nick_of("@") == "_"
    assert nick_of("东京") == "东京"
    nicks = Nicks("东京")
    assert nicks.bad()
    assert nicks.current == "guest"
    assert not nicks.bad()
    with pytest.raises(BadName):
        Script(" ")


def test_nobody_offers_names_for_ever() -> None:
    script = Script()
    script.sent()
    for _ in range(19):
        assert script.hears(":s 433 * ada :in use") != []
    script.hears(":s 433 * ada :in use")
    assert script.protocol.failure == ("the server takes none of the names we can offer (in use)")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            ":s 464 * :Password incorrect",
            "the server wants a password, or another one (Password incorrect)",
        ),
        (":s 465 * :You are banned", "the server has banned us (You are banned)"),
    ],
)
def test_who_is_not_let_in_is_told_why(line: str, reason: str) -> None:
    script = Script()
    script.hears(line)
    assert script.protocol.failure == reason
    assert not script.protocol.retry


def test_a_server_that_wants_tls_is_obeyed_only_without_it() -> None:
    plain, secured = Script(), Script(secure=True)
    for script in (plain, secured):
        script.hears(":s CAP * LS :sts=port=6697,duration=300 batch")
    assert plain.protocol.registration.tls_port == 6697
    assert secured.protocol.registration.tls_port == 0
    assert secured.protocol.failure is None


def test_a_token_is_kept_and_comes_before_the_nick() -> None:
    memory = Memory()
    script = Script(memory=memory)
    script.is_welcomed(caps=ALL)
    script.hears(":s RESUME TOKEN secret")
    assert memory.token == "secret"
    assert "secret" not in repr(memory)
    again = Script(memory=memory)
    assert again.sent() == ["CAP LS 302"]
    again.hears(":s CAP * LS :hubbub.chat/resume")
    assert again.hears(":s CAP * ACK :hubbub.chat/resume") == [
        "RESUME secret",
        "NICK ada",
        "USER hubbub 0 * ada",
        "CAP END",
    ]
    again.hears(":s RESUME SUCCESS ada_l", ":s 001 ada_l :Welcome", ":s 422 ada_l :No MOTD")
    again.hears(":s PONG s hubbub-1")
    assert again.protocol.name == "ada_l"
    joined = again.events[0]
    assert isinstance(joined, Joined)
    assert joined.resumed


def test_a_token_that_is_no_good_is_forgotten_one_that_cannot_be_tried_is_not() -> None:
    for code, left in (("INVALID_TOKEN", ""), ("CANNOT_RESUME", "secret")):
        memory = Memory(token="secret")
        script = Script(memory=memory)
        script.hears(":s CAP * LS :hubbub.chat/resume", ":s CAP * ACK :hubbub.chat/resume")
        script.hears(f":s FAIL RESUME {code} :No")
        assert memory.token == left


def test_a_room_that_does_not_let_us_in_is_a_refusal() -> None:
    script = Script()
    script.is_welcomed()
    script.hears(":s 473 ada #lobby :Cannot join channel (+i)", ":s PONG s hubbub-1")
    assert script.protocol.ready
    joined, refused = script.events
    assert isinstance(joined, Joined)
    assert joined.rooms == ()
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.room) == ("#lobby: Cannot join channel (+i)", "#lobby")


def test_what_is_not_irc_is_no_irc() -> None:
    for line in ("HTTP/1.1 400 Bad Request", "5         alice", "123       abc", "220 ftp ready"):
        script = Script()
        script.hears(line)
        assert not script.protocol.heard_irc, line
    for line in (
        "NOTICE AUTH :*** Looking up",
        "PING :1234",
        ":s CAP * LS :batch",
        ":s 020 * :Wait",
    ):
        script = Script()
        script.hears(line)
        assert script.protocol.heard_irc, line


def test_a_ping_while_arriving_is_answered() -> None:
    script = Script()
    script.sent()
    assert script.hears("PING :a cookie") == ["PONG :a cookie"]


def test_a_server_that_falls_silent_is_asked_and_then_given_up() -> None:
    script = Script(rooms=())
    script.is_welcomed()
    script.hears(":s PONG s hubbub-1")
    script.sent()
    deadline = script.protocol.deadline
    assert deadline is not None
    assert script.protocol.tick(deadline) == []
    assert script.sent() == ["PING hubbub-2"]
    later = script.protocol.deadline
    assert later is not None
    script.protocol.tick(later)
    assert script.protocol.failure == "the server does not answer"
    assert not any(isinstance(event, Hint) for event in script.events)
