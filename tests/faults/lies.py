"""The world lies, in one process: `make faults-lies-here`; SEED=n plays one seed again, as it failed.

An edge lies about orders (tests/support/lying_edge.py), an older store of the broker is put back, clocks jump, the
switch is deleted or spoilt, another bot trades on the account, and the owner panics, on an account where coins of his
own lie. Then all is quiet, the owner does what the tool tells him, and the laws are held against what there is.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.clock import monotonic
from shared.events import CycleEnded, FillRecorded, OrderFilled, TradingDue
from shared.switch import DesiredState
from shared.types import slot_name
from tests.faults import lying_acts as acts
from tests.faults.lying_world import MARKETS, Account, Bot, Store, seconds
from tests.faults.machine import Instant
from tests.faults.points import quiet
from tests.faults.report import report
from tests.support import checkers
from tests.support.lying_edge import LyingEdge

SEEDS, HOURS = 100, 24
SHARE = 0.2  # of the edge's answers that are lies
JUMPS_S = [sign * span for span in (25, 60, 3600, 86400, 400 * 86400) for sign in (1, -1)]
TENDED = 0.6  # of the hours the owner looks and does what the tool tells him
EVENTS = (
    "store kept", "store kept", "store put back, executor down", "store put back, executor alive", "panic",
    "panic beside the executor", "clock jumps", "wish lost", "owner stops", "another bot", "a copy of the folder",
    "owner buys", *["nothing"] * 6,
)  # fmt: skip


@dataclass
class Lies:
    """One seed. hours: played among lies; more follow in which all is quiet."""

    seed: int
    hours: int
    folder: Path
    faults: Counter[str] = field(default_factory=Counter)
    twin: Bot | None = None
    older: Store | None = None
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.account = Account(self.folder / "exchange")
        self.bot = Bot(self.folder / "bot", self._edge())
        self.cycles = 0

    def _edge(self) -> LyingEdge:
        return LyingEdge(self.account.app, self.dice, self.faults, SHARE)

    async def run(self) -> "Lies":
        for market in MARKETS:
            self.account.buys_by_hand(market, 200_000)
        for hour in range(self.hours):
            await asyncio.sleep(max(0.0, 3600 * hour + 1 - seconds()))
            await self._hour(hour)
            self._owners_coins_are_there(hour)
        await self._quiet()
        self._check()
        return self

    async def _hour(self, hour: int) -> None:
        event, bot = self.dice.choice(EVENTS), self.bot
        self.faults[event] += event != "nothing"
        self.happened.append(f"{hour:3} {event}")
        await self._happens(event)
        beside = []
        if event == "panic beside the executor":
            beside.append(self._later(self._panic))
        if event == "store put back, executor alive":
            beside.append(self._later(self._put_back))
        for one in filter(None, (bot, self.twin)):
            await acts.slots(one)
            await acts.decisions(one, lambda: self.dice.choice(("buy", "buy", "sell", "hold")))
            await acts.guard(one, self.dice.choice((Decimal("0.97"), Decimal(1), Decimal("1.03"))))
            await asyncio.sleep(1)  # no two guards look in the same second
        both = [acts.executor(one) for one in filter(None, (bot, self.twin))]
        await asyncio.gather(*both, *beside)
        if self.dice.random() < TENDED:
            bot.time.ahead_s = 0.0
            if await acts.clear_up(bot, self._twin_is_gone):
                self.faults["owner has cleared up"] += 1

    async def _happens(self, event: str) -> None:
        bot = self.bot
        match event:
            case "store kept":
                self.older = bot.store.copy()
            case "store put back, executor down":
                await self._put_back()
            case "panic":
                await self._panic()
            case "clock jumps":
                bot.time.ahead_s = self.dice.choice(JUMPS_S)
            case "wish lost":
                bot.store.wish = self.dice.choice(("deleted", "missing", "unreadable"))
            case "owner stops":
                bot.store.wish = DesiredState(status="stopped", by="owner", at=bot.time.now(), command="stop")
            case "another bot":
                self.twin = self.twin or Bot(self.folder / f"twin{slot_name(bot.time.now())}", self._edge())
            case "a copy of the folder" if bot.journal.has_been_used():
                self.twin = self.twin or bot.copied(self.folder / f"copy{seconds():.0f}", self._edge())
                self.twin.edge.alone = bot.edge.alone = False
            case "owner buys":
                self.account.buys_by_hand(self.dice.choice(MARKETS), 50_000)

    async def _later(self, act: Any) -> None:
        await asyncio.sleep(self.dice.uniform(0, 25))
        await act()

    async def _panic(self) -> None:
        done = await acts.panic(self.bot, sell=self.dice.random() < 0.6, with_log=self.dice.random() < 0.7)
        self.faults["panic that said done" if done else "panic that left something to do"] += 1

    async def _put_back(self) -> None:
        if self.older is not None:
            self.cycles += _started(self.bot.store) - _started(self.older)
            self.bot.store.log.gone = True
            self.bot.store = self.older.copy()

    def _twin_is_gone(self) -> None:
        if self.twin is not None:
            self.cycles += _started(self.twin.store)
            self.bot.wrong += self.twin.wrong
        self.twin, self.bot.edge.alone = None, True

    async def _quiet(self) -> None:
        """Nothing lies any more; the owner does what he is told, and the bot trades on."""
        self._twin_is_gone()
        self.bot.edge.calm, self.bot.time.ahead_s = True, 0.0
        await asyncio.sleep(200)
        for _ in range(6):
            await acts.executor(self.bot)
            if await acts.clear_up(self.bot, self._twin_is_gone):
                break
            await asyncio.sleep(130)
        else:
            raise AssertionError("the owner cannot clear up, whatever the tool tells him")
        hour = seconds() // 3600 + 1
        await asyncio.sleep(3600 * hour + 1 - seconds())
        await acts.slots(self.bot)
        await acts.decisions(self.bot, lambda: "buy")
        await acts.executor(self.bot)
        self.cycles += _started(self.bot.store)
        last = {end.market: end for end in self.bot.store.log.of(CycleEnded)}
        ends = [type(last[market]).__name__ + last[market].reason_code for market in MARKETS]
        assert all(isinstance(last[market], OrderFilled) for market in MARKETS), f"it does not trade on: {ends}"

    def _owners_coins_are_there(self, hour: int) -> None:
        for market, own in self.account.own.items():
            there = self.account.coins(market)
            assert there >= own, f"hour {hour}: {there} of {market} are left of {own} that are the owner's"

    def _check(self) -> None:
        log, exchange = [line.event for line in self.bot.store.log.lines], self.account.exchange
        assert self.bot.wrong == [], self.bot.wrong
        checkers.assert_each_started_cycle_ended_once(log)
        checkers.assert_the_books_are_the_exchanges(log, exchange, "by-hand-")
        checkers.assert_no_coin_was_sold_that_was_not_bought(log)
        held = {event.market: event.position.volume for event in log if isinstance(event, FillRecorded)}
        for market, own in self.account.own.items():
            assert self.account.coins(market) == own + held.get(market, Decimal(0)), market


def _started(store: Store) -> int:
    return len(store.log.of(TradingDue))


def play(seed: int, hours: int = HOURS) -> dict[str, Any]:
    """What one seed came to; `broken` names it and the law."""
    with quiet(), tempfile.TemporaryDirectory(prefix="lies-") as folder, asyncio.Runner(loop_factory=Instant) as runner:
        it, broken = Lies(seed, hours, Path(folder)), ""
        try:
            runner.run(it.run())
        except Exception as e:
            hours_of = "\n".join(it.happened)
            broken = f"run it again with: make faults-lies-here SEED={seed}\n{type(e).__name__}: {e}\n{hours_of}"
        finally:
            it.account.close()
        ends = Counter(end.kind for end in it.bot.store.log.of(CycleEnded))
        return {"cycles": it.cycles, "ends": ends, "faults": it.faults, "broken": broken}


def main() -> int:
    if seed := os.environ.get("SEED"):
        found = play(int(seed))
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 1 if found["broken"] else 0
    began = monotonic()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        played = list(pool.map(play, range(SEEDS)))
    broken = [found["broken"] for found in played if found["broken"]]
    report(
        "the world lies",
        {
            "seeds": SEEDS,
            "cycles": sum(found["cycles"] for found in played),
            "laws broken": len(broken),
            "ends": dict(sorted(sum((found["ends"] for found in played), Counter()).items())),
            "lies": dict(sorted(sum((found["faults"] for found in played), Counter()).items())),
            "seconds": round(monotonic() - began),
        },
    )
    print("\n".join(broken), file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
