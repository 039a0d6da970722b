"""The model's money on a real nats-server: one cap over all processes, one answer paid for, one more after a crash."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.analyst.adapters.budget_bucket import BudgetBucket, NoBudget
from services.analyst.adapters.event_log import LoggedCosts
from services.analyst.app import create_stage
from services.analyst.core.budget import Day
from services.analyst.ports import Declined, Grant
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.clock import SystemClock
from shared.events import DecisionMade
from shared.fixed_clock import FixedClock
from shared.services import READERS
from shared.settings import Settings
from shared.writing import seoul_day
from tests.support.builders import CYCLE, candles, decision, due, frame, model_call, passed, snapshot
from tests.support.openai_server import openai_server, says
from tests.support.waiting import eventually

AT = datetime(2026, 1, 5, 14, 59, tzinfo=UTC)  # 23:59 in Seoul
QUICK = {"analyst": replace(READERS["analyst"], ack_wait_s=2.0)}


async def no_log(_):
    return Day()


def bucket(js, *, cap=3000, clock=None, told=lambda _: None, count=no_log):
    return BudgetBucket(lambda: js.key_value("budget"), clock or FixedClock(AT), Decimal(cap), told, count)


async def test_many_processes_at_once_never_reserve_more_than_the_cap(js):
    several = [bucket(js, cap=1000) for _ in range(4)]
    cycles = [f"KRW-ETH-20260105T{n:04d}Z" for n in range(20)]
    said = await asyncio.gather(*(several[n % 4].reserve(cycle, Decimal(90)) for n, cycle in enumerate(cycles)))
    grants = [grant for grant in said if isinstance(grant, Grant)]
    assert len(grants) == 11
    assert {no for no in said if not isinstance(no, Grant)} == {Declined("LLM_BUDGET")}
    await asyncio.gather(*(several[n % 4].settle(grant, Decimal(10)) for n, grant in enumerate(grants)))
    entry = await (await js.key_value("budget")).get("2026-01-05")
    assert b'"spent":"110"' in entry.value


async def test_a_day_ends_at_midnight_in_seoul(js):
    clock = FixedClock(AT)
    budget = bucket(js, cap=100, clock=clock)
    assert (await budget.reserve(CYCLE, Decimal(90))).day == "2026-01-05"
    assert await budget.reserve("KRW-BTC-20260105T0300Z", Decimal(90)) == Declined("LLM_BUDGET")
    clock.at = AT + timedelta(minutes=1)
    again = await budget.reserve(CYCLE, Decimal(90))
    assert (again.day, again.ask) == ("2026-01-06", 2)
    assert await budget.reserve(CYCLE, Decimal(5)) == Declined("LLM_ASKED_TWICE", lost=2)


async def test_the_share_that_is_spent_is_told_after_every_change(js):
    told = []
    budget = bucket(js, cap=100, told=told.append)
    grant = await budget.reserve(CYCLE, Decimal(90))
    await budget.settle(grant, Decimal(20))
    assert told == [0.9, 0.2]


async def test_what_is_spent_is_told_before_the_first_question_and_with_a_no(js):
    told = []
    await bucket(js, cap=100).reserve(CYCLE, Decimal(90))
    after = bucket(js, cap=100, told=told.append)
    await after.begin()
    assert await after.reserve("KRW-BTC-20260105T0300Z", Decimal(90)) == Declined("LLM_BUDGET")
    assert told == [0.9, 0.9]


async def test_a_lost_bucket_gives_no_second_budget(js, log):
    """Its day is counted out of what was decided, since midnight in Seoul and not before."""

    async def made(cycle, **changes):
        await log.emit(decision(cycle=cycle, analyst="model", **changes))

    await made("KRW-ETH-20260105T0100Z", call=model_call(cost_krw=Decimal(70)))
    await made("KRW-ETH-20260105T0200Z")
    clock, told = SystemClock(), []
    await js.delete_key_value("budget")
    await topology.apply(js, Namespace())
    budget = bucket(js, cap=100, clock=clock, told=told.append, count=LoggedCosts(log, Decimal(100)).day)
    assert await budget.reserve("KRW-ETH-20260105T0300Z", Decimal(31)) == Declined("LLM_BUDGET")
    grant = await budget.reserve("KRW-ETH-20260105T0300Z", Decimal(30))
    assert (grant.krw, told) == (30, [0.7, 1.0])
    tomorrow = str(seoul_day(clock.now()) + timedelta(days=1))
    assert await LoggedCosts(log, Decimal(100)).day(tomorrow) == Day()
    yesterday = str(seoul_day(clock.now()) - timedelta(days=1))
    assert await LoggedCosts(log, Decimal(100)).day(yesterday) == Day()


async def test_a_decision_nobody_can_read_spends_the_day(js, log):
    await js.publish(DecisionMade.subject_of(CYCLE), b"{")
    day = await LoggedCosts(log, Decimal(100)).day(str(seoul_day(SystemClock().now())))
    assert day.spent == 100


async def test_without_its_bucket_nobody_is_asked(js):
    await js.delete_key_value("budget")
    with pytest.raises(NoBudget, match="BucketNotFoundError"):
        await bucket(js).reserve(CYCLE, Decimal(90))


async def test_an_answer_that_is_paid_is_not_lost_with_the_bucket(js):
    budget = bucket(js)
    grant = await budget.reserve(CYCLE, Decimal(90))
    await js.delete_key_value("budget")
    await budget.settle(grant, Decimal(10))  # the worst case stays spent; the answer goes on


def settings(server, model, **changes):
    return Settings.load(nats_url=server.url, openai_api_key="sk-test", openai_base_url=model.url, **changes)


async def given(log):
    """A cycle that waits for the analyst."""
    await log.emit(due())
    await log.emit(snapshot(candles=frame(candles(120, start=snapshot().at - timedelta(hours=120)))))
    await log.emit(passed())


async def said(log):
    stored = await log.load(DecisionMade.subject_of(CYCLE))
    return stored and stored.event


async def test_an_answer_that_is_stored_is_never_paid_for_again(server, js, log):
    with openai_server(says("buy")) as model:
        await given(log)
        async with create_stage(settings(server, model)).running() as stage:
            made = await eventually(lambda: said(log))
            text = stage.metrics.render().decode()
        await js.delete_consumer("EV", "analyst")  # forgets what was acknowledged: everything comes again
        await topology.apply(js, Namespace())
        async with create_stage(settings(server, model)).running():
            await eventually(lambda: acknowledged(js))
    assert (made.decision, made.call.ask, len(model.asked)) == ("buy", 1, 1)
    assert 'llm_requests_total{model="gpt-4.1",outcome="ok"} 1.0' in text
    assert 'llm_requests_total{model="gpt-4.1",outcome="timeout"} 0.0' in text
    assert 'llm_cost_usd_total{model="gpt-4.1"} 0.009584' in text
    assert 'llm_latency_seconds_count{model="gpt-4.1"} 1.0' in text
    assert "llm_budget_spent_ratio" in text
    assert "sk-test" not in text


async def acknowledged(js):
    info = await js.consumer_info("EV", "analyst")
    return info.ack_floor.consumer_seq >= 1 and info.num_pending == 0


async def test_a_process_that_dies_between_the_answer_and_its_storing_pays_once_more_and_says_so(server, js, log):
    with openai_server(says("buy")) as model:
        await given(log)
        dead = bucket(js, clock=SystemClock())
        await dead.reserve(CYCLE, Decimal(63))  # and then nothing: the process is gone
        async with create_stage(settings(server, model)).running() as stage:
            made = await eventually(lambda: said(log))
            text = stage.metrics.render().decode()
    assert (made.decision, made.call.ask, made.lost.calls, len(model.asked)) == ("buy", 2, 1, 1)
    spent = made.call.cost_usd + made.lost.cost_usd
    assert f'llm_cost_usd_total{{model="gpt-4.1"}} {float(spent)}' in text


async def test_a_model_that_takes_its_time_is_asked_once_while_the_broker_is_told_that_it_works(
    server, js, log, monkeypatch
):
    monkeypatch.setattr("shared.bus.topology.READERS", QUICK)
    monkeypatch.setattr("shared.bus.outcome.READERS", QUICK)
    await topology.apply(js, Namespace())
    with openai_server(says("hold"), takes_s=2.6) as model:
        await given(log)
        async with (
            create_stage(settings(server, model)).running(),
            create_stage(settings(server, model)).running(),
        ):
            made = await eventually(lambda: said(log))
    assert (made.decision, made.call.ask, len(model.asked)) == ("hold", 1, 1)


async def test_a_cap_below_one_call_lets_the_rules_speak(server, js, log):
    with openai_server(says("buy")) as model:
        await given(log)
        async with create_stage(settings(server, model, llm_daily_budget_krw=1)).running():
            made = await eventually(lambda: said(log))
    assert (made.analyst, made.fallback, model.asked) == ("rules", "LLM_BUDGET", [])
    assert made.reason_code.startswith("LLM_BUDGET_RULES_")
