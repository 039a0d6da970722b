"""When a position is to be closed between the cycles: stop-loss, trailing stop, take-profit (pure).

At its limit a rule fires already. A loss counts before a gain: of several rules the first below is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.catalogue import exits
from shared.events import Position
from shared.reason import Reason
from shared.settings import Settings
from shared.types import Price, UtcTime

Rule = Literal["stop_loss", "trailing_stop", "take_profit"]
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ExitLimits:
    """Shares; None switches a rule off."""

    stop_loss: Decimal | None = None
    trailing_stop: Decimal | None = None
    take_profit: Decimal | None = None

    @classmethod
    def of(cls, settings: Settings) -> "ExitLimits":
        """Exact to the last digit of the setting."""
        shares = (settings.exit_stop_loss, settings.exit_trailing_stop, settings.exit_take_profit)
        return cls(*(None if share is None else Decimal(str(share)) for share in shares))

    @property
    def any(self) -> bool:
        return any(limit is not None for limit in (self.stop_loss, self.trailing_stop, self.take_profit))


@dataclass(frozen=True, slots=True)
class ExitTrigger:
    rule: Rule
    limit: Decimal
    change: Decimal  # against what was paid, or against the peak; share, negative is a fall
    price: Price
    peak: Price


@dataclass(frozen=True, slots=True)
class Bar:
    """A closed candle."""

    opened_at: UtcTime
    closed_at: UtcTime
    open: Price
    high: Price
    low: Price
    close: Price

    def path(self) -> Iterator[Price]:
        """Its prices in an order that flatters no long position: the low before the high."""
        yield from (self.open, self.low, self.high, self.close)


def reason_to_exit(held: Position, peak: Price, price: Price, limits: ExitLimits) -> ExitTrigger | None:
    """Hold a price against the rules.

    held: not empty; its cost holds the fees of its buys. peak: highest price since it was opened, this one included.
    """
    paid = held.cost / held.volume
    gain, fall = price / paid - 1, price / peak - 1
    # Compared as products, so that a limit is met exactly and not by the last digit of a quotient.
    if limits.stop_loss is not None and price * held.volume <= held.cost * (_ONE - limits.stop_loss):
        return ExitTrigger("stop_loss", limits.stop_loss, gain, price, peak)
    if limits.trailing_stop is not None and price <= peak * (_ONE - limits.trailing_stop):
        return ExitTrigger("trailing_stop", limits.trailing_stop, fall, price, peak)
    if limits.take_profit is not None and price * held.volume >= held.cost * (_ONE + limits.take_profit):
        return ExitTrigger("take_profit", limits.take_profit, gain, price, peak)
    return None


def rest_of_exit(held: Position, peak: Price, price: Price, rule: Rule, limit: Decimal) -> ExitTrigger:
    """The rule that began an exit, for the rest of the position: whatever the price is by now, an exit gets out."""
    change = price / peak - 1 if rule == "trailing_stop" else price * held.volume / held.cost - 1
    return ExitTrigger(rule, limit, change, price, peak)


def why(trigger: ExitTrigger, step: int = 1) -> Reason:
    """step: which order of the exit it is."""
    values = {"price": trigger.price, "change": trigger.change, "limit": trigger.limit}
    return exits.BY_RULE[trigger.rule].because({**values, "step": step if step > 1 else None})
