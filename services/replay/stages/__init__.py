"""A stage of a recorded cycle run again, on ports that answer out of the record.

A file a stage, for the stages whose handlers ask the world for something. One that asks for nothing needs none.
"""

import inspect
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from services.filter.ports import CandleHistory
from services.replay.recording import Recording
from shared.events import CycleEvent
from shared.settings import Settings


class NoSuchStage(LookupError):
    """A stage of the chain that nobody has taught replay."""


async def again(stage: str, recording: Recording, settings: Settings, history: CandleHistory) -> tuple[CycleEvent, ...]:
    """What the stage says now. Raises NotRecorded and NoSuchStage."""
    place = f"{__name__}.{stage}"
    if find_spec(place) is not None:
        said: tuple[CycleEvent, ...] = await import_module(place).again(recording, settings, history)
        return said
    build = handler_of(stage).of
    if ports := list(inspect.signature(build).parameters)[1:]:
        file = f"{place.replace('.', '/')}.py"
        raise NoSuchStage(f"replay does not know what answers {stage} for {' and '.join(ports)}: {file} is to say it")
    return (await build(settings)(recording.given(stage, CycleEvent)),)


def handler_of(stage: str) -> Any:
    """The class of a stage's handler, by its name: services/filter/handler.py has FilterHandler."""
    return getattr(import_module(f"services.{stage}.handler"), f"{stage.title()}Handler")
