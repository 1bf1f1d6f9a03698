"""Real programs take part only where they are installed; in CI they have to be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from programs.bot import Bot
from programs.irssi import Irssi
from programs.weechat import WeeChat

if TYPE_CHECKING:
    from programs.program import Program

PROGRAMS: tuple[type[Program], ...] = (WeeChat, Irssi, Bot)


@pytest.fixture(params=PROGRAMS, ids=lambda program: program.__name__.lower())
def program(request: pytest.FixtureRequest) -> type[Program]:
    """Each program in turn."""
    found: type[Program] = request.param
    if found.missing:
        assert "CI" not in os.environ, f"CI has to have {found.missing}: see the Makefile"
        pytest.skip(f"needs {found.missing}; `make test` as root installs them")
    return found
