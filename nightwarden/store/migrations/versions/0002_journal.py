"""What a backtest needs: a reading's own time and number, and the engine's other inputs

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "reading", sa.Column("timed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("reading", sa.Column("seq", sa.Integer(), nullable=True))
    op.create_table(
        "engineinput",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reached", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("after_reading", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_engineinput_at", "engineinput", ["at"])
    op.create_index("ix_engineinput_after_reading", "engineinput", ["after_reading"])
    op.create_table(
        "keptplan",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    op.drop_table("keptplan")
    op.drop_table("engineinput")
    op.drop_column("reading", "seq")
    op.drop_column("reading", "timed")
