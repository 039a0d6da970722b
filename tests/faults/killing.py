"""Hours of the tape through real processes over real NATS, killed at random: `make faults-nats`; adds to faults.json.

Every few seconds one process gets kill -9: a stage, the clock, the backend, the paper exchange, or the broker
itself under load. The supervisor starts it again. CYCLES and SEED choose how many and which. ONE_PROCESS=1: all
services are one process, which is killed as a whole.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext

from services.executor.adapters.order_log import EventOrderLog
from services.executor.app import create_exchange as create_upbit
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.settle import CannotSettle, Settler
from services.local.supervisor import ONE_PROCESS
from services.local.system import System, system
from services.paper.app import create_exchange
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.clock import SystemClock, monotonic
from shared.errors import Transient
from shared.events import CycleEnded, CycleMissed, Event, ExitDue, TradingDue
from shared.settings import Settings
from tests.faults.report import report
from tests.support import checkers
from tests.support.hours import LOOSE

MARKETS = 2


async def kill_at_random(running: System, dice: random.Random, killed: Counter[str]) -> None:
    here = list(running.supervisor.children)  # no page without the API
    victims = [*here, "broker", *({"executor"} & {*here})]  # the executor twice as often
    pause = (5.0, 10.0) if ONE_PROCESS in here else (1.5, 4.0)  # it needs time to do anything at all
    while True:
        await asyncio.sleep(dice.uniform(*pause))
        name = dice.choice(victims)
        if name == "broker":
            assert running.supervisor.broker is not None
            running.supervisor.broker.kill()
        else:
            child = running.supervisor.children[name]
            if child.process is None or child.process.poll() is not None:
                continue
            child.restarts = 0  # what is killed here is no fault of its own
            child.process.kill()
        killed[f"kill -9 of the {name}"] += 1


async def settle(running: System, settled: Counter[str]) -> None:
    """The owner looks every few seconds for orders of unknown outcome, so that their markets go on."""
    url = running.supervisor.env["UPBIT_BASE_URL"]
    exchange = create_upbit(running.settings.model_copy(update={"upbit_base_url": url}))
    broker, events = make_broker(running.settings.nats_url, name="the owner", namespace=Namespace())
    async with broker, exchange.closing():
        while True:
            await asyncio.sleep(3)
            settler = Settler(exchange, EventOrderLog(events))
            try:
                for order in await settler.unsettled():
                    later = SystemClock().now() + timedelta(seconds=IN_DOUBT_S)  # nothing is held up on this machine
                    await settler(order.cycle, by="owner", at=later, not_there=True)
                    settled["order settled by the owner"] += 1
            except (CannotSettle, Transient) as e:
                settled[f"settling put off: {type(e).__name__}"] += 1  # the exchange or the broker was just killed


async def play(
    folder: Path, cycles: int, seed: int, *, one_process: bool = False
) -> tuple[Settings, Counter[str], list[Event]]:
    hours, killed = cycles // MARKETS, Counter[str]()
    settings = Settings.load(
        data_dir=folder, paper_clock="stepped", trading_symbol="KRW-ETH,KRW-BTC", tape_from="2025-01-02T00:00Z",
        tape_hours=hours, log_level="ERROR", exit_trailing_stop=0.01, exit_take_profit=0.01, **LOOSE,
    )  # fmt: skip
    async with system(settings, api_port=None, say=lambda _: None, one_process=one_process) as running:
        if not one_process:
            await running.supervisor.start("clock")
        watching = asyncio.ensure_future(running.supervisor.watch())
        killing = asyncio.ensure_future(kill_at_random(running, random.Random(seed), killed))
        settling = asyncio.ensure_future(settle(running, killed))
        try:
            js = running.nc.jetstream(timeout=5)
            began = monotonic()
            while await ended(js) < cycles and monotonic() - began < 20 * cycles:
                await asyncio.sleep(2)
                for task in (watching, killing, settling):
                    if task.done():
                        task.result()
            killing.cancel()
            await asyncio.sleep(8)  # everything killed last is up again, and nothing says anything more
            settling.cancel()
            return running.settings, killed, checkers.events(await checkers.bodies(js))
        finally:
            for task in (watching, killing, settling):
                task.cancel()


async def ended(js: JetStreamContext) -> int:
    """Cycles of hours that have ended; 0 while the broker, just killed, does not answer."""
    try:
        info = await js.stream_info("EV", subjects_filter=CycleEnded.trunk())
    except (nats.errors.Error, nats.js.errors.Error):
        return 0
    return sum("-" not in subject.rpartition(".")[2] for subject in info.state.subjects or ())


def main() -> int:
    one_process = bool(os.environ.get("ONE_PROCESS"))
    cycles, seed = int(os.environ.get("CYCLES", "500")), int(os.environ.get("SEED", "1"))
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        settings, killed, log = asyncio.run(play(Path(folder), cycles, seed, one_process=one_process))
        exchange = create_exchange(settings)
        broken, again = "", " ONE_PROCESS=1" if one_process else ""
        try:
            checkers.assert_each_started_cycle_ended_once(log)
            checkers.assert_one_order_for_each_cycle(log, exchange)
            checkers.assert_the_books_hold_what_was_executed(log)
            checkers.assert_balances_add_up(log, exchange, Decimal(settings.paper_balance_krw))
        except AssertionError as e:
            broken = f"seed {seed}: run it again with: make faults-nats SEED={seed} CYCLES={cycles}{again}\n{e}"
        exchange.close()
    report(
        "over real NATS, all services one process" if one_process else "over real NATS",
        {
            "seed": seed,
            "cycles": sum(isinstance(e, TradingDue) for e in log),
            "exits": sum(isinstance(e, ExitDue) for e in log),
            "missed": sum(isinstance(e, CycleMissed) for e in log),
            "laws broken": int(bool(broken)),
            "ends": dict(sorted(Counter(e.kind for e in log if isinstance(e, CycleEnded)).items())),
            "faults": dict(sorted(killed.items())),
            "seconds": round(monotonic() - began),
        },
    )
    if broken:
        print(broken, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
