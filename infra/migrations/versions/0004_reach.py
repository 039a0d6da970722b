"""How far the log reached that the books were read from, so that one put back from an older copy is known.

Books from before keep their place and learn the rest with the next event.
"""

import sqlalchemy as sa
from alembic import op

from shared.columns import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("read_state", sa.Column("stream_created", UTCDateTime(), nullable=True))
    op.add_column("read_state", sa.Column("stamp", sa.String(length=40), nullable=True))
    op.add_column("read_state", sa.Column("last_fill", sa.String(length=60), nullable=True))
    op.add_column("read_state", sa.Column("accepted_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    for column in ("accepted_at", "last_fill", "stamp", "stream_created"):
        op.drop_column("read_state", column)
