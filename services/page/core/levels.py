"""The prices at which something would happen to the position: what was paid, and where an exit fires (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.page.core.cycle_log import CycleLog
from shared.api.chart import Candle
from shared.api.portfolio import Coin
from shared.events import FillRecorded
from shared.types import UtcTime, slot_time, split_cycle

Name = Literal["cost", "stop_loss", "trailing_stop", "take_profit"]
EXITS: dict[Name, str] = {
    "stop_loss": "EXIT_STOP_LOSS",
    "trailing_stop": "EXIT_TRAILING_STOP",
    "take_profit": "EXIT_TAKE_PROFIT",
}


@dataclass(frozen=True, slots=True)
class Level:
    """price: None where the rule is off (`share` is None, too) or its price cannot be worked out."""

    name: Name
    price: Decimal | None
    share: Decimal | None = None
    peak: Decimal | None = None


def levels(coin: Coin, newest: CycleLog, candles: Sequence[Candle]) -> list[Level]:
    """coin: with something of the bot's own in it. newest: the market's last cycle, whose settings are in force.

    candles: hourly and closed, oldest first, back to the position's opening where they reach so far.
    """
    paid, one = coin.bot_cost / coin.bot_amount, Decimal(1)
    peak = _peak(opened_at(newest), candles)
    found = [Level("cost", paid)]
    for name, setting in EXITS.items():
        share = newest.limit(setting)
        if share is None:
            found.append(Level(name, None))
        elif name == "trailing_stop":
            found.append(Level(name, peak and peak * (one - share), share, peak))
        else:
            found.append(Level(name, paid * (one - share if name == "stop_loss" else one + share), share))
    return found


def opened_at(newest: CycleLog) -> UtcTime | None:
    """When the position was opened, by the last cycle that says it."""
    fill = newest.first(FillRecorded)
    position = fill.position if fill else newest.look.position if newest.look else None
    return slot_time(split_cycle(position.opened_by)[1]) if position and position.opened_by else None


def _peak(since: UtcTime | None, candles: Iterable[Candle]) -> Decimal | None:
    """The highest price since then; None where the candles begin later. The guard may have seen a higher one."""
    rows = list(candles)
    if since is None or not rows or rows[0].at > since:
        return None
    return max((row.high for row in rows if row.at >= since), default=None)
