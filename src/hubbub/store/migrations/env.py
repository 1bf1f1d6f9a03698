"""Alembic's way in: `hubbub.store.migrating` hands over the connection.

The driver is in autocommit and BEGIN is said by the engine, so on SQLite too a migration is
atomic, its CREATE TABLE included; Alembic does not expect that and must be told.
"""

from __future__ import annotations

from alembic import context

from hubbub.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
