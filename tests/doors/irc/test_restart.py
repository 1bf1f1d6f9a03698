"""A room after a restart: as it was, and governed by those who governed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doors.irc.client import Client, said
from doors.irc.test_resume import arrive, come_back

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]


async def test_a_room_comes_back_with_all_that_was_set(opened: Opened) -> None:
    stage = await opened({"durability": "full"})
    async with Client(stage.port) as alice, Client(stage.port) as bob:
        alices, bobs = await arrive(alice, "alice"), await arrive(bob, "bob")
        alice.send("JOIN #Tea", "TOPIC #tea :green or black?")
        await alice.heard()
        bob.send("JOIN #tea")
        await bob.heard()
        alice.send("MODE #tea +v-t+smk bob word", "MODE #tea +beIl eve frank grace 7")
        await alice.heard()
    await stage.restart()

    async with Client(stage.port) as carol:
        await carol.arrive("carol")
        carol.send("JOIN #tea")
        assert [line.command for line in await carol.heard()] == ["475"]
        carol.send("JOIN #tea word")
        lines = said(await carol.heard())
        assert ("hubbub.local", "332", "carol", "#Tea", "green or black?") in lines
        carol.send("MODE #tea")
        # Carol is the first to come, and no operator: the room had one less than an hour ago.
        assert ("hubbub.local", "324", "carol", "#Tea", "+mnskl", "word", "7") in said(
            await carol.heard()
        )
        carol.send("PRIVMSG #tea :hello")
        assert [line.command for line in await carol.heard()] == ["404"]

        async with Client(stage.port) as alice, Client(stage.port) as bob:
            await come_back(alice, alices, "alice")
            await come_back(bob, bobs, "bob")
            for client in (alice, bob):
                client.send("JOIN #tea word")
                await client.heard()
            assert ("hubbub.local", "MODE", "#Tea", "+o", "alice") in (
                given := said(await carol.heard(), "MODE")
            )
            assert ("hubbub.local", "MODE", "#Tea", "+v", "bob") in given
            bob.send("PRIVMSG #tea :I have a voice")
            assert await bob.heard() == []
            for letter, mask in (("b", "eve"), ("e", "frank"), ("I", "grace")):
                alice.send(f"MODE #tea {letter}")
                (listed,) = said(await alice.heard(), "367", "348", "346")
                assert listed[3:6] == ("#Tea", f"{mask}!*@*", "alice")
