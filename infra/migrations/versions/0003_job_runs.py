"""How long the jobs beside the cycle take: one row a question to them.

No row is carried over: the backend finds the books empty and reads the log again from the beginning.
"""

import sqlalchemy as sa
from alembic import op

from shared.columns import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BOOKED = (
    "trades", "cycles", "missed", "bot_status", "portfolio_snapshots", "trade_figures", "tallies", "read_state",
)  # fmt: skip


def upgrade() -> None:
    _empty()
    op.create_table(
        "job_runs",
        sa.Column("asked_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("job", sa.String(length=30), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("done_seq", sa.BigInteger(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("asked_seq", name=op.f("pk_job_runs")),
    )
    op.create_index("idx_job_runs_done_seq", "job_runs", ["done_seq"])


def downgrade() -> None:
    _empty()
    op.drop_table("job_runs")


def _empty() -> None:
    for table in _BOOKED:
        op.execute(sa.text(f"delete from {table}"))
