"""What happens in a world that lies: hours are traded, owners panic and clear up, stores and switches change."""

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.cli.commands.panic import carry_out
from services.cli.order_log import order_log
from services.clock.adapters.exchange_time import open_exchange_time
from services.clock.adapters.exit_log import EventExitLog
from services.clock.adapters.jetstream_cycles import JetStreamCycles
from services.clock.core.exits import ExitLimits
from services.clock.guard import ExitGuard
from services.clock.handler import CycleStarter
from services.clock.slot_time import SlotTime
from services.clock.wall import WallClock
from services.collector.adapters.event_memory import EventMemory
from services.collector.adapters.fear_greed import NoSentiment
from services.collector.core.snapshot import HazardLimits
from services.collector.handler import CollectorHandler
from services.executor import log_rollback
from services.executor.adapters.bucket_switch import BucketSwitch
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adopt import Adopter, CannotAdopt
from services.executor.app import valuation, wire
from services.executor.comparison import Comparison
from services.executor.panic_run import There
from services.executor.settle import CannotSettle, Settler
from shared.bus.memory import LogRestored
from shared.bus.outcome import fail
from shared.bus.wire import must_be
from shared.errors import BadRequest, Permanent, Transient
from shared.events import ControlGiven, DecisionMade, ExitDue, TradingDue, ValuationDue
from shared.stored import Stored
from shared.switch import DesiredState
from shared.types import slot_name
from tests.faults.acts import Board, NoCandles
from tests.faults.lying_world import FIRST, MARKETS, URL, Bot, Switch, seconds
from tests.faults.machine import Pace
from tests.support.builders import decision

TRIES_S = (2, 4, 8, 16)
EXITS = ExitLimits(stop_loss=Decimal("0.02"), take_profit=Decimal("0.02"))
Choice = Callable[[], str]


class Stage(Board):
    """Hears of a log that was put back."""

    def __init__(self, log: Any, switch: Any) -> None:
        super().__init__(log, switch)
        self.restored: list[Callable[[str], None]] = []

    def on_restored(self, tell: Any) -> None:
        self.restored.append(tell)


