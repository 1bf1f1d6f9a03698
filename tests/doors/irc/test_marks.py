"""MARKREAD: how far one has read ("read-marker")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doors.irc.client import Client, said
from doors.irc.test_resume import arrive, come_back
from hubbub.core.ports import StoreError
from running.server import start_server

if TYPE_CHECKING:
    from pathlib import Path

    from conversations.stage import Stage
    from hubbub.wire.irc.line import Line

CAPABILITY = "draft/read-marker"
EARLY = "timestamp=2019-01-04T14:33:26.123Z"
LATE = "timestamp=2021-05-20T08:30:00.000Z"


def told(lines: list[Line]) -> list[tuple[str, ...]]:
    return [one[2:] for one in said(lines, "MARKREAD", "FAIL")]


async def test_it_is_told_between_join_and_the_end_of_the_names(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", CAPABILITY)
        alice.send("JOIN #attic", "TOPIC #attic :tea", f"MARKREAD #attic {LATE}")
        lines = await alice.heard()
        assert [line.command for line in lines[:4]] == ["JOIN", "MARKREAD", "353", "366"]
        assert told(lines) == [("#attic", "*"), ("#attic", LATE)]
        await bob.arrive("bob")
        bob.send("JOIN #attic", "MARKREAD #ATTIC")
        assert told(await bob.heard()) == [("#ATTIC", "*")], "who did not ask is told in answers"
        alice.send("PART #attic", "MARKREAD #attic", "JOIN #Attic")
        assert told(await alice.heard()) == [("#attic", LATE), ("#attic", LATE)]
        assert told(await bob.heard()) == [], "it is nobody else's"


async def test_it_goes_forward_only(stage: Stage) -> None:
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        await alice.arrive("alice", CAPABILITY)
        await bob.arrive("bob")
        alice.send(f"MARKREAD bob {EARLY}", f"MARKREAD bob {LATE}", f"MARKREAD bob {EARLY}")
        alice.send("MARKREAD bob", "MARKREAD alice")
        assert told(await alice.heard()) == [
            *(("bob", EARLY), ("bob", LATE), ("bob", LATE), ("bob", LATE), ("alice", "*")),
        ]


async def test_what_is_wrong_is_told(stage: Stage) -> None:
    async with Client(stage.port) as alice:
        await alice.arrive("alice", CAPABILITY)
        alice.send("MARKREAD", "MARKREAD :", "MARKREAD #lobby *", "MARKREAD #lobby msgid=123")
        alice.send("MARKREAD #lobby timestamp=yesterday", f"MARKREAD #attic {EARLY}")
        alice.send("MARKREAD #attic", f"MARKREAD nobody {EARLY}")
        assert [one[:3] for one in told(await alice.heard())] == [
            ("MARKREAD", "NEED_MORE_PARAMS", "Missing parameters"),
            ("MARKREAD", "NEED_MORE_PARAMS", "Missing parameters"),
            ("MARKREAD", "INVALID_PARAMS", "#lobby"),
            ("MARKREAD", "INVALID_PARAMS", "#lobby"),
            ("MARKREAD", "INVALID_PARAMS", "#lobby"),
            ("MARKREAD", "INVALID_PARAMS", "#attic"),
            ("#attic", "*"),
            ("MARKREAD", "INVALID_PARAMS", "nobody"),
        ]


async def test_when_the_disk_fails_that_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise StoreError("the disk does not work")

    async with Client(stage.port) as alice:
        await alice.arrive("alice", CAPABILITY)
        alice.send("JOIN #lobby")
        await alice.heard()
        with monkeypatch.context() as patch:
            patch.setattr(type(stage.hub.archive), "keep_marks", broken)
            patch.setattr(type(stage.hub.archive), "room", broken)
            alice.send(f"MARKREAD #lobby {EARLY}", "MARKREAD #elsewhere")
            assert [one[:3] for one in told(await alice.heard())] == [
                ("MARKREAD", "INTERNAL_ERROR", "#lobby"),
                ("MARKREAD", "INTERNAL_ERROR", "#elsewhere"),
            ]


async def test_who_takes_over_is_told_with_each_channel(stage: Stage) -> None:
    async with Client(stage.port) as dead, Client(stage.port) as alice:
        token = await arrive(dead, "alice")
        dead.send("JOIN #attic,#lobby", f"MARKREAD #attic {LATE}")
        await dead.heard()
        lines = await come_back(alice, token, "alice", CAPABILITY)
        assert told(lines) == [("#attic", LATE), ("#lobby", "*")]


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_who_comes_back_after_a_restart_has_read_what_they_had(
    tmp_path: Path, end: str
) -> None:
    folder = tmp_path / "data"
    with start_server(folder) as server:
        async with Client(server.port) as alice, Client(server.port) as bob:
            token = await arrive(alice, "alice", CAPABILITY)
            bobs_token = await arrive(bob, "bob")
            alice.send("JOIN #attic", "PRIVMSG bob :psst", f"MARKREAD #attic {EARLY}")
            alice.send(f"MARKREAD bob {LATE}")
            assert told(await alice.heard())[1:] == [("#attic", EARLY), ("bob", LATE)]
            getattr(server, end)()
    with start_server(folder) as server:
        async with Client(server.port) as alice, Client(server.port) as bob:
            await come_back(alice, token, "alice", CAPABILITY)
            alice.send("JOIN #attic", "MARKREAD bob")
            assert told(await alice.heard()) == [("#attic", EARLY), ("bob", LATE)]
            await come_back(bob, bobs_token, "bob")
            alice.send("MARKREAD bob")
            assert told(await alice.heard()) == [("bob", LATE)]
