"""The codes that may stand in a prompt; any other, such as the name of an exchange's error, is told as OTHER (pure)."""

_CODES = frozenset(
    {
        # ends of a cycle
        "CycleRejected", "OrderFilled", "OrderSkipped", "OrderDenied", "OrderRejected", "OrderUnresolved",
        "CycleFailed",
        # the gate
        "GATE_EXIT_ONLY", "WIN_RATE", "DRAWDOWN", "TRADES", "EXPECTANCY",
        # safety checks
        "HAZARD_FLASH_CRASH", "HAZARD_MARKET_RISK",
        # the rules-only analyst
        "RULES_NO_MAJORITY", "RULES_OVERBOUGHT", "RULES_OVERSOLD", "RULES_TOO_FEW_CANDLES", "RULES_TREND_BREAK",
        "RULES_NOTHING_TO_SELL",
        # the executor
        "BELOW_MINIMUM", "BOOK_TOO_THIN", "BOT_PAUSED", "BOT_STOPPED", "BUY_BLOCKED", "DEPTH_SLIPPAGE",
        "INSUFFICIENT_KRW", "MARKET_NOT_ACTIVE", "MARKET_WARNING", "NOTHING_TO_SELL", "POSITION_MAX",
        "SPREAD_TOO_WIDE", "STALE_SNAPSHOT", "NOT_EXECUTED", "ORDER_UNRESOLVED", "STAGE_GAVE_UP",
    }
)  # fmt: skip
_VOTES = frozenset({"rsi", "bollinger", "stochastic", "macd", "trend", "volume", "days"})


def code(text: str) -> str:
    return text if text in _CODES else "OTHER"


def vote_names() -> frozenset[str]:
    return _VOTES
