"""The pages: what answers to which path."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from hubbub.doors.web.tutorial import client_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from hubbub.doors.web.handshake import SessionFactory

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'sha256-{style}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Server": "hubbub",
}

STYLE = """
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
body { max-width: 38rem; margin: 12vh auto; padding: 0 1.2rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem }
code { font: 1em ui-monospace, monospace; padding: .15em .4em; border-radius: .3em;
       background: color-mix(in srgb, currentColor 10%, transparent) }
pre { overflow-x: auto; font-size: .8rem; line-height: 1.4 }
pre code { padding: 0; background: none }
dt { margin-top: 1.2rem; font-weight: 600 } dd { margin: .3rem 0 0 }
footer { margin-top: 3rem; opacity: .75; font-size: .9rem }
"""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{network}</title>
<style>{style}</style>
<main>
<h1>{network}</h1>
<p>The chat is open. {people} in {room}.</p>
<dl>
<dt>From a terminal</dt><dd><code>hubbub chat {host}</code><br>
in a checkout of hubbub, after <code>make install</code>:
<code>.venv/bin/hubbub chat {host}</code></dd>
<dt>With an IRC client</dt><dd>host <code>{name}</code>, port <code>{port}</code>,
then <code>/join {room}</code></dd>
<dt>With a classic client</dt><dd>host <code>{name}</code>, port <code>{port}</code>,
a name first, every field behind a length of 10 characters
<details><summary>No client? Ten lines of Python are one.</summary>
<p>Save them as <code>client.py</code>; <code>python3 client.py YOURNAME</code> joins.</p>
<pre><code>{client}</code></pre></details></dd>
</dl>
<footer>{saved} hubbub {version}</footer>
</main>
</html>
"""


@dataclass(slots=True, frozen=True)
class Status:
    """What the pages tell: counts and states, never names or texts. `trouble` is for everyone."""

    network: str
    room: str
    people: int
    version: str
    trouble: str | None


@dataclass(slots=True, frozen=True)
class WebSettings:
    """`status` tells how the server is, `metrics` gives them as text, None while not enabled.

    `sessions` puts a door on the link of a WebSocket (None: there are none), which pages of these
    `origins` may open beside our own.
    """

    status: Callable[[], Status]
    metrics: Callable[[], bytes | None] = lambda: None
    sessions: SessionFactory | None = None
    origins: Sequence[str] = ()


def make_app(settings: WebSettings, socket: Handler) -> web.Application:
    """The application with all its paths; `socket` answers who wants to open a WebSocket."""
    app = web.Application(middlewares=[_explain])
    app.on_response_prepare.append(_secure)
    app[STATUS] = settings.status
    app[SOCKET] = socket
    app.router.add_get("/", _page_or_socket)
    app.router.add_get("/irc", socket)
    app.router.add_get("/healthz", _healthz)
    app[METRICS] = settings.metrics
    app.router.add_get("/metrics", _metrics)
    return app


SOCKET: web.AppKey[Handler] = web.AppKey("socket")
STATUS: web.AppKey[Callable[[], Status]] = web.AppKey("status")
METRICS: web.AppKey[Callable[[], bytes | None]] = web.AppKey("metrics")


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        response = web.Response(status=error.status, text=f"{error.status} {error.reason}\n")
        if hdrs.ALLOW in error.headers:
            response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        return response


async def _page_or_socket(request: web.Request) -> web.StreamResponse:
    if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
        return await request.app[SOCKET](request)
    return await _page(request)


async def _page(request: web.Request) -> web.Response:
    status = request.app[STATUS]()
    name, port = _host_and_port(request)
    page = PAGE.format(
        style=STYLE,
        network=escape(status.network),
        room=escape(status.room),
        people="One person is" if status.people == 1 else f"{status.people} people are",
        host=escape(f"{name}:{port}"),
        name=escape(name),
        port=port,
        client=escape(client_for(name.strip("[]"), port)),
        saved=escape(
            "Every message is saved before anyone sees it."
            if status.trouble is None
            else "Nothing can be saved at the moment, so messages are refused."
        ),
        version=escape(status.version),
    )
    return web.Response(text=page, content_type="text/html")


async def _healthz(request: web.Request) -> web.Response:
    trouble = request.app[STATUS]().trouble
    if trouble is None:
        return web.Response(text="ok\n")
    return web.Response(status=503, text=f"cannot save: {trouble}\n")


async def _metrics(request: web.Request) -> web.Response:
    found = request.app[METRICS]()
    if found is None:
        raise web.HTTPNotFound
    return web.Response(
        body=found,
        headers={hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8"},
    )


def _host_and_port(request: web.Request) -> tuple[str, int]:
    """As the reader typed it. Raises HTTPBadRequest: what a stranger sends may be no address."""
    try:
        host, port = request.url.host or "localhost", request.url.port or 80
    except ValueError:
        raise web.HTTPBadRequest from None
    return (f"[{host}]" if ":" in host else host), port


def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return {name: value.replace("{style}", digest) for name, value in SECURITY_HEADERS.items()}


HEADERS = _headers()
