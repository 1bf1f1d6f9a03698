"""Table 3's programs: the words, the record, and the client that pages and searches."""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest
from bench.irc_peers import given_ergo
from bench.load.asking import PAGE
from bench.processes import MeasurementError
from bench.subjects import Imported, Server, Told, Workplace, hubbub
from bench.words import LATIN, SCRIPTS, Language, Talk

if TYPE_CHECKING:
    from pathlib import Path

    from bench.processes import Figures

CORE = min(os.sched_getaffinity(0))
ROOMS = 3
MESSAGES = 600
ASK = ("ask", "--rooms", str(ROOMS), "--questions", "4")


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """Everything on one core: what counts here is that the answers are right."""
    return Workplace(tmp_path, CORE, CORE)


def test_the_same_seed_says_the_same_in_every_run() -> None:
    said = [[Talk(10, random.Random(7)).text(room) for room in range(10)] for _ in range(2)]
    assert said[0] == said[1]


def test_few_words_are_everywhere_and_most_are_rare() -> None:
    talk = Talk(1, random.Random(1))
    said = Counter(word for _ in range(3000) for word in talk.words(0))
    commonest = talk.language(0).words[0]
    assert said.most_common(1)[0][0] == commonest
    assert 0.02 < said[commonest] / said.total() < 0.08
    assert sum(1 for count in said.values() if count == 1) > len(said) / 3


def test_rooms_talk_in_scripts_of_their_own() -> None:
    talk = Talk(len(SCRIPTS), random.Random(1))
    letters = {room: set("".join(talk.words(room))) for room in range(len(SCRIPTS))}
    latin = set("".join(Language.of(LATIN).words))
    assert letters[0] <= latin
    assert all(not letters[room] & latin for room in range(6, len(SCRIPTS)))


def test_a_year_of_talk_is_paged_through_and_searched(workplace: Workplace) -> None:
    past = Imported(MESSAGES, ROOMS)
    made = past.measure((), workplace)
    assert made["ok"] is True
    assert (made["messages"], made["rooms"]) == (MESSAGES, ROOMS)
    assert past.measure((), workplace) == made, "it is made once"

    server = hubbub("full", wire="ircv3", past=past)
    figures = server.measure((*ASK, "--rate", "0", "--data", "{data}"), workplace)
    assert figures["ok"] is True, figures
    found = cast("dict[str, float]", figures["found"])
    assert found["latest"] == PAGE
    assert set(found) == {
        "latest",
        "before",
        "between",
        "search",
        "search_in_few",
        "search_in_one",
    }
    assert "said" not in figures

    busy = server.measure((*ASK, "--rate", "200", "--data", "{data}"), workplace)
    assert busy["ok"] is True, busy
    assert cast("int", busy["said"]) > 0
    assert busy["lost"] == 0
    assert cast("dict[str, float]", busy["behind_s"])["max"] < 60

    worn = server.measure(("wear", "--rooms", str(ROOMS), "--questions", "40"), workplace)
    assert worn["ok"] is True, worn
    assert {"cpu_ms_per_question", "grown_mib"} <= set(worn)


def test_who_takes_no_imports_is_told(workplace: Workplace) -> None:
    told = Told(hubbub("full", wire="ircv3"), MESSAGES, ROOMS)
    assert told.name == "what hubbub full was told"
    assert told.measure((), workplace)["ok"] is True
    figures: Figures = told.remembered().measure(ASK, workplace)
    assert figures["ok"] is True, figures


def test_ergo_keeps_its_history_in_sqlite(workplace: Workplace) -> None:
    peer = given_ergo(os.environ, keeps=True)
    settings = peer.server.settings
    assert settings is not None
    assert ("keeps", "true") in peer.server.values
    assert "{keeps}" in settings.read_text()
    if not peer.is_here:
        pytest.skip(f"Ergo is not here: {peer.install}")
    figures = Told(peer.server, MESSAGES, ROOMS).remembered().measure(ASK, workplace)
    assert figures["ok"] is True, figures


def test_a_room_without_a_past_is_an_error_that_says_so(workplace: Workplace) -> None:
    figures = hubbub("full", wire="ircv3").measure(ASK, workplace)
    assert figures["ok"] is False
    assert figures["error"] == "nothing was ever said in #b0"


def test_a_past_that_cannot_be_made_says_why(workplace: Workplace) -> None:
    broken = Server("broken", ("false",), wire="ircv3")
    with pytest.raises(MeasurementError, match="server ended with 1"):
        Told(broken, 1, 1).remembered().measure(ASK, workplace)
