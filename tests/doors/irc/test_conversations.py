"""IRC clients among themselves and with classic programs, as people would tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doors.irc.client import Client, said
from doors.peer import Peer, arrived
from hubbub.server.config import Operator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

LABELS = ("batch", "labeled-response", "echo-message", "message-tags", "server-time")


async def test_an_irc_client_and_a_classic_program_are_in_one_room(stage: Stage) -> None:
    async with Client(stage.port) as alice, Peer(stage.port) as klaus:
        await alice.arrive("alice")
        alice.send("JOIN #lobby")
        await alice.heard()
        await arrived(klaus, "Klaus")
        alice.send("PRIVMSG #lobby :hello Klaus", "PRIVMSG Klaus :psst")
        assert await klaus.pairs(2) == [("alice", "hello Klaus"), ("alice", "(private) psst")]
        await klaus.say("hello alice")
        await klaus.say("/msg alice psst yourself")
        assert await klaus.pair() == ("server", "told alice")
        assert said(await alice.heard()) == [
            ("Klaus", "JOIN", "#lobby"),
            ("Klaus", "PRIVMSG", "#lobby", "hello alice"),
            ("Klaus", "PRIVMSG", "alice", "psst yourself"),
        ]
        alice.send("QUIT :bye")
        assert said(await alice.rest()) == [("", "ERROR", "Bye bye")]
        assert await klaus.pair() == ("server", "alice left")


async def test_an_action_is_an_action_everywhere(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob, Peer(stage.port) as klaus:
        await alice.arrive("alice")
        await bob.arrive("bob")
        alice.send("JOIN #lobby")
        await alice.heard()
        bob.send("JOIN #lobby")
        await bob.heard()
        await arrived(klaus, "Klaus")
        alice.send("PRIVMSG #lobby :\x01ACTION waves\x01")
        assert await klaus.pair() == ("alice", "* waves")
        assert said(await bob.heard(), "PRIVMSG") == [
            ("alice", "PRIVMSG", "#lobby", "\x01ACTION waves\x01")
        ]


async def test_a_long_classic_message_is_several_lines_with_one_msgid(stage: Stage) -> None:
    async with Client(stage.port) as alice, Peer(stage.port) as klaus:
        await alice.arrive("alice", "message-tags", "server-time")
        alice.send("JOIN #lobby")
        await alice.heard()
        await arrived(klaus, "Klaus")
        await klaus.say("one\n" + "word " * 200)
        await klaus.until_answered()
        lines = [line for line in await alice.heard() if line.command == "PRIVMSG"]
        assert "".join(line.params[1] for line in lines) == "one" + "word " * 200
        assert [("msgid" in line.tags, "time" in line.tags) for line in lines] == [
            (True, True),
            *[(False, True)] * (len(lines) - 1),
        ]


async def test_who_enters_while_away_is_two_lines_with_one_msgid(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", "away-notify", "message-tags", "server-time")
        alice.send("JOIN #tea")
        await alice.heard()
        await bob.arrive("bob")
        bob.send("AWAY :at lunch", "JOIN #tea")
        await bob.heard()
        entered, away = await alice.heard()
        assert (entered.command, *away.params) == ("JOIN", "at lunch")
        assert entered.tags.keys() - away.tags.keys() == {"msgid"}
        assert entered.tags["time"] == away.tags["time"]


async def test_a_label_holds_all_that_one_command_causes(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", *LABELS)
        alice.send("@label=one JOIN #new", "@label=two PRIVMSG #new :hi", "@label=three PONG")
        alice.send("@label=four PRIVMSG alice :me", "@label=five WHAT")
        lines = await alice.heard()
        begin, join, names, end_of_names, end, echo, ack, own, copy, unknown = lines
        assert (begin.command, begin.tags["label"]) == ("BATCH", "one")
        assert begin.params[1] == "labeled-response"
        reference = begin.params[0][1:]
        assert [line.tags["batch"] for line in (join, names, end_of_names)] == [reference] * 3
        assert end.params == [f"-{reference}"]
        assert (echo.command, echo.tags["label"]) == ("PRIVMSG", "two")
        assert (ack.command, dict(ack.tags)) == ("ACK", {"label": "three"})
        assert own.tags["label"] == "four"
        assert "label" not in copy.tags
        assert own.tags["msgid"] == copy.tags["msgid"]
        assert (unknown.command, unknown.tags["label"]) == ("421", "five")


async def test_who_half_closes_is_answered_first(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        alice.send("NICK alice", "USER a 0 * :A", "JOIN #lobby", "PRIVMSG #lobby :hi")
        alice.half_close()
        lines = said(await alice.rest(), "JOIN", "ERROR")
        assert lines == [("alice", "JOIN", "#lobby"), ("", "ERROR", "Connection closed")]


async def test_what_cannot_be_relayed_whole_is_not_relayed(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob")
        alice.send(f"PRIVMSG bob :{'x' * 490}", "PRIVMSG bob :short")
        assert [line.command for line in await alice.heard()] == ["417"]
        assert said(await bob.heard()) == [("alice", "PRIVMSG", "bob", "short")]


async def test_bytes_that_are_no_utf8_are_refused(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        alice.send_bytes(b"PRIVMSG alice :caf\xe9\r\n")
        (line,) = await alice.heard()
        assert (line.command, line.params[:2]) == ("FAIL", ["PRIVMSG", "INVALID_UTF8"])


async def test_a_line_without_an_end_is_not_listened_to_for_long(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        alice.send_bytes(b"x" * (16 * 1024 + 1))
        assert said(await alice.rest()) == [("", "ERROR", "RecvQ exceeded")]


async def test_operators_ban_and_lift(opened: Callable[..., Awaitable[Stage]]) -> None:
    operator = Operator(name="root", password="secret")
    settings: dict[str, Any] = {"irc.operators": (operator,)}
    stage = await opened(settings)
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice")
        await bob.arrive("bob")
        alice.send("OPER root wrong", "OPER root secret", "KLINE 5 bob!*@* :enough")
        assert [line.command for line in await alice.heard()] == ["464", "381", "MODE", "NOTICE"]
        assert said(await bob.rest()) == [("", "ERROR", "banned: enough")]
        async with Client(stage.port) as again:
            again.send("NICK bob", "USER b 0 * :B")
            (refused, _) = await again.rest()
            assert refused.command == "465"
        alice.send("UNKLINE bob!*@*")
        await alice.heard()
        async with Client(stage.port) as again:
            assert said(await again.arrive("bob"), "001")


async def test_who_may_ban_may_see_the_bans(opened: Callable[..., Awaitable[Stage]]) -> None:
    guard = Operator(name="guard", password="secret", privileges=("ban",))
    stage = await opened({"irc.operators": (guard,)})
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        alice.send("OPER guard secret", "KLINE bob!*@* :enough", "STATS k", "STATS t")
        heard = await alice.heard()
        assert said(heard, "216")[0][3:] == ("K", "bob!*@*", "*", "*", "enough")
        alice.send("KLINE 0 carl!*@* :never")
        (notice,) = said(await alice.heard(), "NOTICE")
        assert notice[-1].startswith("carl!*@* is banned for good")
        assert [line.command for line in heard][-3:] == ["216", "219", "481"]


async def test_a_connection_that_does_not_answer_is_gone(
    opened: Callable[..., Awaitable[Stage]],
) -> None:
    stage = await opened({"irc.ping_interval": 0.05, "irc.ping_timeout": 0.05})
    async with Client(stage.port) as alice:
        await alice.arrive("alice")
        assert said(await alice.rest()) == [
            ("", "PING", "hubbub.local"),
            ("", "ERROR", "Ping timeout"),
        ]
