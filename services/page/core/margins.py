"""How near an order came to the limits that are numbers, as far as the log says it (pure).

The log has not the order book that the executor looked at: the snapshot's stands for it, and the margin says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.page.core.cycle_log import CycleLog, Look
from shared.events import Books, OrderDenied, OrderIntended, Side
from shared.types import Krw
from shared.venue import walk_buy

Unit = Literal["won", "share", "seconds", "minutes", "count"]
_NONE = Decimal(0)
UNITS: dict[str, Unit] = {
    "STALE_SNAPSHOT": "seconds",
    "DAILY_LOSS_MAX": "won",
    "COOLDOWN_AFTER_LOSS": "minutes",
    "ORDERS_PER_DAY_MAX": "count",
    "POSITION_MAX": "won",
    "SPREAD_TOO_WIDE": "share",
    "DEPTH_SLIPPAGE": "share",
}


@dataclass(frozen=True, slots=True)
class Margin:
    """code: of the rule, as a denial names it. by_snapshot: by the snapshot's book, not by the executor's own."""

    code: str
    value: Decimal
    limit: Decimal
    by_snapshot: bool = False

    @property
    def unit(self) -> Unit:
        return UNITS[self.code]

    @property
    def used(self) -> Decimal:
        """0..1 of what the limit leaves; of a wait, how much of the passed time it took."""
        part, whole = (self.limit, self.value) if self.code == "COOLDOWN_AFTER_LOSS" else (self.value, self.limit)
        return min(max(part / whole, _NONE), Decimal(1)) if whole > 0 else Decimal(1)


def margins(known: CycleLog) -> list[Margin]:
    """In the rules' own order; of a cycle in which no order was thought of, none."""
    intent, denied = known.first(OrderIntended), known.first(OrderDenied)
    books = (intent.books if intent else None) or (denied.books if denied else None)
    side = intent.side if intent else denied.wanted if denied else None
    if side is None:
        return []
    found = {m.code: m for m in _from_books(known, books, side)} if books else {}
    found |= {m.code: m for m in _from_book(known.look, known, books, intent)} if known.look and side == "buy" else {}
    if denied and (broken := _broken(denied)):
        found[broken.code] = broken
    return [found[code] for code in UNITS if code in found]


def _from_books(known: CycleLog, books: Books, side: Side) -> Iterator[Margin]:
    limit = known.limit("SNAPSHOT_AGE_MAX_S")
    if known.look and limit is not None:
        age = Decimal(abs((books.at - known.look.at).total_seconds()))
        yield Margin("STALE_SNAPSHOT", age, limit)
    if side == "sell":
        return
    limit = known.limit("DAILY_LOSS_MAX_KRW")
    if limit is not None:
        lost = max(-books.profit_today, _NONE)
        yield Margin("DAILY_LOSS_MAX", lost, limit)
    limit = known.limit("COOLDOWN_AFTER_LOSS_MIN")
    if limit is not None and books.last_loss_at is not None:
        passed = Decimal(abs((books.at - books.last_loss_at).total_seconds())) / 60
        yield Margin("COOLDOWN_AFTER_LOSS", passed, limit)
    limit = known.limit("ORDERS_PER_DAY_MAX")
    if limit is not None:
        yield Margin("ORDERS_PER_DAY_MAX", Decimal(books.orders_today), limit)


def _from_book(look: Look, known: CycleLog, books: Books | None, intent: OrderIntended | None) -> Iterator[Margin]:
    best = look.book.levels[0]
    funds = intent.funds if intent else known.limit("TRADING_AMOUNT")
    limit = known.limit("POSITION_MAX_KRW")
    if limit is not None and books and funds:
        then = books.held * best.bid_price + funds
        yield Margin("POSITION_MAX", then, limit, by_snapshot=True)
    limit = known.limit("SPREAD_MAX")
    if limit is not None:
        spread = 2 * (best.ask_price - best.bid_price) / (best.ask_price + best.bid_price)
        yield Margin("SPREAD_TOO_WIDE", spread, limit, by_snapshot=True)
    limit = known.limit("DEPTH_SLIPPAGE_MAX")
    if limit is not None and funds and (trades := walk_buy(look.book.levels, Krw(funds)).trades):
        worst = trades[-1].price / best.ask_price - 1
        yield Margin("DEPTH_SLIPPAGE", worst, limit, by_snapshot=True)


def _broken(denied: OrderDenied) -> Margin | None:
    """The rule that said no, by the figures it gave: what was met first, then the limit."""
    if denied.reason_code not in UNITS or len(denied.figures) != 2:
        return None
    value, limit = (Decimal(figure.value) for figure in denied.figures)
    return Margin(denied.reason_code, value, limit)
