"""Alembic's environment: runs the history on the connection that ``store.migrate`` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two servers that start together take turns; a stuck lock fails instead of hanging.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(6211)")
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    transactional_ddl=True,
)
context.run_migrations()
