"""`hubbub history`: out, in and looked through, with the server running and stopped."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from cli.command import run
from cli.program import COMMAND, Outcome, environment
from running.peer import ClassicPeer
from running.server import start_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEA: dict[str, Any] = {
    "time": "2026-11-01T09:41:07.250Z",
    "room": "#lobby",
    "sender": "alice",
    "text": "the tea is ready",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def history(*arguments: str | Path, given: str = "", **changed: str) -> Outcome:
    """Run `hubbub history …` to its end."""
    return run("history", *arguments, given=given, **changed)


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def kept(data: Path, *records: dict[str, Any]) -> None:
    """Let a folder hold these records."""
    assert history("import", "--data", data, given=lines(*records)).status == 0


def texts(data: Path, *arguments: str) -> list[str]:
    """The texts of what was said, as they are exported."""
    done = history("export", "--data", data, *arguments)
    assert (done.status, done.err) == (0, "")
    records = map(json.loads, done.out.splitlines())
    return [record["text"] for record in records if record["kind"] == "message"]


# -- the whole circle ----------------------------------------------------------------------------


def test_what_is_said_goes_out_and_in_and_out_again_the_same(data: Path, tmp_path: Path) -> None:
    with start_server(data) as server:
        with ClassicPeer(server.port, "alice") as alice, ClassicPeer(server.port, "bob") as bob:
            alice.barrier()
            bob.barrier()
            alice.say("two\nlines, “quotes” and \x1b[31mred")
            bob.say("東京で会いましょう")
            bob.say("/msg alice between us")
            alice.barrier()
            bob.barrier()
        running = history("export", "--data", data)
    stopped = history("export", "--data", data)
    assert running.status == stopped.status == 0
    assert stopped.out.startswith(running.out)
    record = next(json.loads(line) for line in running.out.splitlines() if "quotes" in line)
    assert record["text"] == "two\nlines, “quotes” and \x1b[31mred"
    assert "between us" not in stopped.out

    everything = history("export", "--data", data, "--conversations")
    assert "between us" in everything.out
    file = tmp_path / "all.jsonl"
    file.write_text(everything.out)
    again = tmp_path / "again"
    count = len(everything.out.splitlines())
    done = history("import", file, "--data", again)
    assert done == (0, f"imported {count} new, 0 known already\n", "")
    assert history("export", "--data", again, "--conversations").out == everything.out
    assert history("export", "--data", again).out == stopped.out
    assert history("import", file, "--data", data).out == f"imported 0 new, {count} known already\n"


def test_edits_and_redactions_go_the_whole_circle(data: Path, tmp_path: Path) -> None:
    said = [TEA | {"msgid": f"m{n}", "text": text} for n, text in enumerate(("one tee", "two"))]
    amended = [
        TEA | {"msgid": "e1", "kind": "edit", "target": "m0", "text": "one tea"},
        TEA | {"msgid": "e2", "kind": "edit", "target": "m1", "text": "two teas"},
        TEA | {"msgid": "r1", "kind": "redact", "target": "m1", "text": "a mistake"},
    ]
    kept(data, *said, *amended)
    first = history("export", "--data", data)
    again = tmp_path / "again"
    assert history("import", "--data", again, given=first.out).err == ""
    assert history("export", "--data", again).out == first.out

    records = [json.loads(line) for line in first.out.splitlines()]
    assert [record["text"] for record in records] == ["one tee", "", "one tea", "", "a mistake"]
    assert (records[0]["now"], records[0]["edited"]) == ("one tea", TEA["time"])
    assert records[1]["redacted"] == TEA["time"]
    shown = history("search", "--data", again, "tea").out
    assert shown == "2026-11-01 09:41 #lobby alice: one tea (edited)\n"
    (found,) = history("search", "--data", again, "--json", "tea").out.splitlines()
    assert json.loads(found)["edited"] == TEA["time"]
    for words in ("tee", "two", "teas"):
        assert history("search", "--data", again, words).out == ""
    text = history("export", "--data", again, "--format", "txt").out
    assert "<alice> one tea (edited)\n" in text
    assert "<alice> (removed)\n" in text
    assert "alice took a message back (a mistake)\n" in text
    page = history("export", "--data", again, "--format", "html").out
    assert "one tea</bdi> <small>(edited)</small>" in page


def test_what_two_said_alone_is_shown_with_their_names(data: Path) -> None:
    with start_server(data) as server:
        with ClassicPeer(server.port, "bob") as bob, ClassicPeer(server.port, "alice") as alice:
            alice.barrier()
            bob.say("/msg alice green tea?")
            bob.barrier()
        assert history("search", "--data", data, "tea").out == ""
        found = history("search", "--data", data, "tea", "--conversations").out
        assert found.endswith(" (alice & bob) bob: green tea?\n")
        record = json.loads(
            history("search", "--data", data, "tea", "--conversations", "--json").out
        )
        assert record["between"] == ["alice", "bob"]
        for style, heading in (
            ("txt", "=== alice & bob ==="),
            ("html", "alice &amp; bob</bdi></h1>"),
        ):
            exported = history("export", "--data", data, "--conversations", "--format", style).out
            assert heading in exported


def test_a_running_server_takes_an_import_and_shows_it_to_who_arrives(data: Path) -> None:
    with start_server(data) as server:
        done = history("import", "--data", data, given=lines(TEA, TEA | {"text": "still hot"}))
        assert done == (0, "imported 2 new, 0 known already\n", "")
        with ClassicPeer(server.port, "bob") as bob:
            shown = [text for name, text in bob.barrier() if name == "alice"]
            assert [text.partition("] ")[2] for text in shown] == ["the tea is ready", "still hot"]
            bob.say("cold now")
            bob.barrier()
        assert texts(data) == ["the tea is ready", "still hot", "cold now"]
        found = history("search", "--data", data, "tea")
        assert found == (0, "2026-11-01 09:41 #lobby alice: the tea is ready\n", "")


def test_a_server_that_keeps_nothing_is_read_while_it_runs(data: Path) -> None:
    none = {"HUBBUB_DURABILITY": "none"}
    with start_server(data, env=none) as server, ClassicPeer(server.port, "alice") as alice:
        alice.say("only now")
        alice.barrier()
        assert texts(data) == ["only now"]
        assert "alice: only now" in history("search", "--data", data, "now").out
    gone = history("export", "--data", data, **none)
    assert (gone.status, gone.out) == (2, "")
    assert gone.err.count("\n") == 1
    assert "what was said went with the server" in gone.err
    refused = history("import", "--data", data, given=lines(TEA), **none)
    assert (refused.status, refused.out) == (2, "")
    assert "nothing can be kept" in refused.err


# -- export --------------------------------------------------------------------------------------


def test_an_export_is_of_a_room_and_of_a_time(data: Path) -> None:
    kitchen = TEA | {"room": "#kitchen", "time": "2026-11-02T00:00:00Z", "text": "in the kitchen"}
    kept(data, TEA, kitchen)
    assert texts(data) == ["in the kitchen", "the tea is ready"]
    assert texts(data, "--room", "Lobby") == ["the tea is ready"]
    assert texts(data, "--since", "2026-11-02") == ["in the kitchen"]
    assert texts(data, "--room", "#lobby", "--since", "2026-11-02") == []


def test_an_export_for_people(data: Path) -> None:
    kept(data, TEA)
    done = history("export", "--data", data, "--format", "txt")
    assert done.out == (
        "=== #lobby ===\n--- Sunday 2026-11-01 (UTC+00:00) ---\n"
        "[09:41:07] <alice> the tea is ready\n"
    )
    page = history("export", "--data", data, "--format", "html", "--room", "lobby").out
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")
    assert "the tea is ready" in page


@pytest.mark.parametrize("style", ["jsonl", "txt", "html"])
def test_what_cannot_be_exported_is_one_line_and_no_output(data: Path, style: str) -> None:
    kept(data, TEA)
    for wrong, words in [
        (("--room", "nowhere"), "no such room: #nowhere"),
        (("--since", "soon"), "'soon' is no time"),
        (("--output", "/proc/none/file"), "/proc/none/file: cannot be written"),
    ]:
        done = history("export", "--data", data, "--format", style, *wrong)
        assert (done.status, done.out) == (2, "")
        assert done.err.count("\n") == 1
        assert words in done.err


def test_a_file_appears_when_it_is_complete(data: Path, tmp_path: Path) -> None:
    kept(data, TEA)
    file = tmp_path / "out.jsonl"
    file.write_text("what was there before")
    failed = history("export", "--data", data, "--room", "nowhere", "--output", file)
    assert failed.status == 2
    assert file.read_text() == "what was there before"
    done = history("export", "--data", data, "--output", file, "--progress")
    assert done == (0, "", "1 entries\n")
    assert json.loads(file.read_text())["text"] == "the tea is ready"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out.jsonl"]


@pytest.mark.parametrize("style", ["jsonl", "txt", "html"])
def test_nobody_reads_to_the_end(data: Path, style: str) -> None:
    kept(data, *(TEA | {"text": f"{n} " + "x" * 5000} for n in range(100)))
    command = [*COMMAND, "history", "export", "--data", str(data), "--format", style]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        assert export.stdout.read(1)
        export.stdout.close()
        assert export.stderr.read() == b""
        assert export.wait() == 141


def test_a_full_disk_behind_standard_output_is_one_line(data: Path) -> None:
    kept(data, *(TEA | {"text": f"{n} " + "x" * 5000} for n in range(10)))
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        command = [*COMMAND, "history", "export", "--data", str(data)]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"hubbub: standard output: No space left on device\n"


# -- import --------------------------------------------------------------------------------------


def test_twice_is_once_also_without_msgids(data: Path) -> None:
    given = lines(TEA, TEA, TEA | {"text": "and again"})
    assert history("import", "--data", data, given=given).out == "imported 3 new, 0 known already\n"
    assert history("import", "--data", data, given=given).out == "imported 0 new, 3 known already\n"
    assert texts(data) == ["the tea is ready", "the tea is ready", "and again"]


def test_a_bad_line_is_named_and_nothing_is_taken(data: Path) -> None:
    given = lines(TEA) + "\n" + lines(TEA | {"time": "late"}, TEA)
    done = history("import", "--data", data, given=given)
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "hubbub: line 3 cannot be taken, so nothing was: time: 'late' is no RFC 3339 time: write it"
        " as 2026-11-03T09:30:00Z. (--skip-bad leaves such lines out)\n"
    )
    assert texts(data) == []


def test_bad_lines_are_left_out_when_asked_and_named(data: Path) -> None:
    good, bad = lines(TEA), "tea\n"
    done = history("import", "--data", data, "--skip-bad", given=good + bad + bad + good + bad)
    assert done.status == 0
    assert done.out == "imported 2 new, 0 known already; skipped 3: lines 2-3, 5\n"
    assert [line.partition(":")[0] for line in done.err.splitlines()] == [
        "line 2 is skipped",
        "line 3 is skipped",
        "line 5 is skipped",
    ]


def test_everything_goes_into_one_room_when_asked(data: Path) -> None:
    bare = {name: value for name, value in TEA.items() if name != "room"}
    given = lines(bare, TEA | {"text": "and hot"})
    assert history("import", "--data", data, "--room", "old", given=given).status == 0
    assert texts(data, "--room", "old") == ["the tea is ready", "and hot"]
    assert texts(data) == texts(data, "--room", "old")


def test_a_file_that_cannot_be_read_is_one_line(data: Path, tmp_path: Path) -> None:
    for file in (tmp_path / "none.jsonl", tmp_path):
        done = history("import", file, "--data", data)
        assert (done.status, done.out) == (2, "")
        assert done.err.count("\n") == 1
        assert f"{file}: cannot be read" in done.err
    assert not data.exists()


def test_a_pipe_with_a_name_is_a_file_too(data: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [*COMMAND, "history", "import", str(fifo), "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as importing:
        fifo.write_text(lines(TEA))
        assert importing.stdout is not None
        assert importing.stdout.read() == b"imported 1 new, 0 known already\n"


# -- search --------------------------------------------------------------------------------------


def test_the_newest_is_last_and_nothing_breaks_out_of_its_line(data: Path) -> None:
    kept(
        data,
        TEA | {"text": "older café\n2026-11-09 09:09 #lobby bob: forged\x1b[2J"},
        TEA | {"time": "2026-11-02T00:00:00Z", "room": "#x", "text": "newer cafe"},
        TEA | {"text": "nothing of the kind"},
    )
    done = history("search", "--data", data, "CAFE")
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "2026-11-01 09:41 #lobby alice: older café\n"
        "    2026-11-09 09:09 #lobby bob: forged\n"
        "2026-11-02 00:00 #x alice: newer cafe\n"
    )
    assert history("search", "--data", data, "--limit", "1", "cafe").out.endswith("newer cafe\n")
    assert "older" in history("search", "--data", data, "--room", "lobby", "cafe").out
    assert "newer" not in history("search", "--data", data, "--room", "lobby", "cafe").out
    found = history("search", "--data", data, "--json", "cafe", "in:x").out
    assert json.loads(found)["text"] == "newer cafe"
    assert history("search", "--data", data, "coffee") == (
        0,
        "",
        "nothing found for: coffee\n",
    )
    assert "newer" in history("search", "--data", data, "cafe", "-older", "-h", "-limit").out
    assert "older" not in history("search", "--data", data, "cafe", "-older").out


def test_a_search_that_cannot_be_understood_is_one_line(data: Path) -> None:
    done = history("search", "--data", data, "before:", "tea")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("hubbub: Nothing follows before: in the search.")
    assert done.err.count("\n") == 1
    done = history("search", "--data", data, "--limti", "5", "tea")
    assert (done.status, done.out) == (2, "")
    assert "No such option" in done.err


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"TERM": "xterm"}, "the \x1b[33m\x1b[1mtea\x1b[0m is ready\r\n"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "the tea is ready\r\n"),
    ],
)
def test_on_a_terminal_the_words_are_marked(
    data: Path, changed: dict[str, str], shown: str, on_a_terminal: Callable[..., str]
) -> None:
    kept(data, TEA)
    found = on_a_terminal("search", "--data", str(data), "tea", **changed)
    assert found == f"2026-11-01 09:41 #lobby alice: {shown}"


@pytest.fixture
def on_a_terminal() -> Callable[..., str]:
    def shown(*arguments: str, **changed: str) -> str:
        ours, theirs = pty.openpty()
        command = [*COMMAND, "history", *arguments]
        with subprocess.Popen(command, stdout=theirs, env=environment(**changed)) as process:
            os.close(theirs)
            found = b""
            try:
                while data := os.read(ours, 4096):
                    found += data
            except OSError:  # how a terminal says that the other side is closed
                pass
            assert process.wait() == 0
        os.close(ours)
        return found.decode()

    return shown