async def slots(bot: Bot) -> None:
    """The clock looks at the time and starts what is due."""
    time = open_exchange_time(URL, "KRW-ETH", bot.clock)
    log, start = JetStreamCycles(bot.store.log), CycleStarter
    starter = start(log, Switch(bot), {}, "0" * 16, "lies")  # type: ignore[arg-type]
    await WallClock(MARKETS, 60, True, log, starter, SlotTime(bot.time, time)).catch_up()  # type: ignore[arg-type]
    at = FIRST + timedelta(hours=seconds() // 3600)
    await bot.store.log.emit(ValuationDue(slot=slot_name(at), slot_at=at, markets=MARKETS))


async def decisions(bot: Bot, choice: Choice) -> None:
    """The collector looks at each slot that was started; what it sees is decided upon by dice."""
    log = bot.store.log
    memory, hazards = EventMemory(log, 60), HazardLimits(0.9, 0.9, 60)  # type: ignore[arg-type]
    collector = CollectorHandler(bot.quotes, NoSentiment(), memory, Digest(), hazards, skew_s=lambda: bot.clock.skew_s)
    for stored in _waiting(bot, TradingDue):
        due = must_be(stored.event, TradingDue)
        try:
            seen = (await log.emit(await _tried(lambda due=due: collector(due)))).event
        except (Transient, Permanent) as e:
            await fail(log, due.cycle, "collector", str(e))
        else:
            await log.emit(decision(cycle=due.cycle, decision=choice(), price=seen.price))
        bot.store.acknowledged.add(stored.seq)


class Digest:
    async def digest(self, market: str, at: Any) -> str:
        return "0123456789abcdef"


async def guard(bot: Bot, share: Decimal) -> None:
    """The exit guard sees a price, so many times the last one."""
    log = EventExitLog(bot.store.log)  # type: ignore[arg-type]
    guarding = ExitGuard(log, Switch(bot), NoCandles(), EXITS, {}, "0" * 16, "lies", timedelta())  # type: ignore[arg-type]
    for market in MARKETS:
        held = await log.position(market)
        if held is not None and held.volume:
            await guarding.on_price(market, held.cost / held.volume * share, FIRST + timedelta(seconds=seconds()))  # type: ignore[arg-type]


async def executor(bot: Bot) -> None:
    """A process of the executor's, and where the log goes away under it the next one."""
    ended = False
    while not ended:
        try:
            await _executor(bot, Stage(bot.store.log, Switch(bot, "executor")))
            ended = True
        except LogRestored:
            ended = False


async def _executor(bot: Bot, stage: Stage) -> None:
    books = wire(stage, bot.settings, bot.exchange, Pace())  # type: ignore[arg-type]
    valuation(stage, bot.exchange.holdings, books)  # type: ignore[arg-type]
    on_decision, on_valuation = stage.readers["executor"], stage.readers["valuation"]
    beside: list[asyncio.Future[None]] = []
    try:
        for run in stage.first:
            await run()
        beside += [asyncio.ensure_future(run()) for run in stage.tasks]
        for kind, callback in ((ValuationDue, on_valuation), (DecisionMade | ExitDue, on_decision)):
            for stored in _waiting(bot, kind):
                await _deliver(bot, callback, stored)
        await asyncio.wait(beside, timeout=120)
    except LogRestored as e:
        for tell in stage.restored:
            tell(str(e))
        raise
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def _waiting(bot: Bot, kind: Any) -> list[Stored]:
    store = bot.store
    return [line for line in store.log.lines if isinstance(line.event, kind) and line.seq not in store.acknowledged]


async def _deliver(bot: Bot, callback: Any, stored: Stored) -> None:
    store = bot.store
    try:
        await _tried(lambda: callback(stored))
    except LogRestored:
        raise
    except (Transient, Permanent) as e:
        if cycle := getattr(stored.event, "cycle", ""):
            await fail(store.log, cycle, "executor", str(e))  # type: ignore[arg-type]
    store.acknowledged.add(stored.seq)


async def _tried(work: Callable[[], Awaitable[Any]]) -> Any:
    """As the bus does: again after a while, and in the end not."""
    for pause_s in TRIES_S:
        try:
            return await work()
        except LogRestored:
            raise
        except Transient:
            await asyncio.sleep(pause_s)
    return await work()


async def panic(bot: Bot, *, sell: bool, with_log: bool) -> bool:
    """Whether it said that all is done."""

    async def opened() -> Any:
        return Switch(bot)

    log = bot.store.log
    there = There(log, BucketSwitch(opened, log, owner=True)) if with_log else None  # type: ignore[arg-type]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            await carry_out(bot.settings, bot.exchange, there, sell=sell, pace=Pace(), clock=bot.time)
    except (BadRequest, Transient):
        return False
    if on_way := +bot.edge.on_way:
        bot.wrong.append(f"a panic said that all is done while {', '.join(on_way)} could still arrive")
    return True


async def clear_up(bot: Bot, twin_is_gone: Callable[[], None]) -> bool:
    """The owner does what the tool tells him; whether nothing is left."""
    log, at = bot.store.log, bot.time.now()
    orders = await order_log(log, bot.settings)  # type: ignore[arg-type]
    settler = Settler(bot.exchange, orders)
    left = False
    for intent in await settler.unsettled():
        not_there = bot.edge.calm or intent.client_order_id not in bot.edge.sent  # he looks at the exchange's own page
        try:
            try:
                await settler(intent.cycle, by="owner", at=at, not_there=not_there)
            except CannotSettle as e:
                if "--not-ours" not in str(e):
                    raise
                twin_is_gone()
                ours = "--ours" in str(e) and intent.client_order_id in bot.edge.sent
                await settler(intent.cycle, by="owner", at=at, not_there=not_there, ours=ours)
        except (CannotSettle, Transient):
            left = True
    left = not await _adopted(bot, orders, at, twin_is_gone) or left
    await orders.ledger()
    if not left:
        await resumed(bot)
    return not left


async def _adopted(bot: Bot, orders: EventOrderLog, at: Any, twin_is_gone: Callable[[], None]) -> bool:
    """`upcycle adopt --all`."""
    state, log = bot.journal.read(), bot.store.log
    adopter = Adopter(bot.exchange, orders, Comparison(bot.exchange, orders, lambda: state.unmerged))
    try:
        lost = await log_rollback.check_log(log, bot.journal)
        found = await adopter.found()
        if state.unmerged:
            return False
        if found:
            twin_is_gone()
        for event in found:
            await adopter(event.cycle, by="owner", at=at)
        if (await orders.ledger()).found:
            return False
        if lost:
            await log_rollback.accept(log, bot.journal, by="owner", at=at)  # type: ignore[arg-type]
    except (CannotAdopt, Transient, Permanent):
        return False
    return True


async def resumed(bot: Bot) -> None:
    """`upcycle resume`, or `start` where it was stopped."""
    switch, at = Switch(bot), bot.time.now()
    said = await switch.state()
    if said.status == "running" and not said.fault:
        return
    command: Any = "start" if said.status == "stopped" else "resume"
    bot.store.wish = DesiredState(status="running", by="owner", at=at, command=command)
    given = ControlGiven(command=command, id=f"c{len(bot.store.log.lines)}", by="owner", at=at)
    await bot.store.log.emit(given, after=await switch.log.end())
