"""TLS on a connection of which the first bytes are read already.

The loops' own `start_tls` expects to read from the beginning, so what the front has read to find
out what is spoken is given to the TLS protocol by hand. Which certificate is shown is not known
here: a context is handed in. What the peer calls us is remembered if that context was `named`.
Next: `front`, which sniffs again inside.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast


async def start_tls(
    transport: asyncio.Transport,
    inner: asyncio.Protocol,
    context: ssl.SSLContext,
    held: bytes,
) -> asyncio.Transport:
    """Shake hands on a transport whose reading is paused; the transport inside.

    `held` is what was read already. `inner` may be given data before this returns, and is not told
    that a connection was made. Raises `OSError`, of which `ssl.SSLError` is one.
    """
    loop = asyncio.get_running_loop()
    handshake = loop.create_task(loop.start_tls(transport, inner, context, server_side=True))
    # Its first step puts the TLS protocol in place, and has it told of the connection and reading
    # resumed in the turn after. This runs behind both, before anything can have been read.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if not handshake.done():
        _feed(cast("asyncio.BufferedProtocol", transport.get_protocol()), held)
    secured = await handshake
    if secured is None or transport.is_closing():  # aborted meanwhile, which raises nothing
        raise ConnectionResetError("left while shaking hands")
    return secured


def _feed(protocol: asyncio.BufferedProtocol, data: bytes) -> None:
    view = memoryview(data)
    while view:
        buffer = memoryview(protocol.get_buffer(len(view)))
        taken = min(len(buffer), len(view))
        buffer[:taken] = view[:taken]
        protocol.buffer_updated(taken)
        view = view[taken:]


def reason(error: OSError) -> str:
    """Why a handshake failed, in a few words for the log."""
    words = getattr(error, "reason", None)  # OpenSSL's, such as UNSUPPORTED_PROTOCOL
    return str(words).replace("_", " ").lower() if words else (str(error) or type(error).__name__)


class _Named(ssl.SSLObject):
    """One side of TLS that knows by which name the other called it."""

    server_name = ""


def named(context: ssl.SSLContext) -> None:
    """Let a server's context remember the name that each client gives (RFC 6066 §3)."""

    def remember(side: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if isinstance(side, _Named):
            side.server_name = name or ""

    context.sslobject_class = _Named
    context.sni_callback = remember


def server_name(transport: asyncio.BaseTransport) -> str:
    """What the peer called us when it began TLS; "" when it gave no name."""
    side = transport.get_extra_info("ssl_object")
    return side.server_name if isinstance(side, _Named) else ""
