"""How much of a sale one order gives: what the shown bids take within EXIT_SLIPPAGE_MAX (pure).

In a crash the bids go away just when a stop-loss is needed. A sale is never refused for that; it is cut, and the
rest is a later order's.
"""

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal

from shared.events import BookLevel, SaleCut, SaleStep
from shared.types import Krw, Volume
from shared.venue import MAX_TOTAL, MIN_TOTAL, VOLUME_STEP, floor8, walk_sell

# A rest is worth so many smallest orders at least: the price may fall by half before the next step, and it can be sold.
REST_ORDERS = 2


def sale_step(
    levels: Sequence[BookLevel], wanted: Volume, slippage_max: Decimal, least: Krw = MIN_TOTAL
) -> tuple[Volume, SaleStep | None]:
    """The volume of the next order of a sale of `wanted` coins; what was cut from it and why, None if nothing was.

    At most what the bids down to best * (1 - slippage_max) take, at least the exchange's smallest order, and no rest
    that soon nobody could sell: for a smallest order alone it goes beyond the limit.
    """
    best = levels[0].bid_price
    if best <= 0:
        return wanted, None
    smallest = _up8(max(MIN_TOTAL, least) / best)
    within, shown, largest = _bids(levels, best * (1 - slippage_max)), _bids(levels), floor8(MAX_TOTAL / best)
    if wanted <= min(within, largest) or wanted < smallest or shown <= 0:
        return wanted, None

    cut: SaleCut = "slippage" if within < shown else "book"
    volume = within
    if volume < smallest:
        volume, cut = smallest, "smallest"
    if largest < volume:
        volume, cut = largest, "largest"
    keep = REST_ORDERS * smallest
    if wanted - volume < keep:
        volume = wanted - keep
    if volume < smallest:  # too little for an order and a rest
        volume, cut = (wanted, "rest") if wanted <= shown else (max(shown, smallest), "book")
    return Volume(volume), _step(levels, wanted, volume, slippage_max, cut)


def _step(levels: Sequence[BookLevel], wanted: Volume, volume: Decimal, limit: Decimal, cut: SaleCut) -> SaleStep:
    trades = walk_sell(levels, Volume(volume)).trades
    return SaleStep(
        wanted=wanted,
        left=Volume(wanted - volume),
        best=levels[0].bid_price,
        worst=trades[-1].price,
        limit=limit,
        cut=cut,
    )


def _bids(levels: Sequence[BookLevel], least: Decimal = Decimal(0)) -> Decimal:
    """Coins wanted at `least` won or more."""
    return floor8(sum((level.bid_size for level in levels if level.bid_price >= least), Decimal(0)))


def _up8(value: Decimal) -> Decimal:
    return value.quantize(VOLUME_STEP, rounding=ROUND_UP)
