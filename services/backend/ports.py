"""What the projection and the routes need of the world."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

from services.backend.core.draft import ModelSum
from services.backend.core.setting_list import Change
from services.backend.core.token_throttle import TokenThrottle
from shared.api.account import Account
from shared.api.bot import JobId, JobState, Missed, NextRun, Switched
from shared.api.chart import Candles, GateSeries
from shared.api.costs import CostPeriod
from shared.api.cycles import Cycle, Decision, Logged
from shared.api.history import Histories
from shared.api.panic import Panic, PanicRequest, PanicResult
from shared.api.portfolio import Portfolio
from shared.api.sale import Sale, SaleRequest
from shared.api.trades import Trade, TradeDetail, TradeStats
from shared.api.trouble import DeadLetters, UnresolvedOrders
from shared.events import DecisionMade
from shared.reach import Reach
from shared.settings import Settings
from shared.stored import Stored
from shared.switch import Command, SwitchState
from shared.types import CycleId, Language, Market, UtcTime
from shared.why import Record


class BooksWriter(Protocol):
    """The books, to be written. Raises Transient while the database is away."""

    async def last_seq(self) -> int:
        """How far in the log the books have come; 0 at the beginning."""
        ...

    async def apply_all(self, events: Sequence[Stored], *, after: int = 0) -> int:
        """Book a batch of the log, in its order; say how many of it were new.

        Transient where the books stand before `after`.
        """
        ...

    async def reach(self) -> Reach:
        """How far the log reached that the books were read from."""
        ...

    async def belong_to(self, created: UtcTime) -> None:
        """Note of which stream the books are, where they do not say."""
        ...

    async def start_over(self, found: Reach) -> None:
        """Throw the books away and begin with the log that was found."""
        ...


class EventSource(Protocol):
    async def reach(self, stamp_of: int) -> Reach:
        """How far it reaches now, with the mark of one message."""
        ...

    def after(self, seq: int) -> AsyncIterator[Stored]:
        """Every event behind a place, in order, to the end."""
        ...


class Books(Protocol):
    """The read model, to be asked. Raises Transient while the database is away."""

    async def trades(
        self, *, limit: int, offset: int, symbol: str | None, side: str | None, before: int | None = None
    ) -> tuple[tuple[Trade, ...], int]:
        """Newest first, and how many there are in all. before: an id; only older ones."""
        ...

    async def trade(self, trade_id: int, language: Language) -> TradeDetail | None:
        """language: of its reason, here and below."""
        ...

    def every_trade(self, *, symbol: str | None, side: str | None, language: Language) -> AsyncIterator[TradeDetail]:
        """Oldest first."""
        ...

    async def stats(self, by: str, first: date | None = None) -> TradeStats:
        """In all, by market and reason, and by: day or month. first: a day of Seoul; nothing before it counts."""
        ...

    async def decisions(
        self,
        *,
        limit: int,
        offset: int,
        symbol: str | None,
        decision: str | None,
        language: Language,
        before: str | None = None,
    ) -> tuple[tuple[Decision, ...], int]: ...

    async def gate(self, *, market: str | None, limit: int, before: str | None) -> GateSeries:
        """Newest slot first; before: a cycle, only what stands behind it."""
        ...

    async def portfolio(self, hours: int) -> Portfolio:
        """hours: of history."""
        ...

    async def last_trade_at(self) -> UtcTime | None: ...

    async def cycles(
        self,
        *,
        limit: int,
        market: str | None,
        language: Language,
        offset: int = 0,
        status: str | None = None,
        before: str | None = None,
    ) -> tuple[tuple[Cycle, ...], int]:
        """Newest slot first, and how many there are in all. before: a cycle, only what stands behind it."""
        ...

    async def cycle(self, cycle: str, language: Language) -> Cycle | None: ...

    async def missed(self, cycle: str) -> str | None:
        """Why a slot was never traded; None if it was not missed."""
        ...

    async def unresolved(self, language: Language) -> tuple[Cycle, ...]:
        """The newest that ended with an order of unknown outcome, settled or not."""
        ...

    async def open_cycles(self) -> tuple[CycleId, ...]:
        """Those that have begun and not ended, newest first."""
        ...

    async def held_markets(self) -> tuple[Market, ...]:
        """Those in which the bot holds something, by its last trade there."""
        ...

    async def costs(self, by: str, limit: int) -> tuple[tuple[CostPeriod, ...], CostPeriod]:
        """By day or month, newest first, and all of it."""
        ...

    async def model_used(self, day: date) -> ModelSum:
        """What the model cost on a day of Seoul."""
        ...

    async def setting_changes(self) -> Mapping[str, Change]:
        """The last change of each setting, by its name in the environment."""
        ...

    async def lacks(self) -> str | None:
        """What keeps the database from answering; None if nothing does."""
        ...


class ClockState(NamedTuple):
    """notice: that it starts no cycle any more, in a language; empty where it does."""

    up_s: int
    next_runs: tuple[NextRun, ...]
    notice: Callable[[Language], str] = lambda _: ""


class Control(Protocol):
    """The owner's wish and the clock's heartbeat. Raises Transient while the broker is away."""

    async def state(self) -> SwitchState:
        """What the bot is to do, and what is wrong with the switch, if anything is."""
        ...

    async def clock(self) -> ClockState:
        """How the clock stands."""
        ...

    async def give(self, command: Command, by: str) -> Switched:
        """Raises NotNow where the bot's state does not allow it."""
        ...

    async def jobs(self) -> tuple[JobState, ...]: ...

    async def switch_job(self, id: JobId, *, paused: bool, by: str) -> JobState: ...


