"""The words that may stand in a prompt; any other, such as the name of an exchange's error, is told as OTHER (pure)."""

from shared.catalogue import ENTRIES, gate

_ENDS = (
    "CycleRejected", "OrderFilled", "OrderSkipped", "OrderDenied", "OrderRejected", "OrderUnresolved", "CycleFailed",
)  # fmt: skip
_CODES = frozenset((*_ENDS, *gate.FIGURES, *(code for code, entry in ENTRIES.items() if entry.may_be_prompted)))
VOTES = frozenset({"rsi", "bollinger", "stochastic", "macd", "trend", "volume", "days"})


def code(text: str) -> str:
    return text if text in _CODES else "OTHER"
