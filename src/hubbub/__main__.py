"""`python -m hubbub` is the command `hubbub`; everything it can do is in `hubbub.cli`."""

from __future__ import annotations

from hubbub.cli import main

if __name__ == "__main__":
    main(prog_name="hubbub")
