"""What the gate says, as metrics: so that it is never a silent wall."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.filter.core.gate import StrategyGate, distances
from shared.events import SignalPassed, SignalRejected, SnapshotTaken
from shared.telemetry import Metrics
from shared.types import Market

OUTCOMES = ("passed", "exit_only", "rejected")


class GateMeter:
    """gate_distance{market,reason}, in the threshold's own unit, gate_signals_total{market,outcome}, and
    gate_hours_missing{market}.

    markets: those the bot trades; their counters stand at 0 from the start.
    """

    def __init__(self, metrics: Metrics, gate: StrategyGate, markets: tuple[Market, ...]) -> None:
        self._gate = gate
        self._distance = metrics.gauge(
            "gate_distance", "How far the year is on the wrong side of a threshold of the gate; 0 or less is within"
        )
        self._missing = metrics.gauge(
            "gate_hours_missing",
            "Hours of the year before that the gate had no candle of; about 20 are the exchange's own",
        )
        self._signals = metrics.counter(
            "gate_signals",
            "Signals by what the gate said: the pass rate is passed over all",
            known=[{"market": market, "outcome": outcome} for market in markets for outcome in OUTCOMES],
        )

    def count(self, signal: SignalPassed | SignalRejected) -> None:
        for reason, distance in distances(signal.report, self._gate).items():
            self._distance.set(distance, {"market": signal.market, "reason": reason})
        self._missing.set(signal.report.hours_missing, {"market": signal.market})
        self._signals.add(1, {"market": signal.market, "outcome": outcome_of(signal)})


def outcome_of(signal: SignalPassed | SignalRejected) -> str:
    if isinstance(signal, SignalRejected):
        return "rejected"
    return "exit_only" if signal.exit_only else "passed"


@dataclass(frozen=True, slots=True)
class MeteredHandler:
    """The handler, and what it said counted once: a redelivery finds its stored answer and does not come here."""

    handler: Callable[[SnapshotTaken], Awaitable[SignalPassed | SignalRejected]]
    meter: GateMeter

    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed | SignalRejected:
        signal = await self.handler(snapshot)
        self.meter.count(signal)
        return signal
