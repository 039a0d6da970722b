"""What the executor needs from the world."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.executor.core.answers import Answer, LookupFailure, Refused
from services.executor.core.ends import End
from services.executor.core.ledger import Ledger
from services.executor.core.orders import OrderList, PlacedOrder, TradingConditions
from services.executor.core.risk import Approved
from shared.events import DecisionMade, ExitDue, FillRecorded, OrderFound, OrderIntended, OrderSettled, SnapshotTaken
from shared.stored import Stored
from shared.switch import Status
from shared.types import CycleId, Krw, Market, Price, UtcTime, Volume


class ExchangePort(Protocol):
    async def conditions(self, market: Market) -> TradingConditions | Refused:
        """Refused where it will never work with this key or market.

        Raises Transient or Permanent: nothing has been done yet, so nothing is lost.
        """
        ...

    async def place(self, approved: Approved, in_time: Callable[[], bool]) -> Answer:
        """Send the order exactly once. Never raises: whatever went wrong has a name above.

        in_time: whether it may still leave; asked as the last thing before the bytes do.
        """
        ...

    async def find(self, client_order_id: str) -> PlacedOrder | LookupFailure: ...


class ListingExchange(ExchangePort, Protocol):
    async def list_orders(self, since: UtcTime) -> OrderList:
        """List the orders under names of ours, open and over.

        Made since then, but a week back at least and thirteen weeks at most. Raises as `conditions` does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is on the account, free and locked together, and what each coin costs."""

    at: UtcTime  # the exchange's
    krw: Krw
    coins: tuple[tuple[Market, Volume, Price], ...]
    left_out: tuple[Market, ...] = ()  # whose coin or price could not be read


class OrderLog(Protocol):
    """The memory: what lies in the event log of this cycle, and of all orders."""

    async def end(self, cycle: CycleId) -> End | None: ...

    async def ended_as(self, cycle: CycleId) -> str | None:
        """The kind of a cycle's end, whatever it is; None while it has none. Never raises for what is unreadable."""
        ...

    async def fill(self, cycle: CycleId) -> FillRecorded | None: ...

    async def intent(self, cycle: CycleId) -> Stored | None: ...

    async def is_taken(self, cycle: CycleId) -> bool:
        """Whether this machine knows that another bot used the name of a cycle's order, though no end says so yet."""
        ...

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken | ExitDue:
        """What was seen when it was decided; of an exit, the exit itself."""
        ...

    async def decision(self, cycle: CycleId) -> DecisionMade | None: ...

    async def ledger(self) -> Ledger:
        """What all orders came to up to now; nothing that nobody can read is in it."""
        ...

    async def store(
        self, event: OrderIntended | FillRecorded | End | OrderFound | OrderSettled, *, after: int = 0
    ) -> Stored:
        """Publish an event unless its place is taken, and return what lies there now.

        after: the sequence of the intent that an end follows.
        """
        ...


class OwnerSwitch(Protocol):
    async def status(self) -> Status: ...

    async def pause(self, by: str, at: UtcTime) -> object: ...


class Pace(Protocol):
    def now(self) -> float:
        """Seconds that only grow, also while the machine sleeps."""
        ...

    async def pause(self, seconds: float) -> None: ...


class CancellingExchange(ListingExchange, Protocol):
    async def cancel(self, client_order_id: str) -> None:
        """Ask for an order to be cancelled; whether it was shows when it is asked for."""
        ...
