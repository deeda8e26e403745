"""What backtests gave

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TEXT, _INSTANT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "kept_trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", _TEXT(), nullable=False),
        sa.Column("what", _TEXT(), nullable=False),
        sa.Column("since", _INSTANT(), nullable=False),
        sa.Column("until", _INSTANT(), nullable=False),
        sa.Column("run_at", _INSTANT(), nullable=False),
        sa.Column("run_by", _TEXT(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kept_trial_key", "kept_trial", ["key"])


def downgrade() -> None:
    op.drop_table("kept_trial")
