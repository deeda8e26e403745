"""Alembic's entry point. It always runs on a connection that was handed in."""

from alembic import context
from sqlmodel import SQLModel

from nightwarden.store import tables  # noqa: F401  (fills the metadata)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
context.run_migrations()
