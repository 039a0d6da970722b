"""The exchange's list of our orders, held against the log: at the start and with each valuation.

What the log lacks is told and stored (OrderFound), and its market stands still until a person adopts it. Asks and
tells, and never orders.
"""

import asyncio
from collections.abc import Callable, Collection, Container
from datetime import UTC, datetime, timedelta

import structlog

from services.executor.core import comparison
from services.executor.core.ledger import Ledger
from services.executor.core.orders import OrderList
from services.executor.ports import ListingExchange, OrderLog
from shared.errors import Permanent, Transient
from shared.telemetry import Trouble
from shared.types import CycleId, UtcTime

log = structlog.get_logger("executor")
LOOK_BACK = timedelta(days=7)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_EVERY_S, _AGAIN_S = 60.0, 10.0
_SALE_WAITS_S = 5.0


class Comparison:
    """under_way: the orders of a panic that the log does not know yet.

    show: is given what all orders came to, and which of them the exchange and the log tell differently (None: nobody
    has compared them yet).
    """

    def __init__(
        self,
        exchange: ListingExchange,
        orders: OrderLog,
        under_way: Callable[[], Container[CycleId]],
        show: Callable[[Ledger, Collection[CycleId] | None], None] = lambda *_: None,
    ) -> None:
        self._exchange, self._orders, self._under_way, self._show = exchange, orders, under_way, show
        self._trouble = Trouble(log, "the exchange's orders cannot be held against the log")
        self._first = asyncio.Lock()
        self._differing: list[CycleId] | None = None  # by the last comparison

    @property
    def is_done(self) -> bool:
        """Once since the start."""
        return self._differing is not None

    async def __call__(self, since: UtcTime | None = None) -> None:
        """Compare the orders made since then, or since the log's last one and what it may have forgotten after it.

        Raises Transient or Permanent where the exchange does not list them, or the log does not answer.
        """
        listed = await self._exchange.list_orders(since or await self._since())
        under_way = self._under_way()  # before the log: what has left the journal by now is in the log
        ledger = await self._orders.ledger()
        self._differing = await self._tell(listed, ledger, under_way)
        self._show(await self._orders.ledger(), self._differing)

    async def attempt(self, since: UtcTime | None = None) -> None:
        """Compare; what hinders it costs no cycle and no valuation, is told, and is tried again."""
        try:
            await self(since)
            self._trouble.over()
        except (Transient, Permanent) as e:
            self._trouble.met(str(e))

    async def before_sale(self, since: UtcTime) -> None:
        """Compare now: what another bot on this account has sold under our names is not sold again.

        The coins that are left would be the owner's own. A list that does not come soon keeps no exit waiting.
        """
        try:
            async with asyncio.timeout(_SALE_WAITS_S):
                await self.attempt(since)
        except TimeoutError:
            self._trouble.met(f"the exchange did not list them within {_SALE_WAITS_S:.0f} s")

    async def first(self) -> None:
        """Compare unless it was done since the start: until then no buy leaves."""
        async with self._first:
            if not self.is_done:
                await self.attempt()

    async def run(self) -> None:
        """See to the first comparison, and show each minute how many orders a person must look at."""
        while True:
            await self.first()
            try:
                self._show(await self._orders.ledger(), self._differing)
            except (Transient, Permanent) as e:
                log.warning("the log does not say which orders are to be adopted", why=str(e))
            await asyncio.sleep(_EVERY_S if self.is_done else _AGAIN_S)

    async def _since(self) -> UtcTime:
        last = (await self._orders.ledger()).last_order_at
        return last - LOOK_BACK if last else _LONG_AGO

    async def _tell(self, listed: OrderList, ledger: Ledger, under_way: Container[CycleId]) -> list[CycleId]:
        """Tell and store what the log lacks; tell and give what it has otherwise."""
        for order in comparison.unexplained(listed.orders, ledger, under_way):
            cycle = ledger.cycle_of(order.client_order_id)
            ended_as = await self._orders.ended_as(cycle)
            event = comparison.found(order, ledger, ended_as, listed.at)
            if event and (await self._orders.store(event)).new:
                log.error(
                    "a panic of another data folder sold, and the log was not told"
                    if event.is_panics_elsewhere
                    else "the exchange has an order of ours that the log lacks",
                    cycle=cycle,
                    side=order.side,
                    state=order.state,
                    executed=str(order.executed_volume),
                    log_says=event.log_says or "nothing",
                    todo="nothing was executed" if event.is_empty else "upcycle adopt",
                )
        differing = []
        for order in comparison.differing(listed.orders, ledger):
            log.error(
                "the exchange executed another volume than the log has",
                cycle=(cycle := ledger.cycle_of(order.client_order_id)),
                executed=str(order.executed_volume),
                recorded=str(ledger.executed[cycle]),
            )
            differing.append(cycle)
        return differing
