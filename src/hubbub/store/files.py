"""The names of what the store keeps in the data folder.

Importing them loads no database driver, so that whoever only looks for a file need not have one.
"""

from __future__ import annotations

from typing import Final

DATABASE: Final = "hubbub.sqlite"
"""The file that holds everything."""

INDEX: Final = "search.sqlite"
"""The search index's file. It may be deleted while no server runs: it is made again."""

BACKUPS: Final = "backups"
"""The folder for copies of the database: made when it is needed, for its owner only."""
