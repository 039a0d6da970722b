"""What the bot's orders came to so far, over all markets, told from the log (pure).

Each kind of event is taken in the order of the log, so a fresh executor comes to what an old one knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.executor.core import position
from shared.events import Books, CycleEnded, Event, FillRecorded, OrderIntended, OrderSettled, OrderUnresolved, Position
from shared.types import CycleId, Krw, Market, UtcTime, Volume, slot_time, split_cycle


@dataclass(slots=True)
class Day:
    """Of UTC, as Upbit's: it begins at 09:00 in Seoul."""

    orders: int = 0
    profit: Decimal = Decimal(0)


@dataclass(slots=True)
class Ledger:
    """open: intents nobody has ended yet, oldest first. stuck: ended, but a person must settle them."""

    open: dict[CycleId, OrderIntended] = field(default_factory=dict)
    stuck: dict[CycleId, OrderIntended] = field(default_factory=dict)
    _held: dict[Market, Position] = field(default_factory=dict)
    _days: dict[date, Day] = field(default_factory=dict)
    _last_loss_at: UtcTime | None = None
    _settled: set[CycleId] = field(default_factory=set)

    def add(self, event: Event) -> None:
        match event:
            case OrderIntended():
                self.open[event.cycle] = event
                self._day(event.books.at if event.books else slot_time(event.slot)).orders += 1
            case FillRecorded():
                self._fill(event)
            case OrderSettled():
                self._settled.add(event.cycle)
                self.stuck.pop(event.cycle, None)

    def end(self, cycle: CycleId, end: CycleEnded | None) -> None:
        """An open order's cycle has ended; None where nobody can read how."""
        intent = self.open.pop(cycle, None)
        if intent is None:
            return  # rubbish lay beside its end
        if (end is None or isinstance(end, OrderUnresolved)) and cycle not in self._settled:
            self.stuck[cycle] = intent

    def held(self, market: Market) -> Position:
        """The bot's own position, by its last fill."""
        return self._held.get(market, position.NOTHING)

    def open_in(self, market: Market) -> Iterator[CycleId]:
        return (cycle for cycle in self.open if split_cycle(cycle)[0] == market)

    def books(self, market: Market, at: UtcTime, on_account: Volume) -> Books:
        """What the rules see. at: the exchange's time. on_account: coins there are, free and locked."""
        held, day = self.held(market).volume, self._days.get(at.date(), Day())
        return Books(
            at=at,
            orders_today=day.orders,
            profit_today=Krw(day.profit),
            last_loss_at=self._last_loss_at,
            held=held,
            drift=Volume(max(held - on_account, Decimal(0))),
            unresolved=next((cycle for cycle in self.stuck if split_cycle(cycle)[0] == market), None),
        )

    def _fill(self, fill: FillRecorded) -> None:
        self._held[fill.market] = fill.position
        profit = fill.profit or Decimal(0)
        self._day(fill.executed_at).profit += profit
        if profit < 0:
            self._last_loss_at = max(self._last_loss_at or fill.executed_at, fill.executed_at)

    def _day(self, at: UtcTime) -> Day:
        return self._days.setdefault(at.date(), Day())
