"""The record in stretches, for backtests: what was news, and runs of what was said again

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readingstretch",
        sa.Column("first_reading", sa.Integer(), nullable=False),
        sa.Column("last_reading", sa.Integer(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("first_reading"),
    )
    op.create_index("ix_readingstretch_last_reading", "readingstretch", ["last_reading"])


def downgrade() -> None:
    op.drop_table("readingstretch")
