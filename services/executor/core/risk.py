"""Our own rules before an order: each has a code, the first that objects wins (pure).

An order can leave only as `Approved`, and only `check` can make one. The limits on trading (loss, cooldown,
orders a day) and on prices (spread, slippage) stop buys alone: what is held may always be sold, as much of it as the
book takes (see `steps`).
"""

from collections.abc import Callable
from dataclasses import InitVar, dataclass
from decimal import Decimal
from typing import Literal

from services.executor.core.orders import Buy, Look, Order, Sell
from shared.events import Books, DecisionMade, Position, Side
from shared.settings import Settings
from shared.types import CycleId, Krw, UtcTime
from shared.venue import MIN_TOTAL, VOLUME_STEP, walk_buy, walk_sell

_SEAL = object()


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
    bot: Literal["running", "paused", "stopped"]
    snapshot_at: UtcTime
    warning: bool  # Upbit's, on the market
    held: Position  # the bot's own
    books: Books
    look: Look
    limits: Limits
    closes: CycleId | None = None  # of an exit: which position it is for, by the cycle that opened it
    compared: bool = True  # the exchange's list of orders was held against the log since the executor's start

    @property
    def side(self) -> Side:
        return "buy" if isinstance(self.order, Buy) else "sell"

    @property
    def bid(self) -> Decimal:
        return self.look.book.levels[0].bid_price

    @property
    def ask(self) -> Decimal:
        return self.look.book.levels[0].ask_price

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
    code: str
    reason: str


def check(case: Case) -> Approved | Denied:
    """Hold an order against the rules, in their order."""
    for code, objection in RULES:
        if reason := objection(case):
            return Denied(code, reason)
    return Approved(case.order, _SEAL)


def check_panic(order: Sell, look: Look) -> Approved | Denied:
    """Hold the owner's panic sale against what the exchange itself would refuse.

    Nothing else stops a panic: no pause or stop, no warning, no wide spread or thin book. (What became of an
    unsettled order is asked before: coins that may be sold already are not sold again.)
    """
    value, least = order.volume * look.book.levels[0].bid_price, max(MIN_TOTAL, look.min_total_sell)
    if look.market_state != "active":
        return Denied("MARKET_NOT_ACTIVE", f"거래소의 마켓 상태가 {look.market_state}입니다")
    if order.volume <= 0:
        return Denied("NOTHING_TO_SELL", "매도할 수 있는 보유 수량이 없습니다")
    if value < least:
        return Denied("BELOW_MINIMUM", f"주문 금액 {_won(value)} (최소 {_won(least)})")
    return Approved(order, _SEAL)


def _stopped(case: Case) -> str | None:
    return "봇이 중지된 상태입니다" if case.bot == "stopped" else None


def _paused(case: Case) -> str | None:
    return "봇이 일시정지된 상태입니다" if case.bot == "paused" else None


def _unresolved(case: Case) -> str | None:
    cycle = case.books.unresolved
    return f"결과를 모르는 주문 {cycle}을 먼저 정리해야 합니다: upcycle settle {cycle}" if cycle else None


def _foreign(case: Case) -> str | None:
    cycle = case.books.foreign
    # What an exit sells was bought by an order that the log knows; a forgotten sale may have sold just that.
    if cycle is None or (case.closes is not None and case.books.foreign_side == "buy"):
        return None
    return f"기록에 없는 봇 주문 {cycle}이 거래소에 있어 먼저 인수해야 합니다: upcycle adopt {cycle}"


def _not_compared(case: Case) -> str | None:
    blind = case.side == "buy" and not case.compared
    return "거래소의 주문 목록을 기록과 아직 대조하지 못해 매수하지 않습니다" if blind else None


def _unreadable(case: Case) -> str | None:
    cycle = case.books.unreadable
    if cycle is None:
        return None
    todo = f"이 기록을 읽는 버전으로 올리거나, 업비트에 주문이 없음을 확인한 뒤 upcycle settle {cycle} --not-there"
    return f"{cycle}의 주문 기록을 읽을 수 없어 보유 수량을 알 수 없습니다. {todo}"


def _stale(case: Case) -> str | None:
    # Both times are the exchange's. A book far older than the snapshot is as wrong as a late order.
    age_s, most = (case.look.book.at - case.snapshot_at).total_seconds(), case.limits.snapshot_age_max_s
    return f"스냅샷과 호가의 시각 차이 {age_s:.0f}초 (한도 {most}초)" if abs(age_s) > most else None


def _closed(case: Case) -> str | None:
    state = case.look.market_state
    return f"거래소의 마켓 상태가 {state}입니다" if state != "active" else None


def _warning(case: Case) -> str | None:
    return "업비트 유의 종목이라 매수하지 않습니다" if case.warning and case.side == "buy" else None


def _blocked(case: Case) -> str | None:
    code = case.decision.buy_blocked_by
    return f"위험 신호 {code}로 매수가 금지된 상태입니다" if code and case.side == "buy" else None


