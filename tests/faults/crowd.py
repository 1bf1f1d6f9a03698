"""A crowd that talks to a real server from threads, and remembers what it saw.

Every message begins with a token that no other has, such as `<ann-00017>`, so that what was seen,
sent and saved can be compared. Talkers wait until others have seen what they said before they say
more: the bursts between vary from one message to many, and so do the server's batches.
"""

from __future__ import annotations

import itertools
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from running.peer import PATIENCE, ClassicPeer

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

TOKEN: Final = re.compile(r"<\w+-\d{5}>")
"""Begins a message of the crowd; of a long one, which comes in several pairs, only the first."""


class Listener:
    """Somebody who joins and reads in a thread, until the connection ends however it ends."""

    def __init__(self, port: int, name: str, width: int = 10) -> None:
        self.peer = ClassicPeer(port, name, width)
        self.pairs: list[tuple[str, str]] = []
        self.clean_end = False
        self._tokens: set[str] = set()
        self._news = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._read, name=f"{name} listens")
        self._thread.start()

    @property
    def seen(self) -> list[str]:
        """The tokens of the messages seen as they were said, in order. What is replayed is not."""
        with self._news:
            return [found[0] for _, text in self.pairs if (found := TOKEN.match(text))]

    @property
    def all_seen(self) -> set[str]:
        """The tokens of all messages seen, replayed ones too."""
        with self._news:
            return {token for _, text in self.pairs for token in TOKEN.findall(text)}

    def has_seen(self, token: str) -> bool:
        """Wait until a message was seen; False when it will not be: the connection is over."""
        return self._wait(lambda: token in self._tokens)

    def has_seen_so_many(self, count: int) -> bool:
        """Wait until so many messages were seen; False when the connection is over."""
        return self._wait(lambda: len(self._tokens) >= count)

    def has_read(self, name: str, text: str) -> bool:
        """Wait until a pair was read whose text begins so; False when the connection is over."""
        return self._wait(lambda: any(n == name and t.startswith(text) for n, t in self.pairs))

    def join(self) -> None:
        """Wait for the end of the connection and let go of the socket."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), f"{self.peer.name} still listens"
        self.peer.close()

    def _wait(self, come: Callable[[], bool]) -> bool:
        with self._news:
            assert self._news.wait_for(lambda: come() or self._over, PATIENCE), "it never came"
            return come()

    def _read(self) -> None:
        with suppress(OSError):
            for name, text in self.peer.pairs(deadline=600):
                with self._news:
                    self.pairs.append((name, text))
                    if found := TOKEN.search(text):
                        self._tokens.add(found[0])
                    self._news.notify_all()
            self.clean_end = True
        with self._news:
            self._over = True
            self._news.notify_all()


class Talker:
    """A listener's other half: talks in bursts until it is stopped or the connection ends."""

    def __init__(
        self,
        me: Listener,
        witness: Listener,
        random: Random,
        *,
        prefix: str,
        most_at_once: int = 40,
        most_bytes: int = 200,
    ) -> None:
        self._me = me
        self._witness = witness
        self._random = random
        self._prefix = prefix
        self._most_at_once = most_at_once
        self._most_bytes = most_bytes
        self._stopping = threading.Event()
        self.said: list[str] = []
        self._thread = threading.Thread(target=self._talk, name=f"{prefix} talks")
        self._thread.start()

    def stop(self) -> None:
        """Say no more after this burst, and wait for that."""
        self._stopping.set()
        self.join()

    def join(self) -> None:
        """Wait until it is silent, because it was stopped or lost its connection."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), f"{self._prefix} still talks"

    def _talk(self) -> None:
        numbers = itertools.count(1)
        peer = self._me.peer
        while not self._stopping.is_set():
            burst = []
            for number in itertools.islice(numbers, self._random.randint(1, self._most_at_once)):
                token = f"<{self._prefix}-{number:05}>"
                self.said.append(token)
                burst.append(peer.frame(token + self._filler()))
            try:
                peer.send(b"".join(burst))
            except OSError:
                return
            if not self._witness.has_seen(self.said[-1]):
                return

    def _filler(self) -> str:
        return " la" * (self._random.randint(0, self._most_bytes) // 3)
