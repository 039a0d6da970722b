"""What the bot's orders came to so far, over all markets, told from the log (pure).

Each kind of event is taken in the order of the log, so a fresh executor comes to what an old one knows.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.executor.core import position
from shared.events import (
    Books,
    CycleEnded,
    Event,
    FillRecorded,
    OrderFound,
    OrderIntended,
    OrderSettled,
    OrderUnresolved,
    Position,
)
from shared.types import CycleId, Krw, Market, UtcTime, Volume, slot_time, split_cycle


@dataclass(slots=True)
class Day:
    """Of UTC, as Upbit's: it begins at 09:00 in Seoul."""

    orders: int = 0
    profit: Decimal = Decimal(0)


@dataclass(slots=True)
class Ledger:
    """open: intents nobody has ended yet, oldest first. stuck: ended, but a person must settle them.

    recorded: what was executed of each order, as the fills say. settled: the orders a person has settled.
    names: whose order it is, by the client order id. journaled: the same of orders that only the journal may know; the
    name of one may be given again, so that the exchange takes one of both.
    unreadable: where something lies that nobody can read in the place of what an order came to, by cycle: what its
    market holds is not known until a person has settled it.
    """

    open: dict[CycleId, OrderIntended] = field(default_factory=dict)
    stuck: dict[CycleId, OrderIntended] = field(default_factory=dict)
    _held: dict[Market, Position] = field(default_factory=dict)
    fills: dict[Market, list[FillRecorded]] = field(default_factory=lambda: defaultdict(list))
    _days: dict[date, Day] = field(default_factory=dict)
    _last_loss_at: UtcTime | None = None
    executed: dict[CycleId, Volume] = field(default_factory=dict)
    settled: set[CycleId] = field(default_factory=set)
    unreadable: dict[CycleId, str] = field(default_factory=dict)
    intended: set[CycleId] = field(default_factory=set)
    names: dict[str, CycleId] = field(default_factory=dict)
    journaled: dict[str, CycleId] = field(default_factory=dict)
    _found: dict[CycleId, OrderFound] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        match event:
            case OrderIntended():
                self.open[event.cycle] = event
                self.intended.add(event.cycle)
                self.names[event.client_order_id] = event.cycle
                self._day(event.books.at if event.books else slot_time(event.slot)).orders += 1
            case FillRecorded():
                self.names.setdefault(event.client_order_id, event.cycle)  # a log that was put back has no intent of it
                self._fill(event)
            case OrderFound():
                self._found[event.cycle] = event
                self.names[event.client_order_id] = event.cycle
                if not event.log_says:  # an order is an order, whoever made it
                    self._day(event.ordered_at).orders += 1
            case OrderSettled():
                self.settled.add(event.cycle)
                self.stuck.pop(event.cycle, None)
                self.unreadable.pop(event.cycle, None)

    def add_unreadable(self, subject: str) -> None:
        """Something lies there in the place of an intent, a fill or a settlement."""
        market, slot = subject.split(".")[-2:]
        if (cycle := f"{market}-{slot}") not in self.settled:
            self.unreadable[cycle] = subject

    def end(self, cycle: CycleId, end: CycleEnded | None) -> None:
        """An open order's cycle has ended; None where nobody can read how."""
        intent = self.open.pop(cycle, None)
        if intent is None:
            return  # rubbish lay beside its end
        if (end is None or isinstance(end, OrderUnresolved)) and cycle not in self.settled:
            self.stuck[cycle] = intent

    def held(self, market: Market) -> Position:
        """The bot's own position, by its last fill."""
        return self._held.get(market, position.NOTHING)

    @property
    def markets(self) -> set[Market]:
        """Those in which something is held."""
        return {market for market, held in self._held.items() if held.volume > 0}

    @property
    def found(self) -> dict[CycleId, OrderFound]:
        """The orders a person must adopt, oldest first; of one second, which is all a list tells, buys first.

        A sale that is booked before the buy it sold would leave the books with coins that are no longer there.
        """
        left = (event for event in self._found.values() if not self._is_adopted(event))
        return {e.cycle: e for e in sorted(left, key=lambda e: (e.ordered_at, e.side == "sell", e.cycle))}

    @property
    def last_order_at(self) -> UtcTime | None:
        """When the newest cycle began that meant to order."""
        return max((slot_time(split_cycle(cycle)[1]) for cycle in self.intended), default=None)

    def cycle_of(self, client_order_id: str) -> CycleId:
        """Whose order a listed one is; of a name the log does not know, the name itself."""
        return self.names.get(client_order_id) or self.journaled.get(client_order_id, client_order_id)

    def has_seen(self, cycle: CycleId) -> bool:
        """Whether an order was found already, adopted or not."""
        return cycle in self._found

    def open_in(self, market: Market) -> Iterator[CycleId]:
        return (cycle for cycle in self.open if split_cycle(cycle)[0] == market)

    def books(self, market: Market, at: UtcTime, on_account: Volume) -> Books:
        """What the rules see. at: the exchange's time. on_account: coins there are, free and locked."""
        held, day = self.held(market).volume, self._days.get(at.date(), Day())
        found = sorted((e for e in self.found.values() if e.market == market), key=lambda e: e.side != "sell")
        return Books(
            at=at,
            orders_today=day.orders,
            profit_today=Krw(day.profit),
            last_loss_at=self._last_loss_at,
            held=held,
            drift=Volume(max(held - on_account, Decimal(0))),
            unresolved=next((cycle for cycle in self.stuck if split_cycle(cycle)[0] == market), None),
            unreadable=self.unreadable_in(market),
            foreign=found[0].cycle if found else None,
            foreign_side=found[0].side if found else None,
        )

    def unreadable_in(self, market: Market) -> CycleId | None:
        return next((cycle for cycle in self.unreadable if cycle.startswith(f"{market}-")), None)

    def _is_adopted(self, event: OrderFound) -> bool:
        """A fill alone is half of it: who was cut short between the two does it again."""
        whole = event.executed == 0 or event.cycle in self.executed
        return event.is_empty or (event.cycle in self.settled and whole)

    def _fill(self, fill: FillRecorded) -> None:
        self.executed[fill.cycle] = fill.volume
        self._held[fill.market] = fill.position
        self.fills[fill.market].append(fill)
        profit = fill.profit or Decimal(0)
        self._day(fill.executed_at).profit += profit
        if profit < 0:
            self._last_loss_at = max(self._last_loss_at or fill.executed_at, fill.executed_at)

    def _day(self, at: UtcTime) -> Day:
        return self._days.setdefault(at.date(), Day())
