"""The quarantine finds the same topic and reason at once, however much it holds

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "quarantine_same_again", "quarantine", ["topic", "reason", "received_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("quarantine_same_again", table_name="quarantine")
