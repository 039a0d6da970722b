"""A switch that cannot be relied on is told once; a command on its way into the log is not one."""

from datetime import UTC, datetime

import pytest

from services.notifier.alarms.switch import SwitchAlarm
from shared.fixed_clock import FixedClock
from shared.switch import SwitchState

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)


class FakeMessenger:
    def __init__(self):
        self.told = []

    async def tell(self, kind, text):
        self.told.append((kind, text))


async def looks(*faults, language="en"):
    states = iter(faults)

    async def look_at():
        return SwitchState(status="paused", fault=next(states))

    messenger = FakeMessenger()
    watch = SwitchAlarm(look_at, messenger, FixedClock(AT), language)
    for _ in faults:
        await watch.check()
    return messenger.told


@pytest.mark.parametrize(
    ("faults", "times"),
    [
        (("", ""), 0),
        (("untold", "", "untold", ""), 0),
        (("deleted", "deleted", "deleted"), 1),
        (("deleted", "deleted", "lost", "lost"), 2),
        (("deleted", "deleted", "", "deleted", "deleted"), 2),
    ],
)
async def test_each_trouble_that_two_looks_see_is_told_once(faults, times):
    assert len(await looks(*faults)) == times


@pytest.mark.parametrize(("language", "todo"), [("en", "look why, then: upcycle resume"), ("ko", "upcycle resume")])
async def test_it_says_in_one_sentence_what_to_do(language, todo):
    ((kind, text),) = await looks("lost", "lost", language=language)
    assert kind == "error"
    assert todo in text
