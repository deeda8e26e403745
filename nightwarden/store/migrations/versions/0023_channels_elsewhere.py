"""Channels that tell people elsewhere, and what became of each message

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("service", _TEXT(), nullable=False),
        sa.Column("secret", _TEXT(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("priorities", sa.JSON(), nullable=False),
        sa.Column("from_step", sa.Integer(), nullable=False),
        sa.Column("names", sa.Boolean(), nullable=False),
        sa.Column("person", _TEXT(), nullable=True),
        sa.Column("set_by", _TEXT(), nullable=False),
        sa.Column("set_at", _INSTANT(), nullable=False),
        sa.Column("removed_by", _TEXT(), nullable=True),
        sa.Column("removed_at", _INSTANT(), nullable=True),
        sa.Column("taken_at", _INSTANT(), nullable=True),
        sa.Column("failing_since", _INSTANT(), nullable=True),
        sa.Column("failing_why", _TEXT(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("delivery", sa.Column("shown_at", _INSTANT(), nullable=True))
    op.add_column("delivery", sa.Column("channel", sa.Integer(), nullable=True))
    op.create_index("ix_delivery_channel", "delivery", ["channel"])


def downgrade() -> None:
    op.drop_index("ix_delivery_channel", "delivery")
    op.drop_column("delivery", "channel")
    op.drop_column("delivery", "shown_at")
    op.drop_table("channel")
