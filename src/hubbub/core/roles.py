"""Roles: what a person may do in a room, beyond being in it.

Roles belong to persons, not to nicks or connections, so they are there again when the person is.
"""

from __future__ import annotations

from enum import IntFlag


class Role(IntFlag):
    """One can have several: who is an operator may have a voice as well."""

    NONE = 0
    VOICE = 1
    """May speak in a moderated room."""
    OPERATOR = 2
    """May change the room and who is in it."""
