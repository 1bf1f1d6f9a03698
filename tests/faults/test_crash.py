"""`kill -9` at random moments under load, round after round on one folder.

Whatever anybody saw is in the history, exactly once, in the order in which they saw it.
`CRASH_ROUNDS=500 pytest tests/faults/test_crash.py` looks longer, `CRASH_SEED=…` looks again.
"""

from __future__ import annotations

import os
import random
import threading
from typing import TYPE_CHECKING

import pytest

from faults.archive import complaints, entries_of, tokens_of
from faults.crowd import Listener, Talker
from running.server import LOOPS, UNLIMITED, start_server

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "13"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
TALKERS = ("ann", "bob", "cat")
READERS = ("dan", "eve")


@pytest.mark.slow
@pytest.mark.timeout(60 + 10 * ROUNDS)
@pytest.mark.parametrize("loop", LOOPS)
def test_what_anybody_saw_survives_kill(tmp_path: Path, loop: str) -> None:
    print(f"CRASH_SEED={SEED}")
    chance = random.Random(f"{SEED} {loop}")
    folder = tmp_path / "data"
    saved: list[str] = []
    for number in range(ROUNDS):
        seen = one_round(folder, loop, number, chance)

        saved_before, saved = saved, tokens_of(entries_of(folder))

        assert complaints(folder) == []
        assert saved[: len(saved_before)] == saved_before
        assert len(set(saved)) == len(saved)
        place = {token: index for index, token in enumerate(saved)}
        for name, tokens in seen.items():
            assert [token for token in tokens if token not in place] == [], f"{name} saw them"
            places = [place[token] for token in tokens]
            assert places == sorted(places), f"{name} saw another order"
            assert len(set(places)) == len(places), f"{name} saw one twice"
    assert len(saved) >= ROUNDS


def one_round(folder: Path, loop: str, number: int, chance: random.Random) -> dict[str, list[str]]:
    """Start, talk, kill in the middle of it; what each of the crowd has seen."""
    with start_server(folder, env=UNLIMITED | {"HUBBUB_LOOP": loop}) as server:
        crowd = {name: Listener(server.port, name) for name in (*READERS, *TALKERS)}
        witness = crowd[READERS[0]]
        assert witness.has_read("server", f"{TALKERS[-1]} joined")
        talkers = [
            Talker(crowd[name], witness, random.Random(chance.random()), prefix=f"{name}{number}")
            for name in TALKERS
        ]
        witness.has_seen_so_many(chance.randint(1, 300))
        # The kill does not follow what the witness saw, but falls anywhere into a commit.
        threading.Event().wait(chance.uniform(0, 0.02))
        server.kill()
        for talker in talkers:
            talker.join()
        for listener in crowd.values():
            listener.join()
        return {name: listener.seen for name, listener in crowd.items()}
