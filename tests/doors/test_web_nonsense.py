"""What strangers send to the web door that is no HTTP, and pages that fail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from doors.peer import Peer
from hubbub.doors.web.app import HEADERS, STATUS

if TYPE_CHECKING:
    from conversations.stage import Stage
    from hubbub.doors.web.factory import WebDoors

HEAD = b"HTTP/1.1\r\nHost: x\r\n"
NONSENSE = {
    "a header without a colon": b"GET / " + HEAD + b"no colon\r\n\r\n",
    "a long line": b"GET /" + b"x" * 20_000 + b" " + HEAD + b"\r\n",
    "a long header": b"GET / " + HEAD + b"A: " + b"x" * 20_000 + b"\r\n\r\n",
    "many headers": b"GET / " + HEAD + b"A: b\r\n" * 2000 + b"\r\n",
    "no version": b"GET / HTTQ/9.9\r\n\r\n",
    "two lengths": b"GET / " + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a NUL": b"GET / " + HEAD + b"A: \0\r\n\r\n",
}


async def ask(stage: Stage, request: bytes) -> tuple[int, dict[str, str], str]:
    """The status, headers and text of the answer to some bytes."""
    async with Peer(stage.port) as browser:
        await browser.send(request)
        while await browser.receive():
            pass
        head, _, body = b"".join(browser.segments).decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_refused_with_our_headers_and_one_line_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture, nonsense: bytes
) -> None:
    caplog.set_level(logging.INFO)
    status, headers, body = await ask(stage, nonsense)
    assert (status, body) == (400, "400 Bad Request\n")
    assert headers.items() >= HEADERS.items()
    (line,) = caplog.records
    assert (line.levelname, line.getMessage(), line.exc_info) == ("INFO", "dropped", None)
    assert line.__dict__["fields"]["address"] == "127.0.0.1"
    assert line.__dict__["fields"]["reason"].startswith("bad HTTP request (")


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\nab", b"-1\r\n\r\n"])
async def test_a_body_that_is_none_fills_no_log(
    stage: Stage, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    caplog.set_level(logging.INFO)
    async with Peer(stage.port) as browser:
        await browser.send(b"POST / " + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)
        browser.half_close()
        while await browser.receive():
            pass
    assert [line for line in caplog.records if line.levelno > logging.INFO] == []


async def test_what_we_expect_nothing_of_has_our_headers(stage: Stage) -> None:
    request = b"GET / " + HEAD + b"Expect: miracles\r\nConnection: close\r\n\r\n"
    status, headers, _ = await ask(stage, request)
    assert status == 417
    assert headers.items() >= HEADERS.items()


async def test_a_page_that_fails_says_no_more_than_that(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        raise RuntimeError("a bug in a page")

    doors: WebDoors = stage.doors.web
    monkeypatch.setitem(doors._runner.app._state, STATUS, fails)
    status, headers, body = await ask(stage, b"GET /healthz " + HEAD + b"\r\n")
    assert (status, body) == (500, "500 Internal Server Error\n")
    assert headers.items() >= HEADERS.items()
    (line,) = caplog.records
    assert (line.levelname, line.getMessage()) == ("ERROR", "a page failed")
    assert line.exc_info is not None
    assert line.exc_info[0] is RuntimeError
