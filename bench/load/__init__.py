"""The load generator: many clients to ONE server on loopback, every delivery counted.

One process, one thread, raw epoll. `python -m bench.load SCENARIO --port N` drives a bounded
load and prints one line of JSON; exit status 0 means that all that was sent arrived exactly
once where it was due. Read `__main__.py` for the manual, `engine.py` for the loop,
`deliveries.py` for how arrivals are counted, `scenarios.py` for what is driven.
It knows wires, not servers: nothing here may import hubbub.
"""
