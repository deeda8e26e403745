"""Sounders and lights: whose alerts switch them on, and what each was last told

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, instant = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    for name in ("sounds_for", "sounds_from"):
        op.add_column("equipment", sa.Column(name, text(), nullable=True))
    op.create_table(
        "ordered_output",
        sa.Column("dialect", text(), nullable=False),
        sa.Column("address", text(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("since", instant(), nullable=False),
        sa.Column("said_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("dialect", "address"),
    )
