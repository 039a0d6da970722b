"""Our own rules before an order, and the first that objects wins (pure); their sentences: `shared/catalogue/risk.py`.

An order can leave only as `Approved`, and only `check` can make one. The limits on trading (loss, cooldown,
orders a day) and on prices (spread, slippage) stop buys alone: what is held may always be sold, as much of it as the
book takes (see `shared/sale_step.py`).
"""

from collections.abc import Callable
from dataclasses import InitVar, dataclass
from decimal import Decimal

from services.executor.core.orders import Buy, Order, Sell, TradingConditions
from shared.catalogue import Entry, Values
from shared.catalogue import risk as no
from shared.events import Books, DecisionMade, Position, Side
from shared.reason import Reason
from shared.settings import Settings
from shared.switch import Status
from shared.types import CycleId, Krw, UtcTime
from shared.venue import MIN_TOTAL, VOLUME_STEP, walk_buy, walk_sell

_SEAL = object()
_FACT: Values = {}  # an objection that takes no figure


@dataclass(frozen=True, slots=True)
class Limits:
    """None of them can be switched off."""

    snapshot_age_max_s: int
    position_max_krw: Krw
    spread_max: Decimal  # share; of a buy
    depth_slippage_max: Decimal  # share; of a buy
    exit_slippage_max: Decimal  # share; of a sale, which is cut to it and not refused
    daily_loss_max_krw: Krw  # over all markets, like the next two
    cooldown_after_loss_min: int
    orders_per_day_max: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            snapshot_age_max_s=settings.snapshot_age_max_s,
            position_max_krw=settings.position_max_krw,
            spread_max=Decimal(str(settings.spread_max)),
            depth_slippage_max=Decimal(str(settings.depth_slippage_max)),
            exit_slippage_max=Decimal(str(settings.exit_slippage_max)),
            daily_loss_max_krw=settings.daily_loss_max_krw,
            cooldown_after_loss_min=settings.cooldown_after_loss_min,
            orders_per_day_max=settings.orders_per_day_max,
        )


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the rules look at."""

    order: Order
    decision: DecisionMade
    bot: Status
    snapshot_at: UtcTime
    warning: bool  # Upbit's, on the market
    held: Position  # the bot's own
    books: Books
    conditions: TradingConditions
    limits: Limits
    closes: CycleId | None = None  # of an exit: which position it is for, by the cycle that opened it
    compared: bool = True  # the exchange's list of orders was held against the log since the executor's start

    @property
    def side(self) -> Side:
        return "buy" if isinstance(self.order, Buy) else "sell"

    @property
    def bid(self) -> Decimal:
        return self.conditions.book.levels[0].bid_price

    @property
    def ask(self) -> Decimal:
        return self.conditions.book.levels[0].ask_price

    @property
    def value(self) -> Decimal:
        """Won the order is about, fee not counted; of a sell at the best bid."""
        return self.order.funds if isinstance(self.order, Buy) else self.order.volume * self.bid


@dataclass(frozen=True, slots=True)
class Approved:
    """An order that passed every rule."""

    order: Order
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only risk.check approves an order")


@dataclass(frozen=True, slots=True)
class Denied:
    why: Reason

    @property
    def code(self) -> str:
        return self.why.code


def check(case: Case) -> Approved | Denied:
    """Hold an order against the rules, in their order."""
    for entry, objection in RULES:
        if (figures := objection(case)) is not None:
            return Denied(entry.because(figures))
    return Approved(case.order, _SEAL)


def check_panic(order: Sell, conditions: TradingConditions) -> Approved | Denied:
    """Hold the owner's panic sale against what the exchange itself would refuse.

    Nothing else stops a panic: no pause or stop, no warning, no wide spread or thin book. (What became of an
    unsettled order is asked before: coins that may be sold already are not sold again.)
    """
    value, least = order.volume * conditions.book.levels[0].bid_price, max(MIN_TOTAL, conditions.min_total_sell)
    if conditions.market_state != "active":
        return Denied(no.MARKET_NOT_ACTIVE.because({"state": conditions.market_state}))
    if order.volume <= 0:
        return Denied(no.NOTHING_TO_SELL.because())
    if value < least:
        return Denied(no.BELOW_MINIMUM.because({"value": value, "least": least}))
    return Approved(order, _SEAL)


def _stopped(case: Case) -> Values | None:
    return _FACT if case.bot == "stopped" else None


def _paused(case: Case) -> Values | None:
    return _FACT if case.bot == "paused" else None


def _exits_only(case: Case) -> Values | None:
    return _FACT if case.bot == "exits-only" and case.side == "buy" else None


def _unresolved(case: Case) -> Values | None:
    cycle = case.books.unresolved
    return {"cycle": cycle} if cycle else None


def _foreign(case: Case) -> Values | None:
    cycle = case.books.foreign
    # What an exit sells was bought by an order that the log knows; a forgotten sale may have sold just that.
    if cycle is None or (case.closes is not None and case.books.foreign_side == "buy"):
        return None
    return {"cycle": cycle}


def _not_compared(case: Case) -> Values | None:
    return _FACT if case.side == "buy" and not case.compared else None


def _unreadable(case: Case) -> Values | None:
    cycle = case.books.unreadable
    return None if cycle is None else {"cycle": cycle}


def _stale(case: Case) -> Values | None:
    # Both times are the exchange's. A book far older than the snapshot is as wrong as a late order.
    age_s, most = (case.conditions.book.at - case.snapshot_at).total_seconds(), case.limits.snapshot_age_max_s
    return {"age": age_s, "limit": most} if abs(age_s) > most else None


def _closed(case: Case) -> Values | None:
    state = case.conditions.market_state
    return {"state": state} if state != "active" else None


def _warning(case: Case) -> Values | None:
    return _FACT if case.warning and case.side == "buy" else None


def _blocked(case: Case) -> Values | None:
    hazard = case.decision.buy_blocked_by
    return {"hazard": hazard} if hazard and case.side == "buy" else None


def _loss(case: Case) -> Values | None:
    lost, most = -case.books.profit_today, case.limits.daily_loss_max_krw
    stops = case.side == "buy" and lost >= most
    return {"lost": lost, "limit": most} if stops else None


def _cooldown(case: Case) -> Values | None:
    if case.side == "sell" or case.books.last_loss_at is None:
        return None
    # A book may be a little older than the trade: that is no time passed.
    passed_min, least = abs((case.books.at - case.books.last_loss_at).total_seconds()) / 60, case.limits
    if passed_min >= least.cooldown_after_loss_min:
        return None
    return {"passed": passed_min, "limit": least.cooldown_after_loss_min}


def _orders(case: Case) -> Values | None:
    made, most = case.books.orders_today, case.limits.orders_per_day_max
    return {"orders": made, "limit": most} if case.side == "buy" and made >= most else None


def _gone(case: Case) -> Values | None:
    if case.closes is None or case.closes == case.held.opened_by:
        return None
    return {"cycle": case.closes}


def _nothing(case: Case) -> Values | None:
    return _FACT if case.side == "sell" and case.value <= 0 else None


def _minimum(case: Case) -> Values | None:
    least = max(MIN_TOTAL, case.conditions.min_total_buy if case.side == "buy" else case.conditions.min_total_sell)
    return {"value": case.value, "least": least} if case.value < least else None


def _krw(case: Case) -> Values | None:
    needed, free = case.value * (1 + case.conditions.fee_rate_buy), case.conditions.krw_free
    if case.side == "sell" or free >= needed:
        return None
    return {"free": free, "needed": needed}


def _position(case: Case) -> Values | None:
    then, most = case.held.volume * case.bid + case.value, case.limits.position_max_krw
    if case.side == "sell" or then <= most:
        return None
    return {"value": then, "limit": most}


def _spread(case: Case) -> Values | None:
    if case.side == "sell":
        return None
    spread, most = 2 * (case.ask - case.bid) / (case.ask + case.bid), case.limits.spread_max
    return {"spread": spread, "limit": most} if spread > most else None


def _thin(case: Case) -> Values | None:
    levels = case.conditions.book.levels
    if isinstance(case.order, Buy):
        # A rest too small for the smallest piece of a coin is no lack of sellers.
        thin = walk_buy(levels, case.order.funds).unspent >= levels[-1].ask_price * VOLUME_STEP
    else:
        # Upbit refuses a market order beyond the shown levels. Only a book below the smallest order is too thin.
        thin = walk_sell(levels, case.order.volume).unspent > 0
    return {"levels": len(levels)} if thin else None


def _depth(case: Case) -> Values | None:
    if not isinstance(case.order, Buy):
        return None
    walk, most = walk_buy(case.conditions.book.levels, case.order.funds), case.limits.depth_slippage_max
    worst = walk.trades[-1].price / case.ask - 1
    return {"worst": worst, "limit": most} if worst > most else None


RULES: tuple[tuple[Entry, Callable[[Case], Values | None]], ...] = (
    (no.BOT_STOPPED, _stopped),
    (no.BOT_PAUSED, _paused),
    (no.BOT_EXITS_ONLY, _exits_only),
    (no.UNRESOLVED_ORDER, _unresolved),
    (no.UNREADABLE_LOG, _unreadable),
    (no.FOREIGN_ORDER, _foreign),
    (no.BOOKS_NOT_COMPARED, _not_compared),
    (no.STALE_SNAPSHOT, _stale),
    (no.MARKET_NOT_ACTIVE, _closed),
    (no.MARKET_WARNING, _warning),
    (no.BUY_BLOCKED, _blocked),
    (no.DAILY_LOSS_MAX, _loss),
    (no.COOLDOWN_AFTER_LOSS, _cooldown),
    (no.ORDERS_PER_DAY_MAX, _orders),
    (no.POSITION_GONE, _gone),
    (no.NOTHING_TO_SELL, _nothing),
    (no.BELOW_MINIMUM, _minimum),
    (no.INSUFFICIENT_KRW, _krw),
    (no.POSITION_MAX, _position),
    (no.SPREAD_TOO_WIDE, _spread),
    (no.BOOK_TOO_THIN, _thin),
    (no.DEPTH_SLIPPAGE, _depth),  # walks the book, so only one that is deep enough
)
