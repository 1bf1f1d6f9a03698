"""Partners: the names of those whose conversation an entry is from.

Conversations are named by ids, which tell people nothing; what is shown to people goes through
here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubbub.hub.history import is_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubbub.core.ports import Found
    from hubbub.hub.hub import Hub


async def named(hub: Hub, found: Sequence[Found]) -> Sequence[Found]:
    """The same, with the names in `between` where two talked alone. Raises `StoreError`."""
    conversations = {one.room for one in found if is_conversation(one.room)}
    if not conversations:
        return found
    partners = await hub.archive.partners(conversations)
    return [replace(one, between=partners.get(one.room, ())) for one in found]
