"""What this machine remembers of a server: as whom one was there last.

Owns no more than the question; the answer is the client's (`client.local.servers`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hubbub.client.errors import CannotKeep
from hubbub.client.local.folder import ClientFolder
from hubbub.client.local.servers import Servers

if TYPE_CHECKING:
    from hubbub.client import Address


def name_there(address: Address) -> str:
    """Our name at a server the last time; "" when nobody was there, or nothing can be read."""
    try:
        known = Servers(ClientFolder.of(os.environ)).all()
    except CannotKeep:
        return ""
    return next((one.name for one in known if str(one.address) == str(address)), "")
