"""Resume: whoever was cut off is who they were (docs/protocols/irc.md)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from doors.irc.client import Client, said
from doors.peer import Peer, arrived
from hubbub.core.ports import StoreError
from hubbub.server.config import Operator
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

CAPABILITY = "hubbub.chat/resume"
ONCE = "hubbub.chat/send-once"
ID = "send-once-{:016d}"
MORE = (ONCE, "message-tags", "server-time", "echo-message")


async def given_token(client: Client, *lines: Line) -> str:
    """The token that a client is given, after the lines that it has heard already."""
    heard = list(lines)
    while True:
        for one in heard:
            if one.command == "RESUME" and one.params[0] == "TOKEN":
                return one.params[1]
        line = await client.line()
        assert line is not None
        heard = [line]


async def arrive(client: Client, nick: str, *more: str) -> str:
    """Register with the capability; the token."""
    return await given_token(client, *await client.arrive(nick, CAPABILITY, *more))


async def come_back(client: Client, token: str, nick: str = "", *more: str) -> list[Line]:
    """Register again by a token, as our own clients do; what was heard."""
    client.send("CAP LS 302", f"CAP REQ :{' '.join((CAPABILITY, *more))}", f"RESUME {token}")
    if nick:
        client.send(f"NICK {nick}")
    client.send(f"USER {nick or 'x'} 0 * :somebody", "CAP END")
    return await client.heard()


def once(target: str, text: str, send_id: str = ID.format(0)) -> str:
    return f"@{ONCE}={send_id} PRIVMSG {target} :{text}"


def failures(lines: list[Line]) -> list[str]:
    return [line.params[1] for line in lines if line.command == "FAIL"]


# -- a token -----------------------------------------------------------------------------------


async def test_a_token_comes_after_the_welcome_and_only_if_it_is_wanted(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        lines = await alice.arrive("alice", CAPABILITY)
        await given_token(alice, *lines)
        commands = [line.command for line in lines]
        if "RESUME" in commands:
            assert commands.index("RESUME") > commands.index("422")
        assert "RESUME" not in [line.command for line in await bob.arrive("bob")]
        bob.send(f"CAP REQ {CAPABILITY}")
        token = await given_token(bob)
        assert len(token) == 43
        bob.send(f"CAP REQ -{CAPABILITY}", f"CAP REQ {CAPABILITY}", "PING 1", "PING 2")
        assert "RESUME" not in [line.command for line in await bob.heard()], "one is enough"


# -- taking over -------------------------------------------------------------------------------


async def test_the_dead_link_is_replaced_and_nobody_notices(stage: Stage) -> None:
    async with (
        Client(stage.port) as dead,
        Client(stage.port) as alice,
        Client(stage.port) as bob,
    ):
        token = await arrive(dead, "alice")
        await bob.arrive("bob", "away-notify", "chghost")
        dead.send(
            *("JOIN #attic,#lobby", "TOPIC #attic :tea", "MODE alice +iB", "AWAY :out"),
            *("MONITOR + dave", "MODE #attic +b zed"),
        )
        await dead.heard()
        bob.send("JOIN #attic,#lobby")
        await bob.heard()

        lines = await come_back(alice, token, "alice")
        assert failures(lines) == []
        commands = [line.command for line in lines]
        assert commands.index("RESUME") == commands.index("001") - 1
        own = [line for line in lines if line.command in {"RESUME", "001", "MODE", "306", "JOIN"}]
        assert said(own)[0][1:] == ("RESUME", "SUCCESS", "alice")
        assert [one[1:] for one in said(own, "MODE", "JOIN")] == [
            ("MODE", "alice", "+iB"),
            ("JOIN", "#attic"),
            ("JOIN", "#lobby"),
        ]
        assert "306" in commands
        begin = commands.index("JOIN")
        assert commands[begin : begin + 5] == ["JOIN", "332", "333", "353", "366"]
        (names, _) = [line.params[-1].split() for line in lines if line.command == "353"]
        assert sorted(names) == ["@alice", "bob"]
        assert await given_nothing_more(alice)

        assert said(await dead.rest(), "ERROR") == [
            ("", "ERROR", "Closing link: resumed elsewhere")
        ]
        assert said(await bob.heard()) == []
        bob.send("PRIVMSG alice :psst", "PRIVMSG #attic :hello", "NICK dave")
        await bob.heard()
        alice.send("MODE #attic -b zed")
        heard = said(await alice.heard())
        assert ("bob", "PRIVMSG", "alice", "psst") in heard
        assert ("bob", "PRIVMSG", "#attic", "hello") in heard
        assert ("alice", "MODE", "#attic", "-b", "zed!*@*") in heard
        assert [one[1] for one in heard].count("730") == 1, "dave is here"


async def given_nothing_more(client: Client) -> bool:
    """Whether a client that resumed is given no other token."""
    return "RESUME" not in [line.command for line in await client.heard()]


async def test_a_nick_that_only_we_have_is_ours(stage: Stage) -> None:
    """Most clients send NICK first: it is refused, and need not be sent again."""
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice")
        alice.send("CAP LS 302", "NICK alice", "USER a 0 * :A", f"CAP REQ {CAPABILITY}")
        assert "433" in [line.command for line in await alice.heard()]
        alice.send(f"RESUME {token}", "CAP END")
        assert said(await alice.heard(), "RESUME", "433") == [
            ("hubbub.local", "RESUME", "SUCCESS", "alice")
        ]


async def test_a_token_may_be_all_that_is_missing(stage: Stage) -> None:
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice")
        alice.send(f"CAP REQ {CAPABILITY}", "USER a 0 * :A", "CAP END", f"RESUME {token}")
        assert said(await alice.heard(), "RESUME", "001")[0][1:] == ("RESUME", "SUCCESS", "alice")


async def test_no_operator_of_the_server_comes_back_without_a_password(
    opened: Callable[..., Awaitable[Stage]],
) -> None:
    settings: dict[str, Any] = {"irc.operators": (Operator(name="root", password="secret"),)}
    stage = await opened(settings)
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice")
        dead.send("OPER root secret")
        assert "381" in [line.command for line in await dead.heard()]
        await come_back(alice, token)
        alice.send("WALLOPS :hi")
        assert [line.command for line in await alice.heard()] == ["481"]


async def test_a_host_that_changed_is_told_as_ever(
    opened: Callable[..., Awaitable[Stage]],
) -> None:
    stage = await opened({"gateways.trusted": ("127.0.0.1",)})
    async with (
        Client(stage.port) as dead,
        Client(stage.port) as alice,
        Client(stage.port) as bob,
    ):
        token = await arrive(dead, "alice")
        dead.send("JOIN #lobby")
        await dead.heard()
        await bob.arrive("bob", "chghost")
        bob.send("JOIN #lobby")
        await bob.heard()
        alice.send("PROXY TCP4 192.0.2.9 192.0.2.1 5 1234")
        lines = await come_back(alice, token, "", "chghost")
        assert said(await bob.heard()) == [("alice", "CHGHOST", "alice", "192.0.2.9")]
        assert said(lines, "JOIN", "CHGHOST")[-2:] == [
            ("alice", "JOIN", "#lobby"),
            ("alice", "CHGHOST", "alice", "192.0.2.9"),
        ]


# -- after it was gone -------------------------------------------------------------------------


async def test_who_has_gone_is_nobody_else_when_they_are_back(stage: Stage) -> None:
    async with (
        Client(stage.port) as first,
        Client(stage.port) as bob,
        Client(stage.port) as alice,
    ):
        token = await arrive(first, "alice")
        await bob.arrive("bob")
        first.send("JOIN #attic")
        await first.heard()
        bob.send("JOIN #attic")
        await bob.heard()
        first.send("QUIT")
        await first.rest()
        await bob.heard()
        lines = await come_back(alice, token, "somebody")
        assert said(lines, "RESUME", "001", "JOIN")[0] == (
            *("hubbub.local", "RESUME", "SUCCESS", "alice"),
        )
        alice.send("JOIN #attic")
        await alice.heard()
        assert said(await bob.heard()) == [
            ("alice", "JOIN", "#attic"),
            ("hubbub.local", "MODE", "#attic", "+o", "alice"),
        ]


async def test_a_nick_that_somebody_else_has_is_left_to_them(stage: Stage) -> None:
    async with (
        Client(stage.port) as first,
        Client(stage.port) as thief,
        Client(stage.port) as alice,
    ):
        token = await arrive(first, "alice")
        first.send("QUIT")
        await first.rest()
        await thief.arrive("alice")
        lines = await come_back(alice, token)
        assert said(lines, "RESUME", "433") == [
            ("hubbub.local", "433", "*", "alice", "Nickname is already in use")
        ]
        alice.send("NICK alicia")
        assert said(await alice.heard(), "RESUME") == [
            ("hubbub.local", "RESUME", "SUCCESS", "alicia")
        ]


# -- what cannot be ----------------------------------------------------------------------------


async def test_a_token_of_nobody_makes_a_new_person(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as again:
        token = await arrive(alice, "alice")
        lines = await come_back(again, "nonsense", "alicia")
        assert failures(lines) == ["INVALID_TOKEN"]
        assert "001" in [line.command for line in lines]
        assert await given_token(again, *lines) != token
        assert said(await alice.heard()) == []


async def test_resume_has_its_time(stage: Stage) -> None:
    async with (
        Client(stage.port) as alice,
        Client(stage.port) as bob,
        Client(stage.port) as dead,
        Client(stage.port) as other,
    ):
        token, another = await arrive(dead, "alice"), await arrive(other, "carol")
        # A second token, good or not, changes nothing.
        alice.send("CAP LS 302", f"CAP REQ {CAPABILITY}", f"RESUME {token}")
        alice.send(f"RESUME {another}", "RESUME nonsense", "USER a 0 * :A", "CAP END")
        lines = await alice.heard()
        assert failures(lines) == ["INVALID_STATE", "INVALID_STATE"]
        assert said(lines, "RESUME") == [("hubbub.local", "RESUME", "SUCCESS", "alice")]
        assert said(await other.heard()) == []
        # Neither without the capability, nor when one has arrived.
        bob.send("CAP LS 302", f"RESUME {another}", "NICK bob", "USER b 0 * :B", "CAP END")
        assert failures(await bob.heard()) == ["INVALID_STATE"]
        bob.send(f"RESUME {another}", "RESUME")
        assert [line.command for line in await bob.heard()] == ["FAIL", "461"]


@pytest.mark.parametrize("wrong", ["with", "without"])
async def test_who_guesses_is_shown_out(stage: Stage, wrong: str) -> None:
    async with Client(stage.port) as guesser:
        guesser.send("CAP LS 302", *([f"CAP REQ {CAPABILITY}"] if wrong == "with" else []))
        guesser.send(*(f"RESUME guess-{number}" for number in range(10)))
        lines = await guesser.rest()
        assert len(failures(lines)) == 5
        assert lines[-1].command == "ERROR"


async def test_when_nothing_can_be_read_the_token_may_be_good(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice")

        async def broken(*_: object, **__: object) -> None:
            raise StoreError("the disk does not work")

        with monkeypatch.context() as patch:
            patch.setattr(type(stage.hub.archive), "proof", broken)
            alice.send("CAP LS 302", f"CAP REQ {CAPABILITY}", f"RESUME {token}")
            assert failures(await alice.heard()) == ["CANNOT_READ"]
        alice.send(f"RESUME {token}", "USER a 0 * :A", "CAP END")
        assert said(await alice.heard(), "RESUME") == [
            ("hubbub.local", "RESUME", "SUCCESS", "alice")
        ]


async def test_no_token_is_ever_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with Client(stage.port) as dead, Client(stage.port) as alice:
            token = await arrive(dead, "alice")
            await come_back(alice, token, "alice")
        async with Client(stage.port) as strange:
            strange.send(f"RESUME {token}", "QUIT")
            await strange.rest()
    assert "resumed" in [record.message for record in caplog.records]
    said_in_logs = "\n".join(str(vars(record)) for record in caplog.records)
    assert token not in said_in_logs
    assert token.encode().hex() not in said_in_logs


# -- with send-once ----------------------------------------------------------------------------


async def test_what_was_on_a_line_that_was_cut_is_heard_once(stage: Stage) -> None:
    async with Client(stage.port) as bob, Peer(stage.port) as klaus:
        await bob.arrive("bob")
        bob.send("JOIN #lobby")
        await bob.heard()
        await arrived(klaus, "Klaus")
        token, wanted = "", []
        for number in range(20):
            async with Client(stage.port) as alice:
                if not token:
                    token = await arrive(alice, "alice", *MORE)
                else:
                    await come_back(alice, token, "alice", *MORE)
                alice.send("JOIN #lobby")
                # What the last line may have lost comes again, before what is new.
                send = [once("#lobby", f"{one}", ID.format(one)) for one in (number - 1, number)]
                alice.send(*send[number == 0 :])
                wanted.append(f"{number}")
                if number % 2:
                    lines = await alice.heard()
                    echoed = [one.params[1] for one in lines if one.command == "PRIVMSG"]
                    assert echoed[-2:] == wanted[-2:]
                alice.cut()
        await bob.heard()
        bob.send("PRIVMSG #lobby :that was all")
        heard = []
        while (pair := await klaus.pair()) != ("bob", "that was all"):
            heard += [pair[1]] if pair[0] == "alice" else []
        assert heard == wanted


# -- on disk -----------------------------------------------------------------------------------


async def test_after_a_crash_all_are_who_they_were_and_nothing_is_said_twice(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    with start_server(folder) as server:
        async with Client(server.port) as alice, Client(server.port) as bob:
            token = await arrive(alice, "alice", *MORE)
            bobs_token = await arrive(bob, "bob")
            alice.send("JOIN #attic", "NICK ally")
            await alice.heard()
            alice.send(once("#attic", "hello"))
            first = (await alice.heard())[-1]
            alice.send(once("bob", "psst", "another-id_of-24-letters"))
            whispered = (await alice.heard())[-1]
            server.kill()
        assert token not in server.log.read_text()
    with start_server(folder) as server:
        async with Client(server.port) as alice, Client(server.port) as bob:
            lines = await come_back(alice, token, "somebody", *MORE)
            assert said(lines, "RESUME", "FAIL", "JOIN") == [
                ("hubbub.local", "RESUME", "SUCCESS", "ally")
            ]
            await come_back(bob, bobs_token, "bob")
            alice.send("JOIN #attic")
            names = [line for line in await alice.heard() if line.command == "353"]
            assert names[0].params[-1] == "@ally"
            bob.send("JOIN #attic")
            await bob.heard()
            await alice.heard()
            alice.send(once("#attic", "hello"), once("bob", "psst", "another-id_of-24-letters"))
            again, whispered_again = await alice.heard()
            for before, after in ((first, again), (whispered, whispered_again)):
                assert (before.tags["msgid"], before.tags["time"], before.params) == (
                    *(after.tags["msgid"], after.tags["time"], after.params),
                )
            assert said(await bob.heard(), "PRIVMSG") == []
            assert server.stop() == 0
        assert token not in server.log.read_text()
