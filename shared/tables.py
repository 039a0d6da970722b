"""Every table of the database. The backend's read model writes them all; whoever likes reads them.

trades, portfolio_snapshots and bot_status are the owner's, with his columns; what stands behind them is ours.
All of it can be thrown away and built again from the event log, ids included.
"""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, String, Table, Text, func, text

from shared.columns import EveryDigit, ExactDecimal, UTCDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "idx_%(table_name)s_%(column_0_name)s",
    }
)


def _since() -> Column[object]:
    return Column("created_at", UTCDateTime(), server_default=func.now())


def _updated() -> Column[object]:
    return Column("updated_at", UTCDateTime(), server_default=func.now())


# What was executed, one row a fill. The owner's money columns are rounded; fee_exact and funds_exact are not.
trades = Table(
    "trades",
    metadata,
    Column("id", Integer, primary_key=True),  # 1, 2, 3 … in the order of the log
    Column("symbol", String(20), nullable=False),
    Column("side", String(10), nullable=False),
    Column("price", ExactDecimal(20, 8), nullable=False),
    Column("amount", ExactDecimal(20, 8), nullable=False),
    Column("total_krw", ExactDecimal(20, 2), nullable=False),
    Column("fee", ExactDecimal(20, 2)),
    Column("ai_decision", Text),  # the analyst's reason; its word is `side`
    Column("ai_confidence", String(10)),
    _since(),  # when it was executed, by the exchange's time
    _updated(),
    Column("cycle", String(64), nullable=False, unique=True),
    Column("funds_exact", EveryDigit(), nullable=False),
    Column("fee_exact", EveryDigit(), nullable=False),
    Column("profit_exact", EveryDigit()),  # of a sale: what it brought less what was paid for it, fees in
    Column("held_volume", EveryDigit()),  # what the bot holds of the coin after it, and what it paid for that
    Column("held_cost", EveryDigit()),
    Column("reason", Text),  # these four: see shared/reason.py; `ai_decision` is the sentence of it, in Korean
    Column("reason_code", String(64)),
    Column("figures", Text),
    Column("said", Text),
    Column("opened_for", String(64)),  # the code of the purchase that opened what it adds to or takes from
    Column("slippage_krw", EveryDigit()),  # won lost against the snapshot's price; negative is won
    Index("idx_trades_symbol", "symbol"),
    Index("idx_trades_symbol_id", "symbol", "id"),
    Index("idx_trades_created_at", "created_at"),
)

# One row a valuation and market. The won and the total are the whole account's, the same in each of its rows.
portfolio_snapshots = Table(
    "portfolio_snapshots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("krw_balance", ExactDecimal(20, 2), nullable=False),
    Column("coin_balance", ExactDecimal(20, 8), nullable=False),
    Column("coin_price", ExactDecimal(20, 2), nullable=False),
    Column("total_value_krw", ExactDecimal(20, 2), nullable=False),
    _since(),  # when the exchange was asked, by its own time
    Column("symbol", String(20), nullable=False),
    Column("price_exact", EveryDigit()),
    Index("idx_snapshots_created_at", "created_at"),
)

# One row each time the owner switches the bot.
bot_status = Table(
    "bot_status",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("status", String(20), nullable=False),  # running, exits-only, paused, stopped
    Column("last_trade_time", UTCDateTime()),
    Column("total_trades", Integer, server_default=text("0")),
    Column("uptime_seconds", BigInteger, server_default=text("0")),
    _since(),
    _updated(),
)

