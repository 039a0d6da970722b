"""Signal in, decision out: load the snapshot, ask the model unless that is pointless, hold what may not be."""

from dataclasses import dataclass

from services.analyst.core import verdict
from services.analyst.ports import Model, Snapshots
from shared.events import DecisionMade, SignalPassed


@dataclass(frozen=True, slots=True)
class AnalystHandler:
    snapshots: Snapshots
    model: Model

    async def __call__(self, signal: SignalPassed) -> DecisionMade:
        snapshot = await self.snapshots.snapshot(signal.cycle)
        block = verdict.buy_block(signal, snapshot)
        if block is not None and not verdict.holds(snapshot):
            return verdict.unasked(snapshot, block)
        opinion = await self.model.decide(snapshot, may_buy=block is None)
        return verdict.decide(snapshot, opinion, block)
