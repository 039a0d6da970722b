"""How far a real log reaches, whose it is, and that a person goes on with one that has lost messages."""

from datetime import timedelta

from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import Behind, Reached
from shared.bus.log_opening import open_log
from shared.bus.namespace import Namespace
from shared.reach import Reach
from tests.support.builders import AT, due, fill


async def test_a_log_says_once_for_ever_whose_it_is(nc, log):
    first = await open_log(nc, Namespace(), "ours", "paper", at=AT)
    assert await open_log(nc, Namespace(), "theirs", "live", at=AT) == first == await log.opened()
    assert first.installation == "ours"


async def test_an_old_log_has_the_mode_of_its_first_cycle(nc, log):
    await log.emit(due(settings={"TRADING_MODE": "live"}))
    assert (await open_log(nc, Namespace(), "ours", "paper", at=AT)).mode == "live"


async def test_a_log_reaches_to_its_last_message_and_names_the_last_fill(log):
    assert (await log.reach()).last == 0
    await log.emit(due())
    told = fill()
    stored = await log.emit(told)
    reach = await log.reach()
    assert (reach.last, reach.stamp, reach.fill) == (2, stored.stamp, told.cycle)
    assert (await log.reach(1)).stamp not in ("", stored.stamp)
    assert (await log.load(told.subject)).stamp == stored.stamp


async def test_a_log_that_lies_behind_the_journal_is_told_until_a_person_accepts_it(log, tmp_path):
    journal = Journal(tmp_path)
    await log.emit(due())
    found = await log.reach()
    journal.write(Reached(reach=found.model_copy(update={"last": 60, "fill": "KRW-ETH-20260105T0300Z"})))
    assert "it ends at message 1" in await log_rollback.check_log(log, journal)
    assert isinstance(journal.read().behind, Behind)

    for at in range(70):  # the numbers are given anew: the log is no shorter than it was
        await log.emit(due(cycle=f"KRW-ETH-20260110T{at // 60:02}{at % 60:02}Z"))
    assert "it ends at message 1" in await log_rollback.check_log(log, journal)

    await log_rollback.accept(log, journal, by="owner", at=AT)
    assert await log_rollback.check_log(log, journal) is None
    assert journal.read().reach.last == 72


async def test_an_executor_with_a_journal_of_its_own_hears_of_it_from_the_log(log, tmp_path):
    mine, owners = Journal(tmp_path / "mine"), Journal(tmp_path / "none")
    await log.emit(due())
    mine.write(Reached(reach=Reach(created=(await log.reach()).created, last=60)))
    assert await log_rollback.check_log(log, mine)
    await log_rollback.accept(log, owners, by="owner", at=AT)
    assert not owners.has_been_used()
    assert await log_rollback.check_log(log, mine) is None
    # what was accepted once is accepted for that loss alone
    mine.write(Reached(reach=Reach(created=(await log.reach()).created, last=90)))
    assert await log_rollback.check_log(log, mine)
    await log_rollback.accept(log, owners, by="owner", at=AT + timedelta(hours=1))
    assert await log_rollback.check_log(log, mine) is None
