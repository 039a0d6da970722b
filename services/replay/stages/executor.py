"""The executor again, on the snapshot, the decision and what it wrote down of the exchange."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from services.executor.adapters.order_log import EventOrderLog
from services.executor.core import ends
from services.executor.core.answers import Accepted, Answer, LookupFailure, NameTaken, NeverSent, SaidNo, Unknown
from services.executor.core.ledger import Ledger
from services.executor.core.orders import PlacedOrder, Trade, TradingConditions
from services.executor.core.position import NOTHING
from services.executor.core.risk import Approved
from services.executor.handler import ExecutorHandler
from services.filter.ports import CandleHistory
from services.replay.memory_log import MemoryLog
from services.replay.recording import NotRecorded, Recording
from shared.catalogue import sentence
from shared.events import (
    Books,
    CycleEnded,
    CycleEvent,
    DecisionMade,
    FillRecorded,
    OrderDenied,
    OrderIntended,
    OrderRejected,
    OrderUnresolved,
    Position,
    SnapshotTaken,
)
from shared.reason import Reason
from shared.settings import Settings
from shared.switch import Status
from shared.types import Krw, Market, UtcTime, Volume
from shared.venue import FEE_RATE, MIN_TOTAL

_NOTHING = Decimal(0)
_STATUS_OF: dict[str, Status] = {"BOT_EXITS_ONLY": "exits-only", "BOT_PAUSED": "paused", "BOT_STOPPED": "stopped"}


async def again(recording: Recording, settings: Settings, history: CandleHistory) -> tuple[CycleEvent, ...]:
    snapshot, decision, log = recording.must(SnapshotTaken), recording.given("executor", DecisionMade), MemoryLog()
    log.lay(snapshot)
    denied = recording.find(OrderDenied)
    handler = ExecutorHandler.of(
        settings,
        exchange=RecordedExchange(recording, snapshot, decision),
        log=RecordedOrderLog(log, snapshot, recording),
        switch=RecordedSwitch(recording),
        pace=PausedTime(),
        compared=lambda: denied is None or denied.reason_code != "BOOKS_NOT_COMPARED",
    )
    await handler(decision)
    return tuple(line.event for line in log.lines[1:] if isinstance(line.event, CycleEvent))


@dataclass(frozen=True)
class RecordedExchange:
    """What the exchange showed and answered, told from what the executor wrote down of it.

    The look right before an order is not written down: the snapshot stands in for it, with the best price
    that the intent names. On a tape both are the same.
    """

    recording: Recording
    snapshot: SnapshotTaken
    decision: DecisionMade

    async def conditions(self, market: Market) -> TradingConditions:
        intent = self.recording.find(OrderIntended)
        book, balances = self.snapshot.book, self.snapshot.balances
        if intent is not None:
            side = "ask_price" if intent.side == "buy" else "bid_price"
            best = book.levels[0].model_copy(update={side: intent.expected_price})
            book = book.model_copy(update={"levels": (best, *book.levels[1:])})
        return TradingConditions(
            market_state="active",
            min_total_buy=MIN_TOTAL,
            min_total_sell=MIN_TOTAL,
            fee_rate_buy=FEE_RATE,
            krw_free=balances.krw_free,
            coin_free=balances.coin_free,
            coin_locked=balances.coin_locked,
            book=book,
        )

    async def place(self, approved: Approved, in_time: Callable[[], bool]) -> Answer:
        """Tell how the order went; there is nowhere it could be sent to."""
        if no := self.recording.find(OrderRejected):
            if no.reason_code == "NEVER_SENT":
                return NeverSent(no.said)
            return (
                Accepted() if no.reason_code == "NOT_EXECUTED" else SaidNo(no.reason_code.lower(), no.said or no.reason)
            )
        if (end := self.recording.find(OrderUnresolved)) and end.reason_code == ends.TAKEN:
            return NameTaken()
        return Accepted() if self.recording.find(FillRecorded) else Unknown("recorded as unresolved")

    async def find(self, client_order_id: str) -> PlacedOrder | LookupFailure:
        if fill := self.recording.find(FillRecorded):
            return _placed(fill)
        intent, end = self.recording.find(OrderIntended), self.recording.find(CycleEnded)
        if intent is not None and isinstance(end, OrderUnresolved):
            return LookupFailure(self._word(intent, end))
        if isinstance(end, OrderRejected) and end.reason_code != "NOT_EXECUTED":
            return LookupFailure("HTTP 404 order_not_found", missing=True)
        if intent is not None and isinstance(end, OrderRejected):
            return PlacedOrder("", self.snapshot.market, intent.side, "cancel", Volume(_NOTHING), Krw(_NOTHING), ())
        raise NotRecorded("what the exchange said of the order is not recorded")

    def _word(self, intent: OrderIntended, end: OrderUnresolved) -> str | Reason:
        """What the exchange said, or showed; of an older end, out of its text."""
        if cause := next((figure.value for figure in end.figures if figure.name == "cause"), None):
            inner = (figure for figure in end.figures if figure.name not in ("cause", "order"))
            return Reason(cause, tuple(inner), end.said)
        if end.said:
            return end.said
        before, _, behind = sentence(ends.unresolved(self.decision, intent, "\0"), "ko").partition("\0")
        if not (end.reason.startswith(before) and end.reason.endswith(behind)):
            raise NotRecorded(f"the executor gave up without a word of the exchange: {end.reason}")
        return end.reason[len(before) : len(end.reason) - len(behind)]


class RecordedOrderLog(EventOrderLog):
    """The executor's memory as it was then: the snapshot knows what the bot held, the order what its rules saw."""

    def __init__(self, log: MemoryLog, snapshot: SnapshotTaken, recording: Recording) -> None:
        super().__init__(log)
        order = recording.find(OrderIntended) or recording.find(OrderDenied)
        self._then = RecordedLedger(snapshot.position or NOTHING, order.books if order else None)

    async def ledger(self) -> Ledger:
        return self._then


class RecordedLedger(Ledger):
    """What the bot's orders had come to, as far as it is told."""

    def __init__(self, held: Position, books: Books | None) -> None:
        super().__init__()
        self._position, self._books = held, books

    def held(self, market: Market) -> Position:
        return self._position

    def books(self, market: Market, at: UtcTime, on_account: Volume) -> Books:
        return self._books or super().books(market, at, on_account)


@dataclass
class RecordedSwitch:
    """What the owner wanted then: it shows in a denied order alone, and behind an intent when he is asked again."""

    recording: Recording
    was_read: bool = False

    async def status(self) -> Status:
        denied, first = self.recording.find(OrderDenied), not self.was_read
        self.was_read = True
        if first and self.recording.find(OrderIntended):
            return "running"
        return "running" if denied is None else _STATUS_OF.get(denied.reason_code, "running")

    async def pause(self, by: str, at: UtcTime) -> None:
        """There is no bot here."""


@dataclass
class PausedTime:
    """Time passes only by pausing."""

    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds

    async def pause(self, seconds: float) -> None:
        self.seconds += seconds


def _placed(fill: FillRecorded) -> PlacedOrder:
    """An order that sums up to the fill: its trades were added up, so the first one is given all."""
    whole = Trade(fill.price, fill.volume, fill.funds, fill.executed_at)
    rest = Trade(fill.price, Volume(_NOTHING), Krw(_NOTHING), fill.executed_at)
    market = fill.market
    trades = (whole, *(rest,) * (fill.trades - 1))
    return PlacedOrder(fill.exchange_order_id, market, fill.side, "done", fill.volume, fill.fee, trades)
