"""What Alembic runs to apply the revisions; only Alembic loads this file."""

from alembic import context

from registry.catalogue import tables
from registry.catalogue.revisions import revision

# The connection holds the lock and is in the transaction, which ends after all revisions or after none.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=revision.name,
    render_as_batch=True,  # how SQLite alters tables
)
with context.begin_transaction():
    context.run_migrations()
