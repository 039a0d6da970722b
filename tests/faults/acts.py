"""What the processes of an order's path do, each until it has done it, however often it dies over it."""

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from services.cli.commands.panic import carry_out
from services.clock.adapters.exit_log import EventExitLog
from services.clock.guard import ExitGuard
from services.executor.adapters.bucket_switch import BucketSwitch
from services.executor.adapters.order_log import EventOrderLog
from services.executor.app import wire
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.panic_run import There
from services.executor.settle import Settler
from shared.bus.outcome import fail
from shared.errors import BadRequest, Permanent, Transient
from shared.events import ControlGiven, CycleEvent
from shared.fixed_clock import FixedClock
from shared.services import READERS
from shared.stored import Stored
from shared.switch import DesiredState
from tests.faults.machine import Machine, Pace, Process
from tests.support import builders as events
from tests.support.builders import AT

Act = Callable[[Machine], Awaitable[None]]
DEATHS_MAX = 10
ENDLESS = {"watch", "run", "tell_of_panics"}  # tasks that only look and show


async def until_done(machine: Machine, name: str, work: Callable[[Process], Awaitable[None]]) -> None:
    """Start a process anew until it has done its work."""
    for _ in range(DEATHS_MAX):
        process = Process(name, machine.fate)
        if await process.lives(lambda process=process: work(process)):  # type: ignore[misc]
            return
        await asyncio.sleep(machine.again_s)
    raise AssertionError(f"{name} dies for ever")


class Board:
    """As much of a stage as the executor is wired to."""

    def __init__(self, log: Any, switch: Any) -> None:
        self.log, self._switch, self.metrics = log, switch, self
        self.readers, self.tasks, self.first = {}, [], []  # type: ignore[var-annotated]

    async def switch(self) -> Any:
        return self._switch

    def receive(self, callback: Any, *, reader: str = "executor", **_: Any) -> None:
        self.readers[reader] = callback

    def task(self, run: Any) -> None:
        if run.__name__ not in ENDLESS:
            self.tasks.append(run)

    def before(self, run: Any) -> None:
        self.first.append(run)

    def on_restored(self, _: Any) -> None:
        """The log is never put back here."""

    def gauge(self, name: str, about: str) -> Any:
        return self

    def set(self, value: float, labels: Any = None) -> None:
        """Nobody looks at the gauges."""


async def executor(machine: Machine) -> None:
    """Until every decision and exit is acknowledged."""
    await until_done(machine, "executor", lambda process: _execute(machine, process))


async def executor_given_up(machine: Machine) -> None:
    """Its message is delivered for the last time; the clock ends the cycle of one that dies over it."""
    for stored in await _dies_for_good(machine):
        await _give_up(machine, stored)
    await executor(machine)


async def executor_given_up_late(machine: Machine) -> None:
    """The same, but the next message is delivered before the clock has heard of it."""
    for stored in await _dies_for_good(machine):
        machine.acknowledged.add(stored.seq)
        await executor(machine)
        await _give_up(machine, stored)


async def _dies_for_good(machine: Machine) -> list[Stored]:
    """The message it died over, if it died."""
    first = Process("executor", machine.fate)
    lived = await first.lives(lambda: _execute(machine, first))
    return [] if lived else _waiting(machine)[:1]


async def two_executors(machine: Machine) -> None:
    """Both are given every message."""
    await asyncio.gather(executor(machine), executor(machine))


async def _execute(machine: Machine, process: Process) -> None:
    board = Board(process.port(machine.log, "log"), process.port(machine.wished, "switch"))
    exchange, pace = process.port(machine.exchange, "exchange"), process.port(Pace(), "pace")
    with patch("services.executor.app.SystemClock", lambda: FixedClock(AT)):  # when all is stored here
        wire(board, machine.settings, exchange, pace)  # type: ignore[arg-type]
    for run in board.first:
        await run()
    beside = [asyncio.ensure_future(run()) for run in board.tasks]
    try:
        await asyncio.gather(_read(machine, board, "executor"), _read(machine, board, "panic"))
        await asyncio.gather(*beside)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _read(machine: Machine, board: Board, reader: str) -> None:
    for stored in _waiting(machine, reader):
        await _deliver(machine, board.readers[reader], stored)


