"""The servers of table 2: they start with our settings, and every scenario runs on IRC."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest
from bench.irc_peers import ERGO, JOINED, SINGLE, Peer, peers, versions
from bench.processes import MeasurementError
from bench.subjects import Server, Workplace, hubbub

if TYPE_CHECKING:
    from pathlib import Path

    from bench.processes import Figures

CORE = min(os.sched_getaffinity(0))
ALL = {peer.server.name: peer for peer in peers(os.environ)}
FEW = ("--clients", "12", "--senders", "3", "--window", "8", "--max-messages", "60")
BRIEFLY = ("--warmup", "0", "--duration", "1", "--verify")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """Everything on one core: what counts here is that all of it arrives."""
    return Workplace(tmp_path, CORE, CORE)


def server(name: str) -> Server:
    """A server of the bench; the test is skipped when it is not on this machine."""
    if name == "hubbub":
        return hubbub("none", wire="irc")
    peer = ALL[name]
    if not peer.is_here:
        pytest.skip(f"{name} is not here: {peer.install}")
    return peer.server


def events(figures: Figures, what: str) -> tuple[int, int]:
    """How many lines of a storm were seen, and how many were due."""
    part = cast("dict[str, Any]", figures[what])
    return part["events"], part["due"]


@pytest.mark.parametrize("name", ["hubbub", *ALL])
def test_a_room_hears_all_that_is_said_in_it_once_and_in_order(
    name: str, workplace: Workplace
) -> None:
    figures = server(name).measure(("fanout", *FEW, *BRIEFLY), workplace)
    assert figures["ok"] is True, figures
    assert figures["label"] == (name if name in ALL else "hubbub none")
    assert (figures["wire"], figures["sent"]) == ("irc", 60)


@pytest.mark.parametrize("name", ["hubbub", JOINED, SINGLE])
def test_small_rooms_do_not_hear_each_other(name: str, workplace: Workplace) -> None:
    load = ("rooms", "--rooms", "4", "--members", "3", "--window", "2", "--max-messages", "80")
    figures = server(name).measure((*load, *BRIEFLY), workplace)
    assert figures["ok"] is True, figures
    assert figures["sent"] == 80


@pytest.mark.parametrize("name", ["hubbub", JOINED, SINGLE])
def test_a_storm_is_over_when_everybody_has_heard_everybody(
    name: str, workplace: Workplace
) -> None:
    figures = server(name).measure(("storm", "--clients", "20"), workplace)
    assert figures["ok"] is True, figures
    assert events(figures, "join") == events(figures, "part") == (210, 210)


def test_latency_is_told_for_each_and_for_the_last_who_hears(workplace: Workplace) -> None:
    load = ("latency", "--clients", "5", "--rate", "50", "--duration", "0.2")
    figures = server("hubbub").measure(load, workplace)
    latency = cast("dict[str, float]", figures["latency_ms"])
    complete = cast("dict[str, float]", figures["complete_ms"])
    assert 0 < latency["p50"] <= complete["p50"] <= complete["max"] == latency["max"]


def test_who_has_registered_and_is_in_no_room_is_held(workplace: Workplace) -> None:
    figures = server("hubbub").measure(("idle", "--clients", "20", "--hold", "0.1"), workplace)
    assert figures["ok"] is True
    assert {"connect_cpu_us", "rss_kib_per_connection"} <= set(figures)


def test_settings_are_filled_in_and_a_server_that_cannot_be_made_says_why(
    tmp_path: Path, workplace: Workplace
) -> None:
    template = tmp_path / "a.conf"
    template.write_text("listen {port} in {data}, and {this} stays")
    show = "import sys; raise SystemExit(open(sys.argv[1]).read())"
    peer = Server("a", (), settings=template, before=(sys.executable, "-c", show, "{data}/a.conf"))
    with pytest.raises(MeasurementError, match=r"listen \d+ in /.*/data, and {this} stays"):
        peer.measure(FEW, workplace)


def test_peers_that_are_here_tell_their_version() -> None:
    found = versions({"ERGO": "/no/such/binary"})
    assert "binary" not in found
    if shutil.which("gcc"):
        assert found["gcc"].startswith("gcc")


def test_a_path_that_is_no_program_is_not_here() -> None:
    assert not Peer(ALL[ERGO].server, "/no/such/binary", "build it").is_here
