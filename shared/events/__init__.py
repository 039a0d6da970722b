"""Every event, in pipeline order; each names its subject and what may be published only once.

`SUBJECT` says where an event lies in the log, `ONCE` which subjects together may hold no message yet
(or none after a named one) when it is published: the server enforces it, see `shared/bus/event_log.py`.
Events are frozen, tolerate unknown fields (yesterday's messages are still in the log) and refuse missing ones.

Each kind has a schema number of its own, so that a change of one event stops only those that read it. A new field
that an older reader may leave out keeps the number. A field without which a reader would judge wrongly raises it
(`schema_number: int = 2`): a service that knows less stops with one sentence, see `shared/bus/wire.py`. A service
that meets a kind it does not know stops, too. A change that old events cannot bear is a new class.
"""

from shared.events.base import Choice, Confidence, CycleEvent, Event, Part, Side, all_of
from shared.events.clock import STARTED_OR_MISSED, CycleMissed, TradingDue
from shared.events.control import ControlGiven, JobSwitched
from shared.events.decision import DecisionMade, Evidence, LostCalls, ModelCall, Tariff, Vote
from shared.events.ends import (
    SUCCESS,
    CycleEnded,
    CycleFailed,
    CycleRejected,
    GivenUp,
    OrderDenied,
    OrderFilled,
    OrderRejected,
    OrderSkipped,
    OrderUnresolved,
)
from shared.events.exit import ExitDue, SaleDue
from shared.events.jobs import Holding, MissedHour, PortfolioValued, ReportDue, ReportReady, ValuationDue
from shared.events.log import LogAccepted, LogOpened
from shared.events.order import (
    INTENT_OR_END,
    Books,
    FillRecorded,
    OrderFound,
    OrderIntended,
    OrderSettled,
    SaleCut,
    SaleStep,
)
from shared.events.panic import PanicDue, PanicEnded, PanicNote
from shared.events.signal import FEW_TRADES, BacktestReport, Objection, SignalPassed, SignalRejected
from shared.events.snapshot import (
    Absent,
    Balances,
    BookLevel,
    FearGreed,
    FlashCrash,
    MarketRisk,
    OrderBook,
    PastCycle,
    Position,
    RsiDivergence,
    Safety,
    SnapshotTaken,
)

PIPELINE: tuple[type[Event], ...] = (
    TradingDue,
    CycleMissed,
    SaleDue,
    ExitDue,
    SnapshotTaken,
    SignalPassed,
    SignalRejected,
    DecisionMade,
    OrderIntended,
    FillRecorded,
    CycleRejected,
    OrderFilled,
    OrderSkipped,
    OrderDenied,
    OrderRejected,
    OrderUnresolved,
    CycleFailed,
    OrderFound,
    OrderSettled,
    ControlGiven,
    JobSwitched,
    PanicDue,
    PanicEnded,
    ValuationDue,
    PortfolioValued,
    ReportDue,
    ReportReady,
    LogOpened,
    LogAccepted,
)
KINDS: dict[str, type[Event]] = {cls.__name__: cls for cls in PIPELINE}
