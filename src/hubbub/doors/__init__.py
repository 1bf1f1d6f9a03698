"""Doors: where protocols come in. Translation only; what is allowed and what happens is the hub's.

`front` is the one port: it finds out what a connection speaks and hands it to a door. Doors do
not know each other. Read `front`, then a door's `door.py`.
"""
