"""A seeded trouble-maker around the real handlers, in one process: what a broker, a network and a power cut do.

Messages are lost on their way, come twice, late and out of order, to two processes at once; a process dies at
any step; the log does not answer, before or after it has stored; the exchange loses answers and requests, hides
orders, is busy, refuses. The clock starts each slot twice now and then.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from services.analyst.adapters.event_log import LoggedSnapshots
from services.analyst.core.verdict import Opinion
from services.clock.adapters.exit_log import EventExitLog
from services.clock.adapters.jetstream_cycles import JetStreamCycles
from services.clock.core.schedule import DueSlot
from services.clock.guard import ExitGuard
from services.clock.handler import CycleStarter
from services.collector.adapters.event_memory import EventMemory
from services.collector.adapters.fear_greed import NoSentiment
from services.collector.ports import ExchangeBusy
from services.executor.adapters.order_log import EventOrderLog
from services.executor.core.answers import LookupFailure, Refused
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.handler import ExecutorHandler
from services.executor.settle import CannotSettle, Settler
from services.filter.core.days import history_of, to_ms, year_before
from services.filter.core.ends import end_of
from services.paper.adapters.synthetic import make_tape
from services.replay.memory_log import MemoryLog
from services.replay.runner import settings_of
from services.replay.stages import handler_of
from shared.bus.event_log import LogUnreachable
from shared.bus.outcome import fail
from shared.candle_arrays import CandleArrays
from shared.errors import Permanent, Transient
from shared.events import (
    Balances,
    CycleEnded,
    SnapshotTaken,
    TradingDue,
)
from shared.reason import Reason
from shared.services import PIPELINE, READERS
from shared.stage import handle_once, signature
from shared.switch import DesiredJobState, DesiredState
from tests.support import checkers
from tests.support.account_exchange import AccountExchange
from tests.support.builders import book
from tests.support.fake_exchange import Died, FakePace, Mortal, Steps

MARKETS = ("KRW-ETH", "KRW-BTC")
START, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 40
FIRST = START + timedelta(days=15)
HOUR = timedelta(hours=1)
OPENING = Decimal(1_000_000)
SETTINGS = {
    "TRADING_SYMBOL": ",".join(MARKETS),
    "GATE_DRAWDOWN_MAX": "1.0",
    "EXIT_STOP_LOSS": "0.05",
    "EXIT_TAKE_PROFIT": "0.05",
}
FOLLOWS = {"filter": end_of}  # a second output that belongs to the first
TRIES_MAX, SERVER_TRIES_MAX = 5, 10
FAULTY = 0.2


@cache
def _tape() -> dict[str, dict[int, pl.DataFrame]]:
    """Hours and days of the synthetic tape."""
    tape = {}
    for market, hours in make_tape(START, DAYS).items():
        days = hours.group_by_dynamic("open_time", every="1d").agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
        )
        tape[market] = {60: hours, 1440: days, 15: hours.clear()}
    return tape


@cache
def _histories() -> dict[str, Any]:
    return {market: history_of(frames[60]) for market, frames in _tape().items()}


class Year:
    async def year_before(self, market: str, at: datetime, digest: str) -> Any:
        return year_before(_histories()[market], to_ms(at))


class Account(AccountExchange):
    """One account for all markets, with quotes of the tape. Of its answers to the executor a fifth are faulty."""

    def __init__(self, dice: random.Random, faults: Counter[str]) -> None:
        super().__init__(OPENING)
        self.dice, self.faults, self.now = dice, faults, FIRST
        self.calm = False
        self.denied: set[str] = set()  # orders it executed and said no to

    def fault(self, *kinds: str) -> str | None:
        """What is wrong with the next answer; None if nothing is."""
        if self.calm:
            return None
        self.faults["answers of the exchange"] += 1
        if self.dice.random() >= FAULTY:
            return None
        kind = self.dice.choice(kinds)
        self.faults["faulty answers of the exchange"] += 1
        self.faults[f"exchange: {kind}"] += 1
        return kind

    async def order_book(self, market: str) -> Any:
        if self.dice.random() < 0.03:
            self.faults["exchange busy for the collector"] += 1
            raise ExchangeBusy("HTTP 503")
        return book(at=self.now)

    async def balances(self, market: str) -> Balances:
        zero = Decimal(0)
        return Balances(
            at=self.now, krw_free=self.won, krw_locked=zero, coin_free=Decimal(self.coins[market]), coin_locked=zero
        )

    async def last_price(self, market: str) -> Decimal:
        return Decimal(4_000_000)

    async def is_warned(self, market: str) -> bool:
        return False

    async def candles(self, market: str, unit_min: int, *, to: datetime, count: int) -> CandleArrays:
        return CandleArrays.of(_tape()[market][unit_min].filter(pl.col("open_time") < to).tail(count))

    async def digest(self, market: str, at: datetime) -> str:
        return "0123456789abcdef"

    async def conditions(self, market: str) -> Any:
        match self.fault("busy to look", "silent to look", "key refused"):
            case "key refused":
                return Refused("no_authorization_ip", "This is not a verified IP.")
            case None:
                return await super().conditions(market)
            case why:
                raise ExchangeBusy(why)

    async def place(self, approved: Any, in_time: Any = lambda: True) -> Any:
        way = self.fault("lose", "vanish", "unconnected", "busy", "refuse", "lie", "doubled") or "accept"
        self.script = [way]
        self.executes = self.dice.choice([Decimal(1), Decimal(1), Decimal("0.3")])
        if way == "lose":
            self.hidden_for, self.open_for = self.dice.choice([0, 1, 4, 40]), self.dice.choice([0, 0, 2])
        if way in ("lie", "doubled"):
            self.hidden_for = self.dice.choice([0, 1, 2])
            self.denied.add(approved.order.client_order_id)
        return await super().place(approved, in_time)

    async def find(self, client_order_id: str) -> Any:
        hides = () if client_order_id in self.denied else ("not shown",)  # no longer than it is known to
        match self.fault("no word", "asking forbidden", *hides):
            case "no word":
                return LookupFailure("ReadTimeout")
            case "not shown":
                return LookupFailure("HTTP 404 order_not_found", missing=True)
            case "asking forbidden":
                return LookupFailure("HTTP 418", blocked=True)
            case _:
                return await super().find(client_order_id)


class Shaky:
    """The log over a network: it may not answer, with or without having stored."""

    def __init__(self, log: MemoryLog, dice: random.Random, faults: Counter[str], share: float) -> None:
        self._log, self._dice, self._faults, self._share = log, dice, faults, share

    async def _shaken(self, name: str, *args: Any, **kwargs: Any) -> Any:
        roll = self._dice.random()
        if roll < self._share:
            self._faults["log silent"] += 1
            raise LogUnreachable(name)
        answer = await getattr(self._log, name)(*args, **kwargs)
        if roll > 1 - self._share:
            self._faults["log stored, answer lost"] += 1
            raise LogUnreachable(name)
        return answer

    async def emit(self, event: Any, *, after: int = 0) -> Any:
        return await self._shaken("emit", event, after=after)

    async def load(self, subject: str) -> Any:
        return await self._shaken("load", subject)

    async def since(self, seq: int, pattern: str) -> Any:
        return await self._shaken("since", seq, pattern)

    async def load_all(self, patterns: Any) -> Any:
        return await self._shaken("load_all", patterns)

    async def is_empty(self, subject: str) -> bool:
        return bool(await self._shaken("is_empty", subject))


@dataclass
class Dicer:
    """An analyst that decides by the cycle's name: many orders, and the same for every redelivery or none."""

    dice: random.Random

    async def decide(self, snapshot: SnapshotTaken, *, may_buy: bool) -> Opinion:
        return Opinion(self.dice.choice(("buy", "buy", "sell", "hold")), "high", Reason("DICE", said="주사위"), "rules")


