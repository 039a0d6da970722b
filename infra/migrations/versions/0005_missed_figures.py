"""Why a slot was missed, as a code with its figures; what older rows say stays as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("missed", sa.Column("reason_code", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("missed", sa.Column("figures", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for column in ("figures", "reason_code"):
        op.drop_column("missed", column)
