"""The words that may stand in a prompt; any other, such as the name of an exchange's error, is told as OTHER (pure)."""

from services.analyst.core.judge import SAYS

_RULES = (
    "RULES_NO_MAJORITY", "RULES_OVERBOUGHT", "RULES_OVERSOLD", "RULES_TOO_FEW_CANDLES", "RULES_TREND_BREAK",
    "RULES_NOTHING_TO_SELL",
)  # fmt: skip
_ENDS = (
    "CycleRejected", "OrderFilled", "OrderSkipped", "OrderDenied", "OrderRejected", "OrderUnresolved", "CycleFailed",
)  # fmt: skip
_GATE = ("GATE_EXIT_ONLY", "WIN_RATE", "DRAWDOWN", "TRADES", "EXPECTANCY")
_HAZARDS = ("HAZARD_FLASH_CRASH", "HAZARD_MARKET_RISK")
_MODEL = ("LLM_BUY", "LLM_SELL", "LLM_HOLD", "LLM_NOTHING_TO_SELL", *SAYS, *(f"LLM_BUDGET_{code}" for code in _RULES))
_EXECUTOR = (
    "BELOW_MINIMUM", "BOOKS_NOT_COMPARED", "BOOK_TOO_THIN", "BOT_PAUSED", "BOT_STOPPED", "BUY_BLOCKED",
    "COOLDOWN_AFTER_LOSS", "DAILY_LOSS_MAX", "DEPTH_SLIPPAGE", "FOREIGN_ORDER", "IDENTIFIER_TAKEN",
    "INSUFFICIENT_KRW", "MARKET_NOT_ACTIVE", "MARKET_WARNING", "NEVER_SENT", "NOTHING_TO_SELL", "NOT_EXECUTED",
    "ORDERS_PER_DAY_MAX", "ORDER_SURGE", "ORDER_UNRESOLVED", "POSITION_GONE", "POSITION_MAX", "SPREAD_TOO_WIDE",
    "STAGE_GAVE_UP", "STALE_SNAPSHOT", "UNREADABLE_LOG", "UNRESOLVED_ORDER",
)  # fmt: skip
_COLLECTOR = ("BOOK_TOO_OLD", "CLOCK_SKEW", "SLOT_AHEAD", "SLOT_OVER")
_CODES = frozenset((*_RULES, *_ENDS, *_GATE, *_HAZARDS, *_COLLECTOR, *_MODEL, *_EXECUTOR))
VOTES = frozenset({"rsi", "bollinger", "stochastic", "macd", "trend", "volume", "days"})


def code(text: str) -> str:
    return text if text in _CODES else "OTHER"
