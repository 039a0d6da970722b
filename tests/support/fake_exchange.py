"""An exchange, a clock and a process that misbehave as they are told; for the executor's tests."""

from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Any

from services.executor.core.answers import Accepted, Answer, LookupFailure, NameTaken, NeverSent, SaidNo, Unknown
from services.executor.core.orders import Buy, ListedOrder, OrderList, PlacedOrder, Trade, TradingConditions
from services.executor.core.risk import Approved, Limits
from shared.settings import Settings
from shared.switch import SELLS
from shared.types import Krw, Price, UtcTime, Volume, slot_time, split_cycle
from shared.venue import fee, walk_buy, walk_sell
from tests.support.builders import AT, book

LIMITS = Limits.of(Settings.model_construct())  # the defaults


def conditions(**changes: Any) -> TradingConditions:
    fields: dict[str, Any] = {
        "market_state": "active",
        "min_total_buy": Krw(Decimal(5000)),
        "min_total_sell": Krw(Decimal(5000)),
        "fee_rate_buy": Decimal("0.0005"),
        "krw_free": Krw(Decimal(1_000_000)),
        "coin_free": Volume(Decimal(1)),
        "coin_locked": Volume(Decimal(0)),
        "book": book(),
    }
    return TradingConditions(**fields | changes)


NOT_SENT: dict[str, Answer] = {
    "too late": NeverSent("too late"),
    "unconnected": NeverSent("ConnectError"),
    "busy": NeverSent("HTTP 429 too_many_requests", reached_exchange=True),
}
ANSWERS: dict[str, Answer] = {
    "accept": Accepted(),
    "taken": NameTaken(),
    "lie": SaidNo("no_authorization_ip", "This is not a verified IP."),
    "doubled": SaidNo("nonce_used", "The nonce was used before."),
}


class FakeExchange:
    """script: how each request goes, "accept" once it is used up.

    accept: taken, executed · lose: the same, but the answer is lost · vanish: lost on the way there ·
    unconnected: never sent · busy: quota used up · refuse: said no · taken: somebody else has used the name for an
    order of his own · lie: taken and executed, but the answer says no · doubled: the same, as the request came twice
    """

    def __init__(
        self,
        script: Iterable[str] = (),
        *,
        sees: TradingConditions | None = None,
        hidden_for: int = 0,  # times it says "no such order" although there is one
        open_for: int = 0,  # times it shows the order as still open
        executes: Decimal = Decimal(1),  # share of the order
    ) -> None:
        self.script = list(script)
        self.sees = sees or conditions()
        self.hidden_for, self.open_for, self.executes = hidden_for, open_for, executes
        self.orders: dict[str, PlacedOrder] = {}
        self.burnt: set[str] = set()
        self.requests: list[str] = []  # that left
        self.asked = 0
        self.listing: Exception | None = None  # what its list of orders fails with
        self.lists = 0  # how often it was listed
        self.on_place: Callable[[], None] = lambda: None

    @property
    def time(self) -> UtcTime:
        """Of its trades, as of its book."""
        return self.sees.book.at

    async def conditions(self, market: str) -> TradingConditions:
        return self.sees

    async def place(self, approved: Approved, in_time: Callable[[], bool] = lambda: True) -> Answer:
        name = approved.order.client_order_id
        self.on_place()
        how = "too late" if not in_time() else self.script.pop(0) if self.script else "accept"
        if how in NOT_SENT:
            return NOT_SENT[how]
        self.requests.append(name)
        if how == "vanish":
            return Unknown("ReadTimeout")
        if name in self.burnt:
            return NameTaken()
        self.burnt.add(name)
        if how == "refuse":
            return SaidNo("insufficient_funds_bid", "주문가능한 금액이 부족합니다.")
        self.orders[name] = self._executed(approved)
        return ANSWERS.get(how, Unknown("ReadTimeout"))

    async def find(self, client_order_id: str) -> PlacedOrder | LookupFailure:
        self.asked += 1
        order = self.orders.get(client_order_id)
        if order is None:
            return LookupFailure("HTTP 404 order_not_found", missing=True)
        if self.hidden_for > 0:
            self.hidden_for -= 1
            return LookupFailure("HTTP 404 order_not_found", missing=True)
        if self.open_for > 0:
            self.open_for -= 1
            return PlacedOrder(order.exchange_order_id, order.market, order.side, "wait", Volume(Decimal(0)),
                               Krw(Decimal(0)), ())  # fmt: skip
        return order

    async def list_orders(self, since: Any) -> OrderList:
        self.lists += 1
        if self.listing:
            raise self.listing
        orders = []
        for name, order in self.orders.items():
            if not name.startswith("KRW-"):  # the owner's own
                continue
            seen, executed = ("wait", Volume(Decimal(0))) if self.open_for else (order.state, order.executed_volume)
            at = slot_time(split_cycle(name)[1])
            orders.append(ListedOrder(name, order.exchange_order_id, order.side, seen, executed, at))
        return OrderList(AT, tuple(sorted(orders, key=lambda order: order.created_at)))

    def _executed(self, approved: Approved) -> PlacedOrder:
        order, levels = approved.order, self.sees.book.levels
        if isinstance(order, Buy):
            side, walk = "buy", walk_buy(levels, Krw(order.funds * self.executes))
        else:
            side, walk = "sell", walk_sell(levels, Volume(order.volume * self.executes))
        trades = tuple(Trade(Price(t.price), Volume(t.volume), t.funds, self.time) for t in walk.trades)
        state = "cancel" if side == "buy" else "done"
        return PlacedOrder("order-1", order.market, side, state, walk.volume, fee(walk.funds), trades)


class FakePace:
    """Time passes only by pausing, or when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    async def pause(self, seconds: float) -> None:
        self.seconds += seconds


class FakeSwitch:
    def __init__(self, status: str = "running") -> None:
        self.said, self.paused_by = status, ""

    async def status(self) -> str:
        return self.said

    async def pause(self, by: str, at: UtcTime) -> None:
        self.paused_by = by
        self.said = "paused" if self.said in SELLS else self.said


class Died(BaseException):
    """The process is gone: nothing in it catches that."""


class Steps:
    """Counts what a process does to the world; it dies at one of them."""

    def __init__(self, die_at: int = 0) -> None:
        self.taken, self.die_at = 0, die_at

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.die_at:
            raise Died(f"at step {self.taken}")


class Mortal:
    """Any port; every call takes one step before it happens and one after."""

    def __init__(self, port: Any, steps: Steps, between: Callable[[], Awaitable[None]] | None = None) -> None:
        self._port, self._steps, self._between = port, steps, between

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self._port, name)

        async def stepping(*args: Any, **kwargs: Any) -> Any:
            self._steps.take()
            if self._between:
                await self._between()
            answer = await call(*args, **kwargs)
            self._steps.take()
            if self._between:
                await self._between()
            return answer

        return stepping
