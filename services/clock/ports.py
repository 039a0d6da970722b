"""What the clock needs from the world."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from services.clock.core.exits import Bar, Rule
from shared.events import CycleEvent, ExitDue, Position, ReportDue, ValuationDue
from shared.switch import DesiredJobState, DesiredState, Heartbeat
from shared.types import CycleId, Market, Price, UtcTime


class CycleLog(Protocol):
    """What was started, missed and ended."""

    async def put(self, event: CycleEvent) -> bool:
        """Store a start or a miss unless its slot has one already; whether it was stored."""
        ...

    async def last_started(self, market: Market) -> CycleId | None: ...

    async def last_slots(self, market: Market) -> list[UtcTime]:
        """The slots that were started and missed last, in the order of the log; at most one of each."""
        ...

    async def has_started(self, cycle: CycleId) -> bool: ...

    async def has_ended(self, cycle: CycleId) -> bool: ...


@dataclass(frozen=True, slots=True)
class LastExit:
    """The newest exit of a market."""

    cycle: CycleId
    seq: int
    at: UtcTime  # of the price that fired
    ended: bool
    opened_by: CycleId | None  # which position it was for
    attempt: int  # of the guard's to close it; 0 of the owner's sale or panic
    rule: Rule | None  # None of the owner's
    limit: Decimal | None
    step: int
    left: Position | None  # what it sold a part of, after that; None: it sold nothing


class ExitLog(Protocol):
    """What is held, and how its closing stands."""

    async def position(self, market: Market) -> Position | None:
        """The bot's own, after the last fill."""
        ...

    async def last_exit(self, market: Market) -> LastExit | None: ...

    async def put_exit(self, due: ExitDue, *, after: int) -> bool:
        """Store an exit right after the market's exit number `after` (0: as its first); False if another is there."""
        ...


@dataclass(frozen=True, slots=True)
class Ticker:
    """A last price; None where nothing was traded since the last look. at: by the exchange's clock."""

    market: Market
    price: Price | None
    at: UtcTime


class Tickers(Protocol):
    async def tickers(self, markets: Sequence[Market]) -> list[Ticker]:
        """A market of which nothing is known is missing. Raises NoPrices where that is true of all."""
        ...


class PastPrices(Protocol):
    """What the exchange shows of prices."""

    async def highest(self, market: Market, since: UtcTime, until: UtcTime) -> Price | None:
        """Highest price of the candles that began at or after `since` and closed by `until`; None if there is none."""
        ...

    async def unit_min(self, market: Market) -> int:
        """Minutes of the smallest candle there is."""
        ...

    async def bar(self, market: Market, closed_at: UtcTime) -> Bar | None:
        """The smallest candle that closed then; None if nothing was traded in it."""
        ...


class JobLog(Protocol):
    """The portfolio jobs as the log has them."""

    async def ask(self, due: ValuationDue | ReportDue) -> None:
        """Store it unless its slot has one already."""
        ...

    async def last(self, kind: type[ValuationDue] | type[ReportDue]) -> UtcTime | None:
        """The newest slot that was asked for."""
        ...

    async def is_valued(self, slot_at: UtcTime) -> bool: ...


class OwnerControl(Protocol):
    """What the owner wants, and what he is told."""

    async def state(self) -> DesiredState: ...

    async def change(self, to: Callable[[DesiredState], DesiredState | None]) -> DesiredState:
        """Set the wish that `to` makes of the one there is, and give what stands then; None leaves it."""
        ...

    async def job(self, id: str) -> DesiredJobState: ...

    async def beat(self, heartbeat: Heartbeat) -> None: ...


class Timer(Protocol):
    """The machine's time."""

    def now(self) -> UtcTime: ...

    async def wait_until(self, at: UtcTime) -> None: ...

    async def sleep(self, seconds: float) -> None: ...


class ExchangeTime(Protocol):
    async def skew_s(self) -> float | None:
        """This machine's clock minus the exchange's, now; None where the exchange does not say."""
        ...


@dataclass(frozen=True)
class Tape:
    """Where the paper exchange's tape stands, and what it holds."""

    now: UtcTime
    first: UtcTime
    last: UtcTime


class TapeTime(Protocol):
    """The time of the paper exchange."""

    async def state(self) -> Tape: ...

    async def move(self, to: UtcTime) -> UtcTime:
        """Move it forward and say where it stands then; it stays where it is if that is later."""
        ...


class Ends(Protocol):
    async def changed(self, within_s: float) -> bool:
        """Wait until some cycle ended, at most so long; False if none did."""
        ...
