"""The alarm of dead letters: above three an hour, and once an hour."""

from datetime import timedelta

import pytest

from services.notifier.alarms.dead_letters import DeadLetterAlarm
from shared.errors import Permanent
from shared.fixed_clock import FixedClock
from tests.support.builders import AT


class Telegram:
    def __init__(self):
        self.told, self.broken = [], False

    async def tell(self, kind, text):
        assert kind == "error"
        if self.broken:
            raise Permanent("chat not found")
        self.told.append(text)


class Buried:
    """So many, whenever it is asked."""

    def __init__(self, letters):
        self.letters, self.asked = letters, []

    async def since(self, at):
        self.asked.append(at)
        return self.letters


def watch(letters):
    buried, telegram, clock = Buried(letters), Telegram(), FixedClock(AT)
    return DeadLetterAlarm(buried.since, telegram, clock, "en"), buried, telegram, clock


async def test_a_few_letters_disturb_nobody():
    it, buried, telegram, _ = watch(3)
    await it.check()
    assert telegram.told == []
    assert buried.asked == [AT - timedelta(hours=1)]


async def test_more_than_a_few_are_told_once_an_hour():
    it, _, telegram, clock = watch(4)
    for minutes in (0, 1, 59):
        clock.at = AT + timedelta(minutes=minutes)
        await it.check()
    assert len(telegram.told) == 1
    assert "4 in the last hour" in telegram.told[0]
    clock.at = AT + timedelta(minutes=60)
    await it.check()
    assert len(telegram.told) == 2


async def test_an_alarm_that_was_not_taken_is_told_again():
    it, _, telegram, _ = watch(9)
    telegram.broken = True
    with pytest.raises(Permanent):
        await it.check()
    telegram.broken = False
    await it.check()
    assert len(telegram.told) == 1
