"""Networks: whose word about somebody else's address is taken.

A proxy or a gateway connects for many, and says for whom. The operator names those who may.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Networks:
    """Addresses and networks: `"127.0.0.1" in Networks(["127.0.0.0/8", "::1"])`."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Raises `ValueError` with the text that is neither an address nor a network."""
        self._networks = [ipaddress.ip_network(text) for text in texts]

    def __contains__(self, host: str) -> bool:
        """Whether an address is in one of them; what is no address is in none."""
        if not self._networks:
            return False
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._networks)
