"""AWAY before one is there ("pre-away")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said, session
from doors.irc.test_resume import CAPABILITY as RESUME
from doors.irc.test_resume import arrive

if TYPE_CHECKING:
    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

CAPABILITY = "draft/pre-away"


async def register(client: Client, *lines: str, also: str = "") -> list[Line]:
    client.send("CAP LS 302", f"CAP REQ :{CAPABILITY} {also}".rstrip(), *lines)
    client.send("NICK alice", "USER alice 0 * :Alice", "CAP END")
    return await client.heard()


async def test_somebody_is_away_from_the_first_moment(stage: Stage) -> None:
    async with Client(stage.port) as bob, Client(stage.port) as alice:
        await bob.arrive("bob", "extended-monitor", "away-notify")
        bob.send("MONITOR + alice")
        await bob.heard()
        lines = await register(alice, "AWAY *")
        commands = [line.command for line in lines]
        assert commands.index("306") < commands.index("001")
        assert session(stage, "alice").away == "*"
        # "pre-away": it "does not inhibit reporting of the change in nickname status".
        heard = await bob.heard()
        assert [line.command for line in heard] == ["730", "AWAY"]
        assert heard[1].params == ["*"]
        bob.send("PRIVMSG alice :hello")
        assert said(await bob.heard()) == [("hubbub.local", "301", "bob", "alice", "*")]
        alice.send("AWAY")
        assert "305" in [line.command for line in await alice.heard()]
        assert session(stage, "alice").away is None


async def test_the_last_word_before_counts(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        lines = await register(alice, "AWAY *", "AWAY :out", "AWAY")
        commands = [line.command for line in lines]
        assert [one for one in commands if one in {"305", "306"}] == ["306", "306", "305"]
        assert session(stage, "alice").away is None


async def test_it_takes_the_capability(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        alice.send("CAP LS 302", "AWAY *", "NICK alice", "USER alice 0 * :Alice", "CAP END")
        assert "451" in [line.command for line in await alice.heard()]
        assert session(stage, "alice").away is None


@pytest.mark.parametrize(
    ("left", "before", "after"),
    [
        ("AWAY :at lunch", "AWAY *", "at lunch"),
        ("AWAY", "AWAY *", "*"),
        ("AWAY :at lunch", "AWAY", None),
        ("AWAY :at lunch", "AWAY :out", "out"),
        ("AWAY :at lunch", "PING 1", "at lunch"),
    ],
)
async def test_who_takes_over_says_how_it_is_now(
    stage: Stage, left: str, before: str, after: str | None
) -> None:
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice")
        dead.send(left)
        await dead.heard()
        lines = await register(alice, f"RESUME {token}", before, also=RESUME)
        shown = [line.command for line in lines]
        assert session(stage, "alice").away == after
        assert ("306" in shown[shown.index("001") :]) is (after is not None)
