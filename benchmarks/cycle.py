"""What each stage's handler costs a cycle: `make bench-cycle`. CPU milliseconds, medians; exits with 1 above a bar.

The golden hours again, each stage given what it was given then, on ports that answer at once. The collector finds its
candles opened, as they come from the exchange, and packs them; the analyst opens them, as they come with the snapshot.
"""

from functools import partial

from benchmarks.figures import Found
from benchmarks.quiet import Work, measured
from benchmarks.run import run
from services.analyst.adapters.rules_model import RulesModel
from services.analyst.handler import AnalystHandler
from services.collector.handler import CollectorHandler
from services.filter.handler import FilterHandler
from services.replay.recording import Recording
from services.replay.runner import settings_of
from services.replay.stages import again
from services.replay.stages.analyst import RecordedSnapshots
from services.replay.stages.collector import RecordedMarket
from shared import candles
from shared.candle_arrays import CandleArrays
from shared.events import SignalPassed, SnapshotTaken, TradingDue
from shared.settings import Settings
from shared.telemetry import set_up_logs
from tests.support.golden_hours import SyntheticYear, golden

ROUNDS = 200
BARS_MS = {"collector": 1.0, "filter": 0.4, "analyst by rules": 0.5, "executor, an order": 0.6}


class OpenMarket(RecordedMarket):
    """Whose candles are open already: reading them is the exchange's part."""

    def __init__(self, snapshot: SnapshotTaken) -> None:
        super().__init__(snapshot)
        windows = snapshot.candles.windows
        self.open = {(of.market, of.unit_min): snapshot.candles.window(of.market, of.unit_min) for of in windows}

    async def candles(self, market: str, unit_min: int, **_: object) -> CandleArrays:
        return self.open[market, unit_min]


def stages(hour: Recording, years: SyntheticYear) -> dict[str, Work]:
    taken, settings = hour.must(SnapshotTaken), _settings(hour)
    market = OpenMarket(taken)
    collector = CollectorHandler.of(settings, exchange=market, sentiment=market, memory=market, history=market)
    analyst = AnalystHandler.of(settings, snapshots=RecordedSnapshots(taken), rules=RulesModel())
    return {
        "collector": partial(collector, hour.must(TradingDue)),
        "filter": partial(FilterHandler.of(settings, history=years), taken),
        "analyst by rules": partial(analyst, hour.must(SignalPassed)),
        "executor, an order": partial(again, "executor", hour, settings, years),
        "executor, a hold": partial(again, "executor", hold := golden("hold"), _settings(hold), years),
    }


def _settings(hour: Recording) -> Settings:
    return settings_of(hour.must(TradingDue).settings)


async def find() -> Found:
    set_up_logs("ERROR", service="bench")
    took = await measured(stages(golden("buy"), SyntheticYear()), ROUNDS, before=candles.forget)
    return Found(figures=took.figures(BARS_MS), noise=took.noise)


if __name__ == "__main__":
    run(find)
