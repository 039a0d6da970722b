"""Reasons as codes, figures and words; the gate's figure; what the model cost by the day; when a setting changed.

No row is carried over: the backend finds the books empty and reads the log again from the beginning.
"""

import sqlalchemy as sa
from alembic import op

from shared.columns import EveryDigit, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BOOKED = (
    "trades", "cycles", "missed", "bot_status", "portfolio_snapshots", "trade_figures", "tallies", "job_runs",
    "read_state",
)  # fmt: skip
_TRADES = ("reason", "reason_code", "figures", "said", "opened_for", "slippage_krw")
_CYCLES = ("figures", "said", "gate_win_rate", "gate_win_rate_min", "gate_trades")


def upgrade() -> None:
    _empty()
    with op.batch_alter_table("trades") as trades:
        trades.add_column(sa.Column("reason", sa.Text(), nullable=True))
        trades.add_column(sa.Column("reason_code", sa.String(length=64), nullable=True))
        trades.add_column(sa.Column("figures", sa.Text(), nullable=True))
        trades.add_column(sa.Column("said", sa.Text(), nullable=True))
        trades.add_column(sa.Column("opened_for", sa.String(length=64), nullable=True))
        trades.add_column(sa.Column("slippage_krw", EveryDigit(), nullable=True))
    with op.batch_alter_table("cycles") as cycles:
        cycles.add_column(sa.Column("figures", sa.Text(), nullable=True))
        cycles.add_column(sa.Column("said", sa.Text(), nullable=True))
        cycles.add_column(sa.Column("gate_win_rate", sa.Double(), nullable=True))
        cycles.add_column(sa.Column("gate_win_rate_min", sa.Double(), nullable=True))
        cycles.add_column(sa.Column("gate_trades", sa.Integer(), nullable=True))
    with op.batch_alter_table("trade_figures") as figures:
        figures.add_column(sa.Column("slippage", EveryDigit(), nullable=False))
    op.create_table(
        "model_figures",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("cost", EveryDigit(), nullable=False),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_model_figures")),
    )
    op.create_table(
        "setting_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_changes")),
    )
    op.create_index("idx_setting_changes_name", "setting_changes", ["name"])


def downgrade() -> None:
    _empty()
    op.drop_table("setting_changes")
    op.drop_table("model_figures")
    with op.batch_alter_table("trade_figures") as figures:
        figures.drop_column("slippage")
    for table, columns in (("cycles", _CYCLES), ("trades", _TRADES)):
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column)


def _empty() -> None:
    for table in _BOOKED:
        op.execute(sa.text(f"delete from {table}"))
