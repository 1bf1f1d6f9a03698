"""python -m bench.load: drive one server on loopback, count every delivery, print one JSON line.

  python -m bench.load fanout  --port 1234 --server-pid 123 --clients 100 --senders 4 --window 64
  python -m bench.load latency --port 1234 --clients 500 --rate 20 --duration 10
  python -m bench.load idle    --port 1234 --server-pid 123 --clients 5000
  python -m bench.load rooms   --wire irc --port 6667 --rooms 200 --members 10 --window 4
  python -m bench.load storm   --wire irc --port 6667 --clients 1000

Scenarios
  fanout   one room, --clients members, --senders of them sending --size byte bodies. Closed
           loop: at most --window messages are in flight (sent, not yet delivered to all the
           others), topped up whenever a quarter of the window is free. --window 1 is pure
           ping-pong (the server can never coalesce), a large window lets it. The window keeps
           servers that drop from slow readers from losing anything.
  rooms    --rooms rooms of --members members, every member sends in turn, --window messages
           in flight per room.
  latency  one room, open loop: --rate messages/s in total; every delivery is timed.
  idle     --clients registered connections (irc: not joined unless --join): connect rate and
           CPU, RSS and PSS per connection, CPU share while idle for --hold seconds.
  storm    --clients connections all JOIN one room at once, then all PART. irc only.
  tell     --messages texts said in --rooms rooms, as fast as the server takes them: makes the
           past that the next two ask for, where it cannot be imported. ircv3 only.
  ask      one client in --rooms rooms that have a past pages through it and searches, one
           question at a time, --questions of each kind; with --rate others talk meanwhile.
           --data: hubbub's folder, to see how far its search index is behind. ircv3 only.
  wear     --questions pages in all, one after the other: what they cost and what memory grows by.

Exit status: 0 all that was sent was delivered exactly once to the right connections;
1 it was not (see lost, extra, dead, order_errors, error); 2 wrong usage.

load_busy is this process's share of a core: near 1.0 the generator, not the server, bounds
`rate`; cpu_us_per_delivery stays meaningful. Use --cpu 1 here and `taskset -c 0` there.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from dataclasses import fields
from pathlib import Path

from bench.load.connection import LoadError
from bench.load.deliveries import SMALLEST_BODY
from bench.load.options import Options
from bench.load.scenarios import Figures, Load
from bench.load.wires import WIRES

SCENARIOS = {
    "fanout": ("clients", "senders", "size", "window"),
    "rooms": ("rooms", "members", "size", "window"),
    "latency": ("clients", "senders", "size", "rate"),
    "idle": ("clients",),
    "storm": ("clients",),
    "tell": ("rooms", "messages"),
    "ask": ("rooms", "questions", "rate"),
    "wear": ("rooms", "questions"),
}
"""Each scenario, and which options describe it in the output."""


def build_parser() -> argparse.ArgumentParser:
    """The command line; its defaults are those of `Options`."""
    default = Options(port=0)
    parser = argparse.ArgumentParser(
        prog="python -m bench.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("scenario", choices=list(SCENARIOS))
    add("--wire", choices=sorted(WIRES), default=default.wire)
    add("--host", default=default.host, help="loopback addresses only")
    add("--port", type=int, required=True)
    add(
        "--server-pid",
        dest="server_pids",
        type=int,
        action="append",
        default=[],
        help="repeatable; for CPU and memory",
    )
    add("--cpu", type=int, help="pin this process to that core")
    add("--label", default="", help="copied to the output")
    add("--clients", type=int, default=default.clients)
    add("--senders", type=int, default=default.senders)
    add("--size", type=int, default=default.size, help=f"body bytes, at least {SMALLEST_BODY}")
    add("--window", type=int, default=default.window, help="messages in flight per room")
    add("--rooms", type=int, default=default.rooms)
    add("--members", type=int, default=default.members)
    add("--rate", type=float, default=default.rate, help="latency: messages/s in total")
    add("--duration", type=float, default=default.duration)
    add("--warmup", type=float, default=default.warmup)
    add("--drain", type=float, default=default.drain, help="bound of the wait at the end, s")
    add("--hold", type=float, default=default.hold, help="idle: seconds to hold still")
    add("--join", action="store_true", help="idle: also join one room")
    add("--burst", type=int, default=default.burst, help="handshakes or joins in flight")
    add("--deadline", type=float, default=default.deadline, help="bound of a set-up phase, s")
    add("--max-messages", type=int, default=default.max_messages)
    add("--messages", type=int, default=default.messages, help="tell: how many")
    add("--questions", type=int, default=default.questions, help="ask: of each kind; wear: in all")
    add("--data", type=Path, help="ask: the folder of the server, if it is hubbub")
    add("--verify", action="store_true", help="parse each body and check its order (slower)")
    return parser


def read_options(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Options:
    """Check what the command line asks for; wrong usage ends the program with status 2."""
    if not (arguments.host.startswith("127.") or arguments.host == "localhost"):
        parser.error(f"--host {arguments.host}: only loopback addresses are driven")
    if arguments.size < SMALLEST_BODY:
        parser.error(f"--size must be at least {SMALLEST_BODY}")
    return Options(**{field.name: getattr(arguments, field.name) for field in fields(Options)})


def run(scenario: str, options: Options) -> Figures:
    """Drive one scenario; a set-up that failed is reported in the figures."""
    load = Load(options)
    try:
        figures: Figures = getattr(load, scenario)()
    except (LoadError, OSError) as error:
        figures = {"ok": False, "error": str(error)[:300]}
    finally:
        load.engine.close()
    return figures


def main() -> int:
    """Read the command line, run, print one line; returns the exit status."""
    parser = build_parser()
    arguments = parser.parse_args()
    options = read_options(parser, arguments)
    if arguments.cpu is not None:
        os.sched_setaffinity(0, {arguments.cpu})
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    figures: Figures = {
        "label": arguments.label,
        "scenario": arguments.scenario,
        "wire": options.wire,
    }
    figures |= {name: getattr(options, name) for name in SCENARIOS[arguments.scenario]}
    figures |= run(arguments.scenario, options)
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