def _waiting(machine: Machine, reader: str = "executor") -> list[Stored]:
    messages = (line for line in machine.log.lines if isinstance(line.event, READERS[reader].hears))
    return [line for line in messages if line.seq not in machine.acknowledged]


async def _deliver(machine: Machine, callback: Any, stored: Stored) -> None:
    for tries in range(30):
        try:
            await callback(stored)
        except Transient:
            await asyncio.sleep(min(2**tries, 60))
        except Permanent:
            await _give_up(machine, stored)
            return
        else:
            machine.acknowledged.add(stored.seq)
            return
    raise AssertionError(f"{stored.event.subject} is tried for ever")


async def _give_up(machine: Machine, stored: Stored) -> None:
    assert isinstance(stored.event, CycleEvent)
    await fail(machine.log, stored.event.cycle, "executor", "gave up")  # type: ignore[arg-type]
    machine.acknowledged.add(stored.seq)


async def owner_settles(machine: Machine) -> None:
    """He looks at every order of unknown outcome, also on the exchange's own page."""

    async def work(process: Process) -> None:
        exchange = process.port(machine.exchange, "exchange")
        settler = Settler(exchange, EventOrderLog(process.port(machine.log, "log")))
        for intent in await settler.unsettled():
            absent = intent.client_order_id not in machine.exchange.orders
            await settler(intent.cycle, by="owner", at=AT + timedelta(seconds=IN_DOUBT_S), not_there=absent)

    machine.exchange.hidden_for = machine.exchange.open_for = 0
    await until_done(machine, "settle", work)


def prices(*seen: int) -> Act:
    """The exit guard sees prices, a second apart."""

    async def act(machine: Machine) -> None:
        async def work(process: Process) -> None:
            log = EventExitLog(process.port(machine.log, "log"))
            wished = process.port(machine.wished, "switch")
            guard = ExitGuard.of(
                machine.settings, log=log, owner=wished, past=NoCandles(), code="code", opening_takes=timedelta()
            )
            for second, price in enumerate(seen):
                await guard.on_price("KRW-ETH", Decimal(price), AT + timedelta(seconds=second))  # type: ignore[arg-type]

        await until_done(machine, "guard", work)

    return act


class NoCandles:
    async def highest(self, market: str, since: Any, until: Any) -> None:
        return None


class Now:
    def now(self) -> Any:
        return AT


def panic(*, with_log: bool, again: bool = True, elsewhere: bool = False) -> Act:
    """again: whether the owner runs it again where it died. elsewhere: on a machine that only shares the log."""

    async def act(machine: Machine) -> None:
        async def work(process: Process) -> None:
            switch = process.port(machine.wished, "switch")

            async def opened() -> Any:
                return switch

            log = process.port(machine.log, "log")
            there = There(log, BucketSwitch(opened, log, owner=True)) if with_log else None
            exchange, pace = process.port(machine.exchange, "exchange"), process.port(Pace(), "pace")
            # What is left to do is told the owner.
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(BadRequest):
                settings = machine.settings_elsewhere if elsewhere else machine.settings
                await carry_out(settings, exchange, there, sell=True, pace=pace, clock=Now())

        if again:
            await until_done(machine, "panic", work)
        else:
            await (once := Process("panic", machine.fate)).lives(lambda: work(once))

    return act


def once(point: str, act: Act) -> Act:
    """As soon as that point is passed; after ten seconds whatever was passed."""

    async def later(machine: Machine) -> None:
        for _ in range(10_000):
            if point in machine.fate.passed:
                break
            await asyncio.sleep(0.001)
        await act(machine)

    return later


async def panic_due(machine: Machine) -> None:
    """The owner panics by the page: the backend pauses the bot and writes his request down."""
    machine.wished.said = DesiredState(status="paused", by="page", at=AT, command="pause")
    await machine.log.emit(ControlGiven(command="pause", id="page", by="page", at=AT))
    await machine.log.emit(events.panic_due())


async def resumed(machine: Machine) -> None:
    """The owner lets the bot go on."""
    machine.wished.said = type(machine.wished.said)()
    resume = ControlGiven(command="resume", id="resumed", by="owner", at=AT)
    await machine.log.emit(resume, after=await machine.wished.log.end())


def beside(*these: Act) -> Act:
    """At once."""

    async def act(machine: Machine) -> None:
        await asyncio.gather(*(one(machine) for one in these))

    return act
