"""The first tables: the owner's three, and the cycles, missed slots and reading place behind them."""

import sqlalchemy as sa
from alembic import op

from shared.columns import EveryDigit, ExactDecimal, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bot_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("last_trade_time", UTCDateTime(), nullable=True),
        sa.Column("total_trades", sa.Integer(), server_default=sa.text("0"), nullable=True),
        sa.Column("uptime_seconds", sa.BigInteger(), server_default=sa.text("0"), nullable=True),
        sa.Column("created_at", UTCDateTime(), server_default=sa.func.now(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), server_default=sa.func.now(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_status")),
    )
    op.create_table(
        "cycles",
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("market", sa.String(length=20), nullable=False),
        sa.Column("slot_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("price", ExactDecimal(20, 8), nullable=True),
        sa.Column("analyst", sa.String(length=10), nullable=True),
        sa.Column("ai_decision", sa.String(length=10), nullable=True),
        sa.Column("ai_confidence", sa.String(length=10), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("end_kind", sa.String(length=20), nullable=True),
        sa.Column("end_seq", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("confidence", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.String(length=64), nullable=True),
        sa.Column("amount", ExactDecimal(20, 8), nullable=True),
        sa.Column("total", ExactDecimal(20, 2), nullable=True),
        sa.PrimaryKeyConstraint("cycle", name=op.f("pk_cycles")),
    )
    op.create_index("idx_cycles_end_seq", "cycles", ["end_seq"])
    op.create_index("idx_cycles_market_slot_at", "cycles", ["market", "slot_at"])
    op.create_index("idx_cycles_slot_at", "cycles", ["slot_at"])

    op.create_table(
        "missed",
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("market", sa.String(length=20), nullable=False),
        sa.Column("slot_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cycle", name=op.f("pk_missed")),
    )
    op.create_table(
        "portfolio_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("krw_balance", ExactDecimal(20, 2), nullable=False),
        sa.Column("coin_balance", ExactDecimal(20, 8), nullable=False),
        sa.Column("coin_price", ExactDecimal(20, 2), nullable=False),
        sa.Column("total_value_krw", ExactDecimal(20, 2), nullable=False),
        sa.Column("created_at", UTCDateTime(), server_default=sa.func.now(), nullable=True),
        sa.Column("symbol", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_snapshots")),
    )
    op.create_index("idx_snapshots_created_at", "portfolio_snapshots", ["created_at"])

    op.create_table(
        "read_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_state")),
    )
    op.create_table(
        "trades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("price", ExactDecimal(20, 8), nullable=False),
        sa.Column("amount", ExactDecimal(20, 8), nullable=False),
        sa.Column("total_krw", ExactDecimal(20, 2), nullable=False),
        sa.Column("fee", ExactDecimal(20, 2), nullable=True),
        sa.Column("ai_decision", sa.Text(), nullable=True),
        sa.Column("ai_confidence", sa.String(length=10), nullable=True),
        sa.Column("created_at", UTCDateTime(), server_default=sa.func.now(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), server_default=sa.func.now(), nullable=True),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("funds_exact", EveryDigit(), nullable=False),
        sa.Column("fee_exact", EveryDigit(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trades")),
        sa.UniqueConstraint("cycle", name=op.f("uq_trades_cycle")),
    )
    op.create_index("idx_trades_created_at", "trades", ["created_at"])
    op.create_index("idx_trades_symbol", "trades", ["symbol"])


def downgrade() -> None:
    op.drop_table("trades")
    op.drop_table("read_state")
    op.drop_table("portfolio_snapshots")
    op.drop_table("missed")
    op.drop_table("cycles")
    op.drop_table("bot_status")
