"""The world lies to real processes over a real broker: the second half of `make faults-lies`; adds to faults.json.

A proxy lies between the executor and the paper exchange; an older copy of the broker's disk is put back, with the
executor down and alive; keys of the buckets are deleted, purged and spoilt; the owner panics, and clears up with the
commands the tool names. CYCLES and SEED choose how many and which.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from nats.js import JetStreamContext

from services.cli.order_log import keep_reach, order_log
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.app import create_exchange as create_upbit
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.core.orders import Buy, PlacedOrder
from services.executor.core.risk import _SEAL, Approved
from services.executor.settle import CannotSettle, Settler
from services.local.system import System, system
from services.paper.app import create_exchange
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.clock import SystemClock, monotonic
from shared.errors import Permanent, Transient
from shared.events import CycleEnded, Event, ExitDue, FillRecorded, SignalPassed, SnapshotTaken, TradingDue
from shared.settings import Settings
from tests.faults.killing import ended
from tests.faults.report import report
from tests.support import checkers
from tests.support.builders import decision
from tests.support.hours import LOOSE
from tests.support.lying_proxy import LyingProxy
from tests.support.processes import UPCYCLE, environment
from tests.support.waiting import eventually

MARKETS, BY_HAND, MORE = ("KRW-ETH", "KRW-BTC"), "by-hand", 6
HOURS = 5000  # of the tape: more than are ever played
KEYS = (("bot", "wish"), ("bot", "clock"), ("bot", "job.trading_job"), ("budget", "2025-01-02"), ("telegram", "seat"))
EVENTS = (
    "disk copied", "disk copied", "disk put back, executor down", "disk put back, executor alive", "panic", "key lost",
    "key lost",
)  # fmt: skip


@dataclass
class Host:
    running: System
    proxy: LyingProxy
    dice: random.Random
    exchange: UpbitExchange  # past the proxy
    happened: Counter[str] = field(default_factory=Counter)
    own: dict[str, Decimal] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.running.settings.data_dir

    async def begin(self) -> None:
        """Coins of the owner's own, and an executor that reaches the exchange through the proxy alone."""
        for market in MARKETS:
            await self.exchange.place(Approved(Buy(market, f"{BY_HAND}-{market}", 200_000), _SEAL))  # type: ignore[arg-type]
            self.own[market] = await self._coins(market)
        await self.running.supervisor.stop("executor")
        await self._executor()

    async def _executor(self) -> None:
        await self.running.supervisor.start("executor", env={"UPBIT_BASE_URL": self.proxy.url})

    async def _coins(self, market: str) -> Decimal:
        conditions = await self.exchange.conditions(market)
        return conditions.coin_free + conditions.coin_locked  # type: ignore[union-attr]

    async def lie(self) -> None:
        """One thing after the other, each followed by an owner who clears up."""
        while True:
            await asyncio.sleep(self.dice.uniform(2, 6))
            event = self.dice.choice(EVENTS)
            self.happened[event] += 1
            await self._happens(event)
            await asyncio.sleep(self.dice.uniform(1, 4))
            await self.clear_up()
            for market, own in self.own.items():
                if (there := await self._coins(market)) < own:
                    self.wrong.append(f"{there} of {market} are left of {own} that are the owner's")

    async def _happens(self, event: str) -> None:
        broker, older = self.running.supervisor.broker, self.folder / "older"
        assert broker is not None
        if event == "panic":
            code, _ = await self.upcycle("panic", *self.dice.choice(((), ("--sell",))), "--yes")
            # The exchange takes a name once: a second copy of an order that it has comes to nothing.
            held_up = sorted(+self.proxy.undelivered) if code == 0 else []
            if late := [name for name in held_up if not isinstance(await self.exchange.find(name), PlacedOrder)]:
                self.wrong.append(f"a panic said that all is done while {late} could still arrive")
            self.happened[f"panic that ended with {code}"] += 1
        elif event == "key lost":
            await self._key_lost(*self.dice.choice(KEYS))
        elif event == "disk copied":
            broker.kill()  # the supervisor starts it again
            shutil.rmtree(older, ignore_errors=True)
            shutil.copytree(broker.store, older)
        elif older.exists():
            if event == "disk put back, executor down":
                await self.running.supervisor.stop("executor")
            broker.kill()
            shutil.rmtree(broker.store)
            shutil.copytree(older, broker.store)
            if event == "disk put back, executor down":
                await asyncio.sleep(3)
                await self._executor()

    async def _key_lost(self, bucket: str, key: str) -> None:
        kv = await self.running.nc.jetstream(timeout=5).key_value(bucket)
        match self.dice.choice(("delete", "purge", "spoil")):
            case "delete":
                await kv.delete(key)
            case "purge":
                await kv.purge(key)
            case _:
                await kv.put(key, b"\xff{")

    async def clear_up(self) -> bool:
        """The owner does what the tool tells him; whether nothing is left."""
        for child in self.running.supervisor.children.values():
            child.restarts = 0  # what ended over a lost log is no fault of its own
        left = not await self._settled()
        adopted, _ = await self.upcycle("adopt", "--all")
        if left or adopted:
            return False
        switched = [await self.upcycle(word) for word in ("resume", "start")]
        if any("does not run" in said for _, said in switched):
            await self.upcycle("jobs", "resume", "trading_job")
        return any(code == 0 for code, _ in switched)

    async def _settled(self) -> bool:
        broker, events = make_broker(self.running.settings.nats_url, name="the owner", namespace=Namespace())
        async with broker:
            orders = await order_log(events, self.running.settings)
            settler = Settler(self.exchange, orders)
            try:
                for order in await settler.unsettled():
                    later = SystemClock().now() + timedelta(seconds=IN_DOUBT_S)  # the owner sees what the proxy holds
                    absent = not self.proxy.on_way[order.client_order_id]
                    try:
                        await settler(order.cycle, by="owner", at=later, not_there=absent)
                    except CannotSettle as e:
                        if "--ours" not in str(e):
                            raise
                        await settler(order.cycle, by="owner", at=later, ours=True)  # one bot alone is here
                    self.happened["order settled"] += 1
            except (Transient, Permanent) as e:
                self.happened[f"settling put off: {type(e).__name__}"] += 1
                return False
            await orders.ledger()
            await keep_reach(events, self.running.settings)
        return True

    async def upcycle(self, *words: str) -> tuple[int, str]:
        """Its exit code, and what it said."""
        running = await asyncio.create_subprocess_exec(
            *UPCYCLE, *words, "--data-dir", str(self.folder), env=environment(**SETTINGS), cwd=self.folder.parent,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await running.communicate()
        if os.environ.get("SAY"):
            print(*words, running.returncode, said.decode()[-400:], flush=True)
        return running.returncode or 0, said.decode()


SETTINGS = {"TRADING_SYMBOL": ",".join(MARKETS), "PAPER_CLOCK": "stepped"}


async def decide(running: System, dice: random.Random) -> None:
    """In the analyst's place, by dice: many orders, and each signal once, also of a log that was put back."""
    broker, log = make_broker(running.settings.nats_url, name="dice", namespace=Namespace())
    async with broker:
        while True:
            await asyncio.sleep(0.2)
            for market in MARKETS:
                try:
                    last = await log.load(SignalPassed.SUBJECT.format(market=market, slot="*"))
                    seen = last and await log.load(SnapshotTaken.subject_of(last.event.cycle))  # type: ignore[attr-defined]
                    if seen and isinstance(seen.event, SnapshotTaken):
                        choice = dice.choice(("buy", "buy", "sell", "hold"))
                        await log.emit(decision(cycle=seen.event.cycle, decision=choice, price=seen.event.price))
                except Transient:
                    continue  # the broker was just killed


async def play(folder: Path, cycles: int, seed: int) -> tuple[Host, list[Event]]:
    dice = random.Random(seed)
    settings = Settings.load(
        data_dir=folder, paper_clock="stepped", trading_symbol=",".join(MARKETS), tape_from="2025-01-02T00:00Z",
        tape_hours=HOURS, log_level="ERROR", exit_trailing_stop=0.01, exit_take_profit=0.01, order_lookup_s=8,
        cooldown_after_loss_min=1, orders_per_day_max=1000, paper_balance_krw=Decimal(10_000_000),
        daily_loss_max_krw=Decimal(5_000_000), **LOOSE,
    )  # fmt: skip
    async with system(settings, api_port=None, say=print if os.environ.get("SAY") else lambda _: None) as running:
        url = running.supervisor.env["UPBIT_BASE_URL"]
        exchange, upstream = (
            create_upbit(running.settings.model_copy(update={"upbit_base_url": url})),
            url.rpartition(":"),
        )
        async with exchange.closing(), LyingProxy(int(upstream[2]), dice, 0.3).listening() as proxy:
            it = Host(running, proxy, dice, exchange)
            await it.begin()
            await running.supervisor.stop("analyst")
            await running.supervisor.start("clock")
            tasks = [
                asyncio.ensure_future(work) for work in (running.supervisor.watch(), it.lie(), decide(running, dice))
            ]
            try:
                js, began, seen = running.nc.jetstream(timeout=5), monotonic(), 0
                while seen < cycles and monotonic() - began < 3 * cycles:
                    await asyncio.sleep(2)
                    seen = max(seen, await ended(js))
                    for task in tasks:
                        if task.done():
                            task.result()
                tasks[1].cancel()
                return it, await _quiet(it, js)
            finally:
                for task in tasks:
                    task.cancel()


async def _quiet(it: Host, js: JetStreamContext) -> list[Event]:
    """Nothing lies any more: the owner clears up, and trading goes on."""
    it.proxy.calm = True
    await eventually(lambda: not +it.proxy.on_way, within_s=60)
    for _ in range(20):
        if await it.clear_up():
            break
        await asyncio.sleep(3)
    else:
        it.wrong.append("the owner cannot clear up, whatever the tool tells him")
    before = await ended(js)

    async def goes_on() -> bool:
        return await ended(js) >= before + MORE

    try:
        await eventually(goes_on, within_s=120)
    except AssertionError:
        it.wrong.append(f"no cycle ends any more; the jobs: {(await it.upcycle('jobs'))[1]}")
    await it.running.supervisor.stop("clock")

    async def all_ended() -> bool:
        log = checkers.events(await checkers.bodies(js))
        started = {event.cycle for event in log if isinstance(event, TradingDue | ExitDue)}
        return started <= {event.cycle for event in log if isinstance(event, CycleEnded)}

    with suppress(AssertionError):  # the law is held against the log all the same
        await eventually(all_ended, within_s=60)
    await it.clear_up()
    return checkers.events(await checkers.bodies(js))


def check(it: Host, log: list[Event]) -> None:
    exchange = create_exchange(it.running.settings)
    try:
        assert it.wrong == [], it.wrong
        checkers.assert_each_started_cycle_ended_once(log)
        checkers.assert_the_books_are_the_exchanges(log, exchange, BY_HAND)
        checkers.assert_no_coin_was_sold_that_was_not_bought(log)
        fills = sorted((e for e in log if isinstance(e, FillRecorded)), key=lambda fill: fill.executed_at)
        net = {
            market: sum((f.volume * (1 if f.side == "buy" else -1) for f in fills if f.market == market), Decimal(0))
            for market in MARKETS
        }
        for market, own in it.own.items():
            assert exchange.account.coin(market.removeprefix("KRW-")).total == own + net[market], market
    finally:
        exchange.close()


def main() -> int:
    cycles, seed = int(os.environ.get("CYCLES", "200")), int(os.environ.get("SEED", "1"))
    began, broken = monotonic(), ""
    with tempfile.TemporaryDirectory(prefix="lies-", ignore_cleanup_errors=True) as folder:
        it, log = asyncio.run(play(Path(folder), cycles, seed))
        try:
            check(it, log)
        except AssertionError:
            again = f"seed {seed}: run it again with: make faults-lies-processes SEED={seed} CYCLES={cycles}"
            broken = f"{again}\n{traceback.format_exc(limit=-1)}"
    report(
        "the world lies, on real processes",
        {
            "seed": seed,
            "cycles": sum(isinstance(e, TradingDue) for e in log),
            "laws broken": int(bool(broken)),
            "ends": dict(sorted(Counter(e.kind for e in log if isinstance(e, CycleEnded)).items())),
            "lies of the proxy": dict(sorted(it.proxy.lies.items())),
            "what happened": dict(sorted(it.happened.items())),
            "seconds": round(monotonic() - began),
        },
    )
    if broken:
        print(broken, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
