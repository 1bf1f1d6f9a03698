"""The store: what is kept, on disk or in memory.

`open_store` gives the one on disk, `MemoryStore` the one that forgets. Both are a
`core.ports.Journal` and an `Archive`; the hub knows them only so. Read in this order: `schema`,
`batch`, `writer`, `reading`, `sqlite`, `opening`; beside them `search`, `importing`, `upkeep`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hubbub.store.files import DATABASE

if TYPE_CHECKING:
    from hubbub.store.memory import MemoryStore
    from hubbub.store.opening import open_store
    from hubbub.store.sqlite import SqliteStore

__all__ = ["DATABASE", "MemoryStore", "SqliteStore", "open_store"]

_LATER = {"MemoryStore": "memory", "SqliteStore": "sqlite", "open_store": "opening"}


def __getattr__(name: str) -> Any:
    """The stores, loaded when they are first asked for: their driver takes longer than a verb."""
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
