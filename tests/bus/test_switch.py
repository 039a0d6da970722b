"""The switch on a real broker: what is lost or spoilt there is paused, and can be set again."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pytest

from services.analyst.adapters.budget_bucket import BudgetBucket
from services.analyst.core.budget import Day
from services.executor.adapters.bucket_switch import BucketSwitch
from services.notifier.adapters.lease import JetStreamLease
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.bus.switch import Overtaken, Switch
from shared.events import ControlGiven
from shared.fixed_clock import FixedClock
from shared.history.objects import BrokerObjects
from shared.switch import DesiredJobState, DesiredState, Heartbeat
from tests.support.builders import AT, due

GONE = ("delete", "purge")


def command(name, n=1, **changes):
    return ControlGiven(**{"command": name, "id": f"{name}-{n}", "by": "api", "at": AT} | changes)


@pytest.fixture
async def switch(js):
    return await Switch.open(js, Namespace())


async def bucket(js, name="bot"):
    return await js.key_value(name)


@pytest.mark.parametrize("how", GONE)
async def test_a_deleted_wish_is_paused_and_can_be_set_again(js, switch, how):
    await getattr(await bucket(js), how)("wish")
    found = await switch.state()
    assert (found.status, found.fault) == ("paused", "deleted")
    async with asyncio.timeout(20):
        await switch.change(lambda wish: DesiredState(by="api") if wish.status == "paused" else None)
    assert (await switch.state()).status == "running"


@pytest.mark.parametrize(
    "bytes_",
    [b"{", b"\xff\xfe", b'{"status":"going"}', b"{}", b"null", b"[]", b'{"status":"running","at":"x"}', b"[" * 9000],
)
async def test_what_nobody_can_read_is_paused_and_can_be_set_again(js, switch, bytes_):
    for key in ("wish", "job.trading_job", "clock"):
        await (await bucket(js)).put(key, bytes_)
    found = await switch.state()
    assert (found.status, found.fault) == ("paused", "unreadable")
    assert (await switch.job("trading_job")).paused
    assert await switch.heartbeat() is None
    await switch.change(lambda wish: DesiredState(status="stopped", by="api") if wish.status == "paused" else None)
    assert (await switch.state()).status == "stopped"


@pytest.mark.parametrize("how", GONE)
async def test_a_deleted_job_wish_halts_its_job_and_a_deleted_heartbeat_is_none(js, switch, how):
    assert await switch.job("trading_job") == DesiredJobState()
    await switch.set_job("trading_job", DesiredJobState(paused=True, by="api", at=AT))
    await switch.beat(Heartbeat(at=AT, started_at=AT, interval_min=60, jobs=()))
    for key in ("job.trading_job", "clock"):
        await getattr(await bucket(js), how)(key)
    assert (await switch.job("trading_job")).paused
    assert await switch.heartbeat() is None
    await switch.set_job("trading_job", DesiredJobState(paused=False, by="api", at=AT))
    assert not (await switch.job("trading_job")).paused


async def test_a_wish_that_others_change_again_and_again_is_given_up_by_name(js):
    class Quicker:
        """Somebody writes before every write."""

        def __init__(self, bucket):
            self.get, self._bucket = bucket.get, bucket

        async def update(self, key, value, last):
            await self._bucket.put(key, b'{"status":"paused","by":"quicker"}')
            return await self._bucket.update(key, value, last=last)

    opened = await Switch.open(js, Namespace())
    with pytest.raises(Overtaken, match="20 times"):
        await Switch(Quicker(await bucket(js)), opened.log).change(lambda _: DesiredState(by="slow"))


# --- the first wish --------------------------------------------------------------------------------------------------


async def test_a_new_logs_bot_runs_by_a_wish_that_is_written(js, switch):
    assert b'"running"' in (await (await bucket(js)).get("wish")).value
    assert (await switch.state()).by == "topology"


async def test_a_bucket_that_is_lost_beside_a_log_comes_back_paused(js, log):
    await log.emit(due())
    await js.delete_stream("KV_bot")
    await topology.apply(js, Namespace())
    found = await (await Switch.open(js, Namespace())).state()
    assert (found.status, found.fault) == ("paused", "lost")


@pytest.mark.parametrize("commanded", [False, True])
async def test_an_older_versions_bucket_without_a_wish_goes_on_where_nobody_ever_gave_a_command(js, log, commanded):
    await js.delete_stream("KV_bot")
    older = await topology.bucket_of_the_switch(js, Namespace())
    await older.put("clock", b"{}")
    await log.emit(due())
    if commanded:
        await log.emit(command("resume"))
    await topology.apply(js, Namespace())
    assert (await (await Switch.open(js, Namespace())).state()).status == ("paused" if commanded else "running")


@pytest.mark.parametrize("how", GONE)
async def test_the_topology_writes_no_running_over_a_deleted_wish(js, switch, how):
    await getattr(await bucket(js), how)("wish")
    await topology.apply(js, Namespace())
    assert (await switch.state()).status == "paused"


# --- the log ---------------------------------------------------------------------------------------------------------


async def test_a_stop_in_the_log_holds_whatever_is_written_into_the_bucket(js, log, switch):
    await log.emit(command("stop"))
    for body in (b'{"status":"running"}', b'{"status":"running","by":"api","at":"2026-01-05T03:00:00Z"}'):
        await (await bucket(js)).put("wish", body)
        assert (await switch.state()).status == "stopped"


async def test_a_command_nobody_can_read_stops_and_starts_nothing(js, switch):
    await js.publish(command("stop").subject, b"{")
    await js.publish(command("start").subject, b"{")
    assert (await switch.state()).status == "stopped"


async def test_a_reader_of_before_exits_only_is_paused_by_its_wish(js, switch, monkeypatch):
    class Older(DesiredState):
        status: Literal["running", "paused", "stopped"] = "running"

    at = await switch.change(lambda _: DesiredState(status="exits-only", by="api", at=AT, command="exits-only"))
    assert at.status == (await switch.state()).status == "exits-only"
    monkeypatch.setattr("shared.bus.switch.DesiredState", Older)
    found = await switch.state()
    assert (found.status, found.fault) == ("paused", "unreadable")


async def test_the_server_refuses_a_start_that_does_not_know_of_the_last_command(log):
    first = await log.emit(command("stop"))
    await log.emit(command("pause"))  # a pause and a stop follow anything
    stored = await log.emit(command("start"), after=first.seq)
    assert stored.event == command("pause")
    assert (await log.emit(command("start"), after=stored.seq)).new


async def test_the_executor_pauses_by_the_log_alone_and_again_after_a_resume(js, log, switch):
    bot_switch = BucketSwitch(lambda: Switch.open(js, Namespace()), log)
    revision = (await (await bucket(js)).get("wish")).revision
    assert [await bot_switch.pause("panic by me", AT) for _ in range(2)] == [True, False]
    found = await switch.state()
    assert (found.status, found.by, found.fault) == ("paused", "panic by me", "")
    await log.emit(command("resume"), after=await switch.log.end())
    assert await bot_switch.pause("panic by me", AT)
    assert await bot_switch.status() == "paused"
    assert (await (await bucket(js)).get("wish")).revision == revision


# --- the other buckets -----------------------------------------------------------------------------------------------


async def none_in_the_log(_):
    return Day()


@pytest.mark.parametrize("how", GONE)
async def test_a_deleted_budget_counts_as_spent(js, how):
    clock = FixedClock(datetime(2026, 1, 5, 3, tzinfo=UTC))
    budget = BudgetBucket(lambda: bucket(js, "budget"), clock, Decimal(3000), lambda _: None, none_in_the_log)
    await budget.reserve("KRW-ETH-20260105T0300Z", Decimal(10))
    await getattr(await bucket(js, "budget"), how)("2026-01-05")
    for _ in range(2):
        assert (await budget.reserve("KRW-ETH-20260105T0400Z", Decimal(10))).why == "LLM_BUDGET"
    clock.at = datetime(2026, 1, 6, 3, tzinfo=UTC)
    assert (await budget.reserve("KRW-ETH-20260106T0300Z", Decimal(10))).krw == 10


async def test_a_budget_nobody_can_read_counts_as_spent(js):
    clock = FixedClock(datetime(2026, 1, 5, 3, tzinfo=UTC))
    budget = BudgetBucket(lambda: bucket(js, "budget"), clock, Decimal(3000), lambda _: None, none_in_the_log)
    await (await bucket(js, "budget")).put("2026-01-05", b"{")
    assert (await budget.reserve("KRW-ETH-20260105T0400Z", Decimal(10))).why == "LLM_BUDGET"


@pytest.mark.parametrize("how", [*GONE, "spoil"])
async def test_a_lost_seat_is_taken_again_and_what_was_heard_stays_heard(js, how):
    lease = JetStreamLease(lambda: js, Namespace(), "me")
    assert await lease.acquire() == 0
    assert await lease.advance(8)
    stored = await bucket(js, "telegram")
    await (stored.put("seat", b"{") if how == "spoil" else getattr(stored, how)("seat"))
    assert await lease.acquire() == 8
    assert await JetStreamLease(lambda: js, Namespace(), "other").acquire() is None


@pytest.mark.parametrize("how", GONE)
async def test_a_deleted_manifest_is_written_again(js, how):
    objects = BrokerObjects(lambda: js, Namespace())
    await objects.point("KRW-ETH", "one", after=0)
    await getattr(await bucket(js, "history"), how)("KRW-ETH")
    assert await objects.newest("KRW-ETH") is None
    assert (await objects.point("KRW-ETH", "two", after=0)).digest == "two"
    assert (await objects.newest("KRW-ETH")).digest == "two"
