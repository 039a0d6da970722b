"""The real handlers over a recorded cycle, in a plain loop: each stage is given what it was given then.

So a difference is the stage's own: it is not handed on to the stages behind it. The settings are the ones
that ride in the cycle's tick, never those of this machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.filter.ports import CandleHistory
from services.replay.recording import Line, Recording
from services.replay.stages import again
from shared.errors import Permanent, Transient
from shared.events import CycleEvent, TradingDue
from shared.services import PIPELINE
from shared.settings import BadSetting, Settings


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
            settings = settings_of(recording.must(TradingDue).settings)
            now = await again(stage, recording, settings, self.history)
        except (Permanent, Transient, BadSetting) as e:
            return Rerun(stage, then, why_not=str(e))
        return Rerun(stage, then, now)


def settings_of(recorded: Mapping[str, str]) -> Settings:
    """What stood then; what no tick carries is the default, so that nothing of this machine decides."""
    return _settings_of(tuple(sorted(recorded.items())))


@lru_cache(maxsize=64)
def _settings_of(recorded: tuple[tuple[str, str], ...]) -> Settings:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    return Settings.load(**defaults | {name.lower(): value for name, value in recorded})
