"""The share of the usual amount, by how sure the analyst is (pure)."""

from decimal import Decimal

from shared.events import DecisionMade

_SHARES = {"high": Decimal(1), "medium": Decimal("0.75"), "low": Decimal("0.5")}


def share_of(decision: DecisionMade) -> Decimal:
    """Never more than the whole; all of it where nobody said how sure he is."""
    return _SHARES[decision.confidence or "high"]