class NoCandles:
    async def highest(self, market: str, since: datetime, until: datetime) -> None:
        return None


class Running:
    def __init__(self) -> None:
        self.paused_by: list[str] = []

    async def state(self) -> DesiredState:
        return DesiredState()

    async def job(self, id: str) -> DesiredJobState:
        return DesiredJobState()

    async def status(self) -> str:
        return "running"

    async def pause(self, by: str, at: Any) -> None:
        self.paused_by.append(by)


@dataclass
class Chaos:
    """slots: hours played, of both markets."""

    seed: int
    slots: int = 50
    make_order_log: Any = EventOrderLog
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.log, self.exchange, self.owner = MemoryLog(), Account(self.dice, self.faults), Running()
        self.tries: dict[tuple[str, int], int] = {}  # of what is not acknowledged
        self.read = 0
        self.calm = False
        self.settings = settings_of(SETTINGS | {"GATE_WIN_RATE_MIN": self.dice.choice(["0.0", "0.0", "0.0", "1.0"])})

    async def run(self) -> "Chaos":
        for n in range(self.slots):
            self.exchange.now = FIRST + n * HOUR
            for market in MARKETS:
                await self._tick(market, self.exchange.now)
                await self._guard(market)
            for _ in range(self.dice.randrange(4, 40)):
                await self._deliver()
            if self.dice.random() < 0.9:
                await self._drain()
            if self.dice.random() < 0.5:
                await self._settle()
        self.calm = self.exchange.calm = True
        await self._drain()
        self.exchange.hidden_for = self.exchange.open_for = 0
        await self._settle()
        return self

    async def _settle(self) -> None:
        """The owner looks at the orders of unknown outcome; his process may die over it, too."""
        steps = Steps(0 if self.calm else self.dice.randrange(1, 30))
        log = Mortal(Shaky(self.log, self.dice, self.faults, 0.0 if self.calm else 0.01), steps, self._yield)
        settler = Settler(Mortal(self.exchange, steps, self._yield), EventOrderLog(log))
        try:
            for intent in await settler.unsettled():
                absent = intent.client_order_id not in self.exchange.orders  # he looks at the exchange's own page
                later = self.exchange.now + timedelta(seconds=IN_DOUBT_S)
                await settler(intent.cycle, by="owner", at=later, not_there=absent)
                self.faults["order settled by the owner"] += 1
        except (Died, CannotSettle, LogUnreachable) as e:
            self.faults[f"settling cut short: {type(e).__name__}"] += 1

    async def _tick(self, market: str, slot: datetime) -> None:
        cycles = JetStreamCycles(self.log)  # type: ignore[arg-type]
        start = CycleStarter.of(self.settings, log=cycles, owner=self.owner, code="chaos")  # type: ignore[arg-type]
        for _ in range(self.dice.choice([1, 1, 2])):
            await start(market, DueSlot(slot))

    async def _guard(self, market: str) -> None:
        """Exit guards that know nothing of each other, a few seconds apart; they die, and the log is silent."""
        price = self.dice.choice((Decimal(3_600_000), Decimal(4_000_000), Decimal(4_400_000)))
        for _ in range(self.dice.randrange(3)):
            steps = Steps(self.dice.randrange(1, 12) if self.dice.random() < 0.2 else 0)
            log = Mortal(Shaky(self.log, self.dice, self.faults, 0.01), steps, self._yield)
            guard = ExitGuard.of(
                self.settings,
                log=EventExitLog(log),  # type: ignore[arg-type]
                owner=self.owner,  # type: ignore[arg-type]
                past=NoCandles(),
                code="chaos",
                opening_takes=timedelta(),
            )
            try:
                await guard.on_price(market, price, self.exchange.now + timedelta(seconds=self.dice.randrange(60)))
            except (Died, LogUnreachable):
                self.faults["crash of the exit guard"] += 1

    async def _drain(self) -> None:
        while self._waiting():
            await self._deliver()

    def _waiting(self) -> list[tuple[str, int]]:
        for line in self.log.lines[self.read :]:
            for stage in PIPELINE:
                if isinstance(line.event, READERS[stage].hears + READERS[stage].passes_over):
                    self.tries[stage, line.seq] = 0
        self.read = len(self.log.lines)
        return list(self.tries)

    async def _deliver(self) -> None:
        waiting = self._waiting()
        if not waiting:
            return
        key = self.dice.choice(waiting)
        self.tries[key] += 1
        roll = 1.0 if self.calm else self.dice.random()
        if roll < 0.05:
            self.faults["message lost"] += 1
            acknowledged = False
        elif roll < 0.10:
            self.faults["two processes at once"] += 1
            acknowledged = any(await asyncio.gather(self._process(key), self._process(key)))
        else:
            acknowledged = await self._process(key)
            if acknowledged and 0.10 < roll < 0.18:
                self.faults["acknowledgement lost, message repeated"] += 1
                acknowledged = False
        if acknowledged:
            self.tries.pop(key, None)
        elif self.tries.get(key, 0) >= SERVER_TRIES_MAX:
            self.faults["last delivery"] += 1
            await self._give_up(key, "died at each delivery")

    async def _give_up(self, key: tuple[str, int], why: str) -> None:
        event = self.log.lines[key[1] - 1].event
        await fail(self.log, event.cycle, key[0], why)  # type: ignore[arg-type, attr-defined]
        self.tries.pop(key, None)

    async def _process(self, key: tuple[str, int]) -> bool:
        """One delivery to one process; whether it acknowledged."""
        reader, seq = key
        dies = not self.calm and self.dice.random() < 0.12
        steps = Steps(self.dice.randrange(1, 24) if dies else 0)
        shaky = Shaky(self.log, self.dice, self.faults, 0.0 if self.calm else 0.01)
        log = Mortal(shaky, steps, self._yield)
        event = self.log.lines[seq - 1].event
        try:
            await self._work(reader, event, log, Mortal(self.exchange, steps, self._yield))
        except Died:
            self.faults[f"crash of the {reader}"] += 1
            return False
        except (Transient, Permanent) as e:
            self.faults[f"error: {type(e).__name__}"] += 1
            if isinstance(e, Permanent) or (self.tries.get(key, 0) >= TRIES_MAX and not isinstance(e, LogUnreachable)):
                await self._give_up(key, str(e))
                return True
            return False
        except Exception as e:  # no trouble that was made here, but a bug
            raise self._broken(e) from e
        return True

    async def _yield(self) -> None:
        for _ in range(self.dice.randrange(2)):
            await asyncio.sleep(0)

    async def _work(self, reader: str, event: Any, log: Any, exchange: Any) -> None:
        if isinstance(event, READERS[reader].passes_over):
            return
        handler = handler_of(reader).of(self.settings, **self._ports(reader, log, exchange))
        if isinstance(handler, ExecutorHandler):  # it stores its events itself
            if self.dice.random() < 0.1:
                await handler.clear_up()
            await handler(event)
        else:
            gives, follow = signature(handler)[1][0], FOLLOWS.get(reader, lambda _: None)
            await handle_once(log, handler, event, gives, follow, look_first=READERS[reader].costly)

    def _ports(self, reader: str, log: Any, exchange: Any) -> dict[str, Any]:
        """What its handler asks the world by."""
        match reader:
            case "collector":
                memory = EventMemory(log, self.settings.scheduler_interval_minutes)
                absent = NoSentiment()
                return {"exchange": exchange, "sentiment": absent, "memory": memory, "history": exchange}
            case "filter":
                return {"history": Year()}
            case "analyst":
                return {"snapshots": LoggedSnapshots(log), "rules": Dicer(self.dice)}
            case "executor":
                mine = {"log": self.make_order_log(log), "switch": self.owner, "pace": FakePace()}
                return {"exchange": exchange, "compared": lambda: True, **mine}
        return {}

    def check(self) -> None:
        """The laws. Raises AssertionError that names the seed."""
        try:
            log = [line.event for line in self.log.lines]
            checkers.assert_each_started_cycle_ended_once(log)
            checkers.assert_orders_are_sent_once_and_recorded(log, self.exchange)
            checkers.assert_every_executed_order_is_recorded(log, self.exchange)
            checkers.assert_the_books_hold_what_was_executed(log)
            checkers.assert_account_is_what_was_executed(log, self.exchange, OPENING)
            assert self.owner.paused_by == [], "nobody else uses this account"
        except AssertionError as e:
            raise self._broken(e) from e

    def _broken(self, e: Exception) -> AssertionError:
        return AssertionError(f"seed {self.seed}: run it again with: make faults-here SEED={self.seed}\n{e}")

    @property
    def cycles(self) -> int:
        return len(self.log.of(TradingDue))

    @property
    def ends(self) -> Counter[str]:
        return Counter(end.kind for end in self.log.of(CycleEnded))
