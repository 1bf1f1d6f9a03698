"""The chat itself: people, rooms, what is said and who may say it.

Pure and synchronous. It knows no protocol, socket, clock, log or database: what it needs of the
world outside is handed in through `ports`. Read in this order: `people`, `sessions`, `rooms`,
`events` (all that can happen), `refusals` (all that can be said no to), `world` (where it is).
"""
