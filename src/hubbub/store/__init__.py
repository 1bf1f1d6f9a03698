"""The store: what is kept, on disk or in memory.

`open_store` gives the one on disk, `MemoryStore` the one that forgets. Both are a
`core.ports.Journal` and an `Archive`; the hub knows them only so. Read in this order: `schema`,
`batch`, `writer`, `reading`, `sqlite`, `opening`; beside them `search`, `importing`, `upkeep`.
"""

from __future__ import annotations

from hubbub.store.memory import MemoryStore
from hubbub.store.opening import DATABASE, open_store
from hubbub.store.sqlite import SqliteStore

__all__ = ["DATABASE", "MemoryStore", "SqliteStore", "open_store"]
