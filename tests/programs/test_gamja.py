"""gamja, a web client of others, in a real browser: it talks over our WebSocket and scrolls back.

It is not fetched: `HUBBUB_GAMJA` is a checkout of it in which `npm install --omit=dev` was run.

    HUBBUB_GAMJA=../gamja make test ARGS="tests/programs/test_gamja.py"
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from aiohttp import web

from conversations.stage import Stage
from hubbub.server.ids import SystemClock
from programs import browser
from programs.browser import Browser
from programs.page import Page
from programs.program import ROOM, Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GAMJA: Final = Path(os.environ.get("HUBBUB_GAMJA") or "-")
NEEDED: Final = (
    "needs chromium, and HUBBUB_GAMJA=a checkout of gamja after `npm install --omit=dev`"
)
MANY: Final = 250
"""Messages; gamja asks for 100 at a time."""

pytestmark = pytest.mark.skipif(
    browser.COMMAND is None or not (GAMJA / "node_modules").is_dir(), reason=NEEDED
)


class Ticking:
    """A clock that goes on whenever it is asked, as if people typed: gamja pages by times, and
    of what was said in one millisecond it leaves out what the end of a page has cut off."""

    def __init__(self) -> None:
        self.time = SystemClock().now() - 3_600_000

    def now(self) -> int:
        """Milliseconds since the epoch."""
        self.time += 1
        return self.time


SHOWN: Final = "[...document.querySelectorAll('.logline')].map(one => one.innerText)"
"""The lines that the page shows."""


def shows(text: str) -> str:
    """Whether a line ends so."""
    return f"{SHOWN}.some(line => line.trimEnd().endsWith({text!r}))"


@pytest.fixture
async def site() -> AsyncIterator[tuple[str, dict[str, object]]]:
    """The page's origin, and the configuration that it will find."""
    config: dict[str, object] = {}
    app = web.Application()

    async def configuration(_: web.Request) -> web.Response:
        return web.json_response(config)

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(GAMJA / "index.html")

    app.router.add_get("/config.json", configuration)
    app.router.add_get("/", index)
    app.router.add_static("/", GAMJA)
    runner = web.AppRunner(app)
    await runner.setup()
    at = web.TCPSite(runner, "127.0.0.1", 0)
    await at.start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}", config
    await runner.cleanup()


async def test_it_talks_and_scrolls_back(
    site: tuple[str, dict[str, object]], tmp_path: Path
) -> None:
    origin, config = site
    settings = {"http.origins": origin, "limits.messages_per_second": 0, "durability": "os"}
    async with (
        Stage(tmp_path, settings, clock=Ticking()) as stage,
        Page(Place(stage.port, None), "wanda") as wanda,
    ):
        for number in range(MANY):
            await wanda.says(f"line {number}.")
        await wanda.says("before you came")
        config["server"] = {
            "url": f"ws://127.0.0.1:{stage.port}/irc",
            "nick": "gina",
            "autojoin": ROOM,
            "autoconnect": True,
            "auth": "disabled",
        }
        async with Browser(tmp_path / "profile") as page:
            await page.open(origin)
            await wanda.hears("gina", "JOIN", ROOM)
            await page.until(f"document.querySelector('#buffer-list').innerText.includes('{ROOM}')")
            await page.evaluate(
                "[...document.querySelectorAll('#buffer-list a')]"
                f".find(one => one.innerText === '{ROOM}').click()"
            )
            await page.until(shows("before you came"))
            await scrolls_to_the_beginning(page)
            await they_talk(page, wanda)


async def scrolls_to_the_beginning(page: Browser) -> None:
    """Scroll up until the first line is there, a page of history at a time; each line is once."""
    await page.until(
        f"(document.querySelector('#buffer').scrollTop = 0, {shows('line 0.')})",
    )
    lines: list[str] = await page.evaluate(SHOWN)
    numbers = [int(line.rpartition("line ")[2].rstrip(".\n ")) for line in lines if "line " in line]
    assert numbers == list(range(MANY))


async def they_talk(page: Browser, wanda: Page) -> None:
    await wanda.says("東京 from a page")
    await page.until(shows("東京 from a page"))
    await page.evaluate("document.querySelector('#composer input').focus()")
    await page.type("grüße from gamja 👋")
    await page.press("Enter")
    await wanda.hears("gina", "PRIVMSG", ROOM, "grüße from gamja 👋")
    await page.until(shows("grüße from gamja 👋"))
