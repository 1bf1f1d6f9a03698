"""A real browser without a window, steered by its own debugging protocol.

Chromium tells on its standard error where it listens; a page is then asked by expressions of
JavaScript. It looks for nothing outside this machine: every other name is not found.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from contextlib import AsyncExitStack
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp

from programs.program import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

COMMAND: Final = shutil.which("chromium")
_FLAGS: Final = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
    *("--remote-debugging-port=0", "--window-size=1000,700"),
)
_LISTENS: Final = re.compile(rb"DevTools listening on (ws://\S+)")


class Browser:
    """One page of a browser that runs while `async with` lasts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._session = ""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            process = await asyncio.create_subprocess_exec(
                *(str(COMMAND), *_FLAGS, f"--user-data-dir={self._folder}", "about:blank"),
                stderr=asyncio.subprocess.PIPE,
            )
            stack.push_async_callback(_end, process)
            client = await stack.enter_async_context(aiohttp.ClientSession())
            self._socket = await client.ws_connect(await _address(process), max_msg_size=0)
            stack.push_async_callback(self._socket.close)
            target = await self._ask("Target.createTarget", url="about:blank")
            found = await self._ask("Target.attachToTarget", flatten=True, **target)
            self._session = found["sessionId"]
            self._ending = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ending.aclose()

    async def open(self, url: str) -> None:
        """Go to a page."""
        await self._ask("Page.navigate", url=url)

    async def evaluate(self, expression: str) -> Any:
        """What an expression of JavaScript gives on the page."""
        answer = await self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until something is so on the page, which tells nobody when it changes."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.evaluate(expression):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            shown = await self.evaluate("document.body.innerText")
            raise AssertionError(f"not so: {expression}\n{shown}") from None

    async def press(self, key: str) -> None:
        """Press and release a key, as `Enter`."""
        event = {"key": key, "code": key, "text": "\r" if key == "Enter" else ""}
        for kind in ("keyDown", "keyUp"):
            await self._ask("Input.dispatchKeyEvent", type=kind, windowsVirtualKeyCode=13, **event)

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self._ask("Input.insertText", text=text)

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        where = {"sessionId": self._session} if self._session else {}
        await self._socket.send_json({"id": number, "method": method, "params": params, **where})
        async with asyncio.timeout(PATIENCE):
            while True:
                told = json.loads(await self._socket.receive_str())
                if told.get("id") == number:
                    assert "result" in told, told
                    answer: dict[str, Any] = told["result"]
                    return answer


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where the browser can be asked."""
    assert process.stderr is not None
    shown = b""
    async with asyncio.timeout(PATIENCE):
        while line := await process.stderr.readline():
            shown += line
            if listens := _LISTENS.search(line):
                return listens[1].decode()
    raise AssertionError(shown.decode())


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
