"""The bench: what hubbub costs, held against its peers and against the disk.

`python -m bench` (from the repository's root; `make bench`) prints two tables. `load/` is the
generator that drives one server, `plan_classic.py` and `plan_irc.py` say what is measured and
which goals stand beside it, `README.md` has the method. The bench may import hubbub only in
`timeline.py` (the store without sockets) and to ask where data lives; servers are programs.
"""
