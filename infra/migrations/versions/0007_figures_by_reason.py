"""Trades added up by the reasons of entry and exit, too.

No row is carried over: the backend finds the books empty and reads the log again from the beginning.
"""

import sqlalchemy as sa
from alembic import op

from shared.columns import EveryDigit

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BOOKED = (
    "trades", "cycles", "missed", "bot_status", "portfolio_snapshots", "tallies", "job_runs", "read_state",
    "model_figures", "setting_changes",
)  # fmt: skip


def upgrade() -> None:
    _made_anew("opened_for", "reason_code")


def downgrade() -> None:
    _made_anew()


def _made_anew(*reasons: str) -> None:
    """The reasons are a part of its key, and no database adds to one in place."""
    for table in _BOOKED:
        op.execute(sa.text(f"delete from {table}"))
    op.drop_table("trade_figures")
    key = ("period", 10), ("symbol", 20), ("side", 10), *((reason, 64) for reason in reasons)
    op.create_table(
        "trade_figures",
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in key),
        sa.Column("trades", sa.Integer(), nullable=False),
        sa.Column("volume", EveryDigit(), nullable=False),
        sa.Column("fees", EveryDigit(), nullable=False),
        sa.Column("profit", EveryDigit(), nullable=False),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.Column("slippage", EveryDigit(), nullable=False),
        sa.PrimaryKeyConstraint(*(name for name, _ in key), name=op.f("pk_trade_figures")),
    )
