"""A signal's snapshot comes out of the log, or the signal can never be decided."""

from datetime import UTC, datetime

import pytest

from services.analyst.adapters.event_log import LoggedSnapshots, SnapshotMissing
from shared.errors import Permanent
from shared.stored import Stored
from tests.support.builders import CYCLE, snapshot


class FakeLog:
    def __init__(self, *events):
        self.events = {event.subject: Stored(event, 1, datetime(2026, 1, 5, 3, tzinfo=UTC)) for event in events}

    async def load(self, subject):
        return self.events.get(subject)


async def test_the_snapshot_of_a_cycle_is_found_by_its_name():
    taken = snapshot()
    assert await LoggedSnapshots(FakeLog(taken)).snapshot(CYCLE) == taken


async def test_a_signal_without_its_snapshot_is_named_and_buried():
    with pytest.raises(SnapshotMissing, match=f"no snapshot of {CYCLE} at {snapshot().subject}"):
        await LoggedSnapshots(FakeLog()).snapshot(CYCLE)
    assert issubclass(SnapshotMissing, Permanent)
