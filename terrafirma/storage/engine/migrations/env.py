"""Runs migrations on the connection it is handed, inside that connection's transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.get_main_option("version_table"),
)
context.run_migrations()
