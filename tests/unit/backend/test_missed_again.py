"""What was missed is read from the log once for as long as nothing changes."""

from datetime import timedelta
from types import SimpleNamespace

from services.backend.adapters.cycle_history import JetStreamCycleHistory
from tests.support.builders import AT


class Log:
    """Counts how often it is read. grown: its last place."""

    grown, reads = 7, 0

    async def end(self):
        return self.grown

    async def missed(self, *_, **__):
        self.reads += 1
        return []


async def test_it_is_read_anew_once_the_log_has_grown_or_some_seconds_have_passed():
    log, clock = Log(), SimpleNamespace(at=AT)
    clock.now = lambda: clock.at
    history = JetStreamCycleHistory(log, clock, ("KRW-ETH",), 60, tape=False, language="ko")
    assert [await history.missed() for _ in range(3)] == [()] * 3
    assert log.reads == 1
    log.grown = 8
    await history.missed()
    clock.at += timedelta(seconds=11)
    await history.missed()
    assert log.reads == 3
