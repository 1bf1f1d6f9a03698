"""The programs in docs/clients.md are programs that work."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from client.servers import Visitor, pair, serving

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
BOT, STAY = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


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
