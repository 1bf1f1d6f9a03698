"""Several lines, said and heard as one message by our clients with our server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hubbub import client
from running.server import UNLIMITED, start_server

if TYPE_CHECKING:
    from pathlib import Path

    from hubbub.client import Message

TEXT = "def tea():\n\n    return " + "'green' + " * 300 + "'black'"


async def heard(chat: client.Connection) -> Message:
    async with asyncio.timeout(20):
        return await anext(aiter(chat))


async def test_they_are_one_message_with_one_receipt_and_stay_so(tmp_path: Path) -> None:
    with await asyncio.to_thread(start_server, tmp_path / "data") as server:
        address = f"irc://127.0.0.1:{server.port}"
        async with (
            client.connect(address, name="ada") as ada,
            client.connect(address, name="bob") as bob,
        ):
            receipt = await ada.say(TEXT)
            message = await heard(bob)
            assert receipt.saved
            assert receipt.msgids == (message.msgid,)
            assert message.text == TEXT
            (again,) = await bob.search("green")
            assert (again.text, again.msgid) == (TEXT, message.msgid)
            receipt = await ada.say("psst\nonly you", to="bob")
            assert (await heard(bob)).text == "psst\nonly you"
        async with client.connect(address, name="carol", recent=5) as carol:
            message = await heard(carol)
            assert (message.text, bool(message.replayed)) == (TEXT, True)


async def test_more_than_a_message_may_be_is_several(tmp_path: Path) -> None:
    with await asyncio.to_thread(start_server, tmp_path / "data", env=UNLIMITED) as server:
        address = f"irc://127.0.0.1:{server.port}"
        lines = [f"line {number} {'x' * 200}" for number in range(120)]
        async with (
            client.connect(address, name="ada") as ada,
            client.connect(address, name="bob") as bob,
        ):
            receipt = await ada.say("\n".join(lines))
            assert receipt.saved
            texts = [(await heard(bob)).text for _ in receipt.msgids]
            assert "\n".join(texts) == "\n".join(lines)
            assert len(texts) == 2
