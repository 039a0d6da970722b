"""Three executors on one broker, every message delivered twice, and to two of them at once: `make faults-twice`.

Two share the stage's reader, as two processes do; each message is given to one and then, unacknowledged, to either
again. The third is given every decision and exit at the moment it is stored and waits for no turn. HOURS says how many.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import nats

from services.executor.adapters.machine_pace import MachinePace
from services.executor.app import create_exchange, wire
from services.local.chain import Chain, chain
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.bus.wire import decode
from shared.clock import SystemClock, monotonic
from shared.errors import Permanent, Transient
from shared.events import CycleEnded, DecisionMade, Event, ExitDue, OrderIntended, TradingDue
from shared.services import PIPELINE
from shared.settings import Settings
from shared.stored import Stored
from tests.faults.acts import Board
from tests.faults.points import quiet
from tests.faults.report import report
from tests.support import checkers
from tests.support.hours import LOOSE
from tests.support.twice import Twice

TWICE = (*PIPELINE, "executor")


class Counted(Twice):
    """by: how many messages each connection of an executor was given."""

    by: Counter[int] = Counter()

    async def on_receive(self) -> None:
        if self.msg.reply.startswith("$JS.ACK") and self.msg.metadata.consumer == "executor":
            Counted.by[id(self.msg._client)] += 1


@asynccontextmanager
async def third(running: Chain) -> AsyncIterator[Counter[str]]:
    """An executor that is given every decision and exit at once; what became of them."""
    settings, met, works = running.settings, Counter[str](), []
    exchange = create_exchange(settings)
    broker, log = make_broker(settings.nats_url, name="third", namespace=Namespace())
    nc = await nats.connect(settings.nats_url)
    async with broker, exchange.closing():
        board = Board(log, await Switch.open(nc.jetstream(), Namespace()))
        wire(board, settings, exchange, MachinePace())  # type: ignore[arg-type]

        async def work(stored: Stored) -> None:
            try:
                await board.readers["executor"](stored)
                met["done"] += 1
            except (Transient, Permanent) as e:
                met[type(e).__name__] += 1

        async def hear(msg: Any) -> None:
            event = decode(msg.data, msg.subject)
            if isinstance(event, DecisionMade | ExitDue):
                works.append(asyncio.ensure_future(work(Stored(event, 0, SystemClock().now()))))

        await nc.subscribe(Event.SUBJECT, cb=hear)
        yield met
        await asyncio.gather(*works)
        await nc.close()


async def play(folder: Path, hours: int) -> dict[str, Any]:
    """Raises AssertionError where a law is broken."""
    settings = Settings.load(
        data_dir=folder, trading_symbol="KRW-ETH,KRW-BTC", paper_clock="stepped", paper_admin_token="only-for-tests-00",
        tape_from="2025-01-02T00:00Z", tape_hours=hours, exit_trailing_stop=0.01, exit_take_profit=0.01, **LOOSE,
    )  # fmt: skip
    Counted.by.clear()
    async with chain(settings, pipeline=TWICE, middlewares=[Counted]) as running:
        async with third(running) as met:
            async for _ in running.events(2 * hours):
                pass
            await checkers.until_over(running.js)
        log = checkers.events(await checkers.bodies(running.js))
        checkers.assert_each_started_cycle_ended_once(log)
        checkers.assert_one_order_for_each_cycle(log, running.exchange)
        checkers.assert_the_books_hold_what_was_executed(log)
        checkers.assert_balances_add_up(log, running.exchange, Decimal(settings.paper_balance_krw))
        return {
            "cycles": sum(isinstance(e, TradingDue) for e in log),
            "exits": sum(isinstance(e, ExitDue) for e in log),
            "orders": sum(isinstance(e, OrderIntended) for e in log),
            "deliveries to each of the two": sorted(Counted.by.values()),
            "what the third did at once": dict(sorted(met.items())),
            "ends": dict(sorted(Counter(e.kind for e in log if isinstance(e, CycleEnded)).items())),
        }


def main() -> int:
    began, hours = monotonic(), int(os.environ.get("HOURS", "100"))
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder, quiet():
        try:
            found = asyncio.run(play(Path(folder), hours)) | {"laws broken": 0}
        except AssertionError as e:
            found = {"laws broken": 1}
            print(f"run it again with: make faults-twice HOURS={hours}\n{e}", file=sys.stderr)
    report("three executors, all delivered twice", found | {"seconds": round(monotonic() - began)})
    return found["laws broken"]


if __name__ == "__main__":
    sys.exit(main())
