"""What an order gets: at once from the book, later from the bars that trade beyond its price (pure)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from services.paper.core.bars import Bar, from_ms, to_ms
from services.paper.core.orders import Fill, Order, OrderRequest
from services.paper.core.refusal import Refusal
from shared.events import BookLevel
from shared.types import Krw, Price, Volume
from shared.venue import Trade, floor8, walk_buy, walk_sell


def match_against_book(
    request: OrderRequest, levels: Sequence[BookLevel], share: Decimal = Decimal(1)
) -> tuple[Trade, ...]:
    """The trades an order gets on arrival. Raises Refusal where Upbit does.

    share: below 1 a market that gives only that part of what it shows.
    """
    if request.ord_type in ("price", "market"):
        return _market(request, levels, share)
    inside = _inside(request, levels)
    if request.time_in_force == "post_only" and inside:
        raise Refusal(400, "invalid_post_only", "The order would be matched at once.")
    trades = _walk(request, inside, share)
    if request.time_in_force == "fok" and sum(trade.volume for trade in trades) < _coins_wanted(request, inside):
        return ()
    return trades


def _market(request: OrderRequest, levels: Sequence[BookLevel], share: Decimal) -> tuple[Trade, ...]:
    trades = _walk(request, levels, Decimal(1))
    got = sum(trade.volume for trade in trades)
    shown = sum(level.ask_size if request.side == "bid" else level.bid_size for level in levels)
    if got >= shown and got != request.coins:
        # Upbit refuses market orders beyond the shown levels; by which name is not documented.
        raise Refusal(400, "invalid_parameter", f"The order is larger than the {len(levels)} levels of the order book.")
    return trades if share == 1 else _walk(request, levels, share)


def _inside(request: OrderRequest, levels: Sequence[BookLevel]) -> Sequence[BookLevel]:
    """The levels an order may take: those within a limit, the best one alone for `best`."""
    if request.ord_type == "best" or request.price is None:
        return levels[:1]
    if request.side == "bid":
        return [level for level in levels if level.ask_price <= request.price]
    return [level for level in levels if level.bid_price >= request.price]


def _walk(request: OrderRequest, levels: Sequence[BookLevel], share: Decimal) -> tuple[Trade, ...]:
    if request.side == "ask" and request.coins is not None:
        return walk_sell(levels, Volume(floor8(request.coins * share))).trades
    if request.coins is None:
        return walk_buy(levels, Krw(request.budget * share)).trades
    return _buy_coins(levels, Volume(floor8(request.coins * share)))


def _buy_coins(levels: Sequence[BookLevel], volume: Volume) -> tuple[Trade, ...]:
    trades, rest = [], volume
    for level in levels:
        bought = min(level.ask_size, rest)
        if bought > 0:
            trades.append(Trade(Price(level.ask_price), Volume(bought)))
            rest = Volume(rest - bought)
    return tuple(trades)


def _coins_wanted(request: OrderRequest, inside: Sequence[BookLevel]) -> Decimal:
    """The coins a fill-or-kill must get."""
    if request.coins is not None:
        return request.coins
    return floor8(request.budget / inside[0].ask_price)


def match_resting(orders: Iterable[Order], bars: Sequence[Bar]) -> list[Order]:
    """The resting orders of one market that those closed bars (oldest first) fill, as they are afterwards.

    A bar must begin no earlier than the order came and trade beyond its price, not merely touch it; it gives
    at most the coins it traded, to the dearest buy and the cheapest sell first.
    """
    resting = {order.uuid: order for order in sorted(orders, key=_priority)}
    changed: dict[str, Order] = {}
    for bar in bars:
        left = {"bid": _coins(bar), "ask": _coins(bar)}
        for order in list(resting.values()):
            if not _reached(order, bar) or left[order.side] <= 0 or order.rest is None or order.price is None:
                continue
            volume = min(order.rest, left[order.side])
            left[order.side] -= volume
            grown = order.filled([Fill(price=order.price, volume=volume, at=from_ms(bar.known_ms))])
            changed[order.uuid] = resting[order.uuid] = grown
            if grown.state != "wait":
                del resting[order.uuid]
    return list(changed.values())


def _priority(order: Order) -> tuple[Decimal, object]:
    price = order.price or Decimal(0)
    return (-price if order.side == "bid" else price), order.created_at


def _reached(order: Order, bar: Bar) -> bool:
    if bar.start_ms < to_ms(order.created_at) or order.price is None:
        return False
    if order.side == "bid":
        return Decimal(str(bar.low)) < order.price
    return Decimal(str(bar.high)) > order.price


def _coins(bar: Bar) -> Decimal:
    return floor8(Decimal(str(bar.volume)))
