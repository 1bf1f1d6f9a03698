"""Migrations: how each schema became the next. `hubbub.store.migrating` runs them.

To add one: change `hubbub.store.schema`, raise its REVISION, write the step into `versions/`, and
let `tests/store/test_opening.py` tell you where the two disagree.
"""
