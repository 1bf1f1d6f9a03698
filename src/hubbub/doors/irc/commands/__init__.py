"""What an IRC client may send, by the eight areas; each module declares its commands.

A handler translates: it reads parameters, calls a verb of the hub, answers. Importing this is
what fills the table in `dispatch`.
"""

from __future__ import annotations

import hubbub.doors.irc.commands.amending
import hubbub.doors.irc.commands.arrival
import hubbub.doors.irc.commands.gateways
import hubbub.doors.irc.commands.history
import hubbub.doors.irc.commands.marks
import hubbub.doors.irc.commands.metadata
import hubbub.doors.irc.commands.moderation
import hubbub.doors.irc.commands.operations
import hubbub.doors.irc.commands.people
import hubbub.doors.irc.commands.rooms
import hubbub.doors.irc.commands.talk  # noqa: F401 (each declares its commands)