def _loss(case: Case) -> str | None:
    lost, most = -case.books.profit_today, case.limits.daily_loss_max_krw
    stops = case.side == "buy" and lost >= most
    return f"오늘 전체 종목 실현 손실 {_won(lost)} (한도 {_won(most)})" if stops else None


def _cooldown(case: Case) -> str | None:
    if case.side == "sell" or case.books.last_loss_at is None:
        return None
    # A book may be a little older than the trade: that is no time passed.
    passed_min, least = abs((case.books.at - case.books.last_loss_at).total_seconds()) / 60, case.limits
    if passed_min >= least.cooldown_after_loss_min:
        return None
    return f"손실 매도 후 {passed_min:.0f}분 경과 (대기 {least.cooldown_after_loss_min}분)"


def _orders(case: Case) -> str | None:
    made, most = case.books.orders_today, case.limits.orders_per_day_max
    return f"오늘 전체 종목 주문 {made}건 (한도 {most}건)" if case.side == "buy" and made >= most else None


def _gone(case: Case) -> str | None:
    if case.closes is None or case.closes == case.held.opened_by:
        return None
    return f"{case.closes} 사이클에서 연 포지션은 이미 정리되었습니다"


def _nothing(case: Case) -> str | None:
    empty = case.side == "sell" and case.value <= 0
    return "매도할 수 있는 보유 수량이 없습니다" if empty else None


def _minimum(case: Case) -> str | None:
    least = max(MIN_TOTAL, case.look.min_total_buy if case.side == "buy" else case.look.min_total_sell)
    return f"주문 금액 {_won(case.value)} (최소 {_won(least)})" if case.value < least else None


def _krw(case: Case) -> str | None:
    needed, free = case.value * (1 + case.look.fee_rate_buy), case.look.krw_free
    if case.side == "sell" or free >= needed:
        return None
    return f"주문 가능 원화 {_won(free)} (수수료 포함 {_won(needed)} 필요)"


def _position(case: Case) -> str | None:
    then, most = case.held.volume * case.bid + case.value, case.limits.position_max_krw
    if case.side == "sell" or then <= most:
        return None
    return f"매수 후 보유 평가액 {_won(then)} (한도 {_won(most)})"


def _spread(case: Case) -> str | None:
    if case.side == "sell":
        return None
    spread, most = 2 * (case.ask - case.bid) / (case.ask + case.bid), case.limits.spread_max
    return f"호가 차이 {_share(spread)} (한도 {_share(most)})" if spread > most else None


def _thin(case: Case) -> str | None:
    levels = case.look.book.levels
    if isinstance(case.order, Buy):
        # A rest too small for the smallest piece of a coin is no lack of sellers.
        thin = walk_buy(levels, case.order.funds).unspent >= levels[-1].ask_price * VOLUME_STEP
    else:
        # Upbit refuses a market order beyond the shown levels. Only a book below the smallest order is too thin.
        thin = walk_sell(levels, case.order.volume).unspent > 0
    return f"호가 {len(levels)}단계로는 주문을 다 채울 수 없습니다" if thin else None


def _depth(case: Case) -> str | None:
    if not isinstance(case.order, Buy):
        return None
    walk, most = walk_buy(case.look.book.levels, case.order.funds), case.limits.depth_slippage_max
    worst = walk.trades[-1].price / case.ask - 1
    return f"예상 최악 체결가 차이 {_share(worst)} (한도 {_share(most)})" if worst > most else None


RULES: tuple[tuple[str, Callable[[Case], str | None]], ...] = (
    ("BOT_STOPPED", _stopped),
    ("BOT_PAUSED", _paused),
    ("UNRESOLVED_ORDER", _unresolved),
    ("UNREADABLE_LOG", _unreadable),
    ("FOREIGN_ORDER", _foreign),
    ("BOOKS_NOT_COMPARED", _not_compared),
    ("STALE_SNAPSHOT", _stale),
    ("MARKET_NOT_ACTIVE", _closed),
    ("MARKET_WARNING", _warning),
    ("BUY_BLOCKED", _blocked),
    ("DAILY_LOSS_MAX", _loss),
    ("COOLDOWN_AFTER_LOSS", _cooldown),
    ("ORDERS_PER_DAY_MAX", _orders),
    ("POSITION_GONE", _gone),
    ("NOTHING_TO_SELL", _nothing),
    ("BELOW_MINIMUM", _minimum),
    ("INSUFFICIENT_KRW", _krw),
    ("POSITION_MAX", _position),
    ("SPREAD_TOO_WIDE", _spread),
    ("BOOK_TOO_THIN", _thin),
    ("DEPTH_SLIPPAGE", _depth),  # walks the book, so only one that is deep enough
)


def _won(amount: Decimal) -> str:
    """Down to the won, and two decimals where they are all there is to see."""
    return f"{amount:,.0f}원" if amount == amount.to_integral_value() else f"{amount:,.2f}원"


def _share(share: Decimal) -> str:
    return f"{100 * share:.2f} %"