# One row a cycle; everything behind `ai_confidence` is its end, and empty until then.
cycles = Table(
    "cycles",
    metadata,
    Column("cycle", String(64), primary_key=True),
    Column("market", String(20), nullable=False),
    Column("slot_at", UTCDateTime(), nullable=False),
    Column("started_at", UTCDateTime()),  # when the log stored its first event
    Column("price", ExactDecimal(20, 8)),
    Column("analyst", String(10)),  # rules or model
    Column("ai_decision", String(10)),  # its own word, whatever became of it
    Column("ai_confidence", String(10)),
    Column("ended_at", UTCDateTime()),
    Column("end_kind", String(20)),  # OrderFilled, CycleRejected …
    Column("end_seq", BigInteger),  # where in the log
    Column("stage", String(20)),
    Column("status", String(10)),  # success or failed
    Column("decision", String(10)),  # what was done
    Column("confidence", String(10)),
    Column("reason", Text),  # of an older event alone; a newer one has figures, see shared/reason.py
    Column("reason_code", String(64)),
    Column("figures", Text),
    Column("said", Text),
    Column("amount", ExactDecimal(20, 8)),
    Column("total", ExactDecimal(20, 2)),
    Column("gate", String(10)),  # passed, exit_only or rejected
    Column("gate_win_rate", Double),
    Column("gate_win_rate_min", Double),  # by the settings of its tick
    Column("gate_trades", Integer),  # that the rate counts
    Column("gate_distance", Double),  # share of winning trades that was missing; empty where it was not
    Column("model_cost", EveryDigit()),  # won; empty where the model was not asked
    Index("idx_cycles_market_slot_at", "market", "slot_at"),
    Index("idx_cycles_slot_at", "slot_at"),
    Index("idx_cycles_end_seq", "end_seq"),
)

# Slots that were never traded.
missed = Table(
    "missed",
    metadata,
    Column("cycle", String(64), primary_key=True),
    Column("market", String(20), nullable=False),
    Column("slot_at", UTCDateTime(), nullable=False),
    Column("reason", String(30), nullable=False),
    Column("detail", Text, nullable=False),  # of an older event alone
    Column("reason_code", String(64), nullable=False, server_default=""),
    Column("figures", Text, nullable=False, server_default="[]"),  # JSON
)

# The trades added up as they are booked, so that nobody counts a million rows: for all time, and for each
# month and day of Seoul.
trade_figures = Table(
    "trade_figures",
    metadata,
    Column("period", String(10), primary_key=True),  # all, 2026-01 or 2026-01-05
    Column("symbol", String(20), primary_key=True),
    Column("side", String(10), primary_key=True),
    Column("opened_for", String(64), primary_key=True),  # as in trades; empty where it is not known
    Column("reason_code", String(64), primary_key=True),
    Column("trades", Integer, nullable=False),
    Column("volume", EveryDigit(), nullable=False),
    Column("fees", EveryDigit(), nullable=False),
    Column("profit", EveryDigit(), nullable=False),
    Column("wins", Integer, nullable=False),  # sales that brought more than was paid
    Column("slippage", EveryDigit(), nullable=False),
)

# What the model cost, by the slots of its cycles: for all time, and for each month and day of Seoul.
model_figures = Table(
    "model_figures",
    metadata,
    Column("period", String(10), primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("cost", EveryDigit(), nullable=False),  # won
)

# One row each time a tick came with another value of a deciding setting; the first of a name changes nothing.
setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("value", Text),  # empty: it was not set
    Column("before", Text),
    Column("at", UTCDateTime(), nullable=False),  # when the log stored the tick
    Index("idx_setting_changes_name", "name"),
)

# What the metrics count: `end` by status, `decision` by word; of the jobs beside the cycle, by their ids, `job` (done)
# and `failed`.
tallies = Table(
    "tallies",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("market", String(20), primary_key=True),  # empty for a job
    Column("word", String(30), primary_key=True),
    Column("n", Integer, nullable=False),
)

# One row a valuation or report that was asked for: when the log stored the question, and its answer.
job_runs = Table(
    "job_runs",
    metadata,
    Column("asked_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("job", String(30), nullable=False),
    Column("asked_at", UTCDateTime(), nullable=False),
    Column("done_seq", BigInteger),
    Column("done_at", UTCDateTime()),
    Index("idx_job_runs_done_seq", "done_seq"),
)

# One row: how far in the event log all of the above has come, and what tells that log from an older copy of it
# (shared/reach.py): when its stream was made, the mark of the last message, the cycle of the last fill.
read_state = Table(
    "read_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("stream_created", UTCDateTime()),
    Column("stamp", String(40)),
    Column("last_fill", String(60)),
    Column("accepted_at", UTCDateTime()),  # when a person last went on with a log as it stood
)
