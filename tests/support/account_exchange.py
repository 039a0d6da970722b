"""A FakeExchange that keeps an account: won, coins, and what an order left of them."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from services.executor.core.answers import Answer
from services.executor.core.risk import Approved
from shared.types import UtcTime
from tests.support.builders import AT, book
from tests.support.fake_exchange import FakeExchange, conditions


class AccountExchange(FakeExchange):
    """coins: what orders brought. own: the owner's coins of each market, which lie on the account, too.

    on_order: is told the name of each order that is sent, before anything happens to it.
    """

    def __init__(self, won: Decimal, own: Decimal = Decimal(1)) -> None:
        super().__init__()
        self.won, self.own, self.coins, self.now = won, own, Counter[str](), AT
        self.on_order: Callable[[str], None] = lambda _: None

    @property
    def time(self) -> UtcTime:
        return self.now

    async def conditions(self, market: str) -> Any:
        return conditions(book=book(at=self.now), krw_free=self.won, coin_free=self.own + self.coins[market])

    async def place(self, approved: Approved, in_time: Callable[[], bool] = lambda: True) -> Answer:
        order, before = approved.order, set(self.orders)
        if in_time():
            self.on_order(order.client_order_id)
        answer = await super().place(approved, in_time)
        for name in set(self.orders) - before:
            placed = self.orders[name]
            funds, sign = sum(t.funds for t in placed.trades), 1 if placed.side == "buy" else -1
            self.won -= sign * funds + placed.paid_fee
            self.coins[order.market] += sign * placed.executed_volume
        return answer

    async def cancel(self, client_order_id: str) -> None:
        self.open_for = 0