class Sales(Protocol):
    """The owner's own sale. Raises Transient while the broker or the exchange is away."""

    async def preview(self, market: Market) -> Sale:
        """Raises NotNow where there is nothing to sell."""
        ...

    async def ask(self, market: Market, id: CycleId, amount: Decimal, by: str) -> SaleRequest:
        """Raises NotNow where it is not what was shown, or the bot sells nothing."""
        ...


class Panics(Protocol):
    """The owner's panic."""

    async def preview(self, language: Language) -> Panic:
        """Raises Transient while broker or books are away."""
        ...

    async def ask(self, *, sell: bool, by: str, language: Language) -> PanicRequest:
        """Pause the bot and write the request down. Raises Transient, which says how far it came."""
        ...

    async def result(self, language: Language) -> PanicResult:
        """What became of the last one. Raises Transient while the broker is away."""
        ...


class CycleHistory(Protocol):
    """The log. Raises Transient while the broker is away."""

    async def of(self, cycle: str) -> tuple[tuple[Logged, ...], Record]:
        """Every event of a cycle, in the order of the log, and all that is known of it."""
        ...

    async def with_opening(self, cycle: str) -> tuple[Record, DecisionMade | None]:
        """All that is known of a cycle, and the decision by which the position was opened that was held then."""
        ...

    async def missed(self) -> tuple[Missed, ...]:
        """The slots of the last day without an end, oldest first."""
        ...


class CandleSource(Protocol):
    """Candles as the log holds them. Raises Transient while broker or database is away."""

    async def of(self, market: Market, *, first: UtcTime | None, cut: UtcTime | None, limit: int) -> Candles:
        """The newest `limit` that opened at `first` or later and closed at `cut` or before."""
        ...


class AccountSource(Protocol):
    async def last(self) -> Account:
        """As it was last valued. Raises Transient while the broker is away."""
        ...


class HistorySource(Protocol):
    """Raises Transient while the broker is away."""

    async def all(self) -> Histories: ...


class TroubleSource(Protocol):
    """What a person must look at. Raises Transient while the broker is away."""

    async def dead(self, *, limit: int, before: int | None) -> DeadLetters:
        """Newest first."""
        ...

    async def unresolved(self, ended: Sequence[Cycle]) -> UnresolvedOrders:
        """ended: the cycles that ended with an order of unknown outcome, settled or not."""
        ...


@dataclass(frozen=True)
class Backend:
    """What every route may ask."""

    books: Books
    control: Control
    candles: CandleSource
    account: AccountSource
    histories: HistorySource
    trouble: TroubleSource
    sales: Sales
    panics: Panics
    cycle_history: CycleHistory
    # Server-sent events behind a place (None: from now on), for a client.
    stream: Callable[[int | None, str], AsyncIterator[str]]
    token: str | None  # opens the switch; without it nobody can
    reads_open: bool
    token_throttle: TokenThrottle
    connected: Callable[[], bool]  # to the broker
    books_fault: Callable[[], str]  # why nothing is booked; empty while it is
    switch_trouble: Callable[[], str]  # what is wrong with the switch, and what to do; empty where nothing is
    lacks: Callable[[], Awaitable[str | None]]  # what keeps this service from hearing its messages
    metrics: Callable[[], Awaitable[bytes]]
    time_fault: Callable[[], str]  # what the clock says is wrong with the time; empty where nothing is
    clock_stopped: Callable[[], str]  # that the clock starts no cycle any more; empty where it does
    language: Language
    mode: Literal["paper", "live"]
    markets: tuple[Market, ...]
    settings: Settings
