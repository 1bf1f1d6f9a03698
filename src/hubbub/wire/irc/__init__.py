"""The IRC wire: lines, tags, numerics, modes and names as every IRC server and client reads them.

Pure, and no opinion on who may say what: rules are the core's, replies are the door's, and masks
of people are matched in the core. Reading order: `line.py` (one line there and back), `buffer.py`
(bytes to lines), `tags.py`, then `split.py`, `modes.py`, `casemap.py` and the table `numerics.py`.
"Modern" in comments is the living IRC client protocol document at modern.ircdocs.horse.
"""
