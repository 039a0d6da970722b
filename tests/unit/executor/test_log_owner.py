"""Paper and live never share an event log or a journal, and no two installations do."""

import nats
import pytest

from services.executor.adapters.journal import Journal
from services.executor.adapters.log_owner import must_be_ours, must_stay_ours
from services.executor.core.journal_lines import Identity
from services.executor.live import NotProved
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.log_opening import open_log
from shared.bus.namespace import Namespace
from shared.settings import Settings
from shared.stage import Stage
from tests.support.builders import AT, due


@pytest.fixture
async def house(server):
    """A connection, and a log with its topology."""
    nc = await nats.connect(server.url)
    await topology.apply(nc.jetstream(), Namespace())
    broker, log = make_broker(server.url, name="test", namespace=Namespace())
    await broker.connect()
    yield nc, log
    await broker.stop()
    await nc.close()


async def test_the_first_cycle_says_whose_log_an_old_one_is_for_good(house, tmp_path):
    _, log = house
    await must_be_ours(log, Journal(tmp_path), "live")  # nothing was traded here yet
    for hour, mode in (("03", "paper"), ("04", "live")):
        await log.emit(due(cycle=f"KRW-ETH-20260105T{hour}00Z", settings={"TRADING_MODE": mode}))
    await must_be_ours(log, Journal(tmp_path), "paper")
    with pytest.raises(NotProved, match="TRADING_MODE=live is refused: the event log at this broker holds paper"):
        await must_be_ours(log, Journal(tmp_path), "live")


async def test_a_log_that_says_whose_it_is_needs_no_cycle_for_it(house, tmp_path):
    nc, log = house
    await open_log(nc, Namespace(), "ours", "paper", at=AT)
    with pytest.raises(NotProved, match="holds paper trades"):
        await must_be_ours(log, Journal(tmp_path), "live")


async def test_a_journal_takes_over_the_logs_installation_once_and_refuses_another(house, tmp_path):
    nc, log = house
    journal = Journal(tmp_path)
    await must_stay_ours(log, journal, "paper")  # an old log does not say
    assert journal.read().identity == Identity(installation="", mode="paper")
    await open_log(nc, Namespace(), "ours", "paper", at=AT)
    for _ in range(2):
        await must_stay_ours(log, journal, "paper")
    assert journal.read().identity == Identity(installation="ours", mode="paper")

    strange = Journal(tmp_path / "strange")
    strange.write(Identity(installation="theirs", mode="paper"))
    with pytest.raises(NotProved, match=r"installation ours, and the journal .* that of theirs"):
        await must_stay_ours(log, strange, "paper")
    assert strange.read().identity == Identity(installation="theirs", mode="paper")


async def test_where_the_log_is_away_the_journal_says_whose_money_it_is(tmp_path):
    journal = Journal(tmp_path)
    assert await must_be_ours(None, journal, "live") is None
    journal.write(Identity(installation="ours", mode="paper"))
    assert await must_be_ours(None, journal, "paper") == journal.read().identity
    with pytest.raises(NotProved, match=r"TRADING_MODE=live is refused: the journal .* belongs to paper trading"):
        await must_be_ours(None, journal, "live")


async def test_what_a_check_before_the_first_message_raises_keeps_the_stage_from_starting(server):
    async def no():
        raise NotProved("not today")

    nc = await nats.connect(server.url)
    await topology.apply(nc.jetstream(), Namespace())
    stage, heard = Stage("filter", Settings.load(nats_url=server.url), on_fatal=lambda code, why: None), []

    async def hear(stored):
        heard.append(stored)

    stage.receive(hear)
    stage.before(no)
    with pytest.raises(NotProved, match="not today"):
        async with stage.running():
            pass
    assert heard == []
    await nc.close()
