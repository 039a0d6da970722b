"""Snapshot in, signal out: play the rule over the year before and ask the gate."""

from dataclasses import dataclass
from typing import Literal

from services.filter.core import breakout, gate
from services.filter.ports import CandleHistory
from shared.events import SignalPassed, SignalRejected, SnapshotTaken


@dataclass(frozen=True, slots=True)
class FilterHandler:
    history: CandleHistory
    gate: gate.Gate
    guards: Literal["entries", "all"]  # entries: who holds a position may always close it
    k: float
    fee_rate: float
    slippage: float

    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed | SignalRejected:
        year = await self.history.year_before(snapshot.market, snapshot.at, snapshot.history_digest)
        trades = breakout.breakout_trades(year, k=self.k, fee_rate=self.fee_rate, slippage=self.slippage)
        report = breakout.report([trade.net_return for trade in trades], year)
        against = gate.objections(report, self.gate)
        if against and not (self.guards == "entries" and _holds(snapshot)):
            return SignalRejected(cycle=snapshot.cycle, report=report, objections=against, price=snapshot.price)
        return SignalPassed(cycle=snapshot.cycle, report=report, exit_only=bool(against), objections=against)


def _holds(snapshot: SnapshotTaken) -> bool:
    return snapshot.position is not None and snapshot.position.volume > 0
