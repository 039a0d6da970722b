"""The order book around a price, drawn from a seed, and a market order walked through it (pure)."""

from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from services.paper.core.bars import from_ms
from shared.events import BookLevel
from shared.types import Krw, Price, Volume
from shared.venue import ceil_tick, floor8, floor_tick, tick_size

LEVELS = 30
DEPTH_KRW = Krw(Decimal(20_000_000))


@lru_cache(maxsize=64)
def book(
    market: str, price: Decimal, bar_ms: int, spread: Decimal, depth: Decimal = DEPTH_KRW
) -> tuple[BookLevel, ...]:
    """Levels best first, all on the tick grid; the same for one market, bar, price, spread and depth for ever.

    spread: share of the price between best bid and best ask, widened to the grid. depth: won that are typical of the
    best level; later ones hold more. Orders leave no mark on it.
    """
    at = from_ms(bar_ms)
    tick = tick_size(price, at)
    ask = ceil_tick(price * (1 + spread / 2), at)
    bid = floor_tick(price * (1 - spread / 2), at)
    if bid == ask:
        bid = Price(ask - tick)
    levels = []
    for n in range(LEVELS):
        dice = sha256(f"{market}|{bar_ms}|{n}".encode()).digest()
        if bid <= 0:
            break
        levels.append(
            BookLevel(
                ask_price=ask,
                ask_size=_size(depth, ask, n, dice[0]),
                bid_price=bid,
                bid_size=_size(depth, bid, n, dice[1]),
            )
        )
        ask = ceil_tick(ask + (1 + dice[2] % 3) * tick_size(ask, at), at)
        bid = floor_tick(bid - (1 + dice[3] % 3) * tick_size(bid, at), at)
    return tuple(levels)


def _size(depth: Decimal, price: Price, n: int, die: int) -> Volume:
    """Coins on the n-th level: its worth grows with n and shakes between 0.3 and 1.7 times."""
    worth = depth * (10 + 3 * n) / 10 * (Decimal(30) + Decimal(140) * die / 255) / 100
    return Volume(floor8(worth / price))
