"""A panic asked for by the page: carried out once, however often it is delivered, and told to the log."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.executor.adapters.journal import Journal, PanicRuns
from services.executor.core.exits import REQUEST_WITHIN_S
from services.executor.core.journal_lines import Paused
from services.executor.merge import Merge
from services.executor.panic_run import There
from services.executor.panics import NotInTheLog, Panics
from shared.bus.event_log import LogUnreachable
from shared.events import CycleEnded, FillRecorded, PanicEnded
from shared.fixed_clock import FixedClock
from shared.settings import Settings
from shared.why.panic import line
from tests.support.builders import AT, control, fill, intent, panic_due
from tests.support.fake_exchange import Died, FakePace, FakeSwitch, Mortal, Steps
from tests.support.memory_log import MemoryLog
from tests.unit.executor.test_panic import BOUGHT, HELD, PANIC, Exchange, Thin, nothing

SETTINGS = Settings.load()
SOLD = "KRW-ETH: sold 0.0125 ETH at 3,999,000 KRW on average, 49,987.50 KRW in all"


class Log(MemoryLog):
    """away: from its fill of a panic on it takes nothing."""

    away = False

    def now(self):
        return AT

    async def emit(self, event, *, after=0):
        if self.away and isinstance(event, FillRecorded):
            raise LogUnreachable("nobody answers")
        return await super().emit(event, after=after)


class House:
    """A folder, an exchange and a log in which the bot holds something and the owner has panicked."""

    def __init__(self, folder, *, exchange=None, **asked):
        self.settings = SETTINGS.model_copy(update={"data_dir": folder})
        self.exchange, self.log, self.due = exchange or Exchange(), Log(), panic_due(**asked)
        self.clock, self.switch = FixedClock(AT + timedelta(seconds=1)), FakeSwitch("paused")

    async def told(self, *behind):
        for event in (BOUGHT, self.due, *behind):
            await self.log.emit(event)
        self.journal.write(Paused(by="before", at=AT))  # it has been used
        await Merge(self.journal, self.log, self.switch.pause, nothing)()
        return self

    @property
    def journal(self):
        return Journal(self.settings.data_dir / "executor")

    async def delivered(self, die_at=0):
        """One delivery of the request, by an executor of its own; how many steps it took."""
        steps = Steps(die_at)
        log, exchange = Mortal(self.log, steps), Mortal(self.exchange, steps)
        merge = Merge(self.journal, log, self.switch.pause, nothing)
        panics = Panics(self.settings, exchange, There(log, self.switch), merge, FakePace(), self.clock)
        await panics(await self.log.load(self.due.subject), self.due)
        return steps.taken

    @property
    def ended(self):
        (ended,) = self.log.of(PanicEnded)
        return ended

    def said(self, notes):
        return [line(note, "en") for note in notes]


async def test_it_sells_what_the_bot_holds_and_says_so_in_the_log(tmp_path):
    house = await House(tmp_path).told()
    await house.delivered()
    assert list(house.exchange.orders) == [PANIC]
    ended = house.ended
    assert (ended.id, ended.by, ended.sell, ended.undone) == (house.due.id, "page", True, ())
    assert house.said(ended.notes) == ["paused: no new order leaves the bot's machine", SOLD]
    assert line(ended.notes[-1], "ko") == "KRW-ETH: 0.0125 ETH 매도, 평균 3,999,000원, 합계 49,987.50원"
    assert house.journal.read().is_merged


async def test_a_request_that_has_ended_sells_no_later_position(tmp_path):
    house = await House(tmp_path).told()
    await house.delivered()
    later = "KRW-ETH-20260105T0600Z"
    await house.log.emit(fill(cycle=later, position=HELD.model_copy(update={"opened_by": later})))
    await house.delivered()
    assert house.exchange.requests == [PANIC]


async def test_without_selling_it_cancels_and_says_what_is_left(tmp_path):
    house = await House(tmp_path, sell=False).told()
    await house.delivered()
    assert house.exchange.requests == []
    assert house.said(house.ended.notes)[-1] == "KRW-ETH: holds 0.0125 ETH; upcycle panic --sell sells it"
    assert house.ended.undone == ()


async def test_killed_at_any_step_and_delivered_again_it_sells_once_and_is_told_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)  # a kill loses nothing that the system has
    steps = await (await House(tmp_path / "whole").told()).delivered()
    assert steps > 40
    for die_at in range(1, steps + 1):
        house = await House(tmp_path / f"{die_at}").told()
        with pytest.raises(Died):
            await house.delivered(die_at)
        await house.delivered()
        await house.delivered()  # and once more
        assert list(house.exchange.orders) == [PANIC]
        assert [f.cycle for f in house.log.of(FillRecorded)] == [BOUGHT.cycle, PANIC]
        assert [e.cycle for e in house.log.of(CycleEnded)] == [PANIC]
        assert (house.ended.undone, SOLD in house.said(house.ended.notes)) == ((), True)
        assert house.journal.read().is_merged


async def test_an_old_request_sells_nothing_and_says_what_is_held(tmp_path):
    house = await House(tmp_path).told()
    house.clock.at = AT + timedelta(seconds=REQUEST_WITHIN_S + 1)
    await house.delivered()
    assert house.exchange.requests == []
    assert house.said(house.ended.undone) == [
        "the request is 121 s old (limit 120 s), so nothing more is cancelled or sold; ask again if you want it",
        "KRW-ETH: the bot still holds 0.0125 ETH",
    ]


@pytest.mark.parametrize("command", ["start", "resume", "exits-only"])
async def test_a_request_that_the_owner_has_taken_back_sells_nothing(tmp_path, command):
    house = await House(tmp_path).told(control(command=command, at=AT))
    await house.delivered()
    assert house.exchange.requests == []
    assert f"set going again ({command})" in house.said(house.ended.undone)[0]


async def test_a_pause_behind_it_takes_nothing_back(tmp_path):
    house = await House(tmp_path).told(control(command="pause", at=AT))
    await house.delivered()
    assert house.exchange.requests == [PANIC]


async def test_what_the_log_missed_is_told_by_a_late_delivery_that_sells_no_more(tmp_path):
    house = await House(tmp_path).told()
    house.log.away = True
    with pytest.raises(NotInTheLog):
        await house.delivered()
    assert house.log.of(PanicEnded) == []
    house.log.away, house.clock.at = False, AT + timedelta(hours=1)
    await house.delivered()
    assert house.exchange.requests == [PANIC]
    assert house.said(house.ended.notes) == [SOLD]
    assert len(house.ended.undone) == 1  # that it is late


async def test_what_is_in_doubt_or_left_is_told_as_undone(tmp_path):
    house = await House(tmp_path, exchange=Thin()).told()
    held = HELD.model_copy(update={"volume": Decimal("0.05"), "opened_by": "KRW-AAA-20260105T0200Z"})
    await house.log.emit(fill(cycle="KRW-AAA-20260105T0200Z", position=held))
    await house.log.emit(intent(cycle="KRW-ETH-20260105T0500Z", client_order_id="lost", side="sell"))
    await house.delivered()
    assert house.said(house.ended.undone) == [
        "KRW-AAA: the bot still holds 0.01 AAA",
        "KRW-ETH: the bot still holds 0.0125 ETH",
    ]
    told = house.said(house.ended.notes)
    assert "KRW-ETH: NOT sold: what became of an order there is unknown; run it again, or look yourself" in told
    assert len([sold for sold in told if sold.startswith("KRW-AAA: sold")]) == 20


async def test_a_journal_that_cannot_be_used_is_told_and_not_asked_for_ever(tmp_path):
    house = await House(tmp_path).told()
    house.journal.path.write_text("hello\n")
    await house.delivered()
    assert house.said(house.ended.undone)[0].startswith("NOTHING WAS CANCELLED OR SOLD")
    assert house.exchange.requests == []


async def test_beside_another_panic_it_waits_to_be_delivered_again(tmp_path):
    house = await House(tmp_path).told()
    with house.journal.panic(), pytest.raises(PanicRuns):
        await house.delivered()
    assert house.log.of(PanicEnded) == []
    await house.delivered()
    assert house.said(house.ended.notes)[-1] == SOLD
