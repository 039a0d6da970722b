"""What the executor needs from the world."""

from dataclasses import dataclass
from typing import Literal, Protocol

from services.executor.core.ends import End
from services.executor.core.orders import Look, PlacedOrder
from services.executor.core.risk import Approved
from shared.bus.wire import Stored
from shared.events import FillRecorded, OrderIntended, SnapshotTaken
from shared.types import CycleId, Market


@dataclass(frozen=True, slots=True)
class Accepted:
    """The exchange took the order."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The exchange said no for sure; the client order id is spent all the same."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The request did not reach the exchange's books: no connection, or a quota that stands before them."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The order may exist or not."""

    why: str


Answer = Accepted | Refused | NeverSent | Unknown


@dataclass(frozen=True, slots=True)
class NoWord:
    """The exchange shows no such order now: not there (yet), or it did not answer."""

    why: str
    blocked: bool = False  # it forbids us to ask; asking on prolongs that


class ExchangePort(Protocol):
    async def look(self, market: Market) -> Look:
        """Raises Transient or Permanent: nothing has been done yet, so nothing is lost."""
        ...

    async def place(self, approved: Approved) -> Answer:
        """Send the order exactly once. Never raises: whatever went wrong has a name above."""
        ...

    async def find(self, client_order_id: str) -> PlacedOrder | NoWord: ...


class OrderLog(Protocol):
    """The memory: what lies in the event log of this cycle and market."""

    async def end(self, cycle: CycleId) -> End | None: ...

    async def fill(self, cycle: CycleId) -> FillRecorded | None: ...

    async def intent(self, cycle: CycleId) -> Stored | None: ...

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken: ...

    async def last_fill(self, market: Market) -> FillRecorded | None: ...

    async def store(self, event: OrderIntended | FillRecorded | End, *, after: int = 0) -> Stored:
        """Publish an event unless its place is taken, and return what lies there now.

        after: the sequence of the intent that an end follows.
        """
        ...


class Wishes(Protocol):
    async def status(self) -> Literal["running", "paused", "stopped"]: ...


class Pace(Protocol):
    def now(self) -> float:
        """Seconds that only grow, also while the machine sleeps."""
        ...

    async def pause(self, seconds: float) -> None: ...
