"""`hubbub chat` on the whole screen: what the options become for `hubbub.tui`.

Owns nothing else. What is kept on this machine is in the client's folder (`client.local.folder`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hubbub.client.errors import CannotKeep
from hubbub.client.local.folder import ClientFolder
from hubbub.tui.app import HubbubApp

if TYPE_CHECKING:
    from hubbub.cli.joining import Joining


def converse(joining: Joining, name: str, *, theme: str, keeps: bool) -> None:
    """Chat until the person quits."""
    for size in ("COLUMNS", "LINES"):  # of a shell that exports them; the terminal knows better
        os.environ.pop(size, None)
    options = joining.options()
    options.pop("recent", None)
    try:
        folder = ClientFolder.of(os.environ) if keeps else None
    except CannotKeep:
        folder = None
    HubbubApp(
        name=name, address=joining.address, options=options, folder=folder, palette=theme
    ).run()
