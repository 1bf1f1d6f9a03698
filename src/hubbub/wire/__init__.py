"""Bytes to typed frames and back, for servers and clients alike.

Pure: no socket, no clock, no log, and nothing of rooms or people. A codec is fed bytes and asked
for frames; who reads and writes them is the business of a door or of the client.
Read `sniff.py` first (which protocol is this?), then `classic.py`; IRC's lines are in `irc/`.
"""
