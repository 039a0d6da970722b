"""The stages a cycle goes through, and who says which event."""

from shared.events.base import Event
from shared.events.clock import CycleMissed, TradingDue
from shared.events.control import ControlGiven, JobSwitched
from shared.events.decision import DecisionMade
from shared.events.ends import CycleEnded
from shared.events.exit import ExitDue
from shared.events.jobs import PortfolioValued, ReportDue, ReportReady, ValuationDue
from shared.events.log import LogAccepted, LogOpened
from shared.events.order import FillRecorded, OrderFound, OrderIntended, OrderSettled
from shared.events.signal import SignalPassed, SignalRejected
from shared.events.snapshot import SnapshotTaken

STAGES = ("clock", "collector", "filter", "analyst", "executor")
_SAID: dict[str, tuple[type[Event], ...]] = {
    "clock": (TradingDue, CycleMissed, ExitDue, ValuationDue, ReportDue),
    "collector": (SnapshotTaken,),
    "filter": (SignalPassed, SignalRejected),
    "analyst": (DecisionMade,),
    "executor": (OrderIntended, FillRecorded, OrderFound, PortfolioValued),
    "backend": (ReportReady,),
    "owner": (ControlGiven, JobSwitched, OrderSettled, LogOpened, LogAccepted),
}
_SAID_BY = {kind: stage for stage, kinds in _SAID.items() for kind in kinds}


def stage_of(event: Event) -> str:
    """Who said it: a stage, the backend or the owner. An end names the stage itself."""
    return event.stage if isinstance(event, CycleEnded) else _SAID_BY[type(event)]
