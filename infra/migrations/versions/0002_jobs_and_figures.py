"""What the jobs and the figures need: profit and position of a trade, gate and cost of a cycle, kept counters.

The books are built again from the event log (`upcycle db rebuild`), so no row is carried over: whoever was
booked before the counters were there would be missing in them.
"""

import sqlalchemy as sa
from alembic import op

from shared.columns import EveryDigit

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BOOKED = ("trades", "cycles", "missed", "bot_status", "portfolio_snapshots", "read_state")


def upgrade() -> None:
    _empty()
    with op.batch_alter_table("trades") as trades:
        trades.add_column(sa.Column("profit_exact", EveryDigit(), nullable=True))
        trades.add_column(sa.Column("held_volume", EveryDigit(), nullable=True))
        trades.add_column(sa.Column("held_cost", EveryDigit(), nullable=True))
        trades.create_index("idx_trades_symbol_id", ["symbol", "id"])
    with op.batch_alter_table("cycles") as cycles:
        cycles.add_column(sa.Column("gate", sa.String(length=10), nullable=True))
        cycles.add_column(sa.Column("gate_distance", sa.Double(), nullable=True))
        cycles.add_column(sa.Column("model_cost", EveryDigit(), nullable=True))
    with op.batch_alter_table("portfolio_snapshots") as snapshots:
        snapshots.add_column(sa.Column("price_exact", EveryDigit(), nullable=True))
    op.create_table(
        "trade_figures",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("symbol", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("trades", sa.Integer(), nullable=False),
        sa.Column("volume", EveryDigit(), nullable=False),
        sa.Column("fees", EveryDigit(), nullable=False),
        sa.Column("profit", EveryDigit(), nullable=False),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("period", "symbol", "side", name=op.f("pk_trade_figures")),
    )
    op.create_table(
        "tallies",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("market", sa.String(length=20), nullable=False),
        sa.Column("word", sa.String(length=30), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "market", "word", name=op.f("pk_tallies")),
    )


def downgrade() -> None:
    _empty()
    op.drop_table("tallies")
    op.drop_table("trade_figures")
    with op.batch_alter_table("portfolio_snapshots") as snapshots:
        snapshots.drop_column("price_exact")
    with op.batch_alter_table("cycles") as cycles:
        cycles.drop_column("model_cost")
        cycles.drop_column("gate_distance")
        cycles.drop_column("gate")
    with op.batch_alter_table("trades") as trades:
        trades.drop_index("idx_trades_symbol_id")
        trades.drop_column("held_cost")
        trades.drop_column("held_volume")
        trades.drop_column("profit_exact")


def _empty() -> None:
    """The backend reads the log again from the beginning when it finds the books empty."""
    for table in _BOOKED:
        op.execute(sa.text(f"delete from {table}"))
