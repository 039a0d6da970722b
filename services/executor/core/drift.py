"""The account's coins against the books', in both directions, from one valuation to the next (pure)."""

from decimal import Decimal
from typing import NamedTuple

from shared.events import Holding
from shared.types import Krw, Market, Price, Volume

NOTHING = Volume(Decimal(0))


class Coins(NamedTuple):
    market: Market
    volume: Volume  # on the account, free and locked
    price: Price


def holding(coins: Coins, held: Volume | None, before: Holding | None) -> Holding:
    """Value a coin and say what changed that no fill explains.

    held: the bot's own by its fills; None where the books cannot be sure just now, and the comparison waits.
    before: the valuation before. What the owner holds beside the bot is his own: only that it grew is told.
    """
    volume, last = coins.volume, before.others if before else None
    others = last if held is None else Volume(volume - held)
    surplus = shortfall = NOTHING
    if held is not None and others is not None:
        shortfall = Volume(max(min(last or NOTHING, NOTHING) - others, NOTHING))
        if last is not None:
            surplus = Volume(max(others - max(last, NOTHING), NOTHING))
    return Holding(
        market=coins.market,
        volume=volume,
        price=coins.price,
        value=Krw(volume * coins.price),
        others=others,
        surplus=surplus,
        shortfall=shortfall,
    )
