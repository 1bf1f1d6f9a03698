"""The log: one event a line, for people (`text`) or machines (`json`), on standard error.

A line is what happened and its facts: `log.info("arrived", extra=fields(address=…, name=…))` with
`log = logging.getLogger(__name__)`. Facts come from strangers, so nothing they hold can start a
line, colour a terminal or hide text. Texts of messages are never logged. Modules below `server`
write with plain `extra={"fields": {…}}`; only this module knows how a line looks. Lines are written
by a thread, because whoever reads them (a pager, a full disk) must not be able to stop the room.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from queue import Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from hubbub.server.config import Log

BARE = re.compile(r"[A-Za-z0-9_.:/@#%+\[\]-]+")
"""Values that can stand without quotes."""


WAITING = 10_000
"""Lines that may wait for a slow reader of the log, about a megabyte."""

PATIENCE = 1.0
"""Seconds that the end of the process waits for a slow reader of the log, twice at most."""


def fields(**facts: object) -> dict[str, object]:
    """The `extra` of a log call: facts in the order they should be read."""
    return {"fields": facts}


def set_up(config: Log, stream: TextIO | None = None) -> LineHandler:
    """Send all logging of this process to `stream` (standard error), as configured.

    Returns the handler; `logging` itself flushes it when the process ends.
    """
    handler = LineHandler(stream or sys.stderr)
    handler.setFormatter(formatter(config.format))
    level = config.level.upper()
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    sys.unraisablehook = _log_unraisable
    # Libraries tell us less than our own modules do: their debugging is not our operator's.
    for library in ("aiohttp", "asyncio", "alembic", "sqlalchemy"):
        logging.getLogger(library).setLevel(logging.WARNING)
    return handler


def _log_unraisable(ignored: sys.UnraisableHookArgs) -> None:
    """What Python ignores, because nobody could catch it, is one line and no traceback.

    Strangers can cause it: one does who names us in TLS with bytes that are no text.
    """
    facts = fields(error=ignored.exc_type.__name__, text=ignored.exc_value)
    logging.getLogger(__name__).warning("an error was ignored", extra=facts)


def adjust(config: Log) -> None:
    """Let what is logged from now on be as configured."""
    root = logging.getLogger()
    root.setLevel(config.level.upper())
    for handler in root.handlers:
        if isinstance(handler, LineHandler):
            handler.setFormatter(formatter(config.format))


class LineHandler(logging.Handler):
    """Hands lines to a thread that writes them, and never waits for it while the room is open.

    At most WAITING lines wait; when the reader is slower than that, the newest are lost and a line
    says how many.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: Queue[str | Event] = Queue(WAITING)
        self._lost = 0
        self._writer = Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line, with a word about lost ones before it."""
        try:
            if self._lost:
                self._lines.put_nowait(self.format(_loss(self._lost)))
                self._lost = 0
            self._lines.put_nowait(self.format(record))
        except Full:
            self._lost += 1
        except Exception:  # noqa: BLE001  # a wrong log call is reported, and stops nothing
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all that was queued is written, or patience is at its end."""
        written = Event()
        try:
            self._lines.put(written, timeout=PATIENCE)
        except Full:
            return
        written.wait(PATIENCE)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if isinstance(line, Event):
                line.set()
                continue
            # A log that cannot be written (a pipe that closed, a full disk) stops nothing.
            with suppress(OSError, ValueError):
                self._stream.write(line + "\n")
                self._stream.flush()


def _loss(count: int) -> logging.LogRecord:
    record = logging.LogRecord(
        __name__, logging.WARNING, "", 0, "lines lost: the log is read too slowly", (), None
    )
    record.__dict__.update(fields(count=count))
    return record


def formatter(kind: Literal["text", "json"]) -> logging.Formatter:
    """Return the formatter of that kind."""
    return JsonFormatter() if kind == "json" else TextFormatter()


class TextFormatter(logging.Formatter):
    """`2026-11-22T10:50:37.123Z info doors.front: arrived address=192.0.2.1 name="bob \\x1b"`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a traceback follows on lines of its own, each indented."""
        facts = "".join(f" {name}={value(fact)}" for name, fact in facts_of(record).items())
        line = f"{time_of(record)} {record.levelname.lower()} {area_of(record)}: "
        line += escaped(record.getMessage()) + facts
        for traced in trace_of(record).splitlines():
            line += f"\n    {escaped(traced)}"
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, area, event, then the facts under their own names."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of ASCII, whatever the facts hold."""
        entry: dict[str, object] = {
            "time": time_of(record),
            "level": record.levelname.lower(),
            "area": area_of(record),
            "event": record.getMessage(),
        }
        # A fact called like one of ours must not replace it.
        entry |= {name + "_" * (name in entry): fact for name, fact in facts_of(record).items()}
        if trace := trace_of(record):
            entry["trace"] = trace
        return json.dumps(entry, default=str, separators=(",", ":"))


def value(fact: object) -> str:
    """A fact as the text log shows it: bare when it is a plain word, else in quotes."""
    if isinstance(fact, bool) or fact is None:
        return json.dumps(fact)
    text = str(fact)
    if BARE.fullmatch(text):
        return text
    return '"' + escaped(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def escaped(text: str) -> str:
    """The text with everything that does not print (ESC, newlines, bidi marks) made visible."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """The facts that the call gave with `extra`."""
    facts = getattr(record, "fields", None)
    return facts if isinstance(facts, dict) else {}


def area_of(record: logging.LogRecord) -> str:
    """The module that speaks, without the name of the package."""
    return record.name.removeprefix("hubbub.")


def time_of(record: logging.LogRecord) -> str:
    """When it was said: UTC, to the millisecond."""
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def trace_of(record: logging.LogRecord) -> str:
    """The traceback of the error that the call gave, or nothing."""
    return logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
