"""The log: one line an event, whatever strangers call themselves."""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from threading import Event
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.server import logs
from hubbub.server.config import Log
from hubbub.server.logs import fields, formatter, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator


def line(kind: Literal["text", "json"], event: str, **facts: object) -> str:
    record = logging.LogRecord("hubbub.doors.front", logging.INFO, "", 0, event, (), None)
    record.created = 1_795_344_637.123
    record.__dict__.update(fields(**facts))
    return formatter(kind).format(record)


def forge() -> None:
    raise ValueError("\x1b[2J\nforged")


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    unraisable = sys.unraisablehook
    yield
    sys.unraisablehook = unraisable
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_for_people() -> None:
    assert line("text", "arrived", address="192.0.2.1", port=4711, name="ada", secure=False) == (
        "2026-11-22T10:50:37.123Z info doors.front: "
        "arrived address=192.0.2.1 port=4711 name=ada secure=false"
    )


def test_an_object_for_machines() -> None:
    assert json.loads(line("json", "arrived", address="192.0.2.1", port=4711)) == {
        "time": "2026-11-22T10:50:37.123Z",
        "level": "info",
        "area": "doors.front",
        "event": "arrived",
        "address": "192.0.2.1",
        "port": 4711,
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two words", '"two words"'),
        ("", '""'),
        ("\x1b[31mred", r'"\x1b[31mred"'),
        ("bob\n2026 info root: left", r'"bob\n2026 info root: left"'),
        ('say "hi" \\', r'"say \"hi\" \\"'),
        ("東京", '"東京"'),
        ("a\u202egnp.exe", r'"a\u202egnp.exe"'),
        ("\ud800", r'"\ud800"'),
        ("name=value", '"name=value"'),
    ],
)
def test_odd_names_cannot_write_the_log(name: str, shown: str) -> None:
    assert line("text", "arrived", name=name).endswith(f" name={shown}")


@given(st.text(), st.text())
def test_every_event_is_one_printable_line(event: str, name: str) -> None:
    assert line("text", event, name=name).isprintable()
    entry = line("json", event, name=name)
    assert entry.isascii()
    assert entry.isprintable()
    assert json.loads(entry)["name"] == name


def test_a_fact_cannot_replace_what_the_log_says_itself() -> None:
    entry = json.loads(line("json", "arrived", time="yesterday", level="error"))
    assert (entry["level"], entry["time_"], entry["level_"]) == ("info", "yesterday", "error")


@pytest.mark.usefixtures("_logging_as_it_was")
def test_an_error_brings_its_traceback_on_lines_that_cannot_be_mistaken() -> None:
    stream = io.StringIO()
    handler = set_up(Log(), stream)
    try:
        forge()
    except ValueError:
        logging.getLogger("hubbub.hub.timeline").exception("delivery failed")
    handler.flush()
    first, *trace = stream.getvalue().splitlines()
    assert first.endswith("error hub.timeline: delivery failed")
    assert trace
    assert all(traced.startswith("    ") and traced.isprintable() for traced in trace)


@pytest.mark.usefixtures("_logging_as_it_was")
def test_the_level_is_obeyed_and_libraries_say_less() -> None:
    stream = io.StringIO()
    handler = set_up(Log(level="info", format="json"), stream)
    logging.getLogger("hubbub.hub").debug("hidden")
    logging.getLogger("aiohttp.access").info("hidden")
    logging.getLogger("hubbub.hub").info("shown")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("shown too", stacklevel=1)
    handler.flush()
    events = [json.loads(entry)["event"] for entry in stream.getvalue().splitlines()]
    assert len(events) == 2
    assert events[0] == "shown"
    assert "shown too" in events[1]


# --- whoever reads the log cannot stop the room ------------------------------------------


@pytest.mark.usefixtures("_logging_as_it_was")
def test_a_log_that_cannot_be_written_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    class Closed(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError(text)

    handler = set_up(Log(), Closed())
    logging.getLogger("hubbub.hub").info("into the void")
    handler.flush()
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("_logging_as_it_was")
def test_a_wrong_log_call_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(Log(), io.StringIO())
    logging.getLogger("hubbub.hub").info("%d", "not a number")
    assert "Logging error" in capsys.readouterr().err


@pytest.mark.usefixtures("_logging_as_it_was")
def test_a_reader_that_stalls_loses_lines_and_is_told_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stalled(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.stuck, self.goes_on = Event(), Event()

        def write(self, text: str, /) -> int:
            self.stuck.set()
            self.goes_on.wait()
            return super().write(text)

    monkeypatch.setattr(logs, "WAITING", 3)
    stream = Stalled()
    handler = set_up(Log(), stream)
    log = logging.getLogger("hubbub.hub")
    log.info("0")
    stream.stuck.wait()
    for number in range(1, 6):
        log.info("%s", number)  # 1 to 3 wait, 4 and 5 are lost, and nothing blocks
    stream.goes_on.set()
    handler.flush()
    log.info("6")
    handler.flush()
    said = [line.rpartition(": ")[2] for line in stream.getvalue().splitlines()]
    loss = "the log is read too slowly count=2"
    assert said == ["0", "1", "2", "3", loss, "6"]


@pytest.mark.usefixtures("_logging_as_it_was")
def test_its_form_and_its_level_can_change() -> None:
    stream = io.StringIO()
    handler = set_up(Log(level="warning", format="text"), stream)
    log = logging.getLogger("hubbub.test")
    log.info("unheard")
    logs.adjust(Log(level="info", format="json"))
    log.info("heard")
    handler.flush()
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "heard"


@pytest.mark.usefixtures("_logging_as_it_was")
def test_what_python_ignores_is_one_line() -> None:
    class Trouble:
        def __del__(self) -> None:
            raise ValueError("\x1b[2J\nforged")

    stream = io.StringIO()
    handler = set_up(Log(), stream)
    Trouble()
    handler.flush()
    (line,) = stream.getvalue().splitlines()
    assert "warning server.logs: an error was ignored error=ValueError" in line
    assert "\x1b" not in line
