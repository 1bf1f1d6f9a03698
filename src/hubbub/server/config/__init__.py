"""Everything an operator can set, and nothing else.

`keys` holds each key once, with its default, bounds, unit and words; `sources` reads the file, the
environment and the flags (flags beat environment beats file) and answers a mistake with one line;
`pages` writes the same keys for people: `config show`, `config example`, docs/configuration.md;
`changes` tells two configurations apart when one is read again.
No other module of hubbub reads the environment. Start with `keys`.
"""

from __future__ import annotations

from hubbub.server.config.history import History
from hubbub.server.config.irc import Irc, Operator, Sts
from hubbub.server.config.keys import Classic, Config, Http, Limits, Log
from hubbub.server.config.rooms import Metadata, People, Rooms
from hubbub.server.config.sources import (
    ConfigError,
    Loaded,
    data_folder,
    load,
    load_config,
)

__all__ = [
    "Classic",
    "Config",
    "ConfigError",
    "History",
    "Http",
    "Irc",
    "Limits",
    "Loaded",
    "Log",
    "Metadata",
    "Operator",
    "People",
    "Rooms",
    "Sts",
    "data_folder",
    "load",
    "load_config",
]
