"""The web door: the pages as bytes on the one port, and what keeps strangers from abusing it."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doors.peer import Peer
from hubbub.core.ports import StoreError
from hubbub.core.retention import Rule
from hubbub.doors.web import factory
from hubbub.doors.web.tutorial import CLIENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conversations.stage import Stage

    Opened = Callable[..., Awaitable[Stage]]


class Answer:
    """A response, taken apart."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines)
        self.text = self.body.decode()


async def ask(
    stage: Stage, target: str, *, method: str = "GET", host: str | None = "chat.example:1234"
) -> Answer:
    """One request on a connection of its own."""
    async with Peer(stage.port) as browser:
        hosts = "" if host is None else f"Host: {host}\r\n"
        request = f"{method} {target} HTTP/1.{host is not None:d}\r\n{hosts}Connection: close\r\n"
        await browser.send(f"{request}Content-Length: 0\r\n\r\n".encode())
        while await browser.receive():
            pass
        return Answer(b"".join(browser.segments))


async def test_the_page_says_how_to_join(stage: Stage) -> None:
    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.until_answered()
        answer = await ask(stage, "/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<code>hubbub chat chat.example:1234</code>" in answer.text
    assert "One person is in #lobby." in answer.text
    assert "Every message is saved before anyone sees it." in answer.text
    assert "alice" not in answer.text, "counts, never names"


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("chat.example", "hubbub chat chat.example:80"),
        ("[2001:db8::1]:99", "hubbub chat [2001:db8::1]:99"),
        ("192.0.2.1:99", "hubbub chat 192.0.2.1:99"),
        (None, "hubbub chat 127.0.0.1:80"),
    ],
)
async def test_the_page_names_the_host_as_the_reader_does(
    stage: Stage, host: str | None, shown: str
) -> None:
    assert f"<code>{shown}</code>" in (await ask(stage, "/", host=host)).text


async def test_the_page_has_a_client_that_is_the_one_in_the_docs(stage: Stage) -> None:
    docs = Path(__file__).parents[2] / "docs" / "protocols" / "classic.md"
    assert f"```python\n{CLIENT}```" in docs.read_text(encoding="utf-8")
    page = (await ask(stage, "/", host="[2001:db8::1]:99")).text
    found = re.search(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    assert found
    client = unescape(found[1])
    compile(client, "client.py", "exec")
    assert "socket.create_connection(('2001:db8::1', 99))" in client
    assert "1234" not in client
    assert len(client.splitlines()) == 10


async def test_a_host_header_cannot_write_the_page(stage: Stage) -> None:
    answer = await ask(stage, "/", host='x"><script>alert(1)</script>')
    assert "<script" not in answer.text


async def test_the_policy_allows_our_style_and_nothing_else(stage: Stage) -> None:
    answer = await ask(stage, "/")
    policy = answer.headers["Content-Security-Policy"]
    found = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert found
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy
    assert not re.search(r"\s(src|href|on\w+)=", answer.text), "nothing is fetched, nothing runs"


@pytest.mark.parametrize("target", ["/", "/healthz", "/nothing"])
async def test_every_answer_has_the_headers_that_protect_it(stage: Stage, target: str) -> None:
    headers = (await ask(stage, target)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Server"] == "hubbub"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


async def test_health(stage: Stage) -> None:
    answer = await ask(stage, "/healthz")
    assert (answer.status, answer.text) == (200, "ok\n")
    stage.hub.timeline.trouble = StoreError("the disk is full")
    answer = await ask(stage, "/healthz")
    assert (answer.status, answer.text) == (503, "cannot save: the disk is full\n")
    assert "Nothing can be saved at the moment" in (await ask(stage, "/")).text
    stage.hub.timeline.trouble = None


async def test_metrics_are_there_when_they_are_wanted(opened: Opened) -> None:
    stage = await opened({"http.metrics": True})
    async with Peer(stage.port) as alice:
        await alice.arrive("alice")
        await alice.say("hi")
        await alice.until_answered()
        stage.hub.retention.gone[Rule.AGE] = 2
        answer = await ask(stage, "/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'hubbub_people{protocol="classic"} 1.0' in answer.text
    assert "hubbub_connections 2.0" in answer.text
    assert "hubbub_entries_saved_total 2.0" in answer.text
    assert 'hubbub_pruned_total{what="entries"} 2.0' in answer.text
    assert "hubbub_writable 1.0" in answer.text
    assert "alice" not in answer.text
    assert "lobby" not in answer.text


async def test_metrics_are_not_there_when_they_are_not(stage: Stage) -> None:
    assert (await ask(stage, "/metrics")).status == 404


async def test_no_such_page(stage: Stage) -> None:
    answer = await ask(stage, "/../etc/passwd")
    assert (answer.status, answer.text) == (404, "404 Not Found\n")


async def test_no_such_method(stage: Stage) -> None:
    answer = await ask(stage, "/", method="POST")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_head_is_get_without_the_body(stage: Stage) -> None:
    answer = await ask(stage, "/", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 500


async def test_nonsense_is_a_bad_request(stage: Stage) -> None:
    async with Peer(stage.port) as peer:
        await peer.send(b"GET / HTTP/1.1\r\nno colon here\r\n\r\n")
        while await peer.receive():
            pass
        assert Answer(b"".join(peer.segments)).status == 400


@pytest.mark.parametrize("host", ["chat:x", "chat:99999999"])
async def test_a_host_that_is_none_is_a_bad_request(
    stage: Stage, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    assert (await ask(stage, "/", host=host)).status == 400
    assert not caplog.records, "a stranger cannot fill the log"


async def test_a_request_line_has_a_limit(stage: Stage) -> None:
    async with Peer(stage.port) as peer:
        await peer.send(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        while await peer.receive():
            pass
        assert Answer(b"".join(peer.segments)).status == 400


async def test_a_slow_request_ends_at_the_login_timeout(opened: Opened) -> None:
    stage = await opened({"limits.login_timeout": 0.1})
    async with Peer(stage.port) as peer:
        await peer.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert await peer.receive() == b""


async def test_a_whole_one_in_any_pieces_does_not(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "KEEPALIVE", 30)
    stage = await opened({"limits.login_timeout": 0.2})
    async with Peer(stage.port) as browser, Peer(stage.port) as silent:
        for piece in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r", b"\n"):
            await browser.send(piece)
        assert (await browser.receive()).endswith(b"ok\n")
        assert await silent.receive() == b"", "whose time is later"
        await browser.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await browser.receive()).endswith(b"ok\n"), "kept alive"


async def test_a_kept_connection_ends_when_nothing_comes(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "KEEPALIVE", 0.1)
    stage = await opened()
    async with Peer(stage.port) as browser:
        await browser.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await browser.receive()
        await browser.send(b"GET /healthz HT")
        assert await browser.receive() == b""
