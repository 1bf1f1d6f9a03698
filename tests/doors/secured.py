"""A client inside TLS, as Python's own `ssl` speaks it, steered byte by byte where that matters."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 10.0


def trusting(**options: object) -> ssl.SSLContext:
    """A context that takes any certificate, as one does that compares fingerprints."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, value in options.items():
        setattr(context, name, value)
    return context


class Secured:
    """`async with Secured(port) as client:`; `records` are the TLS records as they were read.

    `before` goes out in the clear (a PROXY header); `pieces` cuts what is sent to the socket,
    `server_name` is what it calls the server, `patience` the seconds it waits for what comes
    (None: for ever).
    """

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext | None = None,
        *,
        before: bytes = b"",
        pieces: int | None = None,
        server_name: str | None = None,
        patience: float | None = PATIENCE,
    ) -> None:
        self._port = port
        self._before = before
        self._pieces = pieces
        self._patience = patience
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = (context or trusting()).wrap_bio(
            self._in, self._out, server_hostname=server_name
        )
        self.records: list[bytes] = []

    @property
    def version(self) -> str | None:
        return self._tls.version()

    @property
    def certificate(self) -> bytes:
        found = self._tls.getpeercert(binary_form=True)
        assert found is not None
        return found

    @property
    def protocol(self) -> str | None:
        """What ALPN settled on."""
        return self._tls.selected_alpn_protocol()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(self._before)
        try:
            await self.shake_hands()
        except BaseException:
            self._writer.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    async def shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            else:
                await self._flush()
                return

    async def send(self, data: bytes) -> None:
        self._tls.write(data)
        await self._flush()

    async def receive(self) -> bytes:
        """One record; b"" at the end."""
        while True:
            try:
                record = self._tls.read(1 << 16)
            except ssl.SSLWantReadError:
                if not await self._fill():
                    return b""
            except ssl.SSLZeroReturnError:
                return b""
            else:
                if record:
                    self.records.append(record)
                return record

    async def until(self, wanted: bytes) -> bytes:
        """All that comes until `wanted` is in it; fails at the end."""
        found = b""
        while wanted not in found:
            record = await self.receive()
            assert record, f"no {wanted!r} in {found!r}"
            found += record
        return found

    async def rest(self) -> bytes:
        """All that comes until the end."""
        found = b""
        while record := await self.receive():
            found += record
        return found

    async def say_goodbye(self) -> None:
        """Send close_notify, as a polite peer does."""
        with suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        await self._flush()

    def reset(self) -> None:
        """Go without a word."""
        self._writer.transport.abort()

    async def _fill(self) -> bool:
        async with asyncio.timeout(self._patience):
            data = await self._reader.read(1 << 16)
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()
        return bool(data)

    async def _flush(self) -> None:
        data = self._out.read()
        size = self._pieces or len(data) or 1
        for start in range(0, len(data), size):
            self._writer.write(data[start : start + size])
            await self._writer.drain()
            if self._pieces:
                await asyncio.sleep(0)
