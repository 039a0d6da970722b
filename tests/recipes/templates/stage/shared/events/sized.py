"""How much of the usual amount a decision is worth."""

from decimal import Decimal
from typing import Literal

from shared.events.decision import DecisionMade
from shared.types import Exact


class PositionSized(DecisionMade):
    """The decision once more, as the executor is to carry it out. share: of TRADING_AMOUNT, for a buy."""

    SUBJECT = "ev.sized.{market}.{slot}"
    kind: Literal["PositionSized"] = "PositionSized"  # type: ignore[assignment]
    share: Exact[Decimal]
