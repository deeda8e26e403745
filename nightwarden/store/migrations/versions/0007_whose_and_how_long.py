"""Whose an item is and how long it may be used; a permit is open until somebody ends it

A permit used to end with its time alone. One that ran out under that rule counts as ended where
somebody has found the item in place since, or a later permit followed; the others are overdue.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FOUND_BACK = """
UPDATE permit SET ended_at = until, ended_by = 'nightwarden'
WHERE ended_at IS NULL AND (
  EXISTS (SELECT 1 FROM confirmation AS c WHERE c.equipment = permit.equipment
          AND c.state = 'in_place' AND c.recorded_at >= permit.until)
  OR EXISTS (SELECT 1 FROM permit AS later WHERE later.equipment = permit.equipment
             AND later.id > permit.id)
)
"""


def upgrade() -> None:
    op.add_column(
        "equipment", sa.Column("meant_for", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
    )
    op.add_column("equipment", sa.Column("service_life_days", sa.Integer(), nullable=True))
    op.execute(_FOUND_BACK)


def downgrade() -> None:
    op.drop_column("equipment", "service_life_days")
    op.drop_column("equipment", "meant_for")
