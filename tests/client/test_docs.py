"""The programs in docs/clients.md are programs that work."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from client.servers import Visitor, pair, serving
from hubbub import client
from running.server import start_server

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
BOT, STAY, KEEP = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def script(visitor: Visitor) -> None:
    assert await visitor.read_frame() == b"bot"
    await visitor.send(pair("ada", "hello") + pair("ada", "!ping"))
    assert await visitor.read_frame() == b"ada: pong"


async def test_the_bot_answers() -> None:
    async with serving(script) as address:
        names: dict[str, object] = {}
        exec(BOT.replace("localhost:1234", address).replace("asyncio.run(main())", ""), names)
        main = names["main"]
        assert callable(main)
        await asyncio.wait_for(main(), 10)


async def test_the_bot_answers_by_irc(tmp_path: Path) -> None:
    names: dict[str, object] = {}
    with await asyncio.to_thread(start_server, tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        exec(BOT.replace("localhost:1234", address).replace("asyncio.run(main())", ""), names)
        main = names["main"]
        assert callable(main)
        bot = asyncio.ensure_future(main())
        async with client.connect(address, name="ada") as ada:
            async for _ in ada.events():
                if "bot" in ada.rooms["#lobby"].members:
                    await ada.say("!ping")
                    await ada.say("!ping", to="bot")
                    break
            heard = []
            async for message in ada:
                heard.append((message.text, message.direct))
                if len(heard) == 2:
                    break
            assert heard == [("ada: pong", False), ("ada: pong", True)]
        bot.cancel()
        await asyncio.gather(bot, return_exceptions=True)


async def test_the_bot_that_stays_answers_and_comes_back() -> None:
    async with serving(script, script) as address:
        names: dict[str, object] = {}
        exec(STAY, names)
        stay = names["stay"]
        assert callable(stay)
        staying = asyncio.ensure_future(stay(address))
        staying.add_done_callback(lambda done: done.cancelled() or done.result())
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)


async def test_the_bot_that_keeps_a_notebook_is_the_same_after_its_end(tmp_path: Path) -> None:
    names: dict[str, object] = {}
    exec(KEEP, names)
    stay_the_same = names["stay_the_same"]
    assert callable(stay_the_same)
    with await asyncio.to_thread(start_server, tmp_path / "data") as server:
        address = f"localhost:{server.port}"
        async with client.connect(address, name="ada") as ada:
            hearing = aiter(ada)
            for number in (1, 2):
                bot = asyncio.ensure_future(stay_the_same(address))
                while "bot" not in ada.rooms["#lobby"].members or bot.done():
                    await ada.ask("TIME")  # by its answer we know who came
                await ada.say("!ping")
                assert (await anext(hearing)).text == "ada: pong", number
                bot.cancel()
                await asyncio.gather(bot, return_exceptions=True)
