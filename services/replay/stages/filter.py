"""The filter again, on the year that the snapshot names."""

from services.filter.core.ends import end_of
from services.filter.handler import FilterHandler
from services.filter.ports import CandleHistory
from services.replay.recording import Recording
from shared.events import CycleEvent, SnapshotTaken
from shared.settings import Settings


async def again(recording: Recording, settings: Settings, history: CandleHistory) -> tuple[CycleEvent, ...]:
    signal = await FilterHandler.of(settings, history=history)(recording.must(SnapshotTaken))
    end = end_of(signal)
    return (signal,) if end is None else (signal, end)
