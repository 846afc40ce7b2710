"""Alembic's environment: migrates over the connection that ``catalog.schema`` hands in."""

from alembic import context

from jupyter_node_deploy.catalog.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter most of a table in place
)
with context.begin_transaction():
    context.run_migrations()
