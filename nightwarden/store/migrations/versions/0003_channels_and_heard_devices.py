"""How an item reads its device, and what is heard of devices that nobody has bound

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reads = sa.Column("reads", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("device", reads)
    inverted = sa.Column("inverted", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("device", inverted)
    op.create_table(
        "heard_device",
        sa.Column("dialect", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("pace", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("dialect", "address"),
    )
