"""The farewell: last words are read, whatever they are part of; what came before them counts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from hubbub.hub import past

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]

LABELS = "CAP REQ :batch labeled-response"


@pytest.fixture(autouse=True)
def no_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)


async def test_a_labelled_good_bye_before_there_is_a_name(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with Client(stage.port) as alice:
        alice.send("CAP LS 302", LABELS, "@label=x QUIT :no")
        *_, last = await alice.rest()
        assert (last.command, last.params, last.tags) == ("ERROR", ["Bye no"], {"label": "x"})
    assert not caplog.records


async def test_a_labelled_refusal_that_ends_it_says_why(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await opened({"irc.password": "secret"})
    async with Client(stage.port) as alice:
        alice.send("CAP LS 302", LABELS, "NICK alice", "USER a 0 * :A", "@label=x CAP END")
        lines = await alice.rest()
        begin = next(line for line in lines if line.command == "BATCH")
        assert begin.tags == {"label": "x"}
        assert [line.command for line in lines[-4:]] == ["BATCH", "464", "ERROR", "BATCH"]
    assert not caplog.records


@pytest.mark.parametrize("nick", [[], ["NICK alice", "USER a 0 * :A"]])
async def test_what_ends_it_without_a_label_is_said_as_it_is(stage: Stage, nick: list[str]) -> None:
    async with Client(stage.port) as alice:
        alice.send(*nick, "QUIT :no")
        assert said(await alice.rest())[-1] == ("", "ERROR", "Bye no")


async def test_who_is_cut_off_with_much_unsaid_is_heard_out_no_faster(opened: Opened) -> None:
    stage = await opened({"limits.messages_per_second": 20, "limits.message_burst": 10})
    async with Client(stage.port) as bob, Client(stage.port) as chatty:
        await bob.arrive("bob")
        await chatty.arrive("chatty")
        bob.send("JOIN #lobby")
        chatty.send("JOIN #lobby", *(f"PRIVMSG #lobby :{number}" for number in range(20)))
        heard = said(await bob.heard())
        while not any(line[1] == "PRIVMSG" for line in heard):
            heard += said(await bob.heard())
        begun = stage.doors.irc.loop.time()
        chatty.cut()
        while heard[-1][1] != "QUIT":
            heard += said(await bob.heard())
        words = [line[3] for line in heard if line[:2] == ("chatty", "PRIVMSG")]
        assert words == [str(number) for number in range(20)], "what came whole still counts"
        assert stage.doors.irc.loop.time() - begun > 0.2, "and waits its turn"


async def test_a_bug_while_something_is_fetched_is_no_silence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    async with Client(stage.port) as alice:
        await alice.arrive("alice", "draft/chathistory", "batch")
        alice.send("JOIN #lobby")
        await alice.heard()
        monkeypatch.setattr(past, "read_page", broken)
        alice.send("CHATHISTORY LATEST #lobby * 10")
        assert said(await alice.rest())[-1][1:] == ("ERROR", "Internal error")
    (record,) = caplog.records
    assert record.getMessage() == "CHATHISTORY failed"
    assert "a bug" in str(record.exc_info)
    caplog.clear()
