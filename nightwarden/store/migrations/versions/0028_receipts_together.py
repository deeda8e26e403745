"""The receipts of a batch stand in one row

Revision ID: 0028
Revises: 0027
"""

import struct

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    store = op.get_bind()
    kept = store.exec_driver_sql(
        "SELECT mid, digest, committed_at FROM unacked ORDER BY committed_at"
    ).all()
    op.drop_table("unacked")
    op.create_table(
        "unacked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipts", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", _INSTANT(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for mid, digest, committed_at in kept:
        store.exec_driver_sql(
            "INSERT INTO unacked (receipts, committed_at) VALUES (?, ?)",
            (struct.pack("<H8s", mid, digest), committed_at),
        )


def downgrade() -> None:
    op.drop_table("unacked")
    op.create_table(
        "unacked",
        sa.Column("mid", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", _INSTANT(), nullable=False),
        sa.PrimaryKeyConstraint("mid"),
    )
