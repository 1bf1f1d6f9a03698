"""One server of ours for all that is tried at the screen; each test has a room of its own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from running.server import UNLIMITED, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server."""
    with start_server(tmp_path_factory.mktemp("house") / "data", env=UNLIMITED) as server:
        yield f"127.0.0.1:{server.port}"


@pytest.fixture
def room() -> str:
    """A room that nobody was in."""
    return f"#tea{next(_NUMBERS)}"
