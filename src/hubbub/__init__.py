"""hubbub: a chat server with its clients. One command, one port, everything saved."""

__version__ = "0.1.0"
