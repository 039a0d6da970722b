"""Snapshot in, signal out: play the rule over the year before and ask the gate."""

from dataclasses import dataclass
from typing import Literal

from services.filter.core import breakout, gate
from services.filter.ports import CandleHistory
from shared.events import SignalPassed, SignalRejected, SnapshotTaken
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class FilterHandler:
    history: CandleHistory
    gate: gate.StrategyGate
    guards: Literal["entries", "all"]  # entries: who holds a position may always close it
    rule: breakout.Rule

    @classmethod
    def of(cls, settings: Settings, *, history: CandleHistory) -> "FilterHandler":
        return cls(history, gate.StrategyGate.of(settings), settings.gate_guards, breakout.Rule.of(settings))

    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed | SignalRejected:
        year = await self.history.year_before(snapshot.market, snapshot.at, snapshot.history_digest)
        report = breakout.backtest(year, self.rule)
        against = gate.objections(report, self.gate)
        if against and not (self.guards == "entries" and _holds(snapshot)):
            return SignalRejected(cycle=snapshot.cycle, report=report, objections=against, price=snapshot.price)
        return SignalPassed(cycle=snapshot.cycle, report=report, exit_only=bool(against), objections=against)


def _holds(snapshot: SnapshotTaken) -> bool:
    return snapshot.position is not None and snapshot.position.volume > 0
