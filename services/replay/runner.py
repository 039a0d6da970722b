"""The real handlers over a recorded cycle, in a plain loop: each stage is given what it was given then.

So a difference is the stage's own: it is not handed on to the stages behind it. The settings are the ones
that ride in the cycle's tick, never those of this machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from services.analyst.adapters.rules_model import RulesModel
from services.analyst.app import prompter
from services.analyst.handler import AnalystHandler, ModelSetup
from services.collector.handler import CollectorHandler
from services.executor.handler import ExecutorHandler
from services.filter.core.ends import end_of
from services.filter.handler import FilterHandler
from services.filter.ports import CandleHistory
from services.replay.memory_log import MemoryLog
from services.replay.recorded import (
    CallAgain,
    ExchangeAgain,
    LogAgain,
    NotRecorded,
    Pace,
    SnapshotAgain,
    SnapshotOf,
    WishAgain,
)
from services.replay.recording import Line, Recording
from shared.candles import CandleFrame
from shared.errors import Permanent, Transient
from shared.events import CycleEvent, DecisionMade, OrderDenied, SignalPassed, SnapshotTaken, TradingDue
from shared.services import PIPELINE
from shared.settings import BadSetting, Settings

_Kind = TypeVar("_Kind", bound=CycleEvent)


class NoSuchStage(LookupError):
    """A stage of the chain that nobody has taught replay."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """One stage of one cycle: what it said then and what it says now."""

    stage: str
    then: tuple[Line, ...]
    now: tuple[CycleEvent, ...] = ()
    why_not: str | None = None  # it could not be run again


@dataclass(frozen=True)
class Runner:
    """history: the years of candles, by the digests that the snapshots name."""

    history: CandleHistory

    async def __call__(self, recording: Recording, stages: Sequence[str] = PIPELINE) -> list[Rerun]:
        """Run the stages that spoke in a cycle again, in the chain's order."""
        reruns = []
        for stage in PIPELINE:
            then = recording.said_by(stage)
            if stage in stages and then:
                reruns.append(await self._again(stage, recording, then))
        return reruns

    async def _again(self, stage: str, recording: Recording, then: tuple[Line, ...]) -> Rerun:
        try:
            settings = settings_of(_must(recording, TradingDue).settings)
            match stage:
                case "collector":
                    now = await self._collector(recording, settings)
                case "filter":
                    now = await self._filter(recording, settings)
                case "analyst":
                    now = await self._analyst(recording, settings)
                case "executor":
                    now = await self._executor(recording, settings)
                case _:
                    raise NoSuchStage(f"replay does not know how to run {stage} again: services/replay/runner.py")
        except (Permanent, Transient, BadSetting) as e:
            return Rerun(stage, then, why_not=str(e))
        return Rerun(stage, then, now)

    async def _collector(self, recording: Recording, settings: Settings) -> tuple[CycleEvent, ...]:
        then = _must(recording, SnapshotTaken)
        world = SnapshotAgain(then)
        handler = CollectorHandler.of(settings, exchange=world, sentiment=world, memory=world, history=world)
        now = await handler(_must(recording, TradingDue))
        if _same_candles(then, now):
            now = now.model_copy(update={"candles": then.candles})
        return (now,)

    async def _filter(self, recording: Recording, settings: Settings) -> tuple[CycleEvent, ...]:
        handler = FilterHandler.of(settings, history=self.history)
        signal = await handler(_must(recording, SnapshotTaken))
        end = end_of(signal)
        return (signal,) if end is None else (signal, end)

    async def _analyst(self, recording: Recording, settings: Settings) -> tuple[CycleEvent, ...]:
        snapshots = SnapshotOf(_must(recording, SnapshotTaken), recording.opening)
        asked = _asked(recording.find(DecisionMade))
        handler = AnalystHandler.of(settings, snapshots=snapshots, rules=RulesModel(), model=asked)
        return (await handler(_must(recording, SignalPassed)),)

    async def _executor(self, recording: Recording, settings: Settings) -> tuple[CycleEvent, ...]:
        snapshot, decision, log = _must(recording, SnapshotTaken), _must(recording, DecisionMade), MemoryLog()
        await log.emit(snapshot)
        denied = recording.find(OrderDenied)
        handler = ExecutorHandler.of(
            settings,
            exchange=ExchangeAgain(recording, snapshot, decision),
            log=LogAgain(log, snapshot, recording),
            wishes=WishAgain(recording),
            pace=Pace(),
            compared=lambda: denied is None or denied.reason_code != "BOOKS_NOT_COMPARED",
        )
        await handler(decision)
        return tuple(line.event for line in log.lines[1:] if isinstance(line.event, CycleEvent))


def _asked(then: DecisionMade | None) -> ModelSetup | None:
    """The model of then, who says what he said then; None where there was none."""
    if then is None or (then.analyst == "rules" and then.fallback is None):
        return None
    again = CallAgain(then)
    # Without a call no prompt is on record, and whichever is built is thrown away.
    told = prompter(then.call.prompt_version) if then.call else prompter()
    return ModelSetup(again, told, again, again.terms)


def _must(recording: Recording, kind: type[_Kind]) -> _Kind:
    found = recording.find(kind)
    if found is None:
        raise NotRecorded(f"there is no {kind.__name__} in the log")
    return found


def settings_of(recorded: Mapping[str, str]) -> Settings:
    """What stood then; what no tick carries is the default, so that nothing of this machine decides."""
    return _settings_of(tuple(sorted(recorded.items())))


@lru_cache(maxsize=64)
def _settings_of(recorded: tuple[tuple[str, str], ...]) -> Settings:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    return Settings.load(**defaults | {name.lower(): value for name, value in recorded})


def _same_candles(then: SnapshotTaken, now: SnapshotTaken) -> bool:
    """Whether both hold the same candles, in whatever bytes: Arrow's are its library's business.

    Why a window is absent is the exchange's word, which is not recorded.
    """
    if then.candles == now.candles:
        return False
    if _told(then.candles) != _told(now.candles):
        return False
    windows = [(w.market, w.unit_min) for w in then.candles.windows]
    return all(then.candles.window(*key).equals(now.candles.window(*key)) for key in windows)


def _told(candles: CandleFrame) -> list[tuple[str, int, int]]:
    return [(w.market, w.unit_min, w.rows) for w in candles.windows]
