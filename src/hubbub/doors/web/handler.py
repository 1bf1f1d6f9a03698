"""One HTTP connection: aiohttp's handler, with our words for what cannot be answered.

What a stranger sends that is no HTTP is one line in the log, not a page of it, and every answer
has our headers, those too that no page of ours was asked for.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from hubbub.doors.web.app import HEADERS

if TYPE_CHECKING:
    import asyncio

    from hubbub.doors.link import Link

log = logging.getLogger(__name__)

MAX_REQUEST_LINE = 8 * 1024


class Handler(web.RequestHandler):
    """Reads requests from a link and answers them. `keepalive` are seconds."""

    __slots__ = ("_link",)

    def __init__(
        self, link: Link, server: web.Server, loop: asyncio.AbstractEventLoop, *, keepalive: float
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            logger=log,
            access_log=None,  # type: ignore[arg-type]  # none is kept
            keepalive_timeout=keepalive,
            max_line_size=MAX_REQUEST_LINE,
        )
        self._link = link

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request, or to one that we failed at. Closes behind it."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a page failed", exc_info=exc)
        else:
            self._link.log_dropped(f"bad HTTP request ({type(exc).__name__})")
        if request.writer.output_size > 0:
            raise ConnectionError("a part of another answer is sent already")
        phrase = HTTPStatus(status).phrase
        response = web.Response(status=status, text=f"{status} {phrase}\n", headers=HEADERS)
        response.force_close()
        return response
